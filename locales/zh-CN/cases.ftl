nothing_to_withdraw = 没有找到可以撤销的售后单。请在进度里按“撤销申请”。
not_submitted_yet = 您的申请还没有提交，不需要撤销。要晚点再填吗？
withdraw = 要撤销售后单 { $number } 吗？撤销后审核会停止。
withdrawn = 售后单 { $number } 已撤销。有需要可以重新申请。
withdrawn_already = 售后单 { $number } 已经撤销了。有需要可以重新申请。
takes_nothing = 现在没有能补充照片的售后单。要申请售后，请直接把照片发给我。
send_photos = 请直接发照片给我，我会放进售后单 { $number }。
photos_added = { $count ->
    [1] 照片已放进售后单 { $number }。最晚 { $day }24:00 前给出审核结果。
   *[other] { $count } 张照片已放进售后单 { $number }。最晚 { $day }24:00 前给出审核结果。
}
explanation_added = 说明已放进售后单 { $number }。最晚 { $day }24:00 前给出审核结果。
which = 是哪一张售后单？
added_after_approval = 已放进售后单 { $number }，同事能看到。这张售后单已审核通过。
file_added = 已放进售后单 { $number }。最晚 { $day }24:00 前给出审核结果。
