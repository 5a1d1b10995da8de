"""What people see of the bot before they write to it: commands, descriptions, menu, in each language. Failures stop nothing."""

from collections.abc import Coroutine
from typing import Any

import structlog
from telegram.error import TelegramError

from bot.adapters.telegram.api import Api
from bot.wording import Wording

COMMANDS = ("refund", "status", "add", "evidence", "withdraw", "ask", "human", "contact", "language", "privacy", "help")
CODES = {"zh-CN": "zh", "en": "en"}
"""Telegram knows languages by two letters: there is one Chinese, and who reads the other gets it in the conversation."""
logger = structlog.get_logger()


async def introduce(api: Api, wording: Wording, language: str, shop: str) -> None:
    """`language` is shown to those whose own we do not speak."""
    spoken = [(language, None), *((one, code) for one, code in CODES.items() if one != language)]
    for one, code in spoken:
        only = {"language_code": code} if code else {}
        commands = [{"command": name, "description": wording.text(one, f"telegram.{name}")} for name in COMMANDS]
        await attempt("commands", api.set_commands(commands, **only))
        await attempt("description", api.set_description(wording.text(one, "telegram.description", shop=shop), **only))
        short = wording.text(one, "telegram.short", shop=shop)
        await attempt("short_description", api.set_short_description(short, **only))
    await attempt("menu", api.show_commands_in_menu())


async def attempt(what: str, call: Coroutine[Any, Any, None]) -> None:
    try:
        await call
    except (TelegramError, KeyError) as error:
        logger.warning("telegram_profile_not_set", what=what, error=type(error).__name__)
