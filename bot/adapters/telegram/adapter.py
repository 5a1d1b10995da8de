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
from bot.adapters.telegram.floods import Floods
from bot.adapters.telegram.newest import Newest
from bot.adapters.telegram.outcomes import is_thread_gone, outcome_of
from bot.adapters.telegram.polling import pause_after, poll
from bot.adapters.telegram.profile import introduce
from bot.adapters.telegram.replies import Replies
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
from bot.supervisor import begin, is_being_stopped
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
        self._floods = Floods()
        words = CaseWords(wording, checklist, settings.language)
        self._staff: Staff | None = None
        self._replies: Replies | None = None
        if group := int(settings.telegram.staff_group or 0):
            rate = A_GROUP if settings.telegram.keeps_pace else None
            self._staff = Staff(group, self._api, self._post, database, words, rate)
            self._replies = Replies(group, self._api, self._post, database, words)

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
            if is_being_stopped():
                await self._stop()
            raise
        finally:
            introducing.cancel()

    async def _stop(self) -> None:
        """Send nothing more. What is being sent may end: cut off, it would have to be sent again."""
        self._beside.stop()
        self._is_stopping = True
        if self._sending:
            with suppress(TimeoutError):
                async with asyncio.timeout(STOP_SECONDS):
                    await self._sent_all.wait()
        await self._api.close()

    def parts(self) -> Mapping[str, Callable[[], Coroutine[Any, Any, None]]]:
        return {"staff group": self._staff.run} if self._staff else {}

    async def _introduce(self) -> None:
        """Until our name is known, nothing in a group is for us."""
        failures = 0
        while not self._me.username:
            try:
                self._me = parse.Me(self._me.id, (await self._api.me()).username or "")
            except (TelegramError, KeyError, TypeError):
                await asyncio.sleep(pause_after(failures))
                failures += 1
        group = int(self._settings.staff_group or 0)
        await introduce(self._api, self._wording, self._language, self._shop, group)

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
        if self._replies and isinstance(event.body, AgentAction):
            return self._replies.pass_on(event, accept)
        if isinstance(event.body, Upload):
            self._beside.show_typing(event.address.chat, event.thread)  # before the answer, which ends it
        return self._take_command(event, accept) if self._floods.is_latest(event) else accept(event)

    async def _take_command(self, event: Event, accept: Accept) -> None:
        messages = await accept(event)
        if messages:
            self._floods.answer(event, messages[-1].position)

    async def _events_of(self, updates: Sequence[Any]) -> list[Event]:
        """In their order. Raises StoreUnavailableError."""
        events: list[Event] = []
        presses: dict[str, Any] = {}
        for update in updates:
            try:
                if self._replies and self._replies.is_here(update):
                    if reply := await self._replies.event_of(update, self._me):
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
        events = await self._with_buttons([event for event in events if self._floods.take(event)], presses)
        return await without_what_was_known(events, self._database)

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
        self._floods.say(chat, outgoing.message.position)
        if await self._replaced(outgoing):
            return Sent()
        calls = render.calls(outgoing.id, outgoing.message)
        for part in range(self._parts_sent.get(outgoing.id, 0), len(calls)):
            try:
                quiet = {"disable_notification": True} if outgoing.is_quiet or part < len(calls) - 1 else NOTHING
                if sent := await self._say(int(chat), calls[part], outgoing.thread, quiet):
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

    async def _say(self, chat: int, call: render.Call, thread: str, more: Mapping[str, Any]) -> int | None:
        """In its thread; in the chat itself when that thread is gone. Returns what `_make` does."""
        if thread:
            try:
                return await self._make(chat, call, {**more, "message_thread_id": int(thread)})
            except BadRequest as error:
                if not is_thread_gone(error):
                    raise
                logger.info("telegram_thread_gone")
        return await self._make(chat, call, more)

    async def _post(self, chat: int, call: render.Call, more: Mapping[str, Any]) -> int | None:
        return await self._make(chat, call, more, self._api.post)

    async def _make(
        self, chat: int, call: render.Call, more: Mapping[str, Any], send: Callable[..., Awaitable[int]] | None = None
    ) -> int | None:
        """Return the message's id; None when there was nothing to send."""
        send = send or self._api.send
        if call.file is None:
            return await send(chat, call, more=more)
        content = await self._content(call.file)
        if content is None:
            text = render.without_file(call)
            return await send(chat, text, more=more) if text else None
        if len(content) > LARGEST_PHOTO:
            call = render.as_document(call)
        try:
            return await send(chat, call, content, more)
        except BadRequest:  # a picture that is too long, too narrow or broken is a file to Telegram
            if call.method != "sendPhoto":
                raise
            return await send(chat, render.as_document(call), content, more)

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
            async for chunk in self._api.file(await self._api.file_url(media.id)):
                yield chunk
        except BadRequest as error:
            if "too big" in error.message.lower():
                raise MediaTooLargeError("more than Telegram hands out") from None
            raise MediaGoneError("Telegram does not have it") from None
        except FileNotFoundError:
            raise MediaGoneError("Telegram does not have it any more") from None
