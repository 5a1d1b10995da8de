"""What every callback of Tencent's platforms has in common: its body, and the few answers there are."""

import asyncio

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from bot.tencent.codec import LARGEST_BYTES, Codec, ForgedError, Query

BODY_SECONDS = 4.0
PLAIN = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
logger = structlog.get_logger()


def success() -> Response:
    """We have it, and say nothing just now."""
    return PlainTextResponse("success", headers=PLAIN)


def forged() -> Response:
    return PlainTextResponse("no\n", 403, headers=PLAIN)


async def body_of(request: Request) -> bytes | None:
    """None when it is too large, or does not come."""
    if not (request.headers.get("content-length") or "0").isdecimal():
        return None
    if int(request.headers.get("content-length") or 0) > LARGEST_BYTES:
        return None
    body = b""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > LARGEST_BYTES:
                    return None
    except (TimeoutError, ClientDisconnect):
        return None
    return body


def query_of(request: Request) -> Query:
    """Raises ForgedError when a parameter comes twice: which of them would be the signed one?"""
    given = request.query_params.multi_items()
    if len({name for name, _ in given}) != len(given):
        raise ForgedError("a parameter comes twice")
    return Query.of(dict(given))


def echo(request: Request, codec: Codec, platform: str, *, encrypted: bool) -> Response:
    """The platform asks whether this address is ours."""
    try:
        return PlainTextResponse(codec.echo(query_of(request), encrypted=encrypted), headers=PLAIN)
    except ForgedError as error:
        logger.warning("callback_refused", platform=platform, why=str(error))
        return forged()


def too_large() -> Response:
    return PlainTextResponse("no\n", 413, headers=PLAIN | {"Connection": "close"})
