code =
    连接码：{ $code }
    请在另一个聊天里发送：/link { $code }
    10 分钟内有效，只能用一次。请勿告诉别人：谁用了它，就能看到您的售后单。
unknown = 这个连接码打不开：可能用过了、过了 10 分钟，或者输错了。请在另一个聊天里发送 /link 取一个新的。
same_chat = 这个连接码就是在这里取的。请到您的另一个聊天里发送它。
already = 这两个聊天已经连在一起了，两边都能看到您的售后单。
joined = 已和您在{ $platform }的聊天连在一起，两边都能看到您的售后单。如果不是您本人操作，请按“断开连接”。
undone = 两个聊天已断开，各自只看得到自己的售后单。
not_joined = 这个连接已经断开了。想再连，请发送 /link。
platform-webchat = 网页
platform-telegram = Telegram
platform-wechat = 微信
platform-other = 另一处
