"""What people see of the bot before they write to it: commands, descriptions, menu, in each language. Failures stop nothing."""

from collections.abc import Coroutine
from typing import Any

import structlog
from telegram import BotCommandScopeAllPrivateChats, BotCommandScopeChat
from telegram.error import TelegramError

from bot.adapters.telegram.api import Api
from bot.adapters.telegram.replies import COMMANDS as AGENTS_COMMANDS
from bot.model.commands import COMMANDS
from bot.wording import Wording

CODES = {"zh-CN": "zh", "en": "en"}
"""Telegram knows languages by two letters: there is one Chinese, and who reads the other gets it in the conversation."""
logger = structlog.get_logger()


async def introduce(api: Api, wording: Wording, language: str, shop: str, group: int) -> None:
    """`language` is shown to those whose own we do not speak. `group`: the staff group, or 0."""
    spoken = [(language, None), *((one, code) for one, code in CODES.items() if one != language)]
    for one, code in spoken:
        commands = {name: wording.text(one, f"telegram.{name}") for name in COMMANDS}
        await attempt("commands", api.set_commands(commands, BotCommandScopeAllPrivateChats(), code))
        await attempt("other_commands", api.clear_commands(code))  # an older version set them for all chats
        if group:
            commands = {name: wording.text(one, f"telegram.agents-{name}") for name in AGENTS_COMMANDS}
            await attempt("agents_commands", api.set_commands(commands, BotCommandScopeChat(group), code))
        await attempt("description", api.set_description(wording.text(one, "telegram.description", shop=shop), code))
        short = wording.text(one, "telegram.short", shop=shop)
        await attempt("short_description", api.set_short_description(short, code))
    await attempt("menu", api.show_commands_in_menu())


async def attempt(what: str, call: Coroutine[Any, Any, None]) -> None:
    try:
        await call
    except (TelegramError, KeyError, TypeError) as error:
        logger.warning("telegram_profile_not_set", what=what, error=type(error).__name__)
