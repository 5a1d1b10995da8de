"""微信客服: the callback only rings; what was said is read page by page, and a page's place is kept after its messages."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import structlog
from starlette.routing import BaseRoute, Route

from bot.adapter import Accept, Closed, Limits, Outcome, Refused, Sent, TakenOver, Window
from bot.adapters.wecom import parse, render
from bot.adapters.wecom.api import HOST, Page, WeComApi
from bot.adapters.wecom.parse import Failed, StateChanged, Welcome
from bot.model.events import Event, MediaRef
from bot.model.messages import File, Outgoing
from bot.settings import Settings
from bot.store import bookmarks, conversations, outbox, windows
from bot.store.database import Database, StoreUnavailableError
from bot.store.files import Files
from bot.store.tokens import KeptToken
from bot.supervisor import is_being_stopped
from bot.tencent.api import ApiError, NoAnswerError
from bot.tencent.callback import SUCCESS, Answer, Callback
from bot.tencent.callbacks import Callbacks
from bot.tencent.codec import Codec
from bot.tencent.codes import Follows
from bot.tencent.files import CannotBeSentError, Uploads, documents_in, kind_of, media, pictures_in
from bot.tencent.outcomes import FILE_IS_GONE, file_error, is_for_the_operator, outcome_of, problem_of
from bot.wording import Wording

PATH = "/wecom"
RING = "kf_msg_or_event"
WELCOME_SECONDS = 20.0
STATE_SECONDS = 300.0
"""How long a conversation's state is believed; its changes are told."""
LOOK_BACK = timedelta(minutes=2)
"""At the very first start: messages older than this were written before we were here."""
PAUSES = (1.0, 5.0, 30.0, 60.0)
UNDELIVERED_PAUSE = timedelta(minutes=10)
"""Until a message is sent once more that WeCom took and could not bring because of how our account is set up."""
PATROL_SECONDS = 600.0
"""A callback may be lost: now and then we look by ourselves."""
NEW, BOT, QUEUE, PERSON, ENDED = range(5)
TOKEN_ENDED = 95007
MOST_REMEMBERED = 10_000
logger = structlog.get_logger()


class WeComAdapter:
    name = parse.PLATFORM

    def __init__(
        self,
        settings: Settings,
        database: Database,
        wording: Wording,
        files: Files,
        clock: Callable[[], datetime],
        counted: Callable[[str, str], None],
    ) -> None:
        self.callbacks = Callbacks(self.name, counted)
        ours = settings.wecom
        token, key = ours.token.get_secret_value(), ours.aes_key.get_secret_value()
        if not key:
            raise ValueError("without an AES key anybody could write for customers")
        self._codec = Codec(ours.corp_id, token, key, lambda: clock().timestamp())
        secret = ours.secret.get_secret_value()
        kept = KeptToken(database, self.name, ours.corp_id, secret)
        self._api = WeComApi(ours.corp_id, secret, ours.api or HOST, kept, lambda: clock().timestamp())
        self._database = database
        self._clock = clock
        self._wording = wording
        self._language = settings.language
        self._uploads = Uploads(files.read, self._api.upload, clock)
        self._rung: dict[str, asyncio.Event] = {}
        self._tokens: dict[str, str] = {}
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._failure: asyncio.Future[BaseException] | None = None
        self._welcome: dict[str, tuple[str, float]] = {}
        self._states: dict[str, tuple[int, float]] = {}
        self._unread: dict[str, str] = {}
        """By account, and "" for their list, why it cannot be read."""
        self.limits = Limits(
            text_chars=render.MOST_BYTES // 3,
            buttons=render.MOST_BUTTONS,
            windows={
                "message": Window(ours.message_quota, ours.message_hours * 3600.0),
                "enter": Window(1, WELCOME_SECONDS),
            },
            parts=lambda message: len(render.calls(message)) + len(documents_in(message)) + len(pictures_in(message)),
            kept=ours.kept,
        )

    def routes(self, accept: Accept) -> Sequence[BaseRoute]:
        async def ring(fields: Mapping[str, str]) -> Answer:
            account = fields.get("OpenKfId", "")
            if fields.get("Event") == RING and parse.ID.fullmatch(account):
                token = fields.get("Token", "")
                self._tokens[account] = token if token.isascii() and token.isprintable() else ""
                self._ring(account, accept)
            return SUCCESS

        callback = Callback(self.callbacks, self._codec, ring, encrypted_echo=True)
        return (Route(PATH, callback, methods=["GET", "POST"]),)

    async def run(self, accept: Accept) -> None:
        """Looks at each account at the start, at each callback, and now and then. Raises what reading an account failed with."""
        self._failure = asyncio.get_running_loop().create_future()
        try:
            while True:
                try:
                    for one in await self._api.accounts():
                        self._ring(one["open_kfid"], accept)
                    nap = PATROL_SECONDS
                    self._unread.pop("", None)
                except ApiError as error:
                    logger.error("platform_refuses", platform=self.name, why=str(error))
                    if is_for_the_operator(error, self.name):
                        self._unread[""] = problem_of(error, self.name)
                    nap = PAUSES[-1]
                except NoAnswerError as error:
                    logger.warning("platform_unreachable", platform=self.name, why=str(error))
                    nap = PAUSES[-1]
                await asyncio.wait({self._failure}, timeout=nap)
                if self._failure.done():
                    raise self._failure.result()
        except asyncio.CancelledError:
            workers = list(self._workers.values())
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            if is_being_stopped():
                await self._api.close()
            raise

    def problems(self) -> Sequence[str]:
        unread = [f"messages cannot be read: {why}" for why in dict.fromkeys(self._unread.values())]
        return [*self.callbacks.problems(), *unread]

    # Reading

    def _ring(self, account: str, accept: Accept) -> None:
        """One worker an account: its messages come in order."""
        self._rung.setdefault(account, asyncio.Event()).set()
        worker = self._workers.get(account)
        if worker is None or worker.done():
            self._workers[account] = asyncio.create_task(self._work(account, accept))
            self._workers[account].add_done_callback(self._look_at)

    def _look_at(self, worker: asyncio.Task[None]) -> None:
        """A failed worker fails `run`, which begins anew after a pause, with all accounts."""
        error = None if worker.cancelled() else worker.exception()
        if error and self._failure and not self._failure.done():
            self._failure.set_result(error)

    async def _work(self, account: str, accept: Accept) -> None:
        failures = 0
        while self._rung[account].is_set():
            self._rung[account].clear()
            try:
                await self._read_all(account, accept)
                failures = 0
                self._unread.pop(account, None)
            except (ApiError, NoAnswerError, StoreUnavailableError) as error:
                logger.warning("sync_failed", platform=self.name, why=str(error))
                if isinstance(error, ApiError) and is_for_the_operator(error, self.name):
                    self._unread[account] = problem_of(error, self.name)
                self._rung[account].set()
                await asyncio.sleep(PAUSES[min(failures, len(PAUSES) - 1)])
                failures += 1

    async def _read_all(self, account: str, accept: Accept) -> None:
        cursor, since = await self._place(account)
        while True:
            page = await self._page(account, cursor)
            await self._take(page, since, accept)
            cursor = page.next_cursor or cursor
            async with self._database.transaction() as connection:  # after its messages: they may come twice, never not
                await bookmarks.put(connection, f"{self.name}:cursor:{account}", cursor)
            if not page.has_more:
                return

    async def _place(self, account: str) -> tuple[str, datetime]:
        """Where to read on, and from which time on things concern us."""
        async with self._database.reading() as connection:
            cursor = await bookmarks.get(connection, f"{self.name}:cursor:{account}")
            since = await bookmarks.get(connection, f"{self.name}:since:{account}")
        if since is None:
            since = (self._clock() - LOOK_BACK).isoformat()
            async with self._database.transaction() as connection:
                await bookmarks.put(connection, f"{self.name}:since:{account}", since)
        return cursor or "", datetime.fromisoformat(since)

    async def _page(self, account: str, cursor: str) -> Page:
        token = self._tokens.get(account, "")
        try:
            return await self._api.sync(account, cursor, token)
        except ApiError as error:
            if error.code != TOKEN_ENDED or not token:
                raise
            self._tokens.pop(account, None)
            return await self._api.sync(account, cursor, "")

    async def _take(self, page: Page, since: datetime, accept: Accept) -> None:
        """All messages of a page at once, in order; what is done to ours after them."""
        now = self._clock()
        found = [parse.item(one, now) for one in page.items if is_since(one, since)]
        events: list[Event] = []
        for one in found:
            match one:
                case Event():
                    events.append(one)
                case Welcome(event, code):
                    if len(self._welcome) > MOST_REMEMBERED:
                        self._welcome.clear()
                    self._welcome[str(event.address)] = (code, event.at.timestamp() + WELCOME_SECONDS)
                    events.append(event)
                case StateChanged(chat):
                    self._states.pop(f"{self.name}:{chat}", None)
        answers = await asyncio.gather(*(accept(event) for event in events), return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
        for one in found:
            if isinstance(one, Failed):
                await self._failed(one)

    async def _failed(self, failed: Failed) -> None:
        logger.warning("not_delivered", platform=self.name, why=failed.why, follows=failed.follows.value)
        address = f"{self.name}:{failed.chat}"
        becomes = {Follows.CUSTOMER: "waiting", Follows.NEVER: "refused"}.get(failed.follows, "due")
        again_at = self._clock() + UNDELIVERED_PAUSE
        async with self._database.transaction() as connection:
            await outbox.not_delivered(connection, address, render.group_of(failed.message), becomes, again_at)
            if failed.follows is Follows.CUSTOMER:
                await windows.close(connection, address)

    # Sending

    async def send(self, outgoing: Outgoing) -> Outcome:
        address, chat = str(outgoing.address), outgoing.address.chat
        account, _, customer = chat.partition("/")
        if not customer:
            return Refused("not a chat of this platform")
        words = render.calls(outgoing.message, outgoing.id)
        code = self._welcome_code(address)
        if code and (len(words) > 1 or documents_in(outgoing.message)):
            return Closed()  # there is one message for a code
        if code:
            return await self._say(self._api.send_on_event({"code": code, **words[0]}))
        try:
            state = await self._state(account, customer, address)
        except ApiError as error:
            return outcome_of(error, self.name)
        if state in (QUEUE, PERSON):
            return TakenOver()
        if state == ENDED:
            return Closed()
        outcome = await self._send_all(outgoing, {"touser": customer, "open_kfid": account})
        if outcome != Sent():
            self._states.pop(address, None)
        return outcome

    async def _send_all(self, outgoing: Outgoing, to: render.Call) -> Outcome:
        """Words, then documents, then pictures: what is dropped at another try is the last, so all keep their keys."""
        message, documents = outgoing.message, []
        for file in documents_in(message):
            try:
                await self._uploads.number_of(file)
                documents.append(file)
            except CannotBeSentError as error:
                logger.warning("file_not_sent", platform=self.name, why=str(error))
                note = await self._sentence(str(outgoing.address), "wechat.on_the_page")
                message = replace(message, text=f"{message.text}\n\n{note}".strip())
        words = render.calls(message, outgoing.id)
        for call in words:
            if (outcome := await self._say(self._api.send({**to, **call}))) != Sent():
                return outcome
        for place, file in enumerate((*documents, *pictures_in(message)), start=len(words)):
            try:
                await self._send_file(file, {**to, "msgid": render.key(outgoing.id, place)})
            except (CannotBeSentError, ApiError, NoAnswerError) as error:
                if isinstance(error, ApiError) and not file.is_picture:
                    return outcome_of(error, self.name)
                if isinstance(error, NoAnswerError) and not file.is_picture:
                    raise
                logger.warning(
                    "picture_not_sent", platform=self.name, why=str(error)
                )  # what is said makes sense without
        return Sent()

    async def _send_file(self, file: File, to: render.Call) -> None:
        for attempt in (1, 2):
            number = await self._uploads.number_of(file)
            try:
                await self._api.send({**to, **media(kind_of(file), number)})
            except ApiError as error:
                if is_there(error):
                    return
                if error.code not in FILE_IS_GONE or attempt == 2:
                    raise
                self._uploads.forget(file)
            else:
                return

    async def _sentence(self, address: str, key: str) -> str:
        language = self._language
        with suppress(StoreUnavailableError):
            async with self._database.reading() as connection:
                language = await conversations.language_of(connection, address) or language
        return self._wording.text(language, key)

    async def _say(self, call: Awaitable[None]) -> Outcome:
        try:
            await call
        except ApiError as error:
            return Sent() if is_there(error) else outcome_of(error, self.name)
        return Sent()

    def _welcome_code(self, address: str) -> str:
        code, until = self._welcome.pop(address, ("", 0.0))
        return code if until > self._clock().timestamp() else ""

    async def _state(self, account: str, customer: str, address: str) -> int:
        state, until = self._states.get(address, (NEW, 0.0))
        if until > time.monotonic():
            return state
        state = await self._api.service_state(account, customer)
        if len(self._states) > MOST_REMEMBERED:
            self._states.clear()
        if state in (NEW, BOT):
            self._states[address] = (state, time.monotonic() + STATE_SECONDS)
        return state

    async def open_media(self, media: MediaRef) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._api.media(media.id):
                yield chunk
        except ApiError as error:
            raise file_error(error, self.name) from None


def is_there(error: ApiError) -> bool:
    """It has this one already: we were ended before we could note it."""
    return "msgid" in error.said.lower()


def is_since(item: parse.Item, since: datetime) -> bool:
    sent = item.get("send_time")
    return not isinstance(sent, int) or datetime.fromtimestamp(sent, UTC) >= since
