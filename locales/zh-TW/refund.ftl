order = 請傳訂單編號。在快手 App「我 → 我的訂單」點開訂單就看得到，複製或照著打都可以。
order-none = 找不到訂單編號
order_has_case = 訂單 { $order } 已經有售後單 { $number } 了。同一件事不用再申請，按「查進度」就看得到。
review-no_order = 暫時沒有
order_again = 訂單編號是 10 到 24 位數字。請再核對一次，或按「找不到訂單編號」。
sounds_wrong = 聽起來這次購物出了狀況。我先幫您填申請，隨時可以停下來。
sorry = 遇到這種狀況真的很困擾，我來幫您辦。
order_other = 這則訊息提到另一筆訂單 { $other }，而這份申請是訂單 { $kept } 的。一份申請對應一筆訂單，要先把這份填完嗎？
order-change = 改成訂單 { $other }
order-stay = 先填完 { $kept }
order_corrected = 好的，訂單編號改成 { $value }。
reason = 請選擇遇到的問題。
details = 請說說發生了什麼事，一兩句話就可以。
details_short = 請再多寫幾個字，方便客服人員判斷。例如：杯子收到時杯口有裂痕。
details_long = 說明最多 1000 字。請寫重點，其餘可以用照片說明。
noted = 記下了，已放進這份申請的說明。
wish_changed = 好的，改成{ $wish }。
wish = 您希望怎麼處理？
photos = { $ask }
review =
    請核對申請（還沒送出）：
    訂單：{ $order }
    問題：{ $reason }
    說明：{ $details }{ $more }
    希望：{ $wish }
    照片：{ $photos ->
        [0] 沒有
       *[other] { $photos } 張
    }{ $others ->
        [0] {""}
       *[other] ，另有 { $others } 個檔案
    }{ $waived }
    送出後最晚 { $day }24:00 前給您審核結果。
review-waived = 沒有傳：{ $shot }。原因：「{ $why }」
do-submit = 送出申請
change-order = 訂單編號
change-reason = 問題
change-details = 說明
change-wish = 處理方式
change-photos = 照片
submitted = 收到您的申請，售後單號 { $number }。我們最晚 { $day }24:00 前給您審核結果。
submitted_estimate = 收到您的申請，售後單號 { $number }。預計 { $day }24:00 前給您審核結果；假日安排公布後，日期可能提前。
not_open = 這份申請已經送出或存起來了。您可以查進度，或重新申請。
draft = 您有一份還沒送出的申請，會保留到 { $day }。要繼續填寫嗎？
draft_waits = 您的申請還沒送出，會保留到 { $day }。要繼續填寫嗎？
put_aside = 存好了，草稿會保留到 { $day }。隨時可以繼續。
stopped = 好的，不填了。
found = 找到就好。這份草稿要刪掉嗎？不刪會保留到 { $day }。
draft_gone = 草稿已經過了保留期限，我們從頭來。
nothing_open = 目前沒有正在填寫的申請。
dropped = 草稿已刪除。
other_order = 如果是重複下單，請再傳另一筆訂單的編號。
other_order-none = 只有一筆訂單
looked =
    請先看看這幾個地方：
    · 家人、同事或管理員是否代收
    · 取件簡訊（驛站、快遞櫃）
    · 收件地址有沒有寫錯
    剛顯示簽收的，請等 24 小時再看。找到了跟我說就好。
looked-nobody = 都看過了，沒找到
promised = 商品頁面或訂單承諾哪一天？例如：11月20日。
promised-none = 不清楚哪一天
received = 哪一天簽收的？例如：11月20日。
received-0 = 今天
received-1 = 昨天
received-2 = 前天
received-none = 不記得
category = 是哪一類商品？
category-clothes = 衣服鞋包
category-electronics = 3C 家電
category-cosmetics = 美妝保養
category-food = 食品生鮮
category-custom = 客製商品
category-digital = 儲值/虛擬商品
category-other = 其他商品
waybill = 請傳物流單號，在訂單的物流頁面可以複製。
waybill-none = 沒有物流單號
waybill_again = 物流單號通常是 8 位以上的數字或字母。請再核對一次，或按「沒有物流單號」。
courier = 物流單號 { $number } 是哪家快遞？
courier_said = 快遞客服怎麼說？可以請他們提供簽收證明。
courier_said-none = 還沒聯絡快遞
day_again = 看不出是哪一天。請像「11月20日」這樣寫。
promise_ahead = 承諾的 { $day }還沒到。您可以先填，審核時會核對這個日期。
last_day = 七天無理由退貨的最後一天是 { $day }。
last_day_past = 七天無理由退貨到 { $day }為止。您還是可以送出，由客服人員判斷。
exception-cosmetics = 美妝保養品通常要求一次性封膜沒有拆開。您還是可以送出，由客服人員判斷。
exception-food = 食品拆封後、生鮮易腐的，通常不適用七天無理由退貨。您還是可以送出，由客服人員判斷。
exception-custom = 客製商品通常不適用七天無理由退貨。您還是可以送出，由客服人員判斷。
exception-digital = 用過的儲值和虛擬商品，通常不適用七天無理由退貨。您還是可以送出，由客服人員判斷。
track = 這是{ $name }的包裹。物流可到 { $site } 查，客服電話 { $hotline }，以官網公布為準。
own-other_order = 另一筆訂單：{ $value }
own-promised = 承諾日期：{ $value }
own-received = 簽收日期：{ $value }
own-category = 商品類別：{ $value }
own-waybill = 物流單號：{ $value }
own-courier_said = 快遞答覆：{ $value }
change = 要改哪一項？
do-change = 修改…
do-more = 更多…
do-go_on = 不改了
change-other_order = 另一筆訂單
change-looked = 找過的地方
change-promised = 承諾日期
change-received = 簽收日期
change-category = 商品類別
change-waybill = 物流單號
change-courier = 快遞公司
change-courier_said = 快遞答覆
paid = 您一共付了多少錢？例如：59.00。
paid-none = 不確定
paid-read = { $amount }（照片上的）
paid_again = 請寫成 59.00 這樣的金額（人民幣元）。
own-paid = 實付：{ $value }
change-paid = 實付金額
