"""The staff group: one topic for each case, where agents read what happens to it and write to its customer.

It reads what is stored, so it stands in nobody's way: what cannot be posted now waits in the log.
"""

import asyncio
import re
import time
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter, TelegramError, TimedOut

from bot.adapter import Accept, Rate
from bot.adapters.telegram import posts
from bot.adapters.telegram.api import Api
from bot.adapters.telegram.beside import attempt
from bot.adapters.telegram.outcomes import is_thread_gone, seconds_of
from bot.adapters.telegram.parse import PLATFORM, Me, number, text_in
from bot.adapters.telegram.posts import Post
from bot.adapters.telegram.render import Call
from bot.adapters.telegram.transport import BrokenError
from bot.log import where
from bot.model.case import Case
from bot.model.events import Address, AgentAction, Event, Untold
from bot.pace import Pace
from bot.pack.words import CaseWords
from bot.store import bookmarks, cases, evidence, news, setaside
from bot.store.database import Database, StoreUnavailableError
from bot.store.news import News, Place, Words
from bot.store.setaside import SetAside
from bot.turn import new_id

POLL_SECONDS = 1.0
REFUSED_SECONDS = 60.0
RETRY_SECONDS = 5.0
MOST_AT_ONCE = 20
ASIDE = "//"
"""How a line begins that stays among agents."""
NAME = re.compile(r"[^\w-]+")
LONGEST_NAME = 32
Send = Callable[[int, Call, dict[str, Any]], Coroutine[Any, Any, Any]]
"""A call to a chat, with more fields; its file goes along."""
logger = structlog.get_logger()


class StaffError(Exception):
    """The group cannot be used as it is; the text says what an operator has to do."""


class Staff:
    """`group` is its id. `rate`: how often it may be written to."""

    def __init__(
        self, group: int, api: Api, send: Send, database: Database, words: CaseWords, rate: Rate | None
    ) -> None:
        self.group = group
        self._api = api
        self._send = send
        self._database = database
        self._words = words
        self._rate = rate
        self._pace = Pace()
        self._posted: set[str] = set()
        """News of this round that need not be posted again if it is tried again."""
        self._maybe: set[str] = set()
        self._asked: dict[str, Any] = {}
        """Messages of agents that are being passed on, by their event."""

    # What happens to cases

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            pause = POLL_SECONDS
            try:
                if await self._round():
                    continue
            except StoreUnavailableError as error:
                logger.error("store_unavailable", why=str(error), platform=PLATFORM)
            except StaffError as error:
                logger.error("telegram_staff_group", why=str(error))
                pause = REFUSED_SECONDS
            except RetryAfter as error:
                pause = seconds_of(error)
            except TelegramError as error:
                logger.warning("telegram_not_reached", error=type(error).__name__)
                pause = RETRY_SECONDS
            await asyncio.sleep(pause)

    async def _round(self) -> bool:
        """Tell what is new; return False when nothing is. What can never be told is set aside with the bookmark that passes it."""
        async with self._database.reading() as connection:
            known = await bookmarks.get(connection, self._bookmark("read"))
            end = await news.end(connection)
            # The first time from here on; and the ids of rows begin anew when the file is rebuilt.
            at = Place(*map(int, known.split())) if known else end
            place = Place(min(at.log, end.log), min(at.inbox, end.inbox))
            reached, fresh = await news.after(connection, place, MOST_AT_ONCE)
        if known and reached == at:
            return False
        untold = await self._tell(fresh)
        async with self._database.transaction() as connection:
            await bookmarks.put(connection, self._bookmark("read"), f"{reached.log} {reached.inbox}")
            if untold:
                await setaside.add(connection, untold)
        for one in untold:
            logger.error("set_aside", id=one.id, of=one.event.id, error=one.error)
        self._posted.clear()
        return True

    async def _tell(self, fresh: Sequence[News]) -> list[SetAside]:
        """Return what cannot be told. Raises what may pass: TelegramError, StaffError, StoreUnavailableError."""
        untold: dict[str, SetAside] = {}
        known_cases: dict[str, Case | None] = {}
        found: list[Post] = []
        explained: set[str] = set()
        for one in fresh:
            try:
                if one.case_number not in known_cases:
                    async with self._database.reading() as connection:
                        known_cases[one.case_number] = await cases.one(connection, one.case_number)
                if case := known_cases[one.case_number]:
                    found += await self._posts_of(one, case, explained)
            except StoreUnavailableError:
                raise
            except Exception as error:
                untold[one.name] = self._untold(one.name, known_cases.get(one.case_number), error)
        waiting = [post for post in found if not self._posted.issuperset(post.names)]
        for post in posts.together(waiting):
            parts = [one for one in waiting if set(one.names) <= set(post.names)]
            for refused, why in await self._post_or_parts(known_cases[post.case_number], post, parts):
                for name in refused.names:
                    untold[name] = self._untold(name, known_cases[post.case_number], why)
        return list(untold.values())

    async def _posts_of(self, one: News, case: Case, explained: set[str]) -> list[Post]:
        """Return how to tell it. `explained`: words that an entry of this round tells already; it is added to."""
        content = one.read()
        if isinstance(content, Words):
            return [] if content.text in explained else posts.posts_of_words(one.name, content, self._words)
        if content.what == "explained":
            explained.add(content.facts.get("words", ""))
        async with self._database.reading() as connection:
            files = {piece.id: piece for piece in await evidence.of_case(connection, case.number)}
        found = posts.posts_of(one.name, content, case, files, self._words)
        return [post for post in found if not one.part or one.part in post.names]

    def _untold(self, name: str, case: Case | None, error: Exception) -> SetAside:
        now = datetime.now(UTC)
        address = Address.parse(case.address) if case else Address(PLATFORM, str(self.group))
        event = Event(f"{PLATFORM}:{self.group}:{name}", address, now, Untold(name))
        return SetAside(new_id(), event, where(error), now)

    async def _post_or_parts(
        self, case: Case | None, post: Post, parts: Sequence[Post]
    ) -> list[tuple[Post, Exception]]:
        """Return what was refused for good, and why. Of several things that go as one, each is tried alone then."""
        assert case
        try:
            await self._post(case, post)
        except (StoreUnavailableError, StaffError):
            raise
        except TelegramError as error:
            if not isinstance(error, BadRequest):
                raise
            refused: Exception = error
        except Exception as error:
            refused = error
        else:
            self._posted.update(post.names)
            return []
        if len(parts) == 1:
            return [(post, refused)]
        return [pair for part in parts for pair in await self._post_or_parts(case, part, [part])]

    async def _post(self, case: Case, post: Post) -> None:
        """Raises BadRequest when Telegram refuses it, and other errors."""
        for is_last in (False, True):
            topic = await self._topic(case)
            await self._turn()
            try:
                await self._send(self.group, post.call, {"message_thread_id": topic})
            except ChatMigrated as error:
                raise StaffError(moved(error)) from None
            except Forbidden:
                raise StaffError(NOT_THERE) from None
            except BadRequest as error:
                if is_last or not is_thread_gone(error):
                    raise
                await self._forget(case, topic)
                continue
            except (TimedOut, BrokenError):
                if self._maybe.issuperset(post.names):
                    self._maybe.clear()
                    return
                self._maybe.update(post.names)
                raise
            return

    async def _topic(self, case: Case) -> int:
        """The one of this case; made if there is none, also after somebody deleted it."""
        async with self._database.reading() as connection:
            known = await bookmarks.get(connection, self._bookmark(f"case {case.number}"))
        if known:
            return int(known)
        await self._turn()
        try:
            topic = await self._api.create_topic(self.group, posts.title(case, self._words))
        except (KeyError, TypeError, ValueError):
            raise TelegramError("an answer that is no topic") from None
        except ChatMigrated as error:
            raise StaffError(moved(error)) from None
        except Forbidden:
            raise StaffError(NOT_THERE) from None
        except BadRequest as error:
            raise StaffError(why_not(error.message)) from None
        async with self._database.transaction() as connection:
            await bookmarks.put(connection, self._bookmark(f"case {case.number}"), str(topic))
            await bookmarks.put(connection, self._bookmark(f"topic {topic}"), case.number)
        return topic

    async def _forget(self, case: Case, topic: int) -> None:
        logger.info("telegram_staff_topic_gone", case=case.number)
        async with self._database.transaction() as connection:
            await bookmarks.remove(connection, self._bookmark(f"case {case.number}"))
            await bookmarks.remove(connection, self._bookmark(f"topic {topic}"))

    async def _turn(self) -> None:
        if self._rate is None:
            return
        await asyncio.sleep(max(self._pace.wait("", self._rate, time.monotonic()), 0))
        self._pace.count("", self._rate, time.monotonic())

    def _bookmark(self, what: str) -> str:
        return f"{PLATFORM} {self.group} {what}"

    # What agents write

    def is_here(self, update: Any) -> bool:
        """Whether this is a message in the group."""
        message = update.get("message") if isinstance(update, dict) else None
        chat = message.get("chat") if isinstance(message, dict) else None
        return isinstance(chat, dict) and chat.get("id") == self.group

    async def event_of(self, message: Any, me: Me) -> Event | None:
        """A reply to the customer whose case this topic is about; None for all else. Raises StoreUnavailableError."""
        sender, topic = message.get("from") or {}, message.get("message_thread_id")
        if "migrate_to_chat_id" in message:
            logger.error("telegram_staff_group", why=f"{MOVED} {number(message['migrate_to_chat_id'])}")
        if sender.get("is_bot", True) or not isinstance(topic, int) or not message.get("is_topic_message"):
            return None
        words = text_in(message.get("text") or message.get("caption") or "")
        if words.startswith(ASIDE):
            return None
        async with self._database.reading() as connection:
            found = await bookmarks.get(connection, self._bookmark(f"topic {topic}"))
            case = await cases.one(connection, found) if found else None
        if case is None:
            return None
        if "text" not in message:
            if any(
                kind in message for kind in ("photo", "document", "video", "voice", "audio", "video_note", "sticker")
            ):
                await self._answer(message, "staff.only_text")
            return None
        id_ = f"{PLATFORM}:{me.id}:{self.group}:{number(message['message_id'])}"
        self._asked[id_] = message
        action = AgentAction(name_of(sender), "reply", case.number, None, {"text": words})
        return Event(id_, Address.parse(case.address), datetime.now(UTC), action)

    async def pass_on(self, event: Event, accept: Accept) -> None:
        """Raises StoreUnavailableError."""
        try:
            await accept(event)
        except StoreUnavailableError:
            raise
        except Exception as error:  # refused, or set aside: who wrote it has to know
            logger.error("telegram_staff_not_passed_on", id=event.id, error=where(error))
            if message := self._asked.pop(event.id, None):
                await self._answer(message, "staff.not_passed_on")
        else:
            if message := self._asked.pop(event.id, None):
                await attempt(self._api.react(self.group, message["message_id"], "👍"))

    async def _answer(self, message: Any, key: str) -> None:
        fields = {
            "text": self._words.wording.text(self._words.language, key),
            "reply_parameters": {"message_id": message["message_id"]},
        }
        more = {"message_thread_id": message["message_thread_id"]}
        await attempt(self._send(self.group, Call("sendMessage", fields), more))


MOVED = "the staff group goes on under another id: set telegram.staff_group to"
NO_FORUM = "the staff group has no topics: turn them on in its settings (telegram.staff_group)"
NO_RIGHT = "the bot may not make topics in the staff group: make it an admin there who may manage topics"
NOT_THERE = (
    "the bot is not in the staff group: add it as an admin who may manage topics, or correct telegram.staff_group"
)


def moved(error: ChatMigrated) -> str:
    return f"{MOVED} {error.new_chat_id}"


def why_not(message: str) -> str:
    lower = message.lower()
    if "not a forum" in lower or "not a supergroup" in lower:
        return NO_FORUM
    if "rights" in lower or "admin" in lower:
        return NO_RIGHT
    if "not found" in lower:
        return NOT_THERE
    return f"the staff group takes no topics (telegram.staff_group): {message[:100]}"


def name_of(sender: Any) -> str:
    """As it stands in logs; names can be changed, so the id is in it."""
    given = str(sender.get("username") or sender.get("first_name") or "")
    return f"{NAME.sub('-', given)[:LONGEST_NAME].strip('-')}-{number(sender['id'])}{posts.FROM_HERE}".lstrip("-")
