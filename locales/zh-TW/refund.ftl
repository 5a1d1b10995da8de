order = 請傳訂單編號。在快手 App「我 → 我的訂單」點開訂單就能複製。
order-none = 找不到訂單編號
order_again = 訂單編號是 10 到 24 位數字。請再核對一次，或按「找不到訂單編號」。
order_other = 這則訊息提到另一筆訂單 { $other }，而這份申請是訂單 { $kept } 的。一份申請對應一筆訂單，要先把這份填完嗎？
order-change = 改成訂單 { $other }
order-stay = 先填完 { $kept }
reason = 請選擇遇到的問題。
details = 請說說發生了什麼事，一兩句話就可以。
details_short = 請再多寫幾個字，方便客服人員判斷。例如：杯子收到時杯口有裂痕。
details_long = 說明最多 1000 字。請寫重點，其餘可以用照片說明。
wish = 您希望怎麼處理？
photos =
    { $count ->
        [0] 請直接把照片傳給我，會放進這份申請。傳完請按下面的按鈕。
       *[other]
        還差 { $count } 張照片：
        { $shots }
        { $why }
    }
photos-waived = 沒辦法傳這些照片
photos-done = 照片傳完了
review =
    請核對申請：
    訂單：{ $order }
    問題：{ $reason }
    說明：{ $details }
    希望：{ $wish }
    照片：{ $photos } 張
    送出後最晚 { $day }24:00 前給您審核結果。
submit = 送出申請
change-order = 改訂單編號
change-reason = 改問題
change-details = 改說明
change-wish = 改處理方式
change-photos = 補照片
submitted = 收到您的申請，售後單號 { $number }。我們最晚 { $day }24:00 前給您審核結果。
submitted_estimate = 收到您的申請，售後單號 { $number }。預計 { $day }24:00 前給您審核結果；假日安排公布後，日期可能提前。
not_open = 這份申請已經送出或放下了。您可以查進度，或重新申請。
draft = 您有一份還沒送出的申請，會保留到 { $day }。要繼續填寫嗎？
draft_waits = 您的申請還沒送出，會保留到 { $day }。要繼續填寫嗎？
put_aside = 先放著了，草稿會保留到 { $day }。隨時可以繼續。
nothing_open = 目前沒有正在填寫的申請。
dropped = 草稿已刪除。
