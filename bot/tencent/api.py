"""Calls to Tencent's servers: one token at a time, errors as numbers, files with a cap. The one module with an HTTP client.

Addresses hold tokens: nothing here logs or raises one.
"""

import asyncio
import io
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote

import aiohttp
import structlog

from bot.tencent.codes import code_of

CONNECT_SECONDS = 3.0
READ_SECONDS = 10.0
EARLY_SECONDS = 300.0
"""A token is asked for anew this long before it ends."""
STOP_SECONDS = 3.0
LARGEST_ANSWER = 4 * 1024 * 1024
CHUNK = 1 << 16
EXPIRED = frozenset({40001, 40014, 42001})
logger = structlog.get_logger()


class ApiError(Exception):
    """The platform says no. The text has its number and what an operator can do, never an address."""

    def __init__(self, code: int, said: str = "", detail: str = "") -> None:
        super().__init__(f"{code}: {code_of(code).meaning}{detail}")
        self.code = code
        self.said = said


class NoAnswerError(Exception):
    """The platform could not be reached, or its answer is none."""


@dataclass(frozen=True, slots=True)
class Token:
    """`ends_at` in seconds since 1970."""

    text: str
    ends_at: float


class Kept(Protocol):
    """Where all processes of an account keep its token."""

    async def get(self) -> tuple[str, float] | None: ...

    async def put(self, token: str, ends_at: float) -> None: ...


FetchToken = Callable[["Calls"], Awaitable[Token]]
Body = Mapping[str, Any] | aiohttp.FormData | None


class Calls:
    """To one account. `base`: where the API is; `fetch_token`: how this platform gives tokens; `clock`: seconds since 1970."""

    def __init__(
        self, base: str, fetch_token: FetchToken, kept: Kept | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self._base = base.rstrip("/")
        self._fetch_token = fetch_token
        self._kept = kept
        self._clock = clock
        self._refused = ""
        self._token: Token | None = None
        self._fetching = asyncio.Lock()
        self._session: aiohttp.ClientSession | None = None
        self._under_way: set[asyncio.Task[Any]] = set()
        self._is_closed = False

    async def close(self) -> None:
        """What is under way is waited for: it need not be sent again."""
        self._is_closed = True
        others = self._under_way - {asyncio.current_task()}
        if others:
            await asyncio.wait(others, timeout=STOP_SECONDS)
        if self._session:
            await self._session.close()

    async def post(self, path: str, body: Mapping[str, Any] | None = None, **query: str) -> Mapping[str, Any]:
        """With a token; once more with a new one if the platform no longer takes it. Raises ApiError or NoAnswerError."""
        return await self._with_token(lambda token: self.plain("POST", path, body, access_token=token, **query))

    async def get(self, path: str, **query: str) -> Mapping[str, Any]:
        return await self._with_token(lambda token: self.plain("GET", path, None, access_token=token, **query))

    async def plain(self, method: str, path: str, body: Body, **query: str) -> Mapping[str, Any]:
        """Without asking for a token."""
        async with self._request(method, path, body, query) as response:
            raw = await whole(response)
        return checked(raw)

    async def upload(self, path: str, name: str, kind: str, content: bytes, **query: str) -> str:
        """A file of ours, of media type `kind`; returns its number at the platform. Raises ApiError or NoAnswerError."""

        async def send(token: str) -> Mapping[str, Any]:
            form = aiohttp.FormData(quote_fields=False)  # the platform shows an encoded name as it is written
            form.add_field(
                "media", io.BytesIO(content), filename=file_name(name), content_type=kind
            )  # read piece by piece
            return await self.plain("POST", path, form, access_token=token, **query)

        found = await self._with_token(send)
        if not isinstance(found.get("media_id"), str):
            raise NoAnswerError("no media_id")
        return str(found["media_id"])

    async def media(self, path: str, **query: str) -> AsyncIterator[bytes]:
        """A file. Errors come with status 200 as JSON; the platform names a file's name, and an error has none."""
        for attempt in (1, 2):
            token = await self.token()
            async with self._request("GET", path, None, {**query, "access_token": token.text}) as response:
                if is_file(response):
                    async for chunk in response.content.iter_chunked(CHUNK):
                        yield chunk
                    return
                raw = await whole(response)
            try:
                found = checked(raw)
            except ApiError as error:
                if error.code in EXPIRED and attempt == 1:
                    self._expire(token)
                    continue
                raise
            if not isinstance(found.get("video_url"), str):
                raise NoAnswerError("neither a file nor an error")
            async for chunk in self.file_at(found["video_url"]):
                yield chunk
            return

    async def file_at(self, address: str) -> AsyncIterator[bytes]:
        """A file at an address that the platform gave."""
        async with self._request("GET", address, None, {}) as response:
            if response.status != 200:
                raise NoAnswerError(f"status {response.status}")
            async for chunk in response.content.iter_chunked(CHUNK):
                yield chunk

    async def token(self) -> Token:
        """Taken from the store or asked for, by one at a time; the others get what that one got. Never forced."""
        async with self._fetching:
            if self._token is None or not self._lasts(self._token):
                self._token = await self._stored() or await self._fetched()
            return self._token

    async def _stored(self) -> Token | None:
        found = await self._kept.get() if self._kept else None
        token = Token(*found) if found else None
        return token if token and self._lasts(token) and token.text != self._refused else None

    async def _fetched(self) -> Token:
        token = await self._fetch_token(self)
        if self._kept and token.text != self._refused:
            await self._kept.put(token.text, token.ends_at)
        return token

    def _lasts(self, token: Token) -> bool:
        return token.ends_at - EARLY_SECONDS > self._clock()

    def _expire(self, used: Token) -> None:
        """Only the one that was refused: another call, or another process, may have got a new one meanwhile."""
        self._refused = used.text
        if self._token is used:
            self._token = None

    async def _with_token(self, call: Callable[[str], Awaitable[Mapping[str, Any]]]) -> Mapping[str, Any]:
        token = await self.token()
        try:
            return await call(token.text)
        except ApiError as error:
            if error.code not in EXPIRED:
                raise
            self._expire(token)
            again = await self.token()
            if (
                again.text == token.text
            ):  # the platform gives what it refuses: asking on would only spend the day's quota
                self._expire(again)
                raise
        return await call(again.text)

    @asynccontextmanager
    async def _request(
        self, method: str, path: str, body: Body, query: Mapping[str, str]
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        if self._is_closed:
            raise NoAnswerError("stopping")
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=READ_SECONDS)
            self._session = aiohttp.ClientSession(timeout=timeout, trust_env=True)
        address = path if "://" in path else self._base + path
        if query:
            address += "?" + "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
        # Real UTF-8: the platform shows \uXXXX as it is written.
        data = json.dumps(body, ensure_ascii=False).encode() if isinstance(body, Mapping) else body
        task = asyncio.current_task()
        if task:
            self._under_way.add(task)
        try:
            async with self._session.request(method, address, data=data, allow_redirects=False) as response:
                yield response
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NoAnswerError(type(error).__name__) from None  # its text has the address
        finally:
            if task:
                self._under_way.discard(task)


def file_name(name: str) -> str:
    """Between quotes in a header."""
    return "".join(one for one in name if one.isprintable() and one not in '"\\') or "file"


async def whole(response: aiohttp.ClientResponse) -> bytes:
    """All of an answer; raises NoAnswerError when it is too much to be one."""
    raw = bytearray()
    async for chunk in response.content.iter_chunked(CHUNK):
        raw += chunk
        if len(raw) > LARGEST_ANSWER:
            raise NoAnswerError("too large")
    return bytes(raw)


def is_file(response: aiohttp.ClientResponse) -> bool:
    """A JSON file that a customer sent has a name; an error has none."""
    if response.status != 200:
        return False
    return "Content-Disposition" in response.headers or response.content_type not in ("application/json", "text/plain")


def checked(raw: bytes) -> Mapping[str, Any]:
    """Raises ApiError for an answer that says no, NoAnswerError for none."""
    try:
        found = json.loads(raw)
    except ValueError:
        raise NoAnswerError("not JSON") from None
    if not isinstance(found, dict):
        raise NoAnswerError("not an object")
    code = found.get("errcode", 0)
    if not isinstance(code, int):
        raise NoAnswerError("no error number")
    if code:
        said = str(found.get("errmsg", ""))
        address = caller_address(said) if code in (40164, 60020) else ""
        raise ApiError(code, said, f" ({address})" if address else "")
    return found


def caller_address(said: str) -> str:
    """The address that the platform saw us come from: what has to be allowed."""
    for word in said.replace(",", " ").split():
        plain = word.removeprefix("ip:").strip("[]()'\"")
        if plain.count(".") == 3 and all(part.isdecimal() for part in plain.split(".")):
            return plain
    return ""
