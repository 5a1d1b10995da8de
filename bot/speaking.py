"""Speaking windows: what to say now on a platform that counts, and what waits until the customer writes again.

As much as fits goes as one message. A notice that would take the last one waits for it to be a decision's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.adapter import Limits
from bot.model.messages import File, Message, Outgoing, merged
from bot.store.outbox import ToSay
from bot.store.windows import OpenWindow

PATIENCE = timedelta(seconds=30)
"""For so long a notice waits while more of the same is being worked on: nine photos get one answer, not nine."""


@dataclass(frozen=True, slots=True)
class Say:
    """These as one message, paid from these windows. `answers`: those of them that were said to the customer's own words."""

    outgoing: Outgoing
    ids: tuple[str, ...]
    attempts: int
    paid: Mapping[str, int]
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wait:
    """These only when the customer writes again."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Postpone:
    """Nothing yet: more is coming."""


Plan = Say | Wait | Postpone


def plan(
    unsaid: Sequence[ToSay], windows: Sequence[OpenWindow], limits: Limits, now: datetime, new_id: str, *, is_busy: bool
) -> Plan:
    """For one chat; `unsaid` is in order. `is_busy`: something that it waits for is being worked on."""
    started = [one for one in unsaid if one.sent_as and one.sent_as == unsaid[0].sent_as]
    if is_busy and not started and all(waits_for_more(one, now) for one in unsaid):
        return Postpone()
    group = started or [one for one in unsaid if not one.sent_as]
    while group:
        outgoing = as_one(group, new_id)
        paid = pay(windows, limits, now, limits.parts(without(outgoing.message)), may_take_last=is_urgent(group))
        if paid is not None:
            outgoing, paid = with_pictures(outgoing, paid, windows, limits, now)
            answers = tuple(one.outgoing.id for one in group if one.kind == "answer")
            return Say(outgoing, tuple(one.outgoing.id for one in group), group[0].attempts, paid, answers)
        group = group[:-1] if not started else []
    return Wait(tuple(one.outgoing.id for one in unsaid))


def waits_for_more(one: ToSay, now: datetime) -> bool:
    return one.kind == "notice" and now - one.outgoing.message.at < PATIENCE


def is_urgent(group: Sequence[ToSay]) -> bool:
    return any(one.kind != "notice" for one in group)


def as_one(group: Sequence[ToSay], new_id: str) -> Outgoing:
    """Under the same id at every try."""
    first = group[0]
    return Outgoing(first.sent_as or new_id, first.outgoing.address, merged([one.outgoing.message for one in group]))


def without(message: Message, pictures: Sequence[File] = ()) -> Message:
    """With these of its pictures and no others; they come last."""
    if not message.files:
        return message
    return replace(message, files=(*(one for one in message.files if not one.is_picture), *pictures))


def with_pictures(
    outgoing: Outgoing, paid: Mapping[str, int], windows: Sequence[OpenWindow], limits: Limits, now: datetime
) -> tuple[Outgoing, Mapping[str, int]]:
    """As many as there is room for; the others are dropped: what is said makes sense without. None takes a decision's place."""
    message = outgoing.message
    pictures = [one for one in message.files if one.is_picture]
    while pictures:
        some = without(message, pictures)
        more = pay(windows, limits, now, limits.parts(some), may_take_last=False, whole=True)
        if more is not None:
            return replace(outgoing, message=some), more
        pictures.pop()
    return replace(outgoing, message=without(message)), paid


def pay(
    windows: Sequence[OpenWindow],
    limits: Limits,
    now: datetime,
    parts: int,
    *,
    may_take_last: bool,
    whole: bool = False,
) -> Mapping[str, int] | None:
    """How many of which window, what ends first before the rest; None: it may not be said. `whole`: never a part of it."""
    known = limits.windows or {}
    usable = [one for one in windows if one.act in known and one.ends_at > now and one.free > 0]
    if not usable:
        return None
    free = sum(one.free for one in usable) - (0 if may_take_last else limits.kept)
    most = max((one.messages for one in known.values()), default=0)
    if parts > most and not whole:
        parts = min(most, max(free, 1))  # it never fits whole: as much of it as may be said
    if parts > free:
        return None
    paid: dict[str, int] = {}
    for one in usable:
        if taken := min(one.free, parts - sum(paid.values())):
            paid[one.act] = taken
    return paid
