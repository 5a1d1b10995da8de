received = ✓ 照片收到了，共 { $count } 張。
received_for_form = ✓ 照片收到了（共 { $count } 張），會跟申請一起送出。
received_shots = { $have }/{ $count } ✓ 收到，對應：{ $shots }。
received_all = { $have }/{ $count } ✓ 收到，對應：{ $shots }。照片齊了。
received_extra = { $count ->
    [1] ✓ 收到，當作補充一起送出。
   *[other] ✓ { $count } 份都收到了，當作補充一起送出。
}
received_for_case = ✓ 您傳的都已存入售後單 { $number }。
too_many = 一份申請最多 { $most } 個檔案，這一個沒有放進去。請先按「我的照片」刪除或換掉一個，或按「找真人客服」。
which_case = { $count ->
    [1] ✓ 收到了。這是哪一張售後單的？
   *[other] ✓ { $count } 份都收到了。是哪一張售後單的？
}
what_for = { $count ->
    [1] ✓ 照片收到了，先幫您留著。要用它申請售後嗎？
   *[other] ✓ { $count } 張照片都收到了，先幫您留著。要用它們申請售後嗎？
}
what_for_file = 要用它申請售後嗎？也可以先問我別的。
better_as_file = 照片收到，正在儲存。小字要看清楚的話，傳圖時選「以檔案傳送」更好：聊天軟體會把照片壓小。
kept-voice = ✓ 語音存好了，同事會聽。我聽不懂語音，請把重點也打成文字。
kept-video = ✓ 影片存好了，審核人員會看。關鍵的地方請再傳一兩張照片。
kept-file = ✓ 檔案 { $name } 存好了，審核人員會看。
refused-empty = { $name } 是空的檔案。請重新選這張照片再傳一次。
refused-not_image = { $name } 不是照片或影片。請傳 JPEG、PNG、HEIC、WEBP、GIF 圖片或 MP4 影片，也可以傳一張截圖。
refused-pdf = { $name } 是 PDF，這份申請需要照片。請把那一頁截圖傳來。
refused-cut_off = { $name } 沒有傳完整。請再傳一次，或截圖後再傳。
refused-unplayable = { $name } 無法播放，可能沒傳完整。請先在手機上確認能播放，再傳一次，也可以傳幾張截圖。
refused-too_large = { $name } 超過 20 MB。請傳小一點的照片或短一點的影片，或截圖後再傳。
refused-too_many_pixels = { $name } 的尺寸太大，打不開。請截圖後再傳。
refused-too_small = { $name } 太小，看不清楚。請傳原圖。
refused-gone = { $name } 沒有拿到。請再傳一次。
refused-failed = { $name } 打不開。請再傳一次，或截圖後再傳。
ask_any = 請直接傳照片給我，會放進這份申請。傳完請按下面的按鈕。
ask_one =
    還需要 1 張照片：{ $shot }。
    { $why }
ask_first =
    需要 { $count } 張照片，一張張傳或一起傳都可以。
    先傳：{ $shot }。{ $why }
ask_next = 接下來請傳：{ $shot }。{ $why }
ask_then = 之後還差：{ $shots }。
ask_taken =
    您傳的照片先這樣對應：
    { $taken }
    不對的話，按「我的照片」調整。
example = 示意圖：{ $shot }
and = 、
extra = 補充
list =
    您傳來的：
    { $files_listed }
    要調整哪一張？
list-one = { $number }. { $name } → { $shot }
list-waived = 沒有傳：{ $shot }。原因：「{ $why }」
one = 第 { $number } 張（{ $name }）算作：{ $shot }。要怎麼調整？
which_shot = 第 { $number } 張（{ $name }）拍的是什麼？
moved = 好的，第 { $number } 張算作：{ $shot }。
send_new = 請傳新的照片，會換掉第 { $number } 張「{ $shot }」。
dropped = { $name } 已刪除。
not_there = 這張照片已經不在了。
why_not = 沒關係。「{ $shot }」為什麼沒辦法傳？按按鈕，或用自己的話告訴我。
because-gone = 已經丟掉了
because-away = 現在沒辦法拍
because-all = 其他的也沒辦法傳
waived = 好的，沒有「{ $shots }」也可以繼續，審核人員會看到原因。
advice-blurred = 第 { $number } 張「{ $shot }」有點模糊。可以再拍一張清楚的嗎？也可以就用這張。
advice-dark = 第 { $number } 張「{ $shot }」偏暗。可以在亮一點的地方再拍一張嗎？也可以就用這張。
advice-small = 第 { $number } 張「{ $shot }」尺寸偏小，細節可能看不清楚。有原圖請再傳一次，也可以就用這張。
advice-screenshot = 第 { $number } 張「{ $shot }」像是截圖。有照片原圖請再傳一次，也可以就用這張。
advice-again = 第 { $number } 張和之前傳的一樣。要換另一張嗎？也可以就用這張。
advice-card = 第 { $number } 張像是身分證或銀行卡。售後用不到，要刪除嗎？
later-blurred = 有一張照片有點模糊。方便的話，請再傳一張清楚的。
later-dark = 有一張照片偏暗。方便的話，請在亮處再拍一張傳來。
later-small = 有一張照片尺寸偏小。有原圖的話，請再傳一次。
later-again = 有一張照片和之前傳的一樣。如果想傳的是另一張，請直接傳來。
later-card = 有一張照片像是身分證或銀行卡，售後用不到。想刪除請按「找真人客服」。
read_order = 我在照片裡看到訂單號 { $order }，是這個訂單嗎？
do-order = 是，{ $order }
do-no = 不是
do-cannot = 這張沒辦法傳
do-list = 我的照片
do-done = 照片傳完了
do-fine = 就用這張
do-drop = 刪除這張
do-number = 第 { $number } 張
do-keep_all = 都對，繼續
do-else = 拍的是別的
do-again = 換一張
do-back = 回照片列表
do-keep = 保留原來的
still_coming = 照片還在路上，收齊後我會告訴您。
received_instead = { $have }/{ $count } ✓ 收到，用它換下了第 { $number } 張：{ $shots }。
do-other = 這是另一張
