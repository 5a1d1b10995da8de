"""The webhook: Telegram calls us, and takes 200 for stored."""

import asyncio
import hmac
import json

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from telegram.error import TelegramError

from bot.adapters.telegram.api import Api
from bot.adapters.telegram.polling import Take, after_failure

LARGEST_UPDATE = 1 << 20
READ_SECONDS = 4.0
RETRY_SECONDS = 1
logger = structlog.get_logger()


def route(path: str, secret: str, take: Take) -> Route:
    if not secret:
        raise ValueError("without a secret anybody could post updates")

    async def take_update(request: Request) -> Response:
        """Telegram brings again what it gets anything but 200 for, and keeps that chat's later updates back until then."""
        given = request.headers.get("x-telegram-bot-api-secret-token", "")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            return Response(status_code=403)
        try:
            async with asyncio.timeout(READ_SECONDS):
                body = await read(request)
        except (TimeoutError, ClientDisconnect):
            return Response(status_code=408, headers={"Connection": "close"})
        if body is None:
            return Response(status_code=413, headers={"Connection": "close"})
        try:
            update = json.loads(body)
        except (ValueError, RecursionError):
            return Response(status_code=400)
        if await take([update]):
            return Response(status_code=200)
        return Response(status_code=503, headers={"Retry-After": str(RETRY_SECONDS)})

    return Route(path, take_update, methods=["POST"])


async def read(request: Request) -> bytes | None:
    """The body, or None when it is too large."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_UPDATE:
            return None
    return body


async def register(api: Api, url: str, secret: str) -> None:
    """Tell Telegram where we are; tried until it is told."""
    failures = 0
    while True:
        try:
            await api.set_webhook(url, secret)
        except (TelegramError, KeyError) as error:
            await asyncio.sleep(await after_failure(api, error, failures))
            failures += 1
        else:
            logger.info("telegram_webhook_set")
            return
