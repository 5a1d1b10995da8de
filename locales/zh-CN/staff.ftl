opened =
    🆕 { $number }
    订单：{ $order }
    原因：{ $reason }
    希望：{ $wish }
    凭证：{ $photos } 份
    答复期限：{ $day } 24:00
said = 💬 顾客：{ $words }
explained = 💬 顾客补充说明：{ $words }
photos_added = 📷 顾客补充了 { $photos } 份凭证
photo_refused = ⚠️ 有一份凭证打不开，已请顾客重发
approved = ✅ { $agent } 同意退款 { $amount }
rejected = ⛔ { $agent } 未通过：{ $reason }
asked_for_more = ❓ { $agent } 请顾客补充：{ $what }
refunded = 💰 { $agent } 已记录退款 { $amount }
replied = ↩️ { $agent } 回复：{ $words }
withdrawn = ↪️ 顾客撤回了申请
promise_missed = ⚠️ 已超过答应顾客的日期
review_resumed = ▶️ 材料已补充，重新开始审核
person_asked_for = 🙋 顾客想找人工
complained = 🙋 顾客要投诉
only_text = 只能把文字转给顾客，文件没有转出。
not_passed_on = 这条没有转给顾客，请看服务器日志。
