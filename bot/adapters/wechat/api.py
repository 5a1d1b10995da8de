"""The calls of an official account or a mini program that we make, and no others."""

import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from bot.tencent.api import Calls, Kept, Token

HOST = "https://api.weixin.qq.com"
Clock = Callable[[], float]


class WeChatApi:
    def __init__(
        self, app_id: str, secret: str, base: str = HOST, kept: Kept | None = None, clock: Clock = time.time
    ) -> None:
        async def fetch_token(calls: Calls) -> Token:
            # Everybody who asks gets the same token while it lasts, so replicas do not end one another's; never forced.
            asked = {"grant_type": "client_credential", "appid": app_id, "secret": secret, "force_refresh": False}
            found = await calls.plain("POST", "/cgi-bin/stable_token", asked)
            return Token(str(found["access_token"]), clock() + float(found["expires_in"]))

        self._calls = Calls(base, fetch_token, kept, clock)

    async def close(self) -> None:
        await self._calls.close()

    async def send(self, message: Mapping[str, Any]) -> None:
        await self._calls.post("/cgi-bin/message/custom/send", message)

    async def notify(self, path: str, notice: Mapping[str, Any]) -> None:
        await self._calls.post(path, notice)

    async def upload(self, type_: str, name: str, kind: str, content: bytes) -> str:
        """Temporary media; returns the number. Raises ApiError or NoAnswerError."""
        return await self._calls.upload("/cgi-bin/media/upload", name, kind, content, type=type_)

    def media(self, id_: str) -> AsyncIterator[bytes]:
        return self._calls.media("/cgi-bin/media/get", media_id=id_)

    def picture(self, address: str) -> AsyncIterator[bytes]:
        return self._calls.file_at(address)

    async def set_menu(self, buttons: Sequence[Mapping[str, Any]]) -> None:
        await self._calls.post("/cgi-bin/menu/create", {"button": buttons})

    async def menu(self) -> Mapping[str, Any]:
        return await self._calls.get("/cgi-bin/get_current_selfmenu_info")

    async def callback_addresses(self) -> Sequence[str]:
        found = await self._calls.get("/cgi-bin/getcallbackip")
        return [str(one) for one in found.get("ip_list", [])]

    async def token(self) -> None:
        """Raises ApiError when there is none to be had."""
        await self._calls.token()
