"""The calls of the Bot API that we make, and only those. Answers are plain JSON; errors are python-telegram-bot's."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from telegram.error import TelegramError

from bot.adapters.telegram.parse import UPDATES
from bot.adapters.telegram.render import Call
from bot.adapters.telegram.transport import Transport, Upload
from bot.settings import Telegram

POLL_SECONDS = 25
"""How long Telegram holds a question for updates open; it allows 50, but a dead connection is then noticed as late."""
ANSWER_SECONDS = 15.0
MOST_UPDATES = 100
CONNECTIONS = 100
NOTHING: Mapping[str, Any] = {}
PART = {"sendPhoto": "photo", "sendDocument": "document"}
"""How what is uploaded is called."""


class Api:
    """Without python-telegram-bot's Bot: building its objects takes longer than the call."""

    def __init__(self, settings: Telegram) -> None:
        token = settings.token.get_secret_value()
        self._methods = f"{settings.base_url}/bot{token}"
        self._files = f"{settings.base_url}/file/bot{token}"
        self._asking = Transport(settings.base_url, 1, POLL_SECONDS + 10.0)
        self._calling = Transport(settings.base_url, CONNECTIONS, ANSWER_SECONDS)

    async def _call(self, method: str, **fields: Any) -> Any:
        return await self._calling.call(f"{self._methods}/{method}", fields)

    async def close(self) -> None:
        await self._asking.shutdown()
        await self._calling.shutdown()

    async def updates(self, offset: int | None, seconds: int = POLL_SECONDS) -> list[Any]:
        """Those not confirmed yet; `offset` confirms all below it."""
        fields = {"limit": MOST_UPDATES, "timeout": seconds, "allowed_updates": UPDATES}
        known = {} if offset is None else {"offset": offset}
        found = await self._asking.call(f"{self._methods}/getUpdates", fields | known)
        if not isinstance(found, list):
            raise TelegramError("updates that are no list")
        return found

    async def send(self, chat: int, call: Call, content: bytes = b"", more: Mapping[str, Any] = NOTHING) -> int:
        """`content`: the bytes of the call's file. `more`: further fields. Returns the message's id, 0 if it is not told."""
        file = Upload(PART[call.method], call.file.name, call.file.kind, content) if call.file else None
        fields = {"chat_id": chat, **call.fields, **more}
        sent = await self._calling.call(f"{self._methods}/{call.method}", fields, file)
        return int(sent.get("message_id", 0)) if isinstance(sent, dict) else 0

    async def answer_press(self, query: str) -> None:
        await self._call("answerCallbackQuery", callback_query_id=query)

    async def change_buttons(self, chat: int, message: int, markup: dict[str, Any]) -> None:
        await self._call("editMessageReplyMarkup", chat_id=chat, message_id=message, reply_markup=markup)

    async def create_topic(self, chat: int, name: str) -> int:
        return int((await self._call("createForumTopic", chat_id=chat, name=name))["message_thread_id"])

    async def react(self, chat: int, message: int, emoji: str) -> None:
        reaction = [{"type": "emoji", "emoji": emoji}]
        await self._call("setMessageReaction", chat_id=chat, message_id=message, reaction=reaction)

    async def chat(self, id_: int) -> dict[str, Any]:
        found: dict[str, Any] = await self._call("getChat", chat_id=id_)
        return found

    async def member(self, chat: int, user: int) -> dict[str, Any]:
        found: dict[str, Any] = await self._call("getChatMember", chat_id=chat, user_id=user)
        return found

    async def show_typing(self, chat: int, thread: int = 0) -> None:
        within = {"message_thread_id": thread} if thread else {}
        await self._call("sendChatAction", chat_id=chat, action="typing", **within)

    async def file_path(self, file_id: str) -> str:
        return str((await self._call("getFile", file_id=file_id))["file_path"])

    def file(self, path: str) -> AsyncIterator[bytes]:
        return self._calling.stream(f"{self._files}/{path}")

    async def me(self) -> dict[str, Any]:
        found: dict[str, Any] = await self._call("getMe")
        return found

    async def webhook(self) -> dict[str, Any]:
        found: dict[str, Any] = await self._call("getWebhookInfo")
        return found

    async def set_webhook(self, url: str, secret: str) -> None:
        await self._call("setWebhook", url=url, secret_token=secret, allowed_updates=UPDATES)

    async def delete_webhook(self) -> None:
        """What waits for us stays with Telegram."""
        await self._call("deleteWebhook", drop_pending_updates=False)

    async def set_commands(self, commands: Sequence[dict[str, str]], **language: str) -> None:
        """`language_code`, or for all whose language has none of its own."""
        await self._call("setMyCommands", commands=commands, **language)

    async def set_description(self, text: str, **language: str) -> None:
        await self._call("setMyDescription", description=text, **language)

    async def set_short_description(self, text: str, **language: str) -> None:
        await self._call("setMyShortDescription", short_description=text, **language)

    async def show_commands_in_menu(self) -> None:
        await self._call("setChatMenuButton", menu_button={"type": "commands"})
