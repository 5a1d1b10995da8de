"""The calls of the Bot API that we make, and only those. Answers are plain JSON; errors are python-telegram-bot's."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from telegram import Bot, InputFile
from telegram.error import TelegramError

from bot.adapters.telegram.parse import UPDATES
from bot.adapters.telegram.render import Call
from bot.adapters.telegram.transport import Transport
from bot.settings import Telegram

POLL_SECONDS = 25
"""How long Telegram holds a question for updates open; it allows 50, but a dead connection is then noticed as late."""
ANSWER_SECONDS = 15.0
MOST_UPDATES = 100
CONNECTIONS = 100
PART = {"sendPhoto": "photo", "sendDocument": "document"}
"""How what is uploaded is called."""


class RawBot(Bot):
    """A Bot whose answers stay JSON: building its objects takes five times as long as the call."""

    async def call(self, method: str, **fields: Any) -> Any:
        return await self._post(method, fields)


class Api:
    def __init__(self, settings: Telegram) -> None:
        self._asking = Transport(settings.base_url, 1, POLL_SECONDS + 10.0)
        self._calling = Transport(settings.base_url, CONNECTIONS, ANSWER_SECONDS)
        self._bot = RawBot(
            settings.token.get_secret_value(),
            base_url=f"{settings.base_url}/bot",
            base_file_url=f"{settings.base_url}/file/bot",
            request=self._calling,
            get_updates_request=self._asking,
        )

    async def close(self) -> None:
        await self._asking.shutdown()
        await self._calling.shutdown()

    async def updates(self, offset: int | None, seconds: int = POLL_SECONDS) -> list[Any]:
        """Those not confirmed yet; `offset` confirms all below it."""
        found = await self._bot.call(
            "getUpdates", offset=offset, limit=MOST_UPDATES, timeout=seconds, allowed_updates=list(UPDATES)
        )
        if not isinstance(found, list):
            raise TelegramError("updates that are no list")
        return found

    async def send(self, chat: int, call: Call, content: bytes = b"") -> None:
        """`content`: the bytes of the call's file."""
        file = {PART[call.method]: InputFile(content, call.file.name)} if call.file else {}
        await self._bot.call(call.method, chat_id=chat, **call.fields, **file)

    async def answer_press(self, query: str) -> None:
        await self._bot.call("answerCallbackQuery", callback_query_id=query)

    async def change_buttons(self, chat: int, message: int, markup: dict[str, Any]) -> None:
        await self._bot.call("editMessageReplyMarkup", chat_id=chat, message_id=message, reply_markup=markup)

    async def show_typing(self, chat: int) -> None:
        await self._bot.call("sendChatAction", chat_id=chat, action="typing")

    async def file_path(self, file_id: str) -> str:
        return str((await self._bot.call("getFile", file_id=file_id))["file_path"])

    def file(self, path: str) -> AsyncIterator[bytes]:
        return self._calling.stream(f"{self._bot.base_file_url}/{path}")

    async def me(self) -> dict[str, Any]:
        found: dict[str, Any] = await self._bot.call("getMe")
        return found

    async def webhook(self) -> dict[str, Any]:
        found: dict[str, Any] = await self._bot.call("getWebhookInfo")
        return found

    async def set_webhook(self, url: str, secret: str) -> None:
        await self._bot.call("setWebhook", url=url, secret_token=secret, allowed_updates=list(UPDATES))

    async def delete_webhook(self) -> None:
        """What waits for us stays with Telegram."""
        await self._bot.call("deleteWebhook", drop_pending_updates=False)

    async def set_commands(self, commands: Sequence[dict[str, str]], language: str | None) -> None:
        await self._bot.call("setMyCommands", commands=list(commands), language_code=language)

    async def set_description(self, text: str, language: str | None) -> None:
        await self._bot.call("setMyDescription", description=text, language_code=language)

    async def set_short_description(self, text: str, language: str | None) -> None:
        await self._bot.call("setMyShortDescription", short_description=text, language_code=language)

    async def show_commands_in_menu(self) -> None:
        await self._bot.call("setChatMenuButton", menu_button={"type": "commands"})
