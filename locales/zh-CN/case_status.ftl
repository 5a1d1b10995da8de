draft = 您有一份申请还没有提交，保留到 { $day }。提交后就能在这里看到进度。
none = 您还没有售后单。要申请售后吗？
more = 共 { $count } 张售后单，这里是最近的 { $shown } 张。
not_found = 您名下没有这个单号的售后单。请核对单号，或查看全部进度。
head = 售后单 { $number } · { $reason }
did-submitted = ✅ { $at } 您提交申请（{ $photos ->
        [0] 没有照片
       *[other] { $photos } 张照片
    }）
did-photos_added = ✅ { $at } 您补充照片（{ $photos } 张）
did-explained = ✅ { $at } 您补充说明：{ $words }
did-asked_for_more = ✅ { $at } 客服组请您补充：{ $what }
did-approved = ✅ { $at } 客服组审核通过：退款 { $amount }
did-rejected = ✅ { $at } 客服组审核未通过：{ $reason }
did-refunded = ✅ { $at } 商家已退款 { $amount }，原路退回
did-withdrawn = ✅ { $at } 您撤销了申请
did-promise_missed = ⚠️ { $at } 我们超过了承诺时间，已升级给主管
now-under_review = ⏳ 审核中（客服组）· 最晚 { $day }24:00 前
now-under_review-estimate = ⏳ 审核中（客服组）· 预计 { $day }24:00 前
now-need_more = ⏳ 等您补充 · 请在 { $day } 前发来，审核计时已暂停
now-approved = ⏳ 退款处理中（商家）· 最晚 { $day }24:00 前到账
now-approved-estimate = ⏳ 退款处理中（商家）· 预计 { $day }24:00 前到账
then-refund = ○ 退款到账 · 通过后最晚 { $days } 个工作日（不晚于 { $day }）
then-refund-estimate = ○ 退款到账 · 通过后最晚 { $days } 个工作日
then-return_refund = ○ 退款到账 · 通过后最晚 { $days } 个工作日（不晚于 { $day }）
then-return_refund-estimate = ○ 退款到账 · 通过后最晚 { $days } 个工作日
then-exchange = ○ 换货 · 审核通过后办理
then-resend = ○ 补寄 · 审核通过后办理
then-repair = ○ 维修 · 审核通过后办理
then-review = ○ 补充照片后，我们会重新审核
refresh = 🔄 刷新 · { $at }
