received = ✓ 照片收到了，共 { $count } 张。
received_for_form = ✓ 照片收到了（共 { $count } 张），会和申请一起提交。
received_shots = { $have }/{ $count } ✓ 收到，对应：{ $shots }。
received_all = { $have }/{ $count } ✓ 收到，对应：{ $shots }。照片齐了。
received_extra = { $count ->
    [1] ✓ 收到，作为补充一起提交。
   *[other] ✓ { $count } 份都收到了，作为补充一起提交。
}
received_for_case = ✓ 您发的都已存入售后单 { $number }。
too_many = 一份申请最多 { $most } 个文件，这一个没有放进去。请先按“我的照片”删除或换掉一个，或按“转人工”。
which_case = { $count ->
    [1] ✓ 收到了。是哪张售后单的？
   *[other] ✓ { $count } 份都收到了。是哪张售后单的？
}
what_for = { $count ->
    [1] ✓ 照片收到了，先为您保存。要用它申请售后吗？
   *[other] ✓ { $count } 张照片都收到了，先为您保存。要用它们申请售后吗？
}
what_for_file = 要用它申请售后吗？也可以先问我别的。
better_as_file = 照片收到，正在保存。小字要看清的话，发图时选“以文件发送”更好：聊天软件会把照片压小。
kept-voice = ✓ 语音已存好，同事会听。我听不了语音，请把要点也打成文字。
kept-video = ✓ 视频已存好，审核人员会看。关键处请再发一两张照片。
kept-file = ✓ 文件 { $name } 已存好，审核人员会看。
refused-empty = { $name } 是空文件。请重新选择这张照片再发一次。
refused-not_image = { $name } 不是照片或视频。请发 JPEG、PNG、HEIC、WEBP、GIF 图片或 MP4 视频，也可以发一张截图。
refused-pdf = { $name } 是 PDF，这份申请需要照片。请把那一页截图发来。
refused-cut_off = { $name } 没有传完整。请再发一次，或者截图后发送。
refused-unplayable = { $name } 播放不了，可能没传完整。请先在手机上确认能播放，再发一次，也可以发几张截图。
refused-too_large = { $name } 超过 20 MB。请发小一些的照片或短一些的视频，或者截图后发送。
refused-too_many_pixels = { $name } 的尺寸太大，打不开。请截图后发送。
refused-too_small = { $name } 太小，看不清。请发原图。
refused-gone = { $name } 没有取到。请再发一次。
refused-failed = { $name } 没能打开。请再发一次，或者截图后发送。
ask_any = 请直接发照片给我，会放进这份申请。发完请按下面的按钮。
ask_one =
    还需要 1 张照片：{ $shot }。
    { $why }
ask_first =
    需要 { $count } 张照片，一张张发或一起发都行。
    先发：{ $shot }。{ $why }
ask_next = 接下来请发：{ $shot }。{ $why }
ask_then = 之后还差：{ $shots }。
ask_taken =
    您发的照片先这样对应：
    { $taken }
    不对的话，按“我的照片”调整。
example = 示意图：{ $shot }
and = 、
extra = 补充
list =
    您发来的：
    { $files_listed }
    要调整哪一张？
list-one = { $number }. { $name } → { $shot }
list-waived = 没有发：{ $shot }。原因：“{ $why }”
one = 第 { $number } 张（{ $name }）算作：{ $shot }。要怎么调整？
which_shot = 第 { $number } 张（{ $name }）拍的是什么？
moved = 好的，第 { $number } 张算作：{ $shot }。
send_new = 请发新的照片，会换掉第 { $number } 张“{ $shot }”。
dropped = { $name } 已删除。
not_there = 这张照片已经不在了。
why_not = 没关系。“{ $shot }”为什么发不了？按按钮，或用自己的话告诉我。
because-gone = 已经扔了
because-away = 现在拍不了
because-all = 其余的也发不了
waived = 好的，没有“{ $shots }”也可以继续，审核人员会看到原因。
advice-blurred = 第 { $number } 张“{ $shot }”有点模糊。能再拍一张清楚的吗？也可以就用这张。
advice-dark = 第 { $number } 张“{ $shot }”偏暗。能在亮一点的地方再拍一张吗？也可以就用这张。
advice-small = 第 { $number } 张“{ $shot }”尺寸偏小，细节可能看不清。有原图请再发一次，也可以就用这张。
advice-screenshot = 第 { $number } 张“{ $shot }”像是截图。有照片原图请再发一次，也可以就用这张。
advice-again = 第 { $number } 张和之前发的一样。要换另一张吗？也可以就用这张。
advice-card = 第 { $number } 张像是身份证或银行卡。售后用不到，要删除吗？
later-blurred = 有一张照片有点模糊。方便的话，请再发一张清楚的。
later-dark = 有一张照片偏暗。方便的话，请在亮处再拍一张发来。
later-small = 有一张照片尺寸偏小。有原图的话，请再发一次。
later-again = 有一张照片和之前发的一样。如果想发的是另一张，请直接发来。
later-card = 有一张照片像是身份证或银行卡，售后用不到。想删除请按“转人工”。
read_order = 我在照片里看到订单号 { $order }，是这个订单吗？
do-order = 是，{ $order }
do-no = 不是
do-cannot = 这张发不了
do-list = 我的照片
do-done = 照片发完了
do-fine = 就用这张
do-drop = 删除这张
do-number = 第 { $number } 张
do-keep_all = 都对，继续
do-else = 拍的是别的
do-again = 换一张
do-back = 返回照片列表
do-keep = 保留原来的
still_coming = 照片还在路上，收齐后我会告诉您。
received_instead = { $have }/{ $count } ✓ 收到，用它换下了第 { $number } 张：{ $shots }。
do-other = 这是另一张
