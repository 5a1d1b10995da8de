order = 请发订单号。在快手 App“我 → 我的订单”里，点开订单就能复制。
order-none = 找不到订单号
order_again = 订单号是 10 到 24 位数字。请再核对一次，或按“找不到订单号”。
order_other = 这条消息提到了另一个订单 { $other }，而这份申请是订单 { $kept } 的。一份申请对应一个订单，要先把这份填完吗？
order-change = 改成订单 { $other }
order-stay = 先填完 { $kept }
reason = 请选择遇到的问题。
details = 请说说发生了什么，一两句话就可以。
details_short = 请再多写几个字，方便同事判断。比如：杯子收到时杯口有裂缝。
details_long = 说明最多 1000 字。请写要点，其余可以用照片说明。
wish = 您希望怎么处理？
photos =
    { $count ->
        [0] 请直接发照片给我，会放进这份申请。发完请按下面的按钮。
       *[other]
        还差 { $count } 张照片：
        { $shots }
        { $why }
    }
photos-waived = 发不了这些照片
photos-done = 照片发完了
review =
    请核对申请：
    订单：{ $order }
    问题：{ $reason }
    说明：{ $details }
    希望：{ $wish }
    照片：{ $photos } 张
    提交后最晚 { $day }24:00 前给出审核结果。
submit = 提交申请
change-order = 修改订单号
change-reason = 修改问题
change-details = 修改说明
change-wish = 修改希望
change-photos = 补充照片
submitted = 已收到您的申请，售后单号 { $number }。我们最晚 { $day }24:00 前给出审核结果。
submitted_estimate = 已收到您的申请，售后单号 { $number }。预计 { $day }24:00 前给出审核结果；节假日安排公布后日期可能提前。
not_open = 这份申请已经提交或放下了。您可以查看进度，或重新申请。
draft = 您有一份没提交的申请，保留到 { $day }。要继续填写吗？
draft_waits = 您的申请还没提交，保留到 { $day }。要继续填写吗？
put_aside = 已先放一放，草稿保留到 { $day }。随时可以继续。
nothing_open = 现在没有在填写的申请。
dropped = 草稿已删除。
