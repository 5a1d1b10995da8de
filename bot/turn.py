"""A turn: one event and everything the bot does about it. All that a handler needs, and all that it may touch."""

import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from bot.knowledge import Knowledge
from bot.model.case import Case, Step, as_case_number, new_case_number
from bot.model.checklist import CHECKLIST, Checklist
from bot.model.conversation import Conversation
from bot.model.events import Body, Event, Upload
from bot.model.evidence import Evidence, EvidenceState
from bot.model.link import Link
from bot.model.messages import Author, Button, File, Message, Outgoing, Photo
from bot.settings import Settings
from bot.store.errands import NOT_BEFORE, Errand
from bot.store.log import Entry, linked
from bot.store.reminders import Reminder
from bot.store.values import time_text
from bot.wording import Value, Wording

Option = str | Button
NO_TIME = timedelta(0)


@dataclass(frozen=True, slots=True)
class Shared:
    """What all turns share and none changes."""

    wording: Wording
    knowledge: Knowledge
    settings: Settings
    checklist: Checklist = CHECKLIST
    reads_text: bool = False
    """Whether words in pictures can be read."""
    new_case_number: Callable[[], str] = new_case_number


class Record(NamedTuple):
    """Something to write into a case's log once the turn is over."""

    case_number: str
    what: str
    actor: str
    facts: dict[str, Any]


@dataclass(slots=True)
class State:
    """Where one conversation stands, as loaded or as the turns of this batch left it."""

    conversation: Conversation
    cases: dict[str, Case]
    evidence: dict[str, Evidence]


def new_id() -> str:
    """Such ids sort by the time they were made: new rows stand together in an index, and a commit writes few pages."""
    return f"{time.time_ns():016x}{os.urandom(8).hex()}"


class Turn:
    """Reads preloaded state, writes into copies: a turn that fails is dropped whole."""

    def __init__(self, event: Event, now: datetime, state: State, shared: Shared, link: Link | None = None) -> None:
        """`link` is the one that the event names."""
        self.event = event
        self.body: Body = event.body
        self.now = now
        self.shared = shared
        self.settings = shared.settings
        self.conversation = state.conversation
        self.was_new = state.conversation.is_new
        self.cases = Cases(state.cases)
        self.evidence = EvidenceBox(state.evidence)
        self.link = link
        self.links: list[Link] = []
        self.heard: Message | None = None
        self.said: list[Message] = []
        self.outgoing: list[Outgoing] = []
        self.errands: list[tuple[Errand, datetime]] = []
        self.reminders: list[Reminder] = []
        self.records: list[Record] = []
        self.log: list[Entry] = []
        """The records as entries, once `bot.custody.close` has chained them."""
        self.notices: list[str] = []
        self.refusal: str | None = None
        self.form_was_asked = False
        self.words_are_used = False
        """Whether the words of this event have said what they had to say: then nothing else is read in them."""

    @property
    def language(self) -> str:
        return self.conversation.language

    @property
    def state(self) -> State:
        return State(self.conversation, self.cases.by_number, self.evidence.by_id)

    def update(self, **changes: Any) -> None:
        """Change the conversation."""
        self.conversation = self.conversation.with_changes(changes)

    def hear(self, text: str) -> None:
        """Note what the customer said, as everybody sees it."""
        photo = None
        if isinstance(self.event.body, Upload):
            photo = Photo(new_id(), self.event.body.media.name)
        position = self.conversation.position + 1
        self.heard = Message(position, Author.CUSTOMER, self.event.at, text, (), photo)
        self.update(position=position, head=linked(self.conversation.head, self.heard))

    def say(
        self,
        key: str,
        /,
        options: Sequence[Option] = (),
        author: Author = Author.BOT,
        files: Sequence[File] = (),
        **values: Value,
    ) -> None:
        """Say a sentence of the wording, with buttons under it and files beside it."""
        self.say_text(self.text(key, **values), options, author, files)

    def say_text(
        self,
        text: str,
        options: Sequence[Option] = (),
        author: Author = Author.BOT,
        files: Sequence[File] = (),
        refresh: Button | None = None,
    ) -> None:
        buttons = tuple(self.button(option) for option in options)
        position = self.conversation.position + 1
        message = Message(position, author, self.now, text, buttons, files=tuple(files), refresh=refresh)
        self.said.append(message)
        self.outgoing.append(Outgoing(new_id(), self.event.address, message, self.conversation.thread))
        head = linked(self.conversation.head, message)
        self.update(position=position, head=head, **({"offered": buttons} if buttons else {}))

    def button(self, option: Option) -> Button:
        """`status`, or `status:ARGUMENT`: the label belongs to what stands before the colon."""
        if isinstance(option, Button):
            return option
        return Button(option, self.text(f"buttons.{option.partition(':')[0].replace('.', '-')}"))

    def text(self, key: str, /, **values: Value) -> str:
        return self.shared.wording.text(self.language, key, **values)

    def send_for(self, kind: str, subject: str, /, after: timedelta = NO_TIME, **details: Any) -> None:
        """Have a slow thing done, at once or after some time; its result comes back as an ErrandDone event."""
        due_at = self.now + after
        waits = {NOT_BEFORE: time_text(due_at)} if after else {}
        errand = Errand(new_id(), self.conversation.address, kind, subject, details | waits)
        self.errands.append((errand, due_at))

    def remind_at(self, at: datetime, kind: str, subject: str) -> None:
        self.reminders.append(Reminder(new_id(), self.conversation.address, kind, subject, at))

    def tell(self, address: str, kind: str, subject: str) -> None:
        """Something happened that another chat is to be told: there it is a Due event at once."""
        self.reminders.append(Reminder(new_id(), address, kind, subject, self.now))

    def save_link(self, link: Link) -> None:
        self.links.append(link)

    def told_notice(self, version: str) -> None:
        """Keep that the customer was shown this version of the privacy notice."""
        self.notices.append(version)

    def refuse(self, why: str) -> None:
        """Answer an agent's action with a no; `why` is shown to the agent, and nothing was changed."""
        self.refusal = why

    def record(self, case: Case, what: str, actor: str, /, step: bool = False, **facts: Any) -> Case:
        """Write into the case's log, and into the history that its customer sees if `step`. Returns the case to go on with."""
        if step:
            by = "agents" if actor.startswith("agent:") else actor
            case = replace(case, steps=(*case.steps, Step(self.now, what, by, facts)))
        self.records.append(Record(case.number, what, actor, facts))
        self.cases.save(case)
        return case


class Cases:
    """The cases of this turn's customer, and of nobody else."""

    def __init__(self, by_number: dict[str, Case]) -> None:
        self.by_number = dict(by_number)
        self.new: set[str] = set()
        self.changed: set[str] = set()

    def all(self) -> list[Case]:
        """Oldest first."""
        return list(self.by_number.values())

    def open(self) -> list[Case]:
        return [case for case in self.all() if case.is_open]

    def latest(self) -> Case | None:
        return next(reversed(self.by_number.values()), None)

    def find(self, number: str) -> Case | None:
        """However it was typed; None too when it is somebody else's."""
        return self.by_number.get(as_case_number(number) or "")

    def taking_evidence(self) -> list[Case]:
        return [case for case in self.all() if case.takes_evidence]

    def add(self, case: Case) -> None:
        self.new.add(case.number)
        self.by_number[case.number] = case

    def save(self, case: Case) -> None:
        if case.number not in self.new:
            self.changed.add(case.number)
        self.by_number[case.number] = case


class EvidenceBox:
    """This conversation's evidence that belongs to no case yet; in the turn of an errand also that of the customer's open cases."""

    def __init__(self, by_id: dict[str, Evidence]) -> None:
        self.by_id = dict(by_id)
        self.new: set[str] = set()
        self.changed: set[str] = set()

    def without_case(self) -> list[Evidence]:
        """Oldest first: fetched or being fetched."""
        usable = (EvidenceState.FETCHING, EvidenceState.KEPT)
        return [one for one in self.by_id.values() if one.case_number is None and one.state in usable]

    def unassigned(self) -> list[Evidence]:
        """Those that are not on their way to a case that the customer named."""
        return [one for one in self.without_case() if not one.found.get("for")]

    def kept(self) -> list[Evidence]:
        return [one for one in self.unassigned() if one.state is EvidenceState.KEPT]

    def pictures(self) -> list[Evidence]:
        return [one for one in self.kept() if one.is_picture]

    def coming(self) -> list[Evidence]:
        """On their way: they will be told of by themselves."""
        return [one for one in self.unassigned() if one.state is EvidenceState.FETCHING]

    def waived(self) -> list[Evidence]:
        """The shots that the customer cannot send."""
        mine = (one for one in self.by_id.values() if one.case_number is None)
        return [one for one in mine if one.state is EvidenceState.WAIVED]

    def of_case(self, number: str) -> list[Evidence]:
        """Loaded in the turns that something fetched for a customer comes back in."""
        return [one for one in self.by_id.values() if one.case_number == number]

    def find(self, id_: str) -> Evidence | None:
        return self.by_id.get(id_)

    def add(self, one: Evidence) -> None:
        self.new.add(one.id)
        self.by_id[one.id] = one

    def save(self, one: Evidence) -> None:
        if one.id not in self.new:
            self.changed.add(one.id)
        self.by_id[one.id] = one

    def assign(self, several: Iterable[Evidence], case_number: str) -> None:
        for one in several:
            self.save(replace(one, case_number=case_number))
