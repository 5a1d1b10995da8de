nothing_to_withdraw = 找不到可以撤回的售後單。請在進度裡按「撤回申請」。
not_submitted_yet = 您的申請還沒送出，不需要撤回。要先放著嗎？
withdraw = 要撤回售後單 { $number } 嗎？撤回後審核就會停止。
withdrawn = 售後單 { $number } 已撤回。之後有需要，可以重新申請。
takes_nothing = 這張售後單目前不能補照片，或是沒有待加入的照片。您可以查進度，或找真人客服。
send_photos = 請直接把照片傳給我，我會放進售後單 { $number }。
photos_added = 照片已放進售後單 { $number }。最晚 { $day }24:00 前給您審核結果。
explanation_added = 說明已放進售後單 { $number }。最晚 { $day }24:00 前給您審核結果。
