"""The endpoint that a platform of Tencent's calls: its body, its signature, and the few answers there are."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

import structlog
from starlette.types import Receive, Scope, Send

from bot.tencent.codec import LARGEST_BYTES, Codec, ForgedError, Query, UnreadableError

BODY_SECONDS = 4.0
PLAIN = b"text/plain; charset=utf-8"
XML = b"application/xml"
logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Answer:
    """`after` is done when it has gone out."""

    body: bytes
    status: int = 200
    kind: bytes = PLAIN
    closes: bool = False
    after: Callable[[], Awaitable[None]] | None = None


SUCCESS = Answer(b"success")
"""We have it, and say nothing just now."""
FORGED = Answer(b"no\n", 403)
TOO_LARGE = Answer(b"no\n", 413, closes=True)
Take = Callable[[Mapping[str, str]], Awaitable[Answer]]


class Callback:
    """For one account; `take` gets the fields of what is surely the platform's.

    It is an application of its own: of each request Starlette makes as much work as all that is done here.
    """

    def __init__(self, platform: str, codec: Codec, take: Take, *, encrypted_echo: bool = False) -> None:
        self._platform = platform
        self._codec = codec
        self._take = take
        self._encrypted_echo = encrypted_echo

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await (self._told(scope, receive) if scope["method"] == "POST" else self._verified(scope))
        headers = [
            (b"content-type", answer.kind),
            (b"content-length", str(len(answer.body)).encode()),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
        ]
        if answer.closes:
            headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})
        if answer.after:
            await answer.after()

    async def _verified(self, scope: Scope) -> Answer:
        """The platform asks whether this address is ours."""
        try:
            return Answer(self._codec.echo(query_of(scope), encrypted=self._encrypted_echo).encode())
        except ForgedError as error:
            logger.warning("callback_refused", platform=self._platform, why=str(error))
            return FORGED

    async def _told(self, scope: Scope, receive: Receive) -> Answer:
        body = await body_of(scope, receive)
        if body is None:
            return TOO_LARGE
        try:
            fields = self._codec.open(query_of(scope), body)
        except ForgedError as error:
            logger.warning("callback_refused", platform=self._platform, why=str(error))
            return FORGED
        except UnreadableError as error:
            return self.unread(error)
        return await self._take(fields)

    def unread(self, error: Exception) -> Answer:
        """It is the platform's and makes no sense to us: asking again would not help."""
        logger.warning("callback_unread", platform=self._platform, why=str(error))
        return SUCCESS


async def body_of(scope: Scope, receive: Receive) -> bytes | None:
    """None when it is too large, or does not come."""
    said = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    if not said.isdigit() or len(said) > 9 or int(said) > LARGEST_BYTES:
        return None
    body: bytes = b""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                part = await receive()
                if part["type"] == "http.disconnect":
                    return None
                body += part.get("body", b"")
                if len(body) > LARGEST_BYTES:
                    return None
                if not part.get("more_body", False):
                    return body
    except TimeoutError:
        return None


def query_of(scope: Scope) -> Query:
    """Raises ForgedError when a parameter comes twice: which of them would be the signed one?"""
    given = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    parameters = dict(given)
    if len(parameters) != len(given):
        raise ForgedError("a parameter comes twice")
    return Query.of(parameters)
