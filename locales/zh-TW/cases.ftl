nothing_to_withdraw = 找不到可以撤回的售後單。請在進度裡按「撤回申請」。
not_submitted_yet = 您的申請還沒送出，不需要撤回。要晚點再填嗎？
withdraw = 要撤回售後單 { $number } 嗎？撤回後審核就會停止。
withdrawn = 售後單 { $number } 已撤回。之後有需要，可以重新申請。
withdrawn_already = 售後單 { $number } 已經撤回了。之後有需要，可以重新申請。
takes_nothing = 目前沒有可以補照片的售後單。要申請售後，請直接把照片傳給我。
send_photos = 請直接把照片傳給我，我會放進售後單 { $number }。
photos_added = { $count ->
    [1] 照片已放進售後單 { $number }。最晚 { $day }24:00 前給您審核結果。
   *[other] { $count } 張照片已放進售後單 { $number }。最晚 { $day }24:00 前給您審核結果。
}
explanation_added = 說明已放進售後單 { $number }。最晚 { $day }24:00 前給您審核結果。
which = 是哪一張售後單？
added_after_approval = 已放進售後單 { $number }，同事看得到。這張售後單已審核通過。
file_added = 已放進售後單 { $number }。最晚 { $day }24:00 前給您審核結果。
