"""A batch of turns: what it loads from the store before, and saves there after."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapter import Limits
from bot.model.case import Case
from bot.model.conversation import Conversation
from bot.model.events import AgentAction, Due, ErrandDone, Event, Pressed, Reachable, Subscribed, Text, Upload
from bot.model.evidence import Evidence
from bot.model.link import Link, name_in
from bot.model.messages import Message, Outgoing
from bot.store import cases, conversations, errands, evidence, inbox, links, log, outbox, reminders, setaside, windows
from bot.store.outbox import LEASE, Said
from bot.store.setaside import SetAside
from bot.store.windows import OpenWindow
from bot.turn import State, Turn, new_id

ANY = Limits()


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


class BatchStore:
    """`limits` are those of the platforms served. `room` tells of how many messages of a platform delivery would send at once."""

    def __init__(
        self,
        clock: Callable[[], datetime],
        language: str,
        limits: Mapping[str, Limits],
        room: Callable[[str], int],
    ) -> None:
        """`language` is that of a conversation whose customer's is not told."""
        self._clock = clock
        self._language = language
        self._limits = limits
        self._room = room

    async def load(self, connection: AsyncConnection, events: Sequence[Event]) -> dict[str, State]:
        addresses = sorted({str(event.address) for event in events})
        if not addresses:
            return {}
        found = await conversations.load(connection, addresses)
        now = self._clock()
        for event in events:
            address = str(event.address)
            if address not in found:
                language = event.language or self._language
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

    async def save(self, connection: AsyncConnection, batch: Batch) -> None:
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
        if not chats:
            return list(said)
        has_unsent = await outbox.unsent_to(connection, sorted(chats))
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
        speaking: set[str] = set()
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
                speaking |= set() if isinstance(event.body, Upload) else {address}
            if window := limits.windows.get(event.act):
                ends_at = event.at + timedelta(seconds=window.seconds)
                opened[address, event.act] = OpenWindow(address, event.act, ends_at, window.messages)
        if left:
            await windows.forget(connection, left)
        if opened:
            await windows.open_all(connection, list(opened.values()))
        if here:
            await self._hold(connection, here, speaking, batch)

    async def _hold(
        self, connection: AsyncConnection, here: Mapping[str, float], speaking: Collection[str], batch: Batch
    ) -> None:
        """What waited for these customers may be said; where callbacks are answered, as part of the answer.

        Who is not `speaking` sends only files: what is due goes on waiting for more of the same.
        """
        now = self._clock()
        for address, unsaid in (await outbox.held_back(connection, list(here), now)).items():
            seconds = here[address]
            may_take_due = seconds > 0 and address in speaking
            free = [one for one in unsaid if one.state == "waiting" or (one.state == "due" and may_take_due)]
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
