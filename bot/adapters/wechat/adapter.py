"""The official account and the mini program: callbacks in, answered at once where WeChat allows it, calls out."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Protocol
from urllib.parse import urlsplit

import structlog
from starlette.routing import BaseRoute, Route

from bot.adapter import Accept, Limits, MediaGoneError, Outcome, Sent, Window
from bot.adapters.wechat import parse, render
from bot.adapters.wechat.api import WeChatApi
from bot.log import where
from bot.model.events import Event, MediaRef, Upload
from bot.model.messages import Author, File, Message, Outgoing
from bot.settings import SubscribeTemplate
from bot.store import conversations, outbox
from bot.store.database import Database, StoreUnavailableError
from bot.store.files import Files
from bot.store.outbox import ToSay
from bot.tencent.api import ApiError, NoAnswerError
from bot.tencent.callback import SUCCESS, XML, Answer, Callback
from bot.tencent.codec import Codec, text_reply
from bot.tencent.files import IMAGE, CannotBeSentError, Uploads, documents_in, media, pictures_in
from bot.tencent.outcomes import outcome_of
from bot.tencent.text import pieces
from bot.wording import Wording

ANSWER_SECONDS = 4.5
"""WeChat ends the connection after 5 and asks again."""
BEYOND_SECONDS = 1.5
"""Then it has surely gone."""
ATTEMPTS = 3
HOLD_SECONDS = 15.0
"""As long as WeChat asks again: until then what was said is the answer to a callback."""
REMEMBERED_SECONDS = 30.0
RETRY_SECONDS = 0.3
LOOK_SECONDS = 0.25
MOST_REMEMBERED = 10_000
PICTURE_HOSTS = (".qpic.cn", ".qlogo.cn")
NO_MENUS = 40200
ON_THE_PAGE = "wechat.on_the_page"
NO_TEMPLATE = SubscribeTemplate()
GONE = frozenset({40007, 40009, 41006})
logger = structlog.get_logger()


class Settle(Protocol):
    def __call__(self, platform: str, ids: Sequence[str], *, told: bool, pictures: Sequence[Outgoing] = ()) -> None:
        """What the adapter held as the answer to a callback: it is told, or left to delivery. `pictures` follow it."""


@dataclass(frozen=True, slots=True)
class Account:
    """What is different between an official account and a mini program. `answers`: a callback can be answered with a text.

    `notices`: the call for notices that customers subscribed to.
    """

    name: str
    path: str
    windows: Mapping[str, Window]
    kept: int
    answers: bool = True
    may_write: bool = True
    with_menu: bool = True
    template: SubscribeTemplate = NO_TEMPLATE
    notices: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a callback: a text or nothing, which stored messages are told with it, and what has to follow it."""

    text: str = ""
    told: tuple[str, ...] = ()
    pictures: tuple[Outgoing, ...] = ()


@dataclass(slots=True)
class UnderWay:
    """A message being handled; all attempts of it wait for the same turn."""

    task: asyncio.Task[Reply]
    since: float
    attempts: int = 0
    settled: bool = field(default=False)


class WeChatAdapter:
    def __init__(
        self,
        account: Account,
        codec: Codec,
        api: WeChatApi,
        database: Database,
        wording: Wording,
        language: str,
        files: Files,
        settle: Settle,
        clock: Callable[[], datetime],
    ) -> None:
        self.name = account.name
        self._account = account
        self._codec = codec
        self._api = api
        self._database = database
        self._wording = wording
        self._language = language
        self._uploads = Uploads(files.read, api.upload, clock)
        self._settle = settle
        self._clock = clock
        self._under_way: dict[str, UnderWay] = {}
        self._with_menu = account.with_menu and account.may_write
        self._sent: dict[tuple[str, int], None] = {}
        self._taken: dict[str, None] = {}
        self._held: dict[str, list[tuple[Outgoing, float]]] = {}
        self._rest: dict[str, list[str]] = {}
        notes = [wording.text(one, ON_THE_PAGE) for one in wording.languages]
        self._longest_note = max(notes, key=lambda note: len(note.encode()))
        self.limits = Limits(
            text_chars=render.MOST_BYTES // 3,
            buttons=render.MOST_BUTTONS,
            has_buttons=self._with_menu,
            windows=account.windows if account.may_write else {},
            parts=self._parts,
            kept=account.kept,
            hold_seconds=HOLD_SECONDS if account.answers else 0.0,
        )

    def routes(self, accept: Accept) -> Sequence[BaseRoute]:
        async def take(fields: Mapping[str, str]) -> Answer:
            try:
                us = parse.needed(fields, "ToUserName")
                event = parse.event(
                    fields,
                    self.name,
                    self._clock(),
                    by_address=not self._account.may_write,
                    template=self._account.template.id,
                )
            except parse.NotAMessageError as error:
                return callback.unread(error)
            return await self._answer(event, us, accept) if event else SUCCESS

        callback = Callback(self.name, self._codec, take)
        return (Route(self._account.path, callback, methods=["GET", "POST"]),)

    async def run(self, accept: Accept) -> None:
        """WeChat calls us; until cancelled there is nothing to poll."""
        try:
            await asyncio.Event().wait()
        finally:
            for one in self._under_way.values():
                one.task.cancel()
            await self._api.close()

    # Callbacks

    async def _answer(self, event: Event, us: str, accept: Accept) -> Answer:
        self._forget_old()
        one = self._under_way.get(event.id)
        if one is None:
            one = UnderWay(asyncio.create_task(self._turn(event, accept)), time.monotonic())
            self._under_way[event.id] = one
        one.attempts += 1
        is_last = one.attempts >= ATTEMPTS
        done, _ = await asyncio.wait({one.task}, timeout=ANSWER_SECONDS)
        if not done and not is_last:
            # Any answer would say that we have it. The connection ends, and the next attempt waits for the same turn.
            done, _ = await asyncio.wait({one.task}, timeout=BEYOND_SECONDS)
        if not done:
            if is_last:
                one.task.cancel()
            return self._not_stored(event, us, is_last=is_last)
        if one.task.cancelled() or one.task.exception():
            self._under_way.pop(event.id, None)
            error = None if one.task.cancelled() else one.task.exception()
            logger.error("callback_failed", platform=self.name, where=where(error) if error else "cancelled")
            return self._not_stored(event, us, is_last=True)
        reply = one.task.result()
        after = None
        if reply.told and not one.settled:
            one.settled = True
            after = partial(self._told, reply)
        return self._sealed(event, us, reply, after)

    def _not_stored(self, event: Event, us: str, *, is_last: bool) -> Answer:
        """The customer is told so; before the last attempt nobody is there any more to read it."""
        sentence = self._wording.text(self._language, "wechat.not_stored")
        by_call = is_last and not self._account.answers
        after = partial(self._tell_by_call, event.address.chat, sentence) if by_call else None
        return self._sealed(event, us, Reply(sentence), after)

    async def _tell_by_call(self, chat: str, sentence: str) -> None:
        with suppress(ApiError, NoAnswerError):
            await self._api.send(render.text(chat, sentence))

    async def _told(self, reply: Reply) -> None:
        """After the answer has gone out."""
        self._settle(self.name, reply.told, told=True, pictures=reply.pictures)

    def _sealed(self, event: Event, us: str, reply: Reply, after: Callable[[], Awaitable[None]] | None) -> Answer:
        if not reply.text or not self._account.answers:
            return replace(SUCCESS, after=after)
        xml = text_reply(event.address.chat, us, reply.text, int(self._clock().timestamp()))
        return Answer(self._codec.seal(xml).encode(), kind=XML, after=after)

    def _forget_old(self) -> None:
        """The oldest stand first."""
        old = time.monotonic() - REMEMBERED_SECONDS
        while self._under_way:
            id_, oldest = next(iter(self._under_way.items()))
            if oldest.since > old:
                return
            oldest.task.cancel()
            del self._under_way[id_]

    async def _turn(self, event: Event, accept: Accept) -> Reply:
        while True:
            try:
                said = await accept(event)
                break
            except StoreUnavailableError:
                await asyncio.sleep(RETRY_SECONDS)
        if not self._account.answers:
            return Reply()
        address = str(event.address)
        if not self._account.may_write and isinstance(event.body, Upload):
            return await self._reply_in_time(address)
        is_told = any(one.author is not Author.CUSTOMER for one in said) or address in self._held
        if not is_told and self._account.may_write:
            return Reply()
        return await self._reply(address)

    def hold(self, address: str, several: Sequence[Outgoing]) -> None:
        """What the next answer to this customer may tell."""
        until = time.monotonic() + HOLD_SECONDS / 2  # then delivery comes near, and both must not tell it
        self._held.setdefault(address, []).extend((one, until) for one in several)
        if len(self._held) > MOST_REMEMBERED:
            del self._held[next(iter(self._held))]

    async def _to_tell(self, address: str) -> list[Outgoing]:
        """What this callback may answer with, and no other: it is ours until it is settled."""
        held = [one for one, until in self._held.pop(address, ()) if until > time.monotonic()]
        if held:
            return self._take(held)
        now = self._clock()  # after a restart: what the process before us had not told
        return self._take(
            [one.outgoing for one in await self._unsaid(address) if one.state == "due" and one.due_at > now]
        )

    async def _unsaid(self, address: str) -> list[ToSay]:
        async with self._database.reading() as connection:
            return (await outbox.to_say(connection, [address])).get(address, [])

    def _take(self, several: Sequence[Outgoing]) -> list[Outgoing]:
        """Two messages of a customer may be answered at the same time: each answer is in one of the two."""
        ours = [one for one in several if one.id not in self._taken]
        for one in ours:
            self._taken[one.id] = None
            if len(self._taken) > MOST_REMEMBERED:
                del self._taken[next(iter(self._taken))]
        return ours

    def _leave(self, ids: Sequence[str]) -> None:
        """To delivery."""
        for id_ in ids:
            self._taken.pop(id_, None)
        self._settle(self.name, ids, told=False)

    async def _reply(self, address: str) -> Reply:
        held = await self._to_tell(address)
        ids = tuple(one.id for one in held)
        messages = [await self._noted(address, one.message) for one in held]
        if self._account.may_write:
            text = None if self._with_menu and any(one.buttons for one in messages) else render.passive(messages)
            if text is None:
                self._leave(ids)
                return Reply()
            return Reply(text, ids, tuple(pictures_of(one) for one in held if pictures_in(one.message)))
        return await self._as_much_as_fits(address, ids, messages)

    async def _as_much_as_fits(self, address: str, ids: Sequence[str], messages: Sequence[Message]) -> Reply:
        """For an account that can only answer: the rest waits for the customer's next message."""
        parked = self._rest.pop(address, [])
        if parked:
            if parked[1:]:
                self._rest[address] = parked[1:]
            self._leave(ids)
            return Reply(parked[0])
        count = len(messages)
        while count and render.passive(messages[:count]) is None:
            count -= 1
        if count == len(messages):
            return Reply(render.passive(messages) or "", tuple(ids))
        more = await self._sentence(address, "wechat.more")
        if count == 0:
            whole = render.calls(messages[0], "", with_menu=False)
            text = "".join(call["text"]["content"] for call in whole)
            first, *rest = pieces(text, render.MOST_BYTES - len(f"\n\n{more}".encode()))
            self._rest[address] = rest
            self._leave(ids[1:])
            return Reply(f"{first}\n\n{more}", (ids[0],))
        self._leave(ids[count:])
        return Reply(render.passive(messages[:count]) or "", tuple(ids[:count]))

    async def _reply_in_time(self, address: str) -> Reply:
        """A file is looked at beside the conversation; an account that cannot write waits a moment for what came of it."""
        for _ in range(int((ANSWER_SECONDS - 1) / LOOK_SECONDS)):
            unsaid = [one.outgoing for one in await self._unsaid(address) if one.state in ("due", "waiting")]
            if ready := self._take(unsaid):
                messages = [await self._noted(address, one.message) for one in ready]
                return await self._as_much_as_fits(address, [one.id for one in ready], messages)
            await asyncio.sleep(LOOK_SECONDS)
        return Reply(await self._sentence(address, "wechat.in_progress"))

    async def _sentence(self, address: str, key: str) -> str:
        language = self._language
        with suppress(StoreUnavailableError):
            async with self._database.reading() as connection:
                language = await conversations.language_of(connection, address) or language
        return self._wording.text(language, key)

    async def _noted(self, address: str, message: Message) -> Message:
        """Under it where the documents are that this platform cannot bring."""
        if not documents_in(message):
            return message
        return replace(message, text=f"{message.text}\n\n{await self._sentence(address, ON_THE_PAGE)}".strip())

    def _parts(self, message: Message) -> int:
        if documents_in(message):
            message = replace(message, text=f"{message.text}\n\n{self._longest_note}")
        return len(render.calls(message, "", with_menu=self._with_menu)) + len(pictures_in(message))

    # Calls

    async def send(self, outgoing: Outgoing) -> Outcome:
        message, chat = await self._noted(str(outgoing.address), outgoing.message), outgoing.address.chat
        calls = render.calls(message, chat, with_menu=self._with_menu)
        for number, call in enumerate(calls):
            if (outgoing.id, number) in self._sent:
                continue
            try:
                await self._api.send(call)
            except ApiError as error:
                if error.code == NO_MENUS and self._with_menu:
                    self._with_menu = False
                    return await self.send(outgoing)
                return outcome_of(error, self.name)
            self._remember(outgoing.id, number)
        for picture in pictures_in(message):
            await self._show(chat, picture)
        return Sent()

    async def _show(self, chat: str, picture: File) -> None:
        """What is said makes sense without: a picture that does not go is not tried again."""
        try:
            for attempt in (1, 2):
                number = await self._uploads.number_of(picture)
                try:
                    return await self._api.send({"touser": chat, **media(IMAGE, number)})
                except ApiError as error:
                    if error.code not in GONE or attempt == 2:
                        raise
                    self._uploads.forget(picture)
        except (CannotBeSentError, ApiError, NoAnswerError) as error:
            logger.warning("picture_not_sent", platform=self.name, why=str(error))

    @property
    def may_notify(self) -> bool:
        return bool(self._account.template.id and self._account.may_write)

    async def notify(self, outgoing: Outgoing) -> Outcome:
        """That there is news: the words themselves wait until the customer writes."""
        what = await self._sentence(str(outgoing.address), "wechat.news")
        notice = render.notice(outgoing, self._account.template, what)
        try:
            await self._api.notify(self._account.notices, notice)
        except ApiError as error:
            return outcome_of(error, self.name)
        return Sent()

    def _remember(self, id_: str, number: int) -> None:
        """WeChat knows no keys: what it took is not sent again while this process runs."""
        self._sent[id_, number] = None
        if len(self._sent) > MOST_REMEMBERED:
            del self._sent[next(iter(self._sent))]

    async def open_media(self, media: MediaRef) -> AsyncIterator[bytes]:
        if media.id.startswith(parse.PICTURE):
            address = media.id.removeprefix(parse.PICTURE)
            if not is_wechats(address):
                raise MediaGoneError("not at WeChat's")
            found = self._api.picture(address)
        else:
            found = self._api.media(media.id)
        try:
            async for chunk in found:
                yield chunk
        except ApiError as error:
            if error.code in GONE:
                raise MediaGoneError(str(error)) from None
            raise


def pictures_of(outgoing: Outgoing) -> Outgoing:
    """Its pictures and none of its words."""
    message = replace(outgoing.message, text="", buttons=(), files=tuple(pictures_in(outgoing.message)))
    return replace(outgoing, message=message)


def is_wechats(address: str) -> bool:
    """The one kind of address from a message that is ever opened."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    return parts.scheme in ("http", "https") and port is None and not parts.username and host.endswith(PICTURE_HOSTS)
