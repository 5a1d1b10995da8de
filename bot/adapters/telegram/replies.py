"""What agents write in the staff group: words in a case's topic go to its customer, and nothing that looks like a command ever does."""

import re
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import structlog
from telegram import Message, Update, User

from bot.adapter import Accept
from bot.adapters.telegram.api import Api
from bot.adapters.telegram.beside import attempt
from bot.adapters.telegram.parse import PLATFORM, Me, body_of, text_in
from bot.adapters.telegram.posts import FROM_HERE
from bot.adapters.telegram.render import Call, said
from bot.adapters.telegram.staff import MOVED, bookmark
from bot.log import where
from bot.model.case import Case
from bot.model.events import Address, AgentAction, Event
from bot.pack.words import CaseWords
from bot.store import bookmarks, cases, inbox
from bot.store.database import Database, StoreUnavailableError
from bot.wording import Value

COMMANDS = ("case", "help")
SLASHES = ("/", "／")
"""Chinese keyboards have the second one."""
ASIDE = re.compile(r"[/／]{2}")
"""How a message begins that stays among agents."""
COMMAND = re.compile(r"[/／](\S*?)(?:@(\w+))?(?:\s|$)")
SLIP = re.compile(
    r"^\s*(?:[/／]|\./run\b|shouhou\s|(?:case\s+)?(?:approve|reject|refunded|ask|reply|show)\s+(?:KS[- ]|[¥￥]?\d))",
    re.MULTILINE | re.IGNORECASE,
)
"""A line that was meant for a program, ours or another."""
NAME = re.compile(r"[^\w-]+")
LONGEST_NAME = 32
Send = Callable[[int, Call, dict[str, Any]], Coroutine[Any, Any, Any]]
"""A call to a chat, with more fields; its file goes along."""
logger = structlog.get_logger()


class Replies:
    """`group` is its id."""

    def __init__(self, group: int, api: Api, send: Send, database: Database, words: CaseWords) -> None:
        self._group = group
        self._api = api
        self._send = send
        self._database = database
        self._words = words
        self._passing_on: dict[str, Message] = {}
        """Messages of agents, by their event."""

    def is_here(self, update: Any) -> bool:
        """Return whether this is a message in the group, new or edited."""
        message = (update.get("message") or update.get("edited_message")) if isinstance(update, dict) else None
        chat = message.get("chat") if isinstance(message, dict) else None
        return isinstance(chat, dict) and chat.get("id") == self._group

    async def event_of(self, update: Any, me: Me) -> Event | None:
        """Return a reply to the customer whose case the topic is about; answer what an agent has to know, and return None.

        Raises StoreUnavailableError.
        """
        known = Update.de_json(update, None)
        message = known.message or known.edited_message
        assert message
        if message.migrate_to_chat_id:
            logger.error("telegram_staff_group", why=f"{MOVED} {message.migrate_to_chat_id}")
        sender = message.from_user
        words = text_in(message.text or message.caption or "")
        if sender is None or sender.is_bot or ASIDE.match(words):
            return None
        case = await self._case_of(message)
        id_ = f"{PLATFORM}:{me.id}:{self._group}:{message.message_id}"
        if known.edited_message:
            if case and await self._was_passed_on(id_):
                await self._answer(message, "staff.edited")
        elif words.startswith(SLASHES):
            await self._answer_command(message, words, case, me)
        elif case and message.text is None:
            if body_of(update["message"], me):  # no service message
                await self._answer(message, "staff.only_text")
        elif case and SLIP.search(words):
            await self._answer(message, "staff.slip")
        elif case:
            self._passing_on[id_] = message
            action = AgentAction(name_of(sender), "reply", case.number, None, {"text": words})
            return Event(id_, Address.parse(case.address), datetime.now(UTC), action)
        return None

    async def _case_of(self, message: Message) -> Case | None:
        """Return the case that the message's topic is about."""
        if not message.is_topic_message or message.message_thread_id is None:
            return None
        async with self._database.reading() as connection:
            number = await bookmarks.get(connection, bookmark(self._group, f"topic {message.message_thread_id}"))
            return await cases.one(connection, number) if number else None

    async def _was_passed_on(self, event: str) -> bool:
        async with self._database.reading() as connection:
            return bool(await inbox.seen(connection, [event]))

    async def _answer_command(self, message: Message, words: str, case: Case | None, me: Me) -> None:
        """Outside of cases' topics only what exists, or names us, is answered: other bots may be in the group."""
        found = COMMAND.match(words)
        name, bot = (found.group(1).lower(), found.group(2)) if found else ("", None)
        if bot and bot.lower() != me.username.lower():
            return
        if name == "help":
            await self._answer(message, "staff.help")
        elif name == "case" and case:
            await self._answer(
                message, "staff.case", number=case.number, order=case.order_number or "-",
                status=self._words.status(case.status), reason=self._words.reason(case.reason), day=case.promised_on,
            )  # fmt: skip
        elif name == "case":
            await self._answer(message, "staff.no_case")
        elif case or bot:
            await self._answer(message, "staff.no_command", command=words.split()[0])

    async def pass_on(self, event: Event, accept: Accept) -> None:
        """Raises StoreUnavailableError."""
        try:
            await accept(event)
        except StoreUnavailableError:
            raise
        except Exception as error:  # refused, or set aside: who wrote it has to know
            logger.error("telegram_staff_not_passed_on", id=event.id, error=where(error))
            if message := self._passing_on.pop(event.id, None):
                await self._answer(message, "staff.not_passed_on")
        else:
            if message := self._passing_on.pop(event.id, None):
                await attempt(self._api.react(self._group, message.message_id, "👍"))

    async def _answer(self, message: Message, key: str, **values: Value) -> None:
        text = self._words.wording.text(self._words.language, key, **values)
        more: dict[str, Any] = {"reply_parameters": {"message_id": message.message_id}, "disable_notification": True}
        if message.is_topic_message:
            more["message_thread_id"] = message.message_thread_id
        await attempt(self._send(self._group, said(text), more))


def name_of(sender: User) -> str:
    """Return the name that stands in logs; names can be changed, so the id is in it."""
    name = NAME.sub("-", sender.username or sender.first_name)[:LONGEST_NAME].strip("-")
    return f"{name}-{sender.id}{FROM_HERE}".lstrip("-")
