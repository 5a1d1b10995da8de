"""Telegram's adapter: updates in, polled or by webhook; messages out; buttons that belong to whom they were shown."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import structlog
from starlette.routing import BaseRoute
from telegram.constants import FileSizeLimit
from telegram.error import BadRequest, TelegramError

from bot.adapter import Accept, Later, Limits, MediaGoneError, MediaTooLargeError, Outcome, Rate, Refused, Sent
from bot.adapters.telegram import parse, render
from bot.adapters.telegram.api import Api
from bot.adapters.telegram.beside import Beside
from bot.adapters.telegram.outcomes import outcome_of
from bot.adapters.telegram.polling import pause_after, poll
from bot.adapters.telegram.profile import introduce
from bot.adapters.telegram.webhook import register, route
from bot.log import where
from bot.model.events import Event, MediaRef, Pressed, Text, Upload, cleaned
from bot.model.messages import File, Outgoing
from bot.settings import Settings
from bot.store import inbox, outbox
from bot.store.database import Database, StoreUnavailableError
from bot.store.files import Files
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


class TelegramAdapter:
    name = parse.PLATFORM

    def __init__(self, settings: Settings, secret: str, database: Database, files: Files, wording: Wording) -> None:
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
        self._sending: set[asyncio.Task[Any]] = set()
        self._is_stopping = False
        self._beside = Beside(self._api)

    # Receiving

    async def run(self, accept: Accept) -> None:
        """Until cancelled."""
        introducing = asyncio.create_task(self._introduce())
        try:
            if self._settings.mode == "polling":
                await poll(self._api, lambda updates: self._take_all(updates, accept))
            else:
                await register(self._api, f"{self._settings.public_url}{self._settings.path}", self._secret)
                await asyncio.Event().wait()
        finally:
            introducing.cancel()
            self._beside.stop()
            self._is_stopping = True
            if self._sending:  # cut off, they would have to be sent again
                await asyncio.wait(self._sending, timeout=STOP_SECONDS)
            await self._api.close()

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

    async def _take(self, event: Event, accept: Accept) -> None:
        await accept(event)
        if isinstance(event.body, Upload):
            self._beside.show_typing(event.address.chat)

    async def _events_of(self, updates: Sequence[Any]) -> list[Event]:
        """In their order. Raises StoreUnavailableError."""
        events = []
        for update in updates:
            try:
                event = parse.event_of(update, self._me)
            except Exception as error:
                logger.error("telegram_update_unreadable", error=where(error))
                event = parse.unreadable(update, self._me)
            if event:
                events.append(event)
                if isinstance(event.body, Pressed):
                    self._beside.answer_press(update["callback_query"])
        return await self._without_empty_edits(await self._with_buttons(events))

    async def _without_empty_edits(self, events: list[Event]) -> list[Event]:
        """Telegram tells of an edit too when only the preview of a link came."""
        originals = [
            event.body.instead_of for event in events if isinstance(event.body, Text) and event.body.instead_of
        ]
        if not originals:
            return events
        async with self._database.reading() as connection:
            heard = await inbox.seen(connection, originals)
        before = {id_: message.text for id_, message in heard.items() if message}
        return [
            event
            for event in events
            if not isinstance(event.body, Text) or before.get(event.body.instead_of) != event.body.text
        ]

    async def _with_buttons(self, events: list[Event]) -> list[Event]:
        """What was pressed, from what was shown in that chat; else a button that nobody has."""
        tokens = {event.id: render.token(event.body.button) for event in events if isinstance(event.body, Pressed)}
        if not tokens:
            return events
        async with self._database.reading() as connection:
            shown = await outbox.several(connection, [token[0] for token in tokens.values() if token])
        found = []
        for event in events:
            if isinstance(event.body, Pressed):
                button, token = "?", tokens[event.id]
                message = shown.get(token[0]) if token else None
                if token and message and message.address == event.address and token[1] < len(message.message.buttons):
                    button = cleaned(message.message.buttons[token[1]].id)
                event = replace(event, body=Pressed(button))
            found.append(event)
        return found

    def routes(self, accept: Accept) -> Sequence[BaseRoute]:
        if self._settings.mode != "webhook":
            return ()
        return (route(self._settings.path, self._secret, lambda updates: self._take_all(updates, accept)),)

    # Sending

    async def send(self, outgoing: Outgoing) -> Outcome:
        if self._is_stopping:
            return Later(RESTART_SECONDS)
        task = asyncio.current_task()
        assert task
        self._sending.add(task)
        try:
            return await self._send(outgoing)
        finally:
            self._sending.discard(task)

    async def _send(self, outgoing: Outgoing) -> Outcome:
        """Telegram knows no idempotency keys: what was sent is remembered here, part by part, for as long as we run."""
        chat = outgoing.address.chat
        if not chat.removeprefix("-").isdecimal():
            return Refused("no chat of Telegram's", is_unreachable=True)
        self._beside.stop_typing(chat)
        calls = render.calls(outgoing.id, outgoing.message)
        for part in range(self._parts_sent.get(outgoing.id, 0), len(calls)):
            try:
                await self._make(int(chat), calls[part])
            except TelegramError as error:
                outcome = outcome_of(error)
                if outcome is None:
                    raise
                return outcome
            self._remember(outgoing.id, part + 1)
        return Sent()

    async def _make(self, chat: int, call: render.Call) -> None:
        if call.file is None:
            await self._api.send(chat, call)
            return
        content = await self._content(call.file)
        if content is None:
            if text := render.without_file(call):
                await self._api.send(chat, text)
            return
        if len(content) > LARGEST_PHOTO:
            call = render.as_document(call)
        try:
            await self._api.send(chat, call, content)
        except BadRequest:  # a picture that is too long, too narrow or broken is a file to Telegram
            if call.method != "sendPhoto":
                raise
            await self._api.send(chat, render.as_document(call), content)

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
