"""Telegram's adapter: updates in, polled or by webhook; messages out; buttons that belong to whom they were shown."""

import asyncio
import hmac
import json
from collections import OrderedDict
from collections.abc import AsyncIterator, Coroutine, Sequence
from typing import Any

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from telegram.error import BadRequest, Conflict, InvalidToken, RetryAfter, TelegramError

from bot.adapter import Accept, Limits, MediaGoneError, MediaTooLargeError, Outcome, Rate, Refused, Sent
from bot.adapters.telegram import parse, render
from bot.adapters.telegram.api import Api
from bot.adapters.telegram.outcomes import outcome_of, seconds_of
from bot.adapters.telegram.profile import introduce
from bot.log import where
from bot.model.events import Event, MediaRef, Pressed, Upload, cleaned
from bot.model.messages import Outgoing
from bot.settings import Settings
from bot.store import outbox
from bot.store.database import Database, StoreUnavailableError
from bot.wording import Wording

OVERALL = Rate(25, 1.0, burst=5)
"""Telegram allows about 30 a second; the rest is for what is not in the outbox: answered buttons, typing."""
A_PERSON = Rate(1, 1.0, burst=5)
A_GROUP = Rate(16, 60.0, burst=4)
"""At most 20 in any minute."""
PAUSES = (1.0, 2.0, 5.0, 10.0)
"""Seconds until the next question for updates after one that failed, growing."""
REFUSED_SECONDS = 60.0
RETRY_SECONDS = 1
LARGEST_UPDATE = 1 << 20
READ_SECONDS = 4.0
MOST_REMEMBERED = 2000
TYPING_SECONDS = 4.5
"""Telegram shows it for 5."""
LONGEST_TYPING = 6
"""Times in a row."""
MOST_BESIDE = 20
"""Things that only look nice, under way at a time; more are dropped."""
logger = structlog.get_logger()


def rate_of(chat: str) -> Rate:
    return A_GROUP if chat.startswith("-") else A_PERSON


class TelegramAdapter:
    name = parse.PLATFORM

    def __init__(self, settings: Settings, secret: str, database: Database, wording: Wording) -> None:
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
        self._wording = wording
        self._api = Api(settings.telegram)
        self._me = parse.Me(int(settings.telegram.token.get_secret_value().partition(":")[0]))
        self._parts_sent: OrderedDict[str, int] = OrderedDict()
        self._typing: dict[str, asyncio.Task[None]] = {}
        self._beside: set[asyncio.Task[None]] = set()

    # Receiving

    async def run(self, accept: Accept) -> None:
        """Until cancelled."""
        introducing = asyncio.create_task(self._introduce())
        try:
            if self._settings.mode == "polling":
                await self._poll(accept)
            else:
                await self._register_webhook()
                await asyncio.Event().wait()
        finally:
            for task in (introducing, *self._beside, *self._typing.values()):
                task.cancel()
            await self._api.close()

    async def _introduce(self) -> None:
        """Until our name is known, nothing in a group is for us."""
        failures = 0
        while not self._me.username:
            try:
                found = await self._api.me()
                self._me = parse.Me(self._me.id, str(found["username"]))
            except (TelegramError, KeyError, TypeError):
                await asyncio.sleep(PAUSES[min(failures, len(PAUSES) - 1)])
                failures += 1
        await introduce(self._api, self._wording, self._language, self._shop)

    async def _poll(self, accept: Accept) -> None:
        """What an answer held is confirmed by the next question, after it was stored."""
        offset: int | None = None
        failures = 0
        while True:
            try:
                updates = await self._api.updates(offset)
                failures = 0
            except (TelegramError, KeyError) as error:
                pause = await self._after_failed_poll(error, failures)
                failures += 1
                await asyncio.sleep(pause)
                continue
            if await self._take_all(updates, accept):
                offset = next_offset(updates)
            else:
                await asyncio.sleep(RETRY_SECONDS)

    async def _after_failed_poll(self, error: Exception, failures: int) -> float:
        """Seconds until the next try."""
        pause = PAUSES[min(failures, len(PAUSES) - 1)]
        match error:
            case Conflict() if "webhook" in error.message.lower():
                logger.warning(
                    "telegram_webhook_removed", why="this bot polls ([telegram] mode), but a webhook was set"
                )
                await self._try(self._api.delete_webhook())
            case Conflict():
                why = "another program asks for this bot's updates: stop it, or give this one a token of its own"
                logger.error("telegram_second_poller", why=why)
            case InvalidToken():
                logger.error(
                    "telegram_token_refused", why="Telegram does not know telegram.token: ask @BotFather for it"
                )
                pause = REFUSED_SECONDS
            case RetryAfter():
                pause = seconds_of(error)
            case _:
                logger.warning("telegram_not_reached", error=type(error).__name__, seconds=pause)
        return pause

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
            self._show_typing(event.address.chat)

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
                    self._answer_press(update["callback_query"])
        return await self._with_buttons(events)

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
                event = replaced(event, Pressed(button))
            found.append(event)
        return found

    def routes(self, accept: Accept) -> Sequence[BaseRoute]:
        if self._settings.mode != "webhook":
            return ()

        async def take_update(request: Request) -> Response:
            """200 means stored. Telegram brings anything else again, and keeps that chat's later updates back until then."""
            given = request.headers.get("x-telegram-bot-api-secret-token", "")
            if not hmac.compare_digest(given.encode(), self._secret.encode()):
                return Response(status_code=403)
            try:
                async with asyncio.timeout(READ_SECONDS):
                    body = await read(request)
            except (TimeoutError, ClientDisconnect):
                return Response(status_code=408, headers={"Connection": "close"})
            if body is None:
                return Response(status_code=413, headers={"Connection": "close"})
            try:
                update = json.loads(body)
            except (ValueError, RecursionError):
                return Response(status_code=400)
            if await self._take_all([update], accept):
                return Response(status_code=200)
            return Response(status_code=503, headers={"Retry-After": str(RETRY_SECONDS)})

        return (Route(self._settings.path, take_update, methods=["POST"]),)

    async def _register_webhook(self) -> None:
        failures = 0
        while True:
            try:
                await self._api.set_webhook(f"{self._settings.public_url}{self._settings.path}", self._secret)
            except (TelegramError, KeyError) as error:
                pause = await self._after_failed_poll(error, failures)
                failures += 1
                await asyncio.sleep(pause)
            else:
                logger.info("telegram_webhook_set")
                return

    # Sending

    async def send(self, outgoing: Outgoing) -> Outcome:
        """Telegram knows no idempotency keys: what was sent is remembered here, part by part, for as long as we run."""
        chat = outgoing.address.chat
        if not chat.removeprefix("-").isdecimal():
            return Refused("no chat of Telegram's", is_unreachable=True)
        self._stop_typing(chat)
        calls = render.calls(outgoing.id, outgoing.message)
        for part in range(self._parts_sent.get(outgoing.id, 0), len(calls)):
            try:
                await self._api.send_message(int(chat), calls[part])
            except TelegramError as error:
                outcome = outcome_of(error)
                if outcome is None:
                    raise
                return outcome
            self._remember(outgoing.id, part + 1)
        return Sent()

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

    # What only looks nice: tried once

    def _answer_press(self, query: dict[str, Any]) -> None:
        """At once, as the button is shown as busy until then and the answer is refused after some seconds."""
        self._do_beside(self._api.answer_press(query["id"]))
        self._do_beside(self._show_pressed(query))

    async def _show_pressed(self, query: dict[str, Any]) -> None:
        message = query["message"]
        markup = render.pressed(message["reply_markup"], query["data"])
        if markup != message["reply_markup"]:
            await self._api.change_buttons(message["chat"]["id"], message["message_id"], markup)

    def _show_typing(self, chat: str) -> None:
        if chat not in self._typing:
            task = asyncio.create_task(self._go_on_typing(chat))
            self._typing[chat] = task
            task.add_done_callback(lambda done: self._typing.pop(chat) if self._typing.get(chat) is done else None)

    async def _go_on_typing(self, chat: str) -> None:
        for _ in range(LONGEST_TYPING):
            await self._try(self._api.show_typing(int(chat)))
            await asyncio.sleep(TYPING_SECONDS)

    def _stop_typing(self, chat: str) -> None:
        if task := self._typing.get(chat):
            task.cancel()

    def _do_beside(self, work: Coroutine[Any, Any, None]) -> None:
        if len(self._beside) >= MOST_BESIDE:
            work.close()
            return
        task = asyncio.create_task(self._try(work))
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    async def _try(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:  # such as a message that is too old to be shown to us whole
            logger.debug("telegram_not_done", error=type(error).__name__)


def next_offset(updates: Sequence[Any]) -> int | None:
    """None once all is confirmed, so it is never kept for long: after a silent week Telegram begins to count anew, maybe lower,
    and an offset above that would confirm what nobody has seen.
    """
    ids = [update["update_id"] for update in updates if isinstance(update, dict) and "update_id" in update]
    return max(ids) + 1 if ids else None


def replaced(event: Event, body: Pressed) -> Event:
    return Event(event.id, event.address, event.at, body, event.language)


async def read(request: Request) -> bytes | None:
    """The body, or None when it is too large."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_UPDATE:
            return None
    return body
