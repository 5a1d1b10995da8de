opened =
    🆕 { $number }
    订单：{ $order }
    原因：{ $reason }
    希望：{ $wish }
    凭证：{ $photos } 份
    答复期限：{ $day }24:00 前
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
help =
    在案件的话题里写的文字会作为回复发给顾客，发出后会有 👍。
    以 // 开头的内容只有同事能看到。
    /case 这个案件到哪一步了
    /help 这段说明
    审核结果（同意、驳回、要补充、已退款）在命令行里登记：shouhou case …
no_command =
    没有转给顾客：这里没有 { $command } 这个指令。
    可用指令：/case、/help。审核结果在命令行里登记：shouhou case …
slip = 没有转给顾客：其中有一行像指令。如果要让顾客看到，请去掉行首的斜杠或指令名再发。
case =
    { $number } · { $status }
    订单：{ $order }
    原因：{ $reason }
    答应的期限：{ $day }24:00 前
no_case = 请在案件的话题里发送 /case，就能看到那个案件到哪一步了。
edited = 顾客看到的是修改前的内容，修改没有转出。请另发一条新消息。
