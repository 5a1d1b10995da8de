approved = 售后单 { $number } 审核已通过。退款 { $amount } 将原路退回，最晚 { $day }24:00 前到账。
approved_estimate = 售后单 { $number } 审核已通过。退款 { $amount } 将原路退回，预计 { $day }24:00 前到账。
rejected =
    售后单 { $number } 未通过。原因：{ $reason }
    您可以：{ $next }
    补充照片后，我们会重新审核。
asked =
    售后单 { $number } 还需要：{ $what }
    请在 { $day } 前发给我，审核计时已暂停。
refunded = 售后单 { $number } 已退款 { $amount }，原路退回（北京时间 { $at }）。银行到账可能再需 1–3 个工作日。没收到请按“转人工”。
