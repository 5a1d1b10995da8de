"""The one path: events come in, turns are handled, everything is saved in one transaction.

Whatever has arrived meanwhile is one batch: a commit costs the same for one turn as for two hundred.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapter import Limits
from bot.custody import close
from bot.language import follow
from bot.log import where
from bot.metrics import Metrics
from bot.model.case import Case
from bot.model.conversation import Conversation
from bot.model.events import AgentAction, Due, ErrandDone, Event, Pressed, Reachable, Subscribed, Text, Unusable, Upload
from bot.model.evidence import Evidence
from bot.model.link import Link, name_in
from bot.model.messages import Message, Outgoing
from bot.router import Routes
from bot.store import cases, conversations, errands, evidence, inbox, links, log, outbox, reminders, setaside, windows
from bot.store.database import Database, StoreUnavailableError
from bot.store.outbox import LEASE, Said
from bot.store.setaside import SetAside
from bot.store.windows import OpenWindow
from bot.turn import Shared, State, Turn, new_id

MOST_IN_A_BATCH = 200
STOPPING = "the bot is stopping"
ANY = Limits()
logger = structlog.get_logger()


class ActionRefusedError(Exception):
    """An agent's action was not done; the text says why."""


@dataclass(slots=True)
class Waiting:
    event: Event
    answer: asyncio.Future[Sequence[Message]]


@dataclass(slots=True)
class Batch:
    """What the turns of one transaction did.

    `held`: by address, what its adapter may tell as the answer to a callback. `claimed`: by id, what is delivery's to send now.
    """

    turns: list[Turn] = field(default_factory=list)
    setaside: list[SetAside] = field(default_factory=list)
    repeated: dict[str, list[Message]] = field(default_factory=dict)
    held: dict[str, list[Outgoing]] = field(default_factory=dict)
    claimed: dict[str, Outgoing] = field(default_factory=dict)

    @property
    def outgoing(self) -> list[Outgoing]:
        return [outgoing for turn in self.turns for outgoing in turn.outgoing]


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
        self._limits = limits or {}
        self._room = room
        self._arrived: asyncio.Queue[Waiting] = asyncio.Queue()
        self._stopped = False

    async def accept(self, event: Event) -> Sequence[Message]:
        """Returns after the commit. Raises StoreUnavailableError or ActionRefusedError; then nothing was changed."""
        if self._stopped:
            raise StoreUnavailableError(STOPPING)
        waiting = Waiting(event, asyncio.get_running_loop().create_future())
        began = time.perf_counter()
        self._arrived.put_nowait(waiting)
        answer = await waiting.answer
        self._metrics.accepted(event.address.platform, time.perf_counter() - began)
        return answer

    async def run(self) -> None:
        """Until cancelled; who still waits then is told that the store is gone."""
        batch: list[Waiting] = []
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
            done = await self.handle([waiting.event for waiting in batch])
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
            for waiting in batch:
                if waiting.answer.done():
                    continue
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
            done = await self.handle([waiting.event], failing=error)
        except Exception as second:
            answer_all([waiting], StoreUnavailableError(type(second).__name__))
        else:
            answer_all([waiting], done.turns[0].said if done.turns else [])

    async def handle(self, events: Sequence[Event], *, failing: Exception | None = None) -> Batch:
        """All these events in one transaction. `failing` says why they could not be saved before: they are set aside."""
        read = [self._read(event) for event in events]
        async with self._database.transaction() as connection:
            batch = await self._turns(connection, read, failing)
            await self._save(connection, batch)
        self._stored(batch)
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
        states = await self._load(connection, list(fresh.values()))
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

    async def _load(self, connection: AsyncConnection, events: Sequence[Event]) -> dict[str, State]:
        addresses = sorted({str(event.address) for event in events})
        if not addresses:
            return {}
        found = await conversations.load(connection, addresses)
        now = self._clock()
        for event in events:
            address = str(event.address)
            if address not in found:
                language = event.language or self._shared.settings.language
                found[address] = Conversation(address, new_id(), language, now, is_new=True)
        states = {address: State(conversation, {}, {}) for address, conversation in found.items()}
        by_customer: dict[str, list[State]] = {}
        for state in states.values():
            by_customer.setdefault(state.conversation.customer, []).append(state)
        for case in await cases.of_customers(connection, list(by_customer)):
            for state in by_customer[case.customer]:
                state.cases[case.number] = case
        done = [event for event in events if isinstance(event.body, ErrandDone)]
        subjects = [event.body.subject for event in done if isinstance(event.body, ErrandDone)]
        about = {
            number for event in done for number, case in states[str(event.address)].cases.items() if case.takes_evidence
        }
        for one in await evidence.load(connection, addresses, subjects, sorted(about)):
            if one.address in states:
                states[one.address].evidence[one.id] = one
        return states

    async def _save(self, connection: AsyncConnection, batch: Batch) -> None:
        turns = [turn for turn in batch.turns if not turn.refusal]
        if not turns:
            return
        last = {turn.conversation.address: turn for turn in turns}
        new = {turn.conversation.address for turn in turns if turn.was_new}
        await inbox.add(connection, [(turn.event, turn.heard) for turn in turns])
        if new:
            await conversations.add(connection, [last[address].conversation for address in last if address in new])
        if len(last) > len(new):
            await conversations.save(connection, [last[one].conversation for one in last if one not in new])
        await save_cases(connection, turns)
        await save_evidence(connection, turns)
        await self._open_windows(connection, [turn.event for turn in turns], batch)
        said = [self._said(turn, one, batch) for turn in turns for one in turn.outgoing]
        if said:
            await outbox.add(connection, await self._claim(connection, said, batch))
        entries = [entry for turn in turns for entry in turn.log]
        if entries:
            await log.add(connection, entries)
        notices = [(turn.conversation.customer, version, turn.now) for turn in turns for version in turn.notices]
        if notices:
            await conversations.told_notice(connection, notices)
        await save_work(connection, turns)
        changed = [link for turn in turns for link in turn.links]
        if changed:
            await links.save(connection, changed)
        if batch.setaside:
            await setaside.add(connection, batch.setaside)

    def _said(self, turn: Turn, one: Outgoing, batch: Batch) -> Said:
        limits = self._limits.get(one.address.platform, ANY)
        kind = kind_of(turn.event)
        if limits.collects:
            return Said(turn.event.id, one, "sent", kind)
        if limits.hold_seconds and kind == "answer" and turn.event.act:
            batch.held.setdefault(str(one.address), []).append(one)
            return Said(turn.event.id, one, "due", kind, turn.now + timedelta(seconds=limits.hold_seconds))
        return Said(turn.event.id, one, "due", kind)

    async def _claim(self, connection: AsyncConnection, said: Sequence[Said], batch: Batch) -> list[Said]:
        """What has nothing unsent before it in its chat is claimed as it is stored, as far as delivery has room for it."""
        rooms = {platform: self._room(platform) for platform in {one.outgoing.address.platform for one in said}}
        chats = {str(one.outgoing.address) for one in said if rooms[one.outgoing.address.platform]}
        has_unsent = await outbox.unsent_to(connection, sorted(chats)) if chats else set()
        until = self._clock() + LEASE
        found = []
        for one in said:
            address, platform = str(one.outgoing.address), one.outgoing.address.platform
            if one.state == "due" and one.due_at is None and rooms[platform] > 0 and address not in has_unsent:
                rooms[platform] -= 1
                batch.claimed[one.outgoing.id] = one.outgoing
                one = one._replace(state="sending", due_at=until, attempts=1)
            has_unsent.add(address)
            found.append(one)
        return found

    async def _open_windows(self, connection: AsyncConnection, events: Sequence[Event], batch: Batch) -> None:
        """Where the platform counts: what may be said now, and what waited for the customer."""
        opened: dict[tuple[str, str], OpenWindow] = {}
        left: list[str] = []
        here: dict[str, float] = {}
        for event in events:
            if not (event.is_act or isinstance(event.body, Reachable | Subscribed)):
                continue
            limits = self._limits.get(event.address.platform, ANY)
            if limits.windows is None:
                continue
            address = str(event.address)
            if isinstance(event.body, Reachable):
                left += [] if event.body.is_reachable else [address]
                continue
            if isinstance(event.body, Subscribed):
                await windows.subscribe(connection, address, event.body.notices)
                continue
            if event.act:
                here[address] = limits.hold_seconds
            if window := limits.windows.get(event.act):
                ends_at = event.at + timedelta(seconds=window.seconds)
                opened[address, event.act] = OpenWindow(address, event.act, ends_at, window.messages)
        if left:
            await windows.forget(connection, left)
        if opened:
            await windows.open_all(connection, list(opened.values()))
        if here:
            await self._hold(connection, here, batch)

    async def _hold(self, connection: AsyncConnection, here: Mapping[str, float], batch: Batch) -> None:
        """What waited for these customers may be said; where callbacks are answered, as part of the answer."""
        now = self._clock()
        for address, unsaid in (await outbox.held_back(connection, list(here), now)).items():
            seconds = here[address]
            free = [one for one in unsaid if one.state == "waiting" or (one.state == "due" and seconds > 0)]
            if not free:
                continue
            await outbox.hold(connection, [one.outgoing.id for one in free], now + timedelta(seconds=seconds))
            if seconds:
                batch.held.setdefault(address, []).extend(one.outgoing for one in free)


def kind_of(event: Event) -> str:
    """What is said in its turn: an answer to the customer, an agent's decision, or a notice."""
    if event.is_act:
        return "answer"
    return "decision" if isinstance(event.body, AgentAction) else "notice"


async def save_cases(connection: AsyncConnection, turns: Sequence[Turn]) -> None:
    new: dict[str, None] = {}
    changed: dict[str, Case] = {}
    for turn in turns:
        new |= dict.fromkeys(turn.cases.new)
        for number in (*turn.cases.new, *turn.cases.changed):
            changed[number] = turn.cases.by_number[number]
    if new:
        await cases.add(connection, [changed.pop(number) for number in new])
    if changed:
        await cases.save(connection, list(changed.values()))


async def save_evidence(connection: AsyncConnection, turns: Sequence[Turn]) -> None:
    new: dict[str, None] = {}
    changed: dict[str, Evidence] = {}
    for turn in turns:
        new |= dict.fromkeys(turn.evidence.new)
        for id_ in (*turn.evidence.new, *turn.evidence.changed):
            changed[id_] = turn.evidence.by_id[id_]
    if new:
        await evidence.add(connection, [changed.pop(id_) for id_ in new])
    if changed:
        await evidence.save(connection, list(changed.values()))


async def save_work(connection: AsyncConnection, turns: Sequence[Turn]) -> None:
    to_do = [errand for turn in turns for errand in turn.errands]
    if to_do:
        await errands.add(connection, to_do)
    to_come = [reminder for turn in turns for reminder in turn.reminders]
    if to_come:
        await reminders.add(connection, to_come)
    done = [turn.event.body.errand for turn in turns if isinstance(turn.event.body, ErrandDone)]
    if done:
        await errands.finish(connection, done)
    past = [turn.event.body.reminder for turn in turns if isinstance(turn.event.body, Due)]
    if past:
        await reminders.finish(connection, past)


def link_named_in(event: Event) -> str:
    """The id of the link that the event is about, if it is."""
    match event.body:
        case Text(text=text) if text.lower().startswith("/link "):
            return name_in(text[len("/link ") :])
        case Pressed() if event.body.name == "unlink":
            return event.body.argument
        case Due(kind="linked" | "unlinked", subject=subject):
            return subject
    return ""


async def load_links(connection: AsyncConnection, events: Iterable[Event]) -> dict[str, Link]:
    named = {link_named_in(event) for event in events} - {""}
    return await links.load(connection, sorted(named)) if named else {}


async def repeated_answers(connection: AsyncConnection, seen: dict[str, Message | None]) -> dict[str, list[Message]]:
    said = await outbox.of_events(connection, list(seen))
    return {
        id_: [*([heard] if heard else []), *(outgoing.message for outgoing in said.get(id_, []))]
        for id_, heard in seen.items()
    }


def begin(turn: Turn) -> None:
    """The customer's language, and their words as everybody sees them."""
    if not turn.event.is_from_customer:
        return
    spoken = follow(turn.language, turn.event.reading.language)
    if spoken != turn.language and not turn.conversation.language_chosen:
        turn.update(language=spoken)
    if not turn.conversation.reachable:
        turn.update(reachable=True)
    if turn.conversation.files_for and not isinstance(turn.body, Upload):
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
