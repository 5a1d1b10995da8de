"""A minimal echo with wechatpy and Flask: `python wechatpy_flask.py PORT TOKEN AES_KEY APP_ID SERVER`. It keeps nothing."""

import sys

from flask import Flask, request
from waitress import serve
from wechatpy import create_reply, parse_message
from wechatpy.crypto import WeChatCrypto

port, token, aes_key, app_id, server = sys.argv[1:]
app = Flask(__name__)
crypto = WeChatCrypto(token, aes_key, app_id)


@app.post("/wechat")
def take() -> str:
    given = request.args
    message = parse_message(
        crypto.decrypt_message(request.data, given["msg_signature"], given["timestamp"], given["nonce"])
    )
    reply = create_reply(message.content, message).render()
    return crypto.encrypt_message(reply, given["nonce"], given["timestamp"])


if server == "waitress":
    serve(app, host="127.0.0.1", port=int(port), threads=8, _quiet=True)
else:
    app.run(host="127.0.0.1", port=int(port))
