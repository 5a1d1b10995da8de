nothing_to_withdraw = 没有找到可以撤销的售后单。请在进度里按“撤销申请”。
not_submitted_yet = 您的申请还没有提交，不需要撤销。要先放一放吗？
withdraw = 要撤销售后单 { $number } 吗？撤销后审核会停止。
withdrawn = 售后单 { $number } 已撤销。有需要可以重新申请。
takes_nothing = 这张售后单现在不能补充照片，或者没有待添加的照片。您可以查看进度，或者找同事。
send_photos = 请直接发照片给我，我会放进售后单 { $number }。
photos_added = 照片已放进售后单 { $number }。最晚 { $day }24:00 前给出审核结果。
explanation_added = 说明已放进售后单 { $number }。最晚 { $day }24:00 前给出审核结果。
