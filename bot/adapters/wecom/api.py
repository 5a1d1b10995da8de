"""The calls of 微信客服 that we make, and no others."""

import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.tencent.api import Calls, Kept, Token

HOST = "https://qyapi.weixin.qq.com"
PAGE = 1000
Clock = Callable[[], float]
Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    items: Sequence[Item]
    next_cursor: str
    has_more: bool


class WeComApi:
    def __init__(
        self, corp_id: str, secret: str, base: str = HOST, kept: Kept | None = None, clock: Clock = time.time
    ) -> None:
        async def fetch_token(calls: Calls) -> Token:
            found = await calls.plain("GET", "/cgi-bin/gettoken", None, corpid=corp_id, corpsecret=secret)
            return Token(str(found["access_token"]), clock() + float(found["expires_in"]))

        self._calls = Calls(base, fetch_token, kept, clock)

    async def close(self) -> None:
        await self._calls.close()

    async def token(self) -> None:
        """Raises ApiError when there is none to be had."""
        await self._calls.token()

    async def accounts(self) -> Sequence[Mapping[str, Any]]:
        found = await self._calls.post("/cgi-bin/kf/account/list", {"offset": 0, "limit": 100})
        return [one for one in found.get("account_list", []) if isinstance(one.get("open_kfid"), str)]

    async def sync(self, account: str, cursor: str, token: str) -> Page:
        """`token`: of the callback, good for 10 minutes; without one few calls are allowed."""
        asked = {"open_kfid": account, "cursor": cursor, "limit": PAGE, **({"token": token} if token else {})}
        found = await self._calls.post("/cgi-bin/kf/sync_msg", asked)
        items = [one for one in found.get("msg_list", []) if isinstance(one, dict)]
        return Page(items, str(found.get("next_cursor", "")), found.get("has_more") == 1)

    async def send(self, message: Mapping[str, Any]) -> None:
        await self._calls.post("/cgi-bin/kf/send_msg", message)

    async def send_on_event(self, message: Mapping[str, Any]) -> None:
        await self._calls.post("/cgi-bin/kf/send_msg_on_event", message)

    async def service_state(self, account: str, customer: str) -> int:
        asked = {"open_kfid": account, "external_userid": customer}
        found = await self._calls.post("/cgi-bin/kf/service_state/get", asked)
        return int(found["service_state"])

    async def upload(self, type_: str, name: str, kind: str, content: bytes) -> str:
        """Temporary media; returns the number. Raises ApiError or NoAnswerError."""
        return await self._calls.upload("/cgi-bin/media/upload", name, kind, content, type=type_)

    def media(self, id_: str) -> AsyncIterator[bytes]:
        return self._calls.media("/cgi-bin/media/get", media_id=id_)
