review_missed = 抱歉，售後單 { $number } 超過了我們承諾的 { $missed }。已交給主管處理，最晚 { $day }24:00 前回覆您。
refund_missed = 抱歉，售後單 { $number } 的退款超過了我們承諾的 { $missed }。已交給主管處理，最晚 { $day }24:00 前回覆您。
