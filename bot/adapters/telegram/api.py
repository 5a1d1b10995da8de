"""The calls of the Bot API that we make, and only those.

What is done for each message (updates, sending, answered presses, typing) is plain JSON; all else is python-telegram-bot's `Bot`,
over the same transport. See docs/decisions/0012.
"""

import logging
from collections.abc import AsyncIterator, Mapping
from typing import Any

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeDefault,
    ChatFullInfo,
    ChatMember,
    InputFile,
    LinkPreviewOptions,
    MenuButtonCommands,
    MessageEntity,
    ReplyParameters,
    User,
    WebhookInfo,
)
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
logging.getLogger("telegram").setLevel(logging.WARNING)  # below that, the library logs what people write


class Api:
    """Answers that are unlike the documentation raise TelegramError, or KeyError or TypeError."""

    def __init__(self, settings: Telegram) -> None:
        token = settings.token.get_secret_value()
        self._methods = f"{settings.base_url}/bot{token}"
        self._asking = Transport(settings.base_url, 1, POLL_SECONDS + 10.0)
        self._calling = Transport(settings.base_url, CONNECTIONS, ANSWER_SECONDS)
        base, files = f"{settings.base_url}/bot", f"{settings.base_url}/file/bot"
        self._bot = Bot(token, base, files, request=self._calling, get_updates_request=self._asking)

    async def _call(self, method: str, **fields: Any) -> Any:
        return await self._calling.call(f"{self._methods}/{method}", fields)

    # For each message

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

    async def show_typing(self, chat: int, thread: int = 0) -> None:
        within = {"message_thread_id": thread} if thread else {}
        await self._call("sendChatAction", chat_id=chat, action="typing", **within)

    # All else

    async def post(self, chat: int, call: Call, content: bytes = b"", more: Mapping[str, Any] = NOTHING) -> int:
        """As `send`, for the staff group."""
        fields = {**call.fields, **more}
        for name in ("entities", "caption_entities"):
            if name in fields:
                fields[name] = [MessageEntity(**entity) for entity in fields[name]]
        if "reply_parameters" in fields:
            fields["reply_parameters"] = ReplyParameters(**fields["reply_parameters"])
        if "link_preview_options" in fields:
            fields["link_preview_options"] = LinkPreviewOptions(**fields["link_preview_options"])
        if call.file is None:
            return (await self._bot.send_message(chat, **fields)).message_id
        file = InputFile(content, call.file.name)
        if call.method == "sendPhoto":
            return (await self._bot.send_photo(chat, file, **fields)).message_id
        return (await self._bot.send_document(chat, file, **fields)).message_id

    async def create_topic(self, chat: int, name: str) -> int:
        return (await self._bot.create_forum_topic(chat, name)).message_thread_id

    async def react(self, chat: int, message: int, emoji: str) -> None:
        await self._bot.set_message_reaction(chat, message, emoji)

    async def chat(self, id_: int) -> ChatFullInfo:
        return await self._bot.get_chat(id_)

    async def member(self, chat: int, user: int) -> ChatMember:
        return await self._bot.get_chat_member(chat, user)

    async def file_url(self, file_id: str) -> str:
        """Raises FileNotFoundError when Telegram knows the file and not where it is."""
        url = (await self._bot.get_file(file_id)).file_path
        if not url:
            raise FileNotFoundError
        return url

    def file(self, url: str) -> AsyncIterator[bytes]:
        """Its bytes as they come: the library has all of them in memory first."""
        return self._calling.stream(url)

    async def me(self) -> User:
        return await self._bot.get_me()

    async def webhook(self) -> WebhookInfo:
        return await self._bot.get_webhook_info()

    async def set_webhook(self, url: str, secret: str) -> None:
        await self._bot.set_webhook(url, secret_token=secret, allowed_updates=UPDATES)

    async def delete_webhook(self) -> None:
        """What waits for us stays with Telegram."""
        await self._bot.delete_webhook(drop_pending_updates=False)

    async def set_commands(self, commands: Mapping[str, str], scope: BotCommandScope, language: str | None) -> None:
        """`commands`: the description of each. `language`: two letters, or None for all whose language has none of its own."""
        known = [BotCommand(name, description) for name, description in commands.items()]
        await self._bot.set_my_commands(known, scope, language)

    async def clear_commands(self, language: str | None) -> None:
        """In chats for which there are none of their own."""
        await self._bot.delete_my_commands(BotCommandScopeDefault(), language)

    async def set_description(self, text: str, language: str | None) -> None:
        await self._bot.set_my_description(text, language)

    async def set_short_description(self, text: str, language: str | None) -> None:
        await self._bot.set_my_short_description(text, language)

    async def show_commands_in_menu(self) -> None:
        await self._bot.set_chat_menu_button(menu_button=MenuButtonCommands())
