"""Whose words: which messages of a chat belong to a case, and which are only there as their digests.

A chat may be about several cases of its customer, and about none. A message belongs to a case when it was said while the form
that became the case was filled in, in a turn that the case's log has as about it, or when it brought the case's evidence. One that
names another case of the customer, or brought that one's evidence, never does.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.model.messages import Author, Message
from bot.pack.gather import Custody, Gathered
from bot.store.log import Entry, linked
from bot.store.messages import Told

NOT_IN_A_NUMBER = re.compile(r"[^0-9A-Za-z]")
SHORTEST_NUMBER = 6
"""Shorter order numbers say nothing about what a text is about."""


@dataclass(frozen=True, slots=True)
class Line:
    """A message of a chat; `is_mine` says whether its words belong to the case. `instead_of`: the position of the earlier version."""

    message: Message
    is_mine: bool
    instead_of: int | None = None


@dataclass(frozen=True, slots=True)
class Chat:
    """From behind `start` on, where the chain has `head`, to the last message that the case's log covers."""

    address: str
    once: Sequence[str]
    start: int
    head: str
    lines: Sequence[Line]


def chats(gathered: Gathered) -> list[Chat]:
    return [chat_of(gathered, address, told) for address, told in sorted(gathered.told.items())]


def chat_of(gathered: Gathered, address: str, told: Sequence[Told]) -> Chat:
    once = gathered.once.get(address, [])
    entries = gathered.mine.said_in((address, *once))
    anchors = [entry.facts["said"]["position"] for entry in entries]
    mine = positions_of(gathered, (address, *once), told)
    end = max(anchors, default=0)
    owned = mine | turns_of(entries) | form_of(entries)
    start = min([position - 1 for position in owned if position <= end] + anchors, default=0)
    if told:
        start = max(start, told[0].message.position - 1)
    head = ""
    for one in told:
        if one.message.position <= start:
            head = linked(head, one.message)
    where = {one.event: one.message.position for one in told if one.message.author is Author.CUSTOMER}
    lines = [
        Line(one.message, one.message.position in mine, shown_of(where.get(one.instead_of), mine))
        for one in told
        if start < one.message.position <= end
    ]
    return Chat(address, once, start, head, lines)


def shown_of(position: int | None, mine: set[int]) -> int | None:
    return position if position in mine else None


def positions_of(gathered: Gathered, chats: Sequence[str], told: Sequence[Told]) -> set[int]:
    own, others = gathered.mine, gathered.others
    entries = own.said_in(chats)
    foreign = {place for other in others for place in turns_of(other.said_in(chats))}
    mine = turns_of(entries) | (form_of(entries) - foreign)
    photos = {one.id for one in own.evidence}
    foreign_photos = {one.id for other in others for one in other.evidence}
    names = names_of_others(own, others)
    events: set[str] = set()
    found: set[int] = set()
    for one in told:
        photo = one.message.photo.id if one.message.photo else ""
        is_mine = one.message.position in mine or photo in photos or one.instead_of in events
        if is_mine and photo not in foreign_photos and not has_any(one.message, names):
            found.add(one.message.position)
            if one.message.author is Author.CUSTOMER:
                events.add(one.event)
    return found


def turns_of(entries: Iterable[Entry]) -> set[int]:
    """The messages of the turns that are about the case."""
    spans = [entry.facts["said"] for entry in entries]
    return {place for said in spans if "after" in said for place in range(said["after"] + 1, said["position"] + 1)}


def form_of(entries: Iterable[Entry]) -> set[int]:
    """The messages from the beginning of the form that became the case."""
    spans = [entry.facts["said"] for entry in entries]
    return {place for said in spans if "began" in said for place in range(said["began"], said["position"] + 1)}


def names_of_others(own: Custody, others: Iterable[Custody]) -> set[str]:
    """The numbers of other cases and of their orders."""
    numbers = {number for other in others for number in (other.case.number, other.case.order_number)}
    plain = {NOT_IN_A_NUMBER.sub("", number).upper() for number in numbers - {own.case.order_number}}
    return {one for one in plain if len(one) >= SHORTEST_NUMBER}


def has_any(message: Message, names: set[str]) -> bool:
    words = [
        message.text,
        message.photo.name if message.photo else "",
        *(f"{button.id} {button.label}" for button in message.buttons),
        *(file.name for file in message.files),
    ]
    plain = NOT_IN_A_NUMBER.sub("", "|".join(words)).upper()
    return any(name in plain for name in names)
