"""Polling: ask Telegram for updates, store them, and only then confirm them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.adapters.telegram.api import Api
from bot.adapters.telegram.beside import attempt
from bot.adapters.telegram.outcomes import seconds_of

PAUSES = (1.0, 2.0, 5.0, 10.0)
"""Seconds until the next try after one that failed, growing."""
REFUSED_SECONDS = 60.0
RETRY_SECONDS = 1.0
Take = Callable[[Sequence[Any]], Awaitable[bool]]
"""Stores updates; False when some are not stored."""
logger = structlog.get_logger()


async def poll(api: Api, take: Take) -> None:
    """Until cancelled. What an answer held is confirmed by the next question."""
    offset: int | None = None
    failures = 0
    while True:
        try:
            updates = await api.updates(offset)
            failures = 0
        except (TelegramError, KeyError, TypeError) as error:
            await asyncio.sleep(await after_failure(api, error, failures))
            failures += 1
            continue
        if await take(updates):
            offset = next_offset(updates)
        else:
            await asyncio.sleep(RETRY_SECONDS)


def next_offset(updates: Sequence[Any]) -> int | None:
    """None once all is confirmed, so it is never kept for long: after a silent week Telegram begins to count anew, maybe lower,
    and an offset above that would confirm what nobody has seen.
    """
    found = [update.get("update_id") for update in updates if isinstance(update, dict)]
    ids = [id_ for id_ in found if isinstance(id_, int)]
    return max(ids) + 1 if ids else None


async def after_failure(api: Api, error: Exception, failures: int) -> float:
    """Seconds until the next try."""
    match error:
        case Conflict() if "webhook" in error.message.lower():
            logger.warning("telegram_webhook_removed", why="this bot polls ([telegram] mode), but a webhook was set")
            await attempt(api.delete_webhook())
        case Conflict():
            why = "another program asks for this bot's updates: stop it, or give this one a token of its own"
            logger.error("telegram_second_poller", why=why)
        case InvalidToken():
            logger.error("telegram_token_refused", why="Telegram does not know telegram.token: ask @BotFather for it")
            return REFUSED_SECONDS
        case RetryAfter():
            return seconds_of(error)
        case _:
            logger.warning("telegram_not_reached", error=type(error).__name__)
    return pause_after(failures)


def pause_after(failures: int) -> float:
    return PAUSES[min(failures, len(PAUSES) - 1)]
