code =
    連結碼：{ $code }
    請在另一個聊天裡傳送：/link { $code }
    10 分鐘內有效，只能用一次。請勿告訴別人：誰用了它，就看得到您的售後單。
unknown = 這個連結碼打不開：可能用過了、過了 10 分鐘，或者打錯了。請在另一個聊天裡傳送 /link 拿一個新的。
same_chat = 這個連結碼就是在這裡拿的。請到您的另一個聊天裡傳送它。
already = 這兩個聊天已經連在一起了，兩邊都看得到您的售後單。
joined = 已和您在{ $platform }的聊天連在一起，兩邊都看得到您的售後單。如果不是您本人操作，請按「取消連結」。
undone = 兩個聊天已分開，各自只看得到自己的售後單。
not_joined = 這個連結已經取消了。想再連，請傳送 /link。
platform-webchat = 網頁
platform-telegram = Telegram
platform-wechat = 微信
platform-other = 另一處
