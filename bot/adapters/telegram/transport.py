"""HTTP for python-telegram-bot's calls, through aiohttp: a fifth of the CPU that its own transport takes.

Whatever goes wrong is told without the address that was asked, as that holds the token.
"""

import io
import json
import os
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.adapters.telegram.proxies import is_socks, proxy_for

CONNECT_SECONDS = 10.0
NOT_CONNECTED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
CHUNK = 1 << 16
JSON_HEADERS = {"Content-Type": "application/json"}
NO_HEADERS: Mapping[str, str] = {}
UNSAFE = re.compile(r'[";\\\r\n]')


os.environ.setdefault("PTB_TIMEDELTA", "true")  # else the library prints a warning at each 429


class NotSentError(NetworkError):
    """No connection was had: what was asked is surely not done."""


class BrokenError(NetworkError):
    """The connection ended before the answer: nobody knows what was done."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that goes with a call, as its field `part`."""

    part: str
    name: str
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Asked:
    """What a call says. The library's own RequestData is made of its Bot's parts, which take as long as the rest of the call."""

    fields: Mapping[str, Any]
    file: Upload | None = None

    def json(self) -> bytes:
        return orjson.dumps(self.fields)

    def form(self, file: Upload) -> aiohttp.FormData:
        """Telegram's server reads a file's name as it is, up to a quotation mark or semicolon."""
        form = aiohttp.FormData(quote_fields=False)
        for name, value in self.fields.items():
            form.add_field(name, value if isinstance(value, str) else orjson.dumps(value).decode())
        name = UNSAFE.sub("_", file.name)
        form.add_field(file.part, io.BytesIO(file.content), filename=name, content_type=file.kind)
        return form


def form_of(asked: RequestData) -> aiohttp.FormData:
    """Return a call of the library's own that brings files along."""
    form = aiohttp.FormData(quote_fields=False)
    for name, value in asked.json_parameters.items():
        form.add_field(name, value)
    for part, (name, content, kind) in (asked.multipart_data or {}).items():
        file = io.BytesIO(content) if isinstance(content, bytes) else content
        form.add_field(part, file, filename=UNSAFE.sub("_", name), content_type=kind)
    return form


def json_of(payload: bytes) -> Any:
    """Raises ValueError. orjson refuses one half of a character, which would make all updates of an answer unreadable."""
    try:
        return orjson.loads(payload)
    except ValueError:
        return json.loads(payload)


class Transport(BaseRequest):
    """`connections` at a time; an answer may take `read_seconds`."""

    def __init__(self, base_url: str, connections: int, read_seconds: float) -> None:
        self._proxy = proxy_for(base_url)
        self._not_connected: tuple[type[Exception], ...] = NOT_CONNECTED
        self._connections = connections
        self._read_seconds = read_seconds
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        return self._read_seconds

    async def initialize(self) -> None:
        """At the first request, which is made in the loop that it belongs to."""

    async def shutdown(self) -> None:
        if self._session:
            await self._session.close()
            self._session = None

    @property
    def session(self) -> aiohttp.ClientSession:
        if self._session is None:
            has_socks = self._proxy is not None and is_socks(self._proxy)
            self._session = aiohttp.ClientSession(
                connector=self._socks() if has_socks else aiohttp.TCPConnector(limit=self._connections),
                timeout=aiohttp.ClientTimeout(None, sock_connect=CONNECT_SECONDS, sock_read=self._read_seconds),
                proxy=None if has_socks else self._proxy,
            )
        return self._session

    def _socks(self) -> aiohttp.BaseConnector:
        from aiohttp_socks import (  # where it is used
            ProxyConnectionError,
            ProxyConnector,
            ProxyError,
            ProxyTimeoutError,
        )

        assert self._proxy
        self._not_connected = (*NOT_CONNECTED, ProxyConnectionError, ProxyError, ProxyTimeoutError)
        return ProxyConnector.from_url(self._proxy, limit=self._connections)

    async def call(self, url: str, fields: Mapping[str, Any], file: Upload | None = None) -> Any:
        """Raises TelegramError, as python-telegram-bot finds it in the answer."""
        return await self.post(url, Asked(fields, file))  # type: ignore[arg-type]  # it is handed on to do_request as it is

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | Asked | None = None,
        read_timeout: Any = None,
        write_timeout: Any = None,
        connect_timeout: Any = None,
        pool_timeout: Any = None,
    ) -> tuple[int, bytes]:
        """The timeouts are those of the session."""
        body: aiohttp.FormData | bytes
        if isinstance(request_data, Asked):
            file = request_data.file
            body, headers = (request_data.form(file), NO_HEADERS) if file else (request_data.json(), JSON_HEADERS)
        elif request_data and request_data.contains_files:
            body, headers = form_of(request_data), NO_HEADERS
        else:
            body, headers = orjson.dumps(request_data.parameters if request_data else {}), JSON_HEADERS
        try:
            async with self.session.request(method, url, data=body, headers=headers) as response:
                return response.status, await response.read()
        except self._not_connected as error:
            raise NotSentError(type(error).__name__) from None
        except TimeoutError:
            raise TimedOut from None
        except (aiohttp.ClientError, OSError) as error:
            raise BrokenError(type(error).__name__) from None

    async def stream(self, url: str) -> AsyncIterator[bytes]:
        """A file's bytes as they come. Raises FileNotFoundError, or NetworkError."""
        try:
            async with self.session.get(url) as response:
                if response.status in (400, 404, 410):
                    raise FileNotFoundError
                if response.status != 200:
                    raise NetworkError(f"status {response.status}")
                async for chunk in response.content.iter_chunked(CHUNK):
                    yield chunk
        except self._not_connected as error:
            raise NotSentError(type(error).__name__) from None
        except (TimeoutError, aiohttp.ClientError) as error:
            raise NetworkError(type(error).__name__) from None

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """As the original, which logs the whole payload."""
        try:
            found = json_of(payload)
        except ValueError:
            raise TelegramError("an answer that is no JSON") from None
        if not isinstance(found, dict):
            raise TelegramError("an answer that is no JSON object")
        return found
