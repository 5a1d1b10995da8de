"""WeChat as its documentation describes it, on a port of this machine: it calls our address and is called by us.

It knows nothing of our code: the cryptography here is written from Tencent's page on it. Customers are openids. What it does as
documented: 5 seconds for a callback, three attempts, encrypted in safe mode; one token for all who ask (stable_token); messages
only within windows; files that end; errors with status 200.
"""

import base64
import hashlib
import itertools
import json
import secrets
import struct
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

import aiohttp
from aiohttp import web
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.waiting import until

AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
TOKEN = "sh0uh0u"
APP_ID = "wx0123456789abcdef"
SECRET = "the secret of the account"
US = "gh_shouhou"
FAULT = "该公众号提供的服务出现故障，请稍后再试"
WINDOWS = {"message": (5, 48 * 3600), "menu": (3, 60), "follow": (3, 60), "scan": (3, 60), "enter": (2, 60)}
MOST_BYTES = 2048


class Crypto:
    """Message encryption as Tencent describes it."""

    def __init__(self, app_id: str = APP_ID, token: str = TOKEN, aes_key: str = AES_KEY) -> None:
        self.app_id, self.token = app_id, token
        self._key = base64.b64decode(aes_key + "=")

    def encrypt(self, text: str | bytes) -> str:
        content = text.encode() if isinstance(text, str) else text
        plain = secrets.token_bytes(16) + struct.pack(">I", len(content)) + content + self.app_id.encode()
        padding = 32 - len(plain) % 32
        encryptor = Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16])).encryptor()
        return base64.b64encode(encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()).decode()

    def decrypt(self, envelope: str) -> str:
        decryptor = Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16])).decryptor()
        padded = decryptor.update(base64.b64decode(envelope)) + decryptor.finalize()
        plain = padded[: -padded[-1]]
        (length,) = struct.unpack(">I", plain[16:20])
        assert plain[20 + length :].decode() == self.app_id
        return plain[20 : 20 + length].decode()

    def sign(self, *parts: str) -> str:
        return hashlib.sha1("".join(sorted([self.token, *parts])).encode()).hexdigest()


def xml_of(fields: Mapping[str, Any]) -> str:
    lines = []
    for name, value in itertools.chain.from_iterable(spread(*pair) for pair in fields.items()):
        if isinstance(value, Mapping):
            lines.append(f"<{name}>{xml_of(value)[5:-6]}</{name}>")
            continue
        shown = f"<![CDATA[{value}]]>" if isinstance(value, str) else str(value)
        lines.append(f"<{name}>{shown}</{name}>")
    return "<xml>" + "".join(lines) + "</xml>"


def spread(name: str, value: Any) -> list[tuple[str, Any]]:
    """A list is the same element several times."""
    return [(name, one) for one in value] if isinstance(value, list) else [(name, value)]


def fields_of(xml: str) -> dict[str, str]:
    return {child.tag: child.text or "" for child in ElementTree.fromstring(xml)}


@dataclass
class Shown:
    """What a customer's phone shows: a text, and what can be pressed under it (id and label); or a picture or file."""

    text: str
    menu: list[tuple[str, str]] = field(default_factory=list)
    passive: bool = False
    file: "Media | None" = None


@dataclass
class Media:
    content: bytes
    name: str
    kind: str = "image/jpeg"
    ends_at: float = float("inf")
    is_video: bool = False


@dataclass
class Ledger:
    ends_at: float
    free: int


class FakeWeChat:
    """`callback`: our address. `clock`: what time it is, for windows, files and callbacks."""

    def __init__(self, clock: Callable[[], float] = time.time, *, mini: bool = False) -> None:
        self.callback = ""
        self.crypto = Crypto()
        self.clock = clock
        self.cut_seconds = 5.0
        self.is_safe = True
        self.is_mini = mini
        self.as_json = False
        self.is_verified = True
        self.has_menus = True
        self.allowed = True
        self.shown: dict[str, list[Shown]] = {}
        self.windows: dict[str, dict[str, Ledger]] = {}
        self.media: dict[str, Media] = {}
        self.ours: dict[str, Media] = {}
        self.subscriptions: dict[tuple[str, str], int] = {}
        self.notices: list[dict[str, Any]] = []
        self.faults: list[str] = []
        self.refusals: list[int] = []
        self.answers: list[str] = []
        self.attempts: list[str] = []
        self.calls: list[str] = []
        self.next_errors: list[int] = []
        self.withholds_files = 0
        self.drops_after: int = 0
        self.token = ""
        self.menu: Any = None
        self._numbers = itertools.count(23_000_000_000_000_001)
        self._runner: web.AppRunner | None = None
        self._http: aiohttp.ClientSession | None = None
        self.url = ""

    async def start(self) -> None:
        app = web.Application(client_max_size=64 << 20)
        app.add_routes(
            [
                web.post("/cgi-bin/stable_token", self._stable_token),
                web.post("/cgi-bin/message/custom/send", self._send),
                web.get("/cgi-bin/media/get", self._media),
                web.post("/cgi-bin/message/subscribe/bizsend", self._notice),
                web.post("/cgi-bin/message/subscribe/send", self._notice),
                web.post("/cgi-bin/media/upload", self._upload),
                web.get("/video/{id}", self._video),
                web.get("/picture/{id}", self._picture),
                web.post("/cgi-bin/menu/create", self._menu_create),
                web.get("/cgi-bin/get_current_selfmenu_info", self._menu_get),
                web.get("/cgi-bin/getcallbackip", self._callback_ip),
            ]
        )
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))

    async def stop(self) -> None:
        if self._http:
            await self._http.close()
        if self._runner:
            await self._runner.cleanup()

    # What customers do

    def number(self) -> int:
        return next(self._numbers)

    def message(self, who: str, kind: str, number: int | None = None, **fields: Any) -> dict[str, Any]:
        """A message's fields, not delivered yet."""
        head = {"ToUserName": US, "FromUserName": who, "CreateTime": int(self.clock()), "MsgType": kind}
        return {**head, **fields, "MsgId": number or self.number()}

    def event(self, who: str, name: str, **fields: Any) -> dict[str, Any]:
        head = {"ToUserName": US, "FromUserName": who, "CreateTime": int(self.clock()), "MsgType": "event"}
        return {**head, "Event": name, **fields}

    async def says(self, who: str, text: str, number: int | None = None) -> bool:
        return await self.deliver(self.message(who, "text", number, Content=text), "message")

    async def clicks(self, who: str, id_: str, label: str, number: int | None = None) -> bool:
        """Presses something in a menu message."""
        return await self.deliver(self.message(who, "text", number, Content=label, bizmsgmenuid=id_), "message")

    async def sends_unsupported(self, who: str) -> bool:
        """A sticker, a card, a red packet: WeChat writes that it is one of those."""
        return await self.says(who, "【收到不支持的消息类型，暂无法显示】")

    async def sends_photo(self, who: str, content: bytes, name: str = "", number: int | None = None) -> bool:
        id_ = self.keep(content, name or "image.jpg")
        fields = {"PicUrl": f"{self.url}/picture/{id_}", "MediaId": id_}
        return await self.deliver(self.message(who, "image", number, **fields), "message")

    def keep(self, content: bytes, name: str, **how: Any) -> str:
        id_ = secrets.token_urlsafe(24)
        self.media[id_] = Media(content, name, ends_at=self.clock() + 3 * 24 * 3600, **how)
        return id_

    async def follows(self, who: str) -> bool:
        return await self.deliver(self.event(who, "subscribe", EventKey=""), "follow")

    async def leaves(self, who: str) -> bool:
        self.windows.pop(who, None)
        return await self.deliver(self.event(who, "unsubscribe", EventKey=""), "")

    async def presses_menu(self, who: str, key: str) -> bool:
        return await self.deliver(self.event(who, "CLICK", EventKey=key), "menu")

    async def enters(self, who: str) -> bool:
        return await self.deliver(self.event(who, "user_enter_tempsession", SessionFrom="page"), "enter")

    def open_window(self, who: str, act: str) -> None:
        count, seconds = WINDOWS[act]
        self.windows.setdefault(who, {})[act] = Ledger(self.clock() + seconds, count)

    # Callbacks

    async def deliver(self, fields: Mapping[str, Any], act: str) -> bool:
        """Up to three attempts; whether one was answered in time. The customer sees what the answer says."""
        who = fields["FromUserName"]
        self.shown.setdefault(who, [])
        if act:
            self.open_window(who, act)
        for _ in range(3):
            status, body = await self.attempt(fields)
            if status is not None:
                return self._take_answer(who, status, body)
        self.faults.append("no answer")
        return False

    async def attempt(self, fields: Mapping[str, Any]) -> tuple[int | None, str]:
        """(None, "") when the connection was cut."""
        assert self._http
        self.attempts.append(str(fields.get("MsgId", fields.get("Event", ""))))
        body, query = self.sealed(fields)
        timeout = aiohttp.ClientTimeout(total=self.cut_seconds)
        try:
            async with self._http.post(self.callback, params=query, data=body.encode(), timeout=timeout) as answer:
                return answer.status, await answer.text()
        except (aiohttp.ClientError, TimeoutError, ConnectionError):
            return None, ""

    def sealed(self, fields: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
        inner = json.dumps(fields, ensure_ascii=False) if self.as_json else xml_of(fields)
        return self.sealed_text(inner)

    def sealed_text(self, inner: str) -> tuple[str, dict[str, str]]:
        stamp, nonce = str(int(self.clock())), str(secrets.randbelow(10**9))
        query = {"signature": self.crypto.sign(stamp, nonce), "timestamp": stamp, "nonce": nonce, "openid": "o"}
        if not self.is_safe:
            return inner, query
        envelope = self.crypto.encrypt(inner)
        query |= {"encrypt_type": "aes", "msg_signature": self.crypto.sign(stamp, nonce, envelope)}
        outer = {"ToUserName": US, "Encrypt": envelope}
        return (json.dumps(outer) if self.as_json else xml_of(outer)), query

    def _take_answer(self, who: str, status: int, body: str) -> bool:
        self.answers.append(body)
        if status != 200:
            self.faults.append(f"{FAULT} ({status})")
            return False
        if body in ("success", ""):
            return True
        try:
            fields = fields_of(body)
            if self.is_safe:
                stamp, nonce = fields["TimeStamp"], fields["Nonce"]
                assert self.crypto.sign(stamp, nonce, fields["Encrypt"]) == fields["MsgSignature"]
                fields = fields_of(self.crypto.decrypt(fields["Encrypt"]))
            assert not self.is_mini
            assert fields["ToUserName"] == who
            assert fields["FromUserName"] == US
            assert fields["MsgType"] == "text"
            assert int(fields["CreateTime"]) > 0
            assert 0 < len(fields["Content"].encode()) <= MOST_BYTES
        except (ElementTree.ParseError, KeyError, AssertionError, ValueError) as error:
            self.faults.append(f"{FAULT} ({error!r}: {body[:300]})")
            return False
        self.shown[who].append(Shown(fields["Content"], passive=True))
        return True

    # Calls

    async def _stable_token(self, request: web.Request) -> web.Response:
        self.calls.append("stable_token")
        asked = await request.json()
        if asked.get("appid") != APP_ID or asked.get("secret") != SECRET:
            return problem(40125, "invalid appsecret")
        if not self.allowed:
            return problem(40164, "invalid ip 203.0.113.9 ipv6 ::ffff:203.0.113.9, not in whitelist rid: 1")
        self.token = self.token or secrets.token_hex(60)
        return web.json_response({"access_token": self.token, "expires_in": 7200})

    def _refused(self, request: web.Request) -> web.Response | None:
        if self.next_errors:
            code = self.next_errors.pop(0)
            if code:
                return problem(code, "injected")
        if request.query.get("access_token") != self.token or not self.token:
            return problem(40001, "invalid credential, access_token is invalid or not latest")
        return None

    async def _send(self, request: web.Request) -> web.Response:
        self.calls.append("send")
        raw = await request.read()
        assert b"\\u" not in raw, "characters must be sent as they are"
        asked = json.loads(raw)
        code = 0
        if refused := self._refused(request):
            return refused
        who = asked["touser"]
        text, menu, file = "", [], None
        if asked["msgtype"] == "image":
            file = self.ours.get(asked["image"]["media_id"])
            if file is None or file.ends_at < self.clock():
                code = 40007
        elif asked["msgtype"] == "text":
            text = asked["text"]["content"]
        elif asked["msgtype"] == "msgmenu":
            text = asked["msgmenu"]["head_content"]
            menu = [(one["id"], one["content"]) for one in asked["msgmenu"]["list"]]
            code = 0 if self.has_menus else 40200
        else:
            code = 40004
        if not self.is_verified:
            code = 48001
        elif who not in self.shown:
            code = 40003
        elif len(text.encode()) > MOST_BYTES:
            code = 45002
        code = code or self._pay(who)
        if code:
            self.refusals.append(code)
            return problem(code, "no")
        self.shown[who].append(Shown(text, menu, file=file))
        if self.drops_after and len(self.calls) >= self.drops_after:
            self.drops_after = 0
            assert request.transport
            request.transport.close()
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    def _pay(self, who: str) -> int:
        now = self.clock()
        opened = [one for one in self.windows.get(who, {}).values() if one.ends_at > now]
        if not opened:
            return 45015
        for one in sorted(opened, key=lambda one: one.ends_at):
            if one.free:
                one.free -= 1
                return 0
        return 45047

    async def _media(self, request: web.Request) -> web.StreamResponse:
        self.calls.append("media")
        if refused := self._refused(request):
            return refused
        if self.withholds_files:
            return problem(self.withholds_files, "withheld")
        id_ = request.query.get("media_id", "")
        one = self.media.get(id_)
        if one is None or one.ends_at < self.clock():
            return problem(40007, "invalid media_id")
        if one.is_video:
            return web.json_response({"video_url": f"{self.url}/video/{id_}"})
        headers = {"Content-Disposition": f'attachment; filename="{secrets.token_hex(4)}.bin"'}
        return web.Response(body=one.content, content_type=one.kind, headers=headers)

    async def subscribes(self, who: str, **answers: str) -> bool:
        """To templates, each accepted or rejected; one acceptance is one notice."""
        several = [
            {"TemplateId": id_, "SubscribeStatusString": said, "PopupScene": "0"} for id_, said in answers.items()
        ]
        for id_, said in answers.items():
            self.subscriptions[who, id_] = self.subscriptions.get((who, id_), 0) + 1 if said != "reject" else 0
        # In JSON one alone is no list, and it stands at the top.
        fields = (
            {"List": several if len(several) > 1 else several[0]}
            if self.as_json
            else {"SubscribeMsgPopupEvent": {"List": several}}
        )
        return await self.deliver(self.event(who, "subscribe_msg_popup_event", **fields), "")

    async def _notice(self, request: web.Request) -> web.Response:
        self.calls.append("notice")
        if refused := self._refused(request):
            return refused
        asked = await request.json()
        key = asked["touser"], asked["template_id"]
        if self.is_mini != request.path.endswith("/send"):
            return problem(48001, "api unauthorized")
        if not self.subscriptions.get(key):
            return problem(43101, "user refuse to accept the msg")
        if set(asked["data"]) != {"character_string1", "thing2", "date3"} or len(asked["data"]["thing2"]["value"]) > 20:
            return problem(47003, "argument invalid!")
        self.subscriptions[key] -= 1
        self.notices.append(asked)
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def _upload(self, request: web.Request) -> web.Response:
        self.calls.append("upload")
        if refused := self._refused(request):
            return refused
        one = await uploaded(request, self.clock())
        if request.query.get("type") != "image" or one.kind not in ("image/png", "image/jpeg", "image/gif"):
            return problem(40004, "invalid media type")
        if len(one.content) > 2 * 1024 * 1024:
            return problem(40009, "invalid image size")
        id_ = secrets.token_urlsafe(24)
        self.ours[id_] = one
        return web.json_response({"type": "image", "media_id": id_, "created_at": int(self.clock())})

    async def _video(self, request: web.Request) -> web.Response:
        return web.Response(body=self.media[request.match_info["id"]].content, content_type="video/mp4")

    async def _picture(self, request: web.Request) -> web.Response:
        """What a message's PicUrl shows, to anybody."""
        self.calls.append("picture")
        return web.Response(body=self.media[request.match_info["id"]].content, content_type="image/jpeg")

    async def _menu_create(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        self.menu = await request.json()
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def _menu_get(self, request: web.Request) -> web.Response:
        return self._refused(request) or web.json_response(
            {"is_menu_open": int(bool(self.menu)), "selfmenu_info": self.menu or {}}
        )

    async def _callback_ip(self, request: web.Request) -> web.Response:
        return self._refused(request) or web.json_response({"ip_list": ["203.0.113.1", "203.0.113.2"]})


async def uploaded(request: web.Request, now: float) -> Media:
    """The part named media, as a file."""
    part = await anext(aiter(await request.multipart()))
    assert isinstance(part, aiohttp.BodyPartReader)
    assert part.name == "media"
    assert part.filename
    assert "filename*" not in part.headers["Content-Disposition"], "a name is sent as it is"
    content = bytes(await part.read())
    return Media(content, part.filename, part.headers["Content-Type"], now + 3 * 24 * 3600)


def problem(code: int, said: str) -> web.Response:
    """With status 200 and as text, as the real one answers."""
    return web.Response(text=json.dumps({"errcode": code, "errmsg": said}), content_type="text/plain")


settled = until
