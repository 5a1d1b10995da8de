"""微信客服 as WeCom's documentation describes it, on a port of this machine.

A callback says only that there is something; `sync_msg` gives it page by page from a cursor, the oldest of three days first, pages may
be empty with more to come, and a message may come twice. Messages of ours need a service state that allows them, a window and a
`msgid` that was not used before; WeCom may say later that one was not delivered.
"""

import itertools
import json
import secrets
import time
from collections.abc import Callable
from typing import Any

import aiohttp
from aiohttp import web

from tests.fake_wechat import AES_KEY, TOKEN, Crypto, Ledger, Media, Shown, problem, uploaded, xml_of

CORP_ID = "ww0123456789abcdef"
SECRET = "the secret of the app"
ACCOUNT = "wkAJ2GCAAASSm4_FhToWMFea0xAFfd3Q"
THREE_DAYS = 3 * 24 * 3600
MOST_BYTES = 2048


class FakeWeCom:
    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.callback = ""
        self.clock = clock
        self.crypto = Crypto(CORP_ID, TOKEN, AES_KEY)
        self.log: dict[str, list[dict[str, Any]]] = {ACCOUNT: []}
        self.page_size = 1000
        self.empty_every = 0
        self.states: dict[str, int] = {}
        self.shown: dict[str, list[Shown]] = {}
        self.windows: dict[str, Ledger] = {}
        self.codes: dict[str, tuple[str, float]] = {}
        self.keys: set[str] = set()
        self.media: dict[str, Media] = {}
        self.ours: dict[str, Media] = {}
        self.refusals: list[int] = []
        self.faults: list[str] = []
        self.calls: list[str] = []
        self.next_errors: list[int] = []
        self.fails_next: list[int] = []
        self.lose_answers = 0
        self.token = ""
        self.tokens: dict[str, float] = {}
        self.url = ""
        self._pages = 0
        self._numbers = itertools.count(1)
        self._runner: web.AppRunner | None = None
        self._http: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        app = web.Application()
        app.add_routes(
            [
                web.get("/cgi-bin/gettoken", self._gettoken),
                web.post("/cgi-bin/kf/account/list", self._accounts),
                web.post("/cgi-bin/kf/sync_msg", self._sync),
                web.post("/cgi-bin/kf/send_msg", self._send),
                web.post("/cgi-bin/kf/send_msg_on_event", self._send_on_event),
                web.post("/cgi-bin/kf/service_state/get", self._state),
                web.get("/cgi-bin/media/get", self._media),
                web.post("/cgi-bin/media/upload", self._upload),
            ]
        )
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))

    async def stop(self) -> None:
        if self._http:
            await self._http.close()
        if self._runner:
            await self._runner.cleanup()

    # What customers do

    def number(self) -> str:
        return f"{secrets.token_hex(8)}{next(self._numbers):08}"

    def add(self, who: str, kind: str, inner: dict[str, Any], id_: str = "", at: float | None = None) -> dict[str, Any]:
        """Into the log that sync_msg reads; the customer may be written to again."""
        item = {
            "msgid": id_ or self.number(),
            "send_time": int(self.clock() if at is None else at),
            "origin": 3,
            "msgtype": kind,
            "open_kfid": ACCOUNT,
            "external_userid": who,
            kind: inner,
        }
        self.log[ACCOUNT].append(item)
        self.shown.setdefault(who, [])
        self.states.setdefault(who, 0)
        if self.states[who] == 4:
            self.states[who] = 0
        self.windows[who] = Ledger(item["send_time"] + 48 * 3600, 5)
        return item

    def event(self, kind: str, id_: str = "", **inner: Any) -> dict[str, Any]:
        item = {
            "msgid": id_ or self.number(),
            "send_time": int(self.clock()),
            "origin": 4,
            "msgtype": "event",
            "event": {"event_type": kind, "open_kfid": ACCOUNT, **inner},
        }
        self.log[ACCOUNT].append(item)
        return item

    async def says(self, who: str, text: str, id_: str = "") -> bool:
        self.add(who, "text", {"content": text}, id_)
        return await self.ring()

    async def clicks(self, who: str, menu_id: str, label: str, id_: str = "") -> bool:
        self.add(who, "text", {"content": label, "menu_id": menu_id}, id_)
        return await self.ring()

    async def sends_unsupported(self, who: str) -> bool:
        self.add(who, "merged_msg", {"item": []})
        return await self.ring()

    async def sends_photo(self, who: str, content: bytes, name: str = "a.jpg", id_: str = "") -> bool:
        media = secrets.token_urlsafe(24)
        self.media[media] = Media(content, name, ends_at=self.clock() + THREE_DAYS)
        self.add(who, "image", {"media_id": media}, id_)
        return await self.ring()

    async def enters(self, who: str) -> bool:
        self.shown.setdefault(who, [])
        self.states.setdefault(who, 0)
        code = secrets.token_hex(16) if who not in self.windows else ""
        if code:
            self.codes[code] = (who, self.clock() + 20)
        self.event("enter_session", external_userid=who, scene="page", scene_param="", welcome_code=code)
        return await self.ring()

    async def person_takes(self, who: str) -> bool:
        self.states[who] = 3
        self.event("session_status_change", external_userid=who, change_type=1, new_servicer_userid="li")
        return await self.ring()

    async def person_ends(self, who: str) -> bool:
        self.states[who] = 4
        self.event("session_status_change", external_userid=who, change_type=3, old_servicer_userid="li", msg_code="c")
        return await self.ring()

    async def ring(self, account: str = ACCOUNT) -> bool:
        """The callback; whether it was answered."""
        token = secrets.token_hex(16)
        self.tokens[token] = self.clock() + 600
        body, query = self.sealed(
            {
                "ToUserName": CORP_ID,
                "CreateTime": int(self.clock()),
                "MsgType": "event",
                "Event": "kf_msg_or_event",
                "Token": token,
                "OpenKfId": account,
            }
        )
        assert self._http
        try:
            timeout = aiohttp.ClientTimeout(total=5)
            async with self._http.post(self.callback, params=query, data=body.encode(), timeout=timeout) as answer:
                return answer.status == 200 and await answer.text() in ("success", "")
        except (aiohttp.ClientError, TimeoutError):
            return False

    def sealed(self, fields: dict[str, Any]) -> tuple[str, dict[str, str]]:
        stamp, nonce = str(int(self.clock())), secrets.token_hex(4)
        envelope = self.crypto.encrypt(xml_of(fields))
        query = {"timestamp": stamp, "nonce": nonce, "msg_signature": self.crypto.sign(stamp, nonce, envelope)}
        return xml_of({"ToUserName": CORP_ID, "Encrypt": envelope, "AgentID": ""}), query

    # Calls

    def _refused(self, request: web.Request) -> web.Response | None:
        if self.next_errors and (code := self.next_errors.pop(0)):
            return problem(code, "injected")
        if not self.token or request.query.get("access_token") != self.token:
            return problem(40014, "invalid access_token")
        return None

    async def _gettoken(self, request: web.Request) -> web.Response:
        self.calls.append("gettoken")
        if request.query.get("corpid") != CORP_ID or request.query.get("corpsecret") != SECRET:
            return problem(40001, "invalid credential")
        self.token = self.token or secrets.token_hex(60)
        return web.json_response({"errcode": 0, "errmsg": "ok", "access_token": self.token, "expires_in": 7200})

    async def _accounts(self, request: web.Request) -> web.Response:
        listed = [{"open_kfid": one, "name": "客服", "manage_privilege": True} for one in self.log]
        return self._refused(request) or web.json_response({"errcode": 0, "errmsg": "ok", "account_list": listed})

    async def _sync(self, request: web.Request) -> web.Response:
        self.calls.append("sync_msg")
        if refused := self._refused(request):
            return refused
        asked = await request.json()
        if asked.get("open_kfid") not in self.log:
            return problem(95000, "invalid open_kfid")
        if (token := asked.get("token")) and self.tokens.get(token, 0) < self.clock():
            return problem(95007, "invalid msg token")
        log, cursor = self.log[asked["open_kfid"]], asked.get("cursor", "")
        start = int(cursor.removeprefix("4gw7MepFLfgF2VC5n")) if cursor else self._oldest(log)
        self._pages += 1
        size = 0 if self.empty_every and self._pages % self.empty_every == 0 else min(asked["limit"], self.page_size)
        end = min(start + size, len(log))
        more = int(end < len(log))
        return web.json_response(
            {
                "errcode": 0,
                "errmsg": "ok",
                "next_cursor": f"4gw7MepFLfgF2VC5n{end}",
                "has_more": more,
                "msg_list": log[start:end],
            }
        )

    def _oldest(self, log: list[dict[str, Any]]) -> int:
        old = self.clock() - THREE_DAYS
        return next((place for place, one in enumerate(log) if one.get("send_time", old) >= old), len(log))

    async def _send(self, request: web.Request) -> web.Response:
        self.calls.append("send_msg")
        raw = await request.read()
        assert b"\\u" not in raw, "characters must be sent as they are"
        if refused := self._refused(request):
            return refused
        asked = json.loads(raw)
        who = asked["touser"]
        code = self._why_not(who, asked)
        if code:
            self.refusals.append(code)
            said = "invalid msgid, it was used before" if code == 40058 else "no"
            return problem(code, said)
        self.windows[who].free -= 1
        self.keys.add(asked["msgid"])
        if self.fails_next:
            why = self.fails_next.pop(0)
            self.event("msg_send_fail", external_userid=who, fail_msgid=asked["msgid"], fail_type=why)
        else:
            self._show(who, asked)
        if self.lose_answers:
            self.lose_answers -= 1
            assert request.transport
            request.transport.close()
        return web.json_response({"errcode": 0, "errmsg": "ok", "msgid": asked["msgid"]})

    def _why_not(self, who: str, asked: dict[str, Any]) -> int:
        window = self.windows.get(who)
        if asked["open_kfid"] not in self.log:
            return 95000
        if who not in self.shown:
            return 40096
        if asked["msgid"] in self.keys:
            return 40058
        if self.states.get(who, 0) not in (0, 1):
            return 95018
        if asked["msgtype"] in ("image", "file"):
            file = self.ours.get(asked[asked["msgtype"]]["media_id"])
            if file is None or file.ends_at < self.clock():
                return 40007
        elif not sizes_are_right(asked):
            return 40063
        if len(asked["msgid"]) > 32:
            return 40063
        if window is None or window.ends_at <= self.clock():
            return 95002
        return 0 if window.free else 95001

    def _show(self, who: str, asked: dict[str, Any]) -> None:
        if asked["msgtype"] == "text":
            self.shown[who].append(Shown(asked["text"]["content"]))
        elif asked["msgtype"] in ("image", "file"):
            self.shown[who].append(Shown("", file=self.ours[asked[asked["msgtype"]]["media_id"]]))
        else:
            menu = [(one["click"]["id"], one["click"]["content"]) for one in asked["msgmenu"]["list"]]
            self.shown[who].append(Shown(asked["msgmenu"]["head_content"], menu))

    async def _send_on_event(self, request: web.Request) -> web.Response:
        self.calls.append("send_msg_on_event")
        if refused := self._refused(request):
            return refused
        asked = await request.json()
        who, until = self.codes.pop(asked["code"], ("", 0.0))
        if until < self.clock():
            self.refusals.append(40096)
            return problem(40096, "invalid code")
        if not sizes_are_right(asked):
            return problem(40063, "sizes")
        self._show(who, asked)
        return web.json_response({"errcode": 0, "errmsg": "ok", "msgid": asked.get("msgid", "")})

    async def _state(self, request: web.Request) -> web.Response:
        self.calls.append("service_state")
        if refused := self._refused(request):
            return refused
        asked = await request.json()
        state = self.states.get(asked["external_userid"])
        if state is None:
            return problem(40096, "invalid external userid")
        return web.json_response({"errcode": 0, "errmsg": "ok", "service_state": state, "servicer_userid": ""})

    async def _upload(self, request: web.Request) -> web.Response:
        self.calls.append("upload")
        if refused := self._refused(request):
            return refused
        one, kind = await uploaded(request, self.clock()), request.query["type"]
        if kind not in ("image", "file") or (kind == "image" and one.kind not in ("image/png", "image/jpeg")):
            return problem(40004, "invalid media type")
        if not 5 < len(one.content) <= {"image": 10, "file": 20}[kind] * 1024 * 1024:
            return problem(40009, "invalid size")
        id_ = secrets.token_urlsafe(24)
        self.ours[id_] = one
        answer = {"errcode": 0, "errmsg": "", "type": kind, "media_id": id_, "created_at": str(int(self.clock()))}
        return web.json_response(answer)

    async def _media(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        one = self.media.get(request.query.get("media_id", ""))
        if one is None or one.ends_at < self.clock():
            return problem(40007, "invalid media_id")
        return web.Response(
            body=one.content, content_type=one.kind, headers={"Content-Disposition": 'attachment; filename="f"'}
        )


def sizes_are_right(asked: dict[str, Any]) -> bool:
    if asked["msgtype"] == "text":
        return 0 < len(asked["text"]["content"].encode()) <= MOST_BYTES
    menu = asked["msgmenu"]
    return (
        len(menu["head_content"].encode()) <= 1024
        and 0 < len(menu["list"]) <= 10
        and all(
            one["type"] == "click"
            and len(one["click"]["id"].encode()) <= 64
            and len(one["click"]["content"].encode()) <= 128
            for one in menu["list"]
        )
    )
