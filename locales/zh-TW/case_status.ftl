draft = 您有一份申請還沒送出，會保留到 { $day }。送出後就能在這裡看到進度。
none = 您目前沒有售後單。要申請售後嗎？
more = 共 { $count } 張售後單，這裡是最近的 { $shown } 張。
not_found = 您名下找不到這個單號的售後單。請再核對一次，或查看全部進度。
head = 售後單 { $number } · { $reason }
did-submitted = ✅ { $at } 您送出申請（{ $photos ->
        [0] 沒有照片
       *[other] { $photos } 張照片
    }）
did-photos_added = ✅ { $at } 您補了照片（{ $photos } 張）
did-explained = ✅ { $at } 您補充說明：{ $words }
did-asked_for_more = ✅ { $at } 客服請您補充：{ $what }
did-approved = ✅ { $at } 客服審核通過：退款 { $amount }
did-rejected = ✅ { $at } 客服審核未通過：{ $reason }
did-refunded = ✅ { $at } 賣家已退款 { $amount }，退回原付款方式
did-withdrawn = ✅ { $at } 您撤回了申請
did-promise_missed = ⚠️ { $at } 我們超過了承諾的時間，已交給主管
now-under_review = ⏳ 審核中（客服）· 最晚 { $day }24:00 前
now-under_review-estimate = ⏳ 審核中（客服）· 預計 { $day }24:00 前
now-need_more = ⏳ 等您補充 · 請在 { $day } 前傳來，審核時間已先暫停
now-approved = ⏳ 退款處理中（賣家）· 最晚 { $day }24:00 前入帳
now-approved-estimate = ⏳ 退款處理中（賣家）· 預計 { $day }24:00 前入帳
then-refund = ○ 退款入帳 · 通過後最晚 { $days } 個工作天（不晚於 { $day }）
then-refund-estimate = ○ 退款入帳 · 通過後最晚 { $days } 個工作天
then-return_refund = ○ 退款入帳 · 通過後最晚 { $days } 個工作天（不晚於 { $day }）
then-return_refund-estimate = ○ 退款入帳 · 通過後最晚 { $days } 個工作天
then-exchange = ○ 換貨 · 審核通過後辦理
then-resend = ○ 補寄 · 審核通過後辦理
then-repair = ○ 維修 · 審核通過後辦理
then-review = ○ 補上照片後，我們會重新審核
refresh = 🔄 重新整理 · { $at }
