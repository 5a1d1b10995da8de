"""What the libraries' own objects cost beside what we do for each message: microseconds of CPU, the best of several rounds."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, Message, Update
from telegram.request import BaseRequest, RequestData
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.replies import TextReply

from bot.adapters.telegram import parse, render
from bot.adapters.telegram.transport import Asked
from bot.model.messages import Author, Button
from bot.model.messages import Message as Said
from bot.tencent.codec import Codec, Query, text_reply
from bot.tencent.xml import read

ROUNDS, TIMES = 7, 2000
QUICK = {"ROUNDS": 1, "TIMES": 20}
USER = {"id": 5000000001, "is_bot": False, "first_name": "Anna", "language_code": "zh-hans"}
CHAT = {"id": 5000000001, "type": "private", "first_name": "Anna"}
MESSAGE = {"message_id": 7, "from": USER, "chat": CHAT, "date": 1795000000, "text": "订单 2100000000001 到了是坏的"}
UPDATE = {"update_id": 1000, "message": MESSAGE}
RAW = json.dumps(UPDATE, ensure_ascii=False).encode()
SENT = json.dumps({"ok": True, "result": MESSAGE}, ensure_ascii=False).encode()
ME = parse.Me(110201543, "shouhou_bot")
BUTTONS = (Button("status", "查看进度"), Button("add", "补充照片"), Button("human", "转人工"))
SAID = Said(1, Author.BOT, datetime(2026, 11, 23, tzinfo=UTC), "请再发一张外箱的照片。" * 4, BUTTONS)
ID = "0" * 32
APP, TOKEN, KEY = "wx0123456789abcdef", "token", "a" * 43
XML = (
    "<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[oAnna]]></FromUserName>"
    "<CreateTime>1795000000</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[订单 2100000000001 坏了]]></Content>"
    "<MsgId>22334455667788990</MsgId></xml>"
)


class Answering(BaseRequest):
    """A transport that answers at once: what is left is what the library does around it."""

    @property
    def read_timeout(self) -> float:
        return 5.0

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: Any, **__: Any
    ) -> Any:
        orjson.dumps(request_data.parameters if request_data else {})
        return 200, SENT


def microseconds(act: Callable[[], Any]) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.process_time()
        for _ in range(TIMES):
            act()
        best = min(best, time.process_time() - started)
    return best / TIMES * 1e6


def call_by_bot() -> Callable[[], Any]:
    bot = Bot("110201543:" + "A" * 35, request=Answering(), get_updates_request=Answering())
    loop = asyncio.new_event_loop()

    def call() -> None:
        rows = [[InlineKeyboardButton(one.label, callback_data=f"{ID}:{index}")] for index, one in enumerate(BUTTONS)]
        options = LinkPreviewOptions(is_disabled=True)
        markup = InlineKeyboardMarkup(rows)
        loop.run_until_complete(
            bot.send_message(5000000001, SAID.text, reply_markup=markup, link_preview_options=options)
        )

    return call


def call_by_us() -> Callable[[], Any]:
    loop, request = asyncio.new_event_loop(), Answering()

    async def post() -> Any:
        (call,) = render.calls(ID, SAID)
        Asked({"chat_id": 5000000001, **call.fields}).json()
        return orjson.loads((await request.do_request("", "POST"))[1])["result"]["message_id"]

    return lambda: loop.run_until_complete(post())


def sealed() -> tuple[Codec, Query, bytes]:
    codec = Codec(APP, TOKEN, KEY, lambda: 1795000000.0)
    body = codec.seal(XML)
    fields = read(body)
    query = Query(fields["TimeStamp"], fields["Nonce"], "", fields["MsgSignature"], "")
    return codec, query, f"<xml><Encrypt><![CDATA[{fields['Encrypt']}]]></Encrypt></xml>".encode()


def seconds_to_import(module: str) -> float:
    code = f"import time; t = time.process_time(); import {module}; print(time.process_time() - t)"
    return min(float(subprocess.check_output([sys.executable, "-c", code], text=True)) for _ in range(3))


def main() -> None:
    codec, query, body = sealed()
    crypto = WeChatCrypto(TOKEN, KEY, APP)
    rows: list[tuple[str, Callable[[], Any], Callable[[], Any]]] = [
        (
            "Telegram: an update, from bytes",
            lambda: Update.de_json(json.loads(RAW), None),
            lambda: parse.event_of(orjson.loads(RAW), ME),
        ),
        ("Telegram: a message with buttons, said", call_by_bot(), call_by_us()),
        (
            "Telegram: its keyboard",
            lambda: InlineKeyboardMarkup(
                [[InlineKeyboardButton(one.label, callback_data=f"{ID}:{i}")] for i, one in enumerate(BUTTONS)]
            ).to_dict(),
            lambda: render.keyboard(ID, BUTTONS),
        ),
        (
            "Telegram: the answer to a call",
            lambda: Message.de_json(json.loads(SENT)["result"], None),
            lambda: orjson.loads(SENT)["result"]["message_id"],
        ),
        (
            "WeChat: a callback, checked and decrypted",
            lambda: crypto.decrypt_message(body, query.msg_signature, query.timestamp, query.nonce),
            lambda: codec.open(query, body),
        ),
        ("WeChat: its message, from XML", lambda: parse_message(XML), lambda: read(XML)),
        (
            "WeChat: an answer, as XML",
            lambda: TextReply(source="gh_1", target="oAnna", content=SAID.text).render(),
            lambda: text_reply("oAnna", "gh_1", SAID.text, 1795000000),
        ),
        (
            "WeChat: an answer, encrypted and signed",
            lambda: crypto.encrypt_message(XML, "nonce", "1795000000"),
            lambda: codec.seal(XML),
        ),
    ]
    print(f"{'microseconds of CPU':<44}{'library':>9}{'ours':>9}{'times':>8}")
    for name, theirs, ours in rows:
        their, our = microseconds(theirs), microseconds(ours)
        print(f"{name:<44}{their:>9.1f}{our:>9.1f}{their / our:>8.1f}")
    for module in ("telegram", "wechatpy.crypto"):
        print(f"import {module}: {seconds_to_import(module):.2f} s of CPU, once, where it is used")


if __name__ == "__main__":
    main()
