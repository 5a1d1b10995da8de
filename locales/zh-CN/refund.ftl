order = 请发订单号。在快手 App“我 → 我的订单”里，点开订单就能看到，复制或照着打都行。
order-none = 找不到订单号
order_has_case = 订单 { $order } 已经有售后单 { $number } 了。同一件事不用再申请，按“查看进度”就能看到。
review-no_order = 暂时没有
order_again = 订单号是 10 到 24 位数字。请再核对一次，或按“找不到订单号”。
sounds_wrong = 听起来这次购物出了问题。我先帮您填申请，随时可以停下来。
sorry = 遇到这种情况确实让人着急，我来帮您办。
order_other = 这条消息提到了另一个订单 { $other }，而这份申请是订单 { $kept } 的。一份申请对应一个订单，要先把这份填完吗？
order-change = 改成订单 { $other }
order-stay = 先填完 { $kept }
order_corrected = 好的，订单号改为 { $value }。
reason = 请选择遇到的问题。
details = 请说说发生了什么，一两句话就可以。
details_short = 请再多写几个字，方便同事判断。比如：杯子收到时杯口有裂缝。
details_long = 说明最多 1000 字。请写要点，其余可以用照片说明。
noted = 记下了，已放进这份申请的说明。
wish_changed = 好的，改为{ $wish }。
wish = 您希望怎么处理？
photos = { $ask }
review =
    请核对申请（还没提交）：
    订单：{ $order }
    问题：{ $reason }
    说明：{ $details }{ $more }
    希望：{ $wish }
    照片：{ $photos ->
        [0] 没有
       *[other] { $photos } 张
    }{ $others ->
        [0] {""}
       *[other] ，另有 { $others } 个文件
    }{ $waived }
    提交后最晚 { $day }24:00 前给出审核结果。
review-waived = 没有发：{ $shot }。原因：“{ $why }”
do-submit = 提交申请
change-order = 订单号
change-reason = 问题
change-details = 说明
change-wish = 希望的处理
change-photos = 照片
submitted = 已收到您的申请，售后单号 { $number }。我们最晚 { $day }24:00 前给出审核结果。
submitted_estimate = 已收到您的申请，售后单号 { $number }。预计 { $day }24:00 前给出审核结果；节假日安排公布后日期可能提前。
not_open = 这份申请已经提交或存起来了。您可以查看进度，或重新申请。
draft = 您有一份没提交的申请，保留到 { $day }。要继续填写吗？
draft_waits = 您的申请还没提交，保留到 { $day }。要继续填写吗？
put_aside = 已存好，草稿保留到 { $day }。随时可以继续。
stopped = 好的，不填了。
found = 找到就好。这份草稿要删掉吗？不删会保留到 { $day }。
draft_gone = 草稿已经过了保留期限，我们从头来。
nothing_open = 现在没有在填写的申请。
dropped = 草稿已删除。
other_order = 如果是重复下单，请再发另一张订单的订单号。
other_order-none = 只有一张订单
looked =
    请先看看这几处：
    · 家人、同事、门卫有没有代收
    · 驿站或快递柜的取件短信
    · 收货地址有没有写错
    刚显示签收的，请等 24 小时再看。找到了告诉我就好。
looked-nobody = 都看过了，没找到
promised = 商品页面或订单承诺哪一天？比如：11月20日。
promised-none = 不清楚哪天
received = 哪一天签收的？比如：11月20日。
received-0 = 今天
received-1 = 昨天
received-2 = 前天
received-none = 不记得
category = 是哪一类商品？
category-clothes = 衣服鞋包
category-electronics = 数码家电
category-cosmetics = 美妆个护
category-food = 食品生鲜
category-custom = 定制商品
category-digital = 充值/虚拟商品
category-other = 其他商品
waybill = 请发快递单号，在订单的物流页面可以复制。
waybill-none = 没有快递单号
waybill_again = 快递单号一般是 8 位以上的数字或字母。请再核对一次，或按“没有快递单号”。
courier = 快递单号 { $number } 是哪家快递的？
courier_said = 快递客服怎么说？可以请他们提供签收底单。
courier_said-none = 还没联系快递
day_again = 没看出是哪一天。请像“11月20日”这样写。
promise_ahead = 承诺的 { $day }还没有到。您可以先填，审核时会核对这个日期。
last_day = 七天无理由的最后一天是 { $day }。
last_day_past = 七天无理由到 { $day }为止。您仍然可以提交，由同事判断。
exception-cosmetics = 美妆个护一般要求一次性密封没有拆开。您仍然可以提交，由同事判断。
exception-food = 食品拆封后、生鲜易腐的，一般不适用七天无理由。您仍然可以提交，由同事判断。
exception-custom = 定制商品一般不适用七天无理由。您仍然可以提交，由同事判断。
exception-digital = 已经使用的充值和虚拟商品，一般不适用七天无理由。您仍然可以提交，由同事判断。
track = 这是{ $name }的包裹。物流可在 { $site } 查，客服电话 { $hotline }，以官网公布为准。
own-other_order = 另一张订单：{ $value }
own-promised = 承诺日期：{ $value }
own-received = 签收日期：{ $value }
own-category = 商品类别：{ $value }
own-waybill = 快递单号：{ $value }
own-courier_said = 快递答复：{ $value }
change = 要修改哪一项？
do-change = 修改…
do-more = 更多…
do-go_on = 不改了
change-other_order = 另一张订单
change-looked = 找过的地方
change-promised = 承诺日期
change-received = 签收日期
change-category = 商品类别
change-waybill = 快递单号
change-courier = 快递公司
change-courier_said = 快递答复
paid = 您一共付了多少钱？例如：59.00。
paid-none = 不确定
paid-read = { $amount }（照片上的）
paid_again = 请写成 59.00 这样的金额（元）。
own-paid = 实付：{ $value }
change-paid = 实付金额
