approved = 售後單 { $number } 審核通過了。退款 { $amount } 會退回原付款方式，最晚 { $day }24:00 前入帳。
approved_estimate = 售後單 { $number } 審核通過了。退款 { $amount } 會退回原付款方式，預計 { $day }24:00 前入帳。
rejected =
    售後單 { $number } 這次沒有通過。原因：{ $reason }
    接下來可以：{ $next }
    補上照片後，我們會重新審核。
asked =
    售後單 { $number } 還需要：{ $what }
    請在 { $day } 前傳給我，審核時間已先暫停。
refunded = 售後單 { $number } 已退款 { $amount }，退回原付款方式（北京時間 { $at }）。銀行入帳可能再需要 1–3 個工作天。沒收到請按「找真人客服」。
