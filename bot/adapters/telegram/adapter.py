"""Telegram's adapter: updates in, polled or by webhook; messages out; buttons that belong to whom they were shown."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import structlog
from starlette.routing import BaseRoute
from telegram.constants import FileSizeLimit
from telegram.error import BadRequest, TelegramError

from bot.adapter import Accept, Later, Limits, MediaGoneError, MediaTooLargeError, Outcome, Rate, Refused, Sent
from bot.adapters.telegram import parse, render
from bot.adapters.telegram.api import NOTHING, Api
from bot.adapters.telegram.beside import Beside
from bot.adapters.telegram.edits import without_what_was_known
from bot.adapters.telegram.newest import Newest
from bot.adapters.telegram.outcomes import is_thread_gone, outcome_of
from bot.adapters.telegram.polling import pause_after, poll
from bot.adapters.telegram.profile import introduce
from bot.adapters.telegram.staff import Staff
from bot.adapters.telegram.webhook import register, route
from bot.log import where
from bot.model.checklist import Checklist
from bot.model.events import AgentAction, Event, MediaRef, Pressed, Unreadable, Upload, cleaned
from bot.model.messages import File, Outgoing
from bot.pack.words import CaseWords
from bot.settings import Settings
from bot.store import outbox
from bot.store.database import Database, StoreUnavailableError
from bot.store.files import Files
from bot.supervisor import begin
from bot.wording import Wording

OVERALL = Rate(25, 1.0, burst=5)
"""Telegram allows about 30 a second; the rest is for what is not in the outbox: answered buttons, typing."""
A_PERSON = Rate(1, 1.0, burst=5)
A_GROUP = Rate(16, 60.0, burst=4)
"""At most 20 in any minute."""
LARGEST_PHOTO, LARGEST_FILE = int(FileSizeLimit.PHOTOSIZE_UPLOAD), int(FileSizeLimit.FILESIZE_UPLOAD)
MOST_REMEMBERED = 2000
STOP_SECONDS = 3.0
RESTART_SECONDS = 1.0
logger = structlog.get_logger()


def rate_of(chat: str) -> Rate:
    return A_GROUP if chat.startswith("-") else A_PERSON


def place_of(what: Event | Outgoing) -> str:
    """Return the part of a chat where it happened or belongs, as `Newest` goes by it."""
    return f"{what.address.chat}/{what.thread}" if what.thread else what.address.chat


@dataclass(frozen=True, slots=True)
class ShownButton:
    """`is_refresh`: it asks for the message that it is under anew."""

    id: str
    is_refresh: bool


class TelegramAdapter:
    name = parse.PLATFORM

    def __init__(
        self,
        settings: Settings,
        secret: str,
        database: Database,
        files: Files,
        wording: Wording,
        checklist: Checklist,
    ) -> None:
        """`secret` is what Telegram shows to our webhook."""
        self.limits = Limits(
            text_chars=render.LONGEST,
            overall=OVERALL if settings.telegram.keeps_pace else None,
            a_chat=rate_of if settings.telegram.keeps_pace else lambda chat: None,
        )
        self._settings = settings.telegram
        self._language = settings.language
        self._shop = settings.shop.name
        self._secret = secret
        self._database = database
        self._files = files
        self._wording = wording
        self._api = Api(settings.telegram)
        self._me = parse.Me(int(settings.telegram.token.get_secret_value().partition(":")[0]))
        self._parts_sent: OrderedDict[str, int] = OrderedDict()
        self._sending = 0
        self._sent_all = asyncio.Event()
        self._is_stopping = False
        self._beside = Beside(self._api)
        self._newest = Newest()
        words = CaseWords(wording, checklist, settings.language)
        self._staff = self._staff_in(settings.telegram.staff_group, words) if settings.telegram.staff_group else None

    def _staff_in(self, group: str, words: CaseWords) -> Staff:
        rate = A_GROUP if self._settings.keeps_pace else None
        return Staff(int(group), self._api, self._make, self._database, words, rate)

    # Receiving

    async def run(self, accept: Accept) -> None:
        """Until cancelled. Only then nothing more is sent: when it fails, it is called again."""
        introducing = begin(self._introduce(), "telegram introduction")
        try:
            if self._settings.mode == "polling":
                await poll(self._api, lambda updates: self._take_all(updates, accept))
            else:
                await register(self._api, f"{self._settings.public_url}{self._settings.path}", self._secret)
                await asyncio.Event().wait()
        except asyncio.CancelledError:
            self._beside.stop()
            self._is_stopping = True
            if self._sending:  # cut off, they would have to be sent again
                with suppress(TimeoutError):
                    async with asyncio.timeout(STOP_SECONDS):
                        await self._sent_all.wait()
            await self._api.close()
            raise
        finally:
            introducing.cancel()

    def parts(self) -> Mapping[str, Callable[[], Coroutine[Any, Any, None]]]:
        return {"staff group": self._staff.run} if self._staff else {}

    async def _introduce(self) -> None:
        """Until our name is known, nothing in a group is for us."""
        failures = 0
        while not self._me.username:
            try:
                found = await self._api.me()
                self._me = parse.Me(self._me.id, str(found["username"]))
            except (TelegramError, KeyError, TypeError):
                await asyncio.sleep(pause_after(failures))
                failures += 1
        await introduce(self._api, self._wording, self._language, self._shop)

    async def _take_all(self, updates: Sequence[Any], accept: Accept) -> bool:
        """False when some are not stored: all are asked for again, and what is known changes nothing then."""
        try:
            events = await self._events_of(updates)
            results = await asyncio.gather(*(self._take(event, accept) for event in events), return_exceptions=True)
        except StoreUnavailableError as error:
            results = [error]
        failed = next((one for one in results if isinstance(one, BaseException)), None)
        if failed:
            logger.error("telegram_update_not_stored", error=where(failed))
        return failed is None

    def _take(self, event: Event, accept: Accept) -> Awaitable[object]:
        if self._staff and isinstance(event.body, AgentAction):
            return self._staff.pass_on(event, accept)
        if isinstance(event.body, Upload):
            self._beside.show_typing(event.address.chat, event.thread)  # before the answer, which ends it
        return accept(event)

    async def _events_of(self, updates: Sequence[Any]) -> list[Event]:
        """In their order. Raises StoreUnavailableError."""
        events: list[Event] = []
        presses: dict[str, Any] = {}
        for update in updates:
            try:
                if self._staff and self._staff.is_here(update):
                    if reply := await self._staff.event_of(update["message"], self._me):
                        events.append(reply)
                    continue
                event = parse.event_of(update, self._me)
            except StoreUnavailableError:
                raise
            except Exception as error:
                logger.error("telegram_update_unreadable", error=where(error))
                event = parse.unreadable(update, self._me)
            if event:
                events.append(event)
                if isinstance(event.body, Pressed):
                    self._beside.answer_press(update["callback_query"])
                    presses[event.id] = update["callback_query"]
                elif not isinstance(event.body, Unreadable) and "message" in update:
                    self._newest.seen(place_of(event), update["message"]["message_id"])
        return await without_what_was_known(await self._with_buttons(events, presses), self._database)

    async def _with_buttons(self, events: list[Event], presses: Mapping[str, Any]) -> list[Event]:
        """What was pressed, from what was shown in that chat; else a button that nobody has."""
        if not presses:
            return events
        tokens = [render.token(event.body.button) for event in events if isinstance(event.body, Pressed)]
        async with self._database.reading() as connection:
            shown = await outbox.several(connection, [token[0] for token in tokens if token])
        found = []
        for event in events:
            if isinstance(event.body, Pressed):
                button = self._button_of(event, shown)
                self._begin_pressed(event, button, presses[event.id])
                event = replace(event, body=Pressed(cleaned(button.id) if button else "?"))
            found.append(event)
        return found

    def _button_of(self, event: Event, shown: Mapping[str, Outgoing]) -> ShownButton | None:
        assert isinstance(event.body, Pressed)
        id_, place = render.token(event.body.button) or ("", 0)
        if id_ not in shown or shown[id_].address != event.address:
            return None
        message = shown[id_].message
        buttons = render.buttons_of(message)
        if place >= len(buttons):
            return None
        return ShownButton(buttons[place].id, is_refresh=place == len(message.buttons))

    def _begin_pressed(self, event: Event, button: ShownButton | None, query: Any) -> None:
        """It is shown as pressed, unless what it asks for takes the place of the whole message."""
        if button and button.is_refresh:
            self._newest.ask(place_of(event), button.id, query["message"]["message_id"])
        else:
            self._beside.show_pressed(query)

    def routes(self, accept: Accept) -> Sequence[BaseRoute]:
        if self._settings.mode != "webhook":
            return ()
        return (route(self._settings.path, self._secret, lambda updates: self._take_all(updates, accept)),)

    # Sending

    async def send(self, outgoing: Outgoing) -> Outcome:
        if self._is_stopping:
            return Later(RESTART_SECONDS)
        self._sending += 1
        try:
            return await self._send(outgoing)
        finally:
            self._sending -= 1
            if self._is_stopping and not self._sending:
                self._sent_all.set()

    async def _send(self, outgoing: Outgoing) -> Outcome:
        """Telegram knows no idempotency keys: what was sent is remembered here, part by part, for as long as we run."""
        chat = outgoing.address.chat
        if not chat.removeprefix("-").isdecimal():
            return Refused("no chat of Telegram's", is_unreachable=True)
        self._beside.stop_typing(chat)
        if await self._replaced(outgoing):
            return Sent()
        calls = render.calls(outgoing.id, outgoing.message)
        for part in range(self._parts_sent.get(outgoing.id, 0), len(calls)):
            try:
                if sent := await self._say(int(chat), calls[part], outgoing.thread):
                    self._newest.seen(place_of(outgoing), sent)
            except TelegramError as error:
                outcome = outcome_of(error)
                if outcome is None:
                    raise
                return outcome
            self._remember(outgoing.id, part + 1)
        return Sent()

    async def _replaced(self, outgoing: Outgoing) -> bool:
        """Whether it took the place of what it was asked under, as that is still the newest in its chat."""
        chat, message = outgoing.address.chat, outgoing.message
        before = self._newest.replaceable(place_of(outgoing), message.refresh.id) if message.refresh else None
        if before is None:
            return False
        call = render.instead(outgoing.id, message)
        if call is None:
            return False
        try:
            await self._api.send(int(chat), call, more={"message_id": before})
        except BadRequest as error:
            return "not modified" in error.message.lower()
        except TelegramError as error:
            logger.debug("telegram_not_done", error=type(error).__name__)
            return False
        return True

    async def _say(self, chat: int, call: render.Call, thread: str) -> int | None:
        """In its thread; in the chat itself when that thread is gone. Returns what `_make` does."""
        if thread:
            try:
                return await self._make(chat, call, {"message_thread_id": int(thread)})
            except BadRequest as error:
                if not is_thread_gone(error):
                    raise
                logger.info("telegram_thread_gone")
        return await self._make(chat, call, NOTHING)

    async def _make(self, chat: int, call: render.Call, more: Mapping[str, Any]) -> int | None:
        """The message's id; None when there was nothing to send."""
        if call.file is None:
            return await self._api.send(chat, call, more=more)
        content = await self._content(call.file)
        if content is None:
            text = render.without_file(call)
            return await self._api.send(chat, text, more=more) if text else None
        if len(content) > LARGEST_PHOTO:
            call = render.as_document(call)
        try:
            return await self._api.send(chat, call, content, more)
        except BadRequest:  # a picture that is too long, too narrow or broken is a file to Telegram
            if call.method != "sendPhoto":
                raise
            return await self._api.send(chat, render.as_document(call), content, more)

    async def _content(self, file: File) -> bytes | None:
        """None when there is nothing to send: what is said makes sense without it."""
        try:
            content = await self._files.read(file)
        except FileNotFoundError:
            logger.warning("telegram_file_gone", key=file.key)
            return None
        if len(content) > LARGEST_FILE:
            logger.warning("telegram_file_too_large", key=file.key, size=len(content))
            return None
        return content

    def _remember(self, id_: str, parts: int) -> None:
        self._parts_sent[id_] = parts
        if len(self._parts_sent) > MOST_REMEMBERED:
            self._parts_sent.popitem(last=False)

    async def open_media(self, media: MediaRef) -> AsyncIterator[bytes]:
        try:
            path = await self._api.file_path(media.id)
            async for chunk in self._api.file(path):
                yield chunk
        except BadRequest as error:
            if "too big" in error.message.lower():
                raise MediaTooLargeError("more than Telegram hands out") from None
            raise MediaGoneError("Telegram does not have it") from None
        except FileNotFoundError:
            raise MediaGoneError("Telegram does not have it any more") from None
