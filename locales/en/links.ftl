code =
    Your link code: { $code }
    Send this in your other chat: /link { $code }
    It works once, for 10 minutes. Don't give it to anybody: whoever uses it sees your requests.
unknown = That code opens nothing: it was used, is older than 10 minutes, or has a slip in it. Send /link in your other chat for a new one.
same_chat = You got that code right here. Please send it in your other chat.
already = These two chats are joined already; both show your requests.
joined = Joined with your chat on { $platform }: both show your requests now. If that wasn't you, press “Undo the link”.
undone = The two chats are apart again, and each shows its own requests.
not_joined = That link was undone already. To join again, send /link.
platform-webchat = the web page
platform-telegram = Telegram
platform-wechat = WeChat
platform-other = another platform
