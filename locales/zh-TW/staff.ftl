opened =
    🆕 { $number }
    訂單：{ $order }
    原因：{ $reason }
    希望：{ $wish }
    憑證：{ $photos } 份
    答覆期限：{ $day } 24:00
said = 💬 顧客：{ $words }
explained = 💬 顧客補充說明：{ $words }
photos_added = 📷 顧客補充了 { $photos } 份憑證
photo_refused = ⚠️ 有一份憑證打不開，已請顧客重傳
approved = ✅ { $agent } 同意退款 { $amount }
rejected = ⛔ { $agent } 未通過：{ $reason }
asked_for_more = ❓ { $agent } 請顧客補充：{ $what }
refunded = 💰 { $agent } 已記錄退款 { $amount }
replied = ↩️ { $agent } 回覆：{ $words }
withdrawn = ↪️ 顧客撤回了申請
promise_missed = ⚠️ 已超過答應顧客的日期
review_resumed = ▶️ 資料已補充，重新開始審核
person_asked_for = 🙋 顧客想找真人
complained = 🙋 顧客要投訴
only_text = 只能把文字轉給顧客，檔案沒有轉出。
not_passed_on = 這則沒有轉給顧客，請看伺服器日誌。
