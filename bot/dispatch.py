"""The one path: events come in, turns are handled, everything is saved in one transaction.

Whatever has arrived meanwhile is one batch: a commit costs the same for one turn as for two hundred.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapter import Limits
from bot.batch import Batch, BatchStore, link_named_in, load_links, repeated_answers
from bot.custody import close
from bot.language import next_language
from bot.log import where
from bot.metrics import Metrics
from bot.model.case import WRITTEN
from bot.model.events import AgentAction, Event, Pressed, Unusable, Upload
from bot.model.messages import Message
from bot.router import Routes
from bot.store import inbox
from bot.store.database import BUSY_SECONDS, Database, StoreUnavailableError
from bot.store.setaside import SetAside
from bot.turn import Shared, Turn, new_id

MOST_IN_A_BATCH = 200
STOPPING = "the bot is stopping, or starts a part of it again"
logger = structlog.get_logger()


class ActionRefusedError(Exception):
    """An agent's action was not done; the text says why."""


@dataclass(slots=True)
class Waiting:
    """`since`: seconds of the performance counter."""

    event: Event
    answer: asyncio.Future[Sequence[Message]]
    since: float


class Dispatcher:
    """`stored` is called after each commit with the messages that it holds; `limits` are those of the platforms served.

    `room` tells of how many messages of a platform delivery would send at once.
    """

    def __init__(
        self,
        database: Database,
        routes: Routes,
        shared: Shared,
        clock: Callable[[], datetime],
        *,
        stored: Callable[[Batch], None],
        metrics: Metrics,
        limits: Mapping[str, Limits] | None = None,
        room: Callable[[str], int] = lambda platform: 0,
    ) -> None:
        self._database = database
        self._routes = routes
        self._shared = shared
        self._clock = clock
        self._stored = stored
        self._metrics = metrics
        self._store = BatchStore(clock, shared.settings.language, limits or {}, room)
        self._arrived: asyncio.Queue[Waiting] = asyncio.Queue()
        self._stopped = False

    def accept(self, event: Event) -> asyncio.Future[Sequence[Message]]:
        """Done after the commit, or with StoreUnavailableError or ActionRefusedError; then nothing was changed."""
        answer: asyncio.Future[Sequence[Message]] = asyncio.get_running_loop().create_future()
        if self._stopped:
            answer.set_exception(StoreUnavailableError(STOPPING))
        else:
            self._arrived.put_nowait(Waiting(event, answer, time.perf_counter()))
        return answer

    async def run(self) -> None:
        """Until cancelled. However it ends, who waits is told that nothing can be stored, and asks again: nobody waits for ever."""
        batch: list[Waiting] = []
        self._stopped = False
        try:
            while True:
                batch = [await self._arrived.get()]
                while len(batch) < MOST_IN_A_BATCH and not self._arrived.empty():
                    batch.append(self._arrived.get_nowait())
                await self._handle(batch)
        finally:
            self._stopped = True
            while not self._arrived.empty():
                batch.append(self._arrived.get_nowait())
            for waiting in batch:
                if not waiting.answer.done():
                    waiting.answer.set_exception(StoreUnavailableError(STOPPING))

    async def _handle(self, batch: list[Waiting]) -> None:
        try:
            done = await self.handle([waiting.event for waiting in batch], within=left_for(batch))
        except StoreUnavailableError as error:
            logger.error("store_unavailable", why=str(error), count=len(batch))
            answer_all(batch, error)
        except Exception as error:
            if len(batch) > 1:  # one of them cannot be saved: find it without holding up the others
                for waiting in batch:
                    await self._handle([waiting])
                return
            logger.error("turn_not_saved", id=batch[0].event.id, where=where(error), error=type(error).__name__)
            await self._set_aside_alone(batch[0], error)
        else:
            answers = {turn.event.id: turn for turn in done.turns}
            failed = {one.event.id: one.id for one in done.setaside if isinstance(one.event.body, AgentAction)}
            now = time.perf_counter()
            for waiting in batch:
                if waiting.answer.done():
                    continue
                self._metrics.accepted(waiting.event.address.platform, now - waiting.since)
                turn = answers.get(waiting.event.id)
                if turn and turn.refusal:
                    waiting.answer.set_exception(ActionRefusedError(turn.refusal))
                elif waiting.event.id in failed:
                    why = f"it failed and is set aside as {failed[waiting.event.id]}: see `shouhou setaside show`"
                    waiting.answer.set_exception(ActionRefusedError(why))
                elif turn:
                    waiting.answer.set_result([turn.heard, *turn.said] if turn.heard else turn.said)
                else:
                    waiting.answer.set_result(done.repeated.get(waiting.event.id, []))

    async def _set_aside_alone(self, waiting: Waiting, error: Exception) -> None:
        try:
            done = await self.handle([waiting.event], failing=error, within=left_for([waiting]))
        except Exception as second:
            answer_all([waiting], StoreUnavailableError(type(second).__name__))
        else:
            answer_all([waiting], done.turns[0].said if done.turns else [])

    async def handle(
        self, events: Sequence[Event], *, failing: Exception | None = None, within: float = BUSY_SECONDS
    ) -> Batch:
        """All these events in one transaction. `failing` says why they could not be saved before: they are set aside.

        `within` so many seconds a lock of another process must be free.
        """
        read = [self._read(event) for event in events]
        async with self._database.transaction(within) as connection:
            batch = await self._turns(connection, read, failing)
            await self._store.save(connection, batch)
        try:
            self._stored(batch)
        except Exception as error:  # all is stored: what was not woken by it looks by itself
            logger.error("not_woken", where=where(error))
        for turn in batch.turns:
            self._metrics.handled(turn.event.address.platform, type(turn.event.body).__name__.lower())
        self._metrics.set_aside(len(batch.setaside))
        return batch

    def _read(self, event: Event) -> Event:
        if not event.words or event.words.startswith("/"):
            return event
        return replace(event, reading=self._shared.knowledge.read(event.words))

    async def _turns(self, connection: AsyncConnection, events: Sequence[Event], failing: Exception | None) -> Batch:
        batch = Batch()
        seen = await inbox.seen(connection, [event.id for event in events])
        if seen:
            batch.repeated = await repeated_answers(connection, seen)
        fresh = {event.id: event for event in events if event.id not in seen}
        states = await self._store.load(connection, list(fresh.values()))
        known = await load_links(connection, fresh.values())
        now = self._clock()
        for event in fresh.values():
            address = str(event.address)
            turn = Turn(event, now, states[address], self._shared, known.get(link_named_in(event)))
            try:
                if failing:
                    raise failing
                begin(turn)
                self._routes.handle(turn)
                close(turn, states[address])
            except Exception as error:
                turn = Turn(event, now, states[address], self._shared)
                batch.setaside.append(SetAside(new_id(), event, where(error), now))
                logger.error("set_aside", id=batch.setaside[-1].id, of=event.id, error=type(error).__name__)
                apologise(turn)
                close(turn, states[address])
            batch.turns.append(turn)
            if turn.refusal:
                continue
            if turn.was_new:
                turn.update(is_new=False)
            states[address] = turn.state
            known |= {link.id: link for link in turn.links}
            if turn.cases.new or turn.cases.changed:
                for other in states.values():  # the customer's other chats
                    if other.conversation.customer == turn.conversation.customer:
                        other.cases = states[address].cases
        return batch


def left_for(batch: Sequence[Waiting]) -> float:
    """Return for how many seconds locks may still be waited for: from its arrival on, nobody is kept waiting longer than that."""
    return BUSY_SECONDS - (time.perf_counter() - min(waiting.since for waiting in batch))


def begin(turn: Turn) -> None:
    """The customer's language, and their words as everybody sees them."""
    if not turn.event.is_from_customer:
        return
    words = WRITTEN.sub(" ", turn.event.words)
    if words and not turn.conversation.language_chosen:
        spoken = next_language(turn.language, words, is_first=turn.was_new)
        if spoken != turn.language:
            turn.update(language=spoken)
    if not turn.conversation.reachable:
        turn.update(reachable=True)
    if turn.event.thread != turn.conversation.thread:
        turn.update(thread=turn.event.thread)
    if turn.conversation.files_for and not isinstance(turn.body, Upload) and not turn.event.is_edit:
        turn.update(files_for="")
    turn.hear(words_of(turn))


def words_of(turn: Turn) -> str:
    body = turn.event.body
    if isinstance(body, Unusable):
        return f"{turn.text(f'unusable.shown-{body.kind}')} {body.note}".strip()
    if not isinstance(body, Pressed):
        return turn.event.words
    offered = {button.id: button.label for button in turn.conversation.offered}
    if body.button in offered:
        return offered[body.button]
    with suppress(KeyError, ValueError):  # one of an older message, or one that never was
        return turn.button(body.button).label
    return turn.text("conversation.pressed")


def apologise(turn: Turn) -> None:
    """The customer is told that a person will look; their words stay in the conversation."""
    if turn.event.is_from_customer:
        begin(turn)
        turn.say("conversation.set_aside", options=("human", "status"))


def answer_all(batch: Sequence[Waiting], answer: Sequence[Message] | Exception) -> None:
    for waiting in batch:
        with suppress(asyncio.InvalidStateError):  # the caller may have gone meanwhile
            if isinstance(answer, Exception):
                waiting.answer.set_exception(answer)
            else:
                waiting.answer.set_result(answer)
