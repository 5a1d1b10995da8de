opened =
    🆕 { $number }
    訂單：{ $order }
    原因：{ $reason }
    希望：{ $wish }
    憑證：{ $photos } 份
    答覆期限：{ $day }24:00 前
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
help =
    在案件的話題裡寫的文字會作為回覆傳給顧客，傳出後會有 👍。
    以 // 開頭的內容只有同事看得到。
    /case 這個案件到哪一步了
    /help 這段說明
    審核結果（同意、駁回、要補充、已退款）在命令列裡登記：shouhou case …
no_command =
    沒有轉給顧客：這裡沒有 { $command } 這個指令。
    可用指令：/case、/help。審核結果在命令列裡登記：shouhou case …
slip = 沒有轉給顧客：其中有一行像指令。如果要讓顧客看到，請去掉行首的斜線或指令名再傳。
case =
    { $number } · { $status }
    訂單：{ $order }
    原因：{ $reason }
    答應的期限：{ $day }24:00 前
no_case = 請在案件的話題裡傳送 /case，就能看到那個案件到哪一步了。
edited = 顧客看到的是修改前的內容，修改沒有轉出。請另傳一則新訊息。
