review_missed = 抱歉，售后单 { $number } 超过了我们承诺的 { $missed }。已升级给主管，最晚 { $day }24:00 前回复。
refund_missed = 抱歉，售后单 { $number } 的退款超过了我们承诺的 { $missed }。已升级给主管，最晚 { $day }24:00 前回复。
