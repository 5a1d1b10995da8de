"""Messages stored together with the change that they report, until they are delivered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    RowMapping,
    bindparam,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.events import Address
from bot.model.messages import Author, Button, File, Message, Outgoing
from bot.store.bulk import Query, Row, driver_text, execute_all, fetch, given
from bot.store.schema import outbox
from bot.store.values import as_time, json_text, json_value, time_text

LEASE = timedelta(seconds=60)
"""What is claimed and not marked by then is sent by whoever looks next."""
EARLIEST = datetime.min.replace(tzinfo=UTC)
TO_SEND = text("outbox.state IN ('due', 'sending')")
TO_SAY = text("outbox.state IN ('due', 'sending', 'waiting')")
"""As written in the indexes outbox_to_send and outbox_unsent: with parameters SQLite would not use them."""
ADD = driver_text(insert(outbox))
EARLIER = outbox.alias("earlier")
SENDABLE = Query(
    # Not what has an unsent message before it: a chat keeps its order.
    select(outbox)
    .where(
        TO_SEND,
        outbox.c.platform == bindparam("platform"),
        outbox.c.due_at <= bindparam("now"),
        ~exists().where(
            text("earlier.state IN ('due', 'sending', 'waiting') AND earlier.state != 'waiting'"),
            EARLIER.c.address == outbox.c.address,
            EARLIER.c.position < outbox.c.position,
        ),
    )
    .order_by(outbox.c.due_at)
    .suffix_with("LIMIT :limit")
)
CLAIM = driver_text(
    update(outbox)
    .where(outbox.c.id.in_(given("ids")), TO_SEND, outbox.c.due_at <= bindparam("now"))
    .values(
        state=literal_column("'sending'"), due_at=bindparam("until"), attempts=outbox.c.attempts + literal_column("1")
    )
    .returning(outbox.c.id)
)
MARK = driver_text(
    update(outbox).where(outbox.c.id == bindparam("key")).values(state=bindparam("state"), due_at=bindparam("due_at"))
)
RELEASE = (
    update(outbox)
    .where(outbox.c.state == "sending", outbox.c.platform.in_(bindparam("platforms", expanding=True)))
    .values(state="due", due_at=bindparam("now"))
)
NEXT_DUE = select(func.min(outbox.c.due_at)).where(
    TO_SEND, outbox.c.platform == bindparam("platform"), outbox.c.due_at > bindparam("after")
)
WAITING = select(func.count(), func.min(outbox.c.at)).where(
    TO_SEND, outbox.c.platform.in_(bindparam("platforms", expanding=True))
)
SEVERAL = select(outbox).where(outbox.c.id.in_(bindparam("ids", expanding=True)))
READY = (
    # Chats with something due and nothing on its way or held back: what is held back goes first.
    select(outbox.c.address)
    .where(outbox.c.platform == bindparam("platform"), TO_SEND)
    .group_by(outbox.c.address)
    .having(
        func.max(outbox.c.due_at) <= bindparam("now"),
        func.sum(or_(outbox.c.state == "sending", outbox.c.due_at > bindparam("now"))) == 0,
    )
    .order_by(func.min(outbox.c.due_at))
    .limit(bindparam("limit"))
)
EXPIRED = (
    update(outbox)
    .where(
        outbox.c.platform == bindparam("of"),
        TO_SEND,
        outbox.c.state == "sending",
        outbox.c.due_at <= bindparam("now"),
    )
    .values(state="due")
)
HELD_BACK = Query(
    # Not what is held for an answer to a callback just now: its adapter has that.
    select(outbox)
    .where(
        TO_SAY,
        text("(state = 'waiting' OR state = 'due' AND (due_at <= :now OR sent_as IS NOT NULL))"),
        outbox.c.address.in_(given("addresses")),
    )
    .order_by(outbox.c.address, outbox.c.position)
)
UNSENT_TO = Query(select(outbox.c.address).where(TO_SAY, outbox.c.address.in_(given("addresses"))).distinct())
TO_SAY_TO = Query(
    select(outbox).where(TO_SAY, outbox.c.address.in_(given("addresses"))).order_by(outbox.c.address, outbox.c.position)
)
CLAIM_AS = (
    update(outbox)
    .where(outbox.c.id == bindparam("key"), or_(outbox.c.state == "due", outbox.c.state == "waiting"))
    .values(state="sending", due_at=bindparam("until"), attempts=outbox.c.attempts + 1, sent_as=bindparam("group"))
)
HOLD = driver_text(
    update(outbox)
    .where(outbox.c.id == bindparam("key"), text("state IN ('waiting', 'due')"))
    .values(state=literal_column("'due'"), due_at=bindparam("until"))
)
WAIT = update(outbox).where(outbox.c.id == bindparam("key")).values(state="waiting", sent_as=None)
NOT_DELIVERED = (
    update(outbox)
    .where(
        outbox.c.address == bindparam("where"),
        func.substr(outbox.c.sent_as, 1, func.length(bindparam("group"))) == bindparam("group"),
        or_(outbox.c.state == "sent", outbox.c.state == "sending"),
    )
    .values(state=bindparam("becomes"), sent_as=None)
)
OF_EVENTS = (
    select(outbox)
    .where(outbox.c.event.in_(bindparam("ids", expanding=True)))
    .order_by(outbox.c.address, outbox.c.position)
)


@dataclass(frozen=True, slots=True)
class Unsent:
    outgoing: Outgoing
    attempts: int


class Said(NamedTuple):
    """Something to store: said in the turn of `event`, which makes it an answer, a notice or an agent's decision.

    `attempts` is 1 where it is claimed with this, as `sending` until `due_at`.
    """

    event: str
    outgoing: Outgoing
    state: str
    kind: str = "notice"
    due_at: datetime | None = None
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class ToSay:
    """A message that is not sent yet, with where it stands."""

    outgoing: Outgoing
    state: str
    kind: str
    due_at: datetime
    attempts: int
    sent_as: str | None


@dataclass(frozen=True, slots=True)
class Marked:
    """What became of a message: `sent`, `maybe` (nobody knows), `refused`, or `due` again at a time."""

    id: str
    state: str
    due_at: datetime


async def add(connection: AsyncConnection, said: Sequence[Said]) -> None:
    """The state is `due`, or `sent` where storing is delivering, or `sending`."""
    rows = [
        {
            "id": outgoing.id,
            "address": str(outgoing.address),
            "platform": outgoing.address.platform,
            "position": outgoing.message.position,
            "event": event,
            "message": json_text(outgoing_json(outgoing)),
            "at": time_text(outgoing.message.at),
            "state": state,
            "due_at": time_text(due_at or outgoing.message.at),
            "attempts": attempts,
            "kind": kind,
            "sent_as": None,
        }
        for event, outgoing, state, kind, due_at, attempts in said
    ]
    await execute_all(connection, ADD, rows)


async def unsent_to(connection: AsyncConnection, addresses: Sequence[str]) -> set[str]:
    """Which of these chats have something that is not sent yet."""
    return {row["address"] for row in await UNSENT_TO.rows(connection, addresses=addresses)}


async def sendable(connection: AsyncConnection, platform: str, now: datetime, limit: int) -> list[Unsent]:
    """The first unsent message of each address, where it is due."""
    rows = await SENDABLE.rows(connection, {"platform": platform, "now": time_text(now), "limit": limit})
    return [Unsent(from_row(row), row["attempts"]) for row in rows]


async def claim(connection: AsyncConnection, unsent: Sequence[Unsent], now: datetime, until: datetime) -> list[Unsent]:
    """Those that nobody else took meanwhile. Counts the attempt before it is made, so that a crash in it counts."""
    ids = json_text([one.outgoing.id for one in unsent])
    values = {"ids": ids, "now": time_text(now), "until": time_text(until)}
    ours = {id_ for (id_,) in await fetch(connection, CLAIM, values)}
    return [one for one in unsent if one.outgoing.id in ours]


async def ready(connection: AsyncConnection, platform: str, now: datetime, limit: int) -> list[str]:
    """Chats of a platform with windows that have something to be told now."""
    await connection.execute(EXPIRED, {"of": platform, "now": time_text(now)})
    rows = await connection.execute(READY, {"platform": platform, "now": time_text(now), "limit": limit})
    return list(rows.scalars())


async def to_say(connection: AsyncConnection, addresses: Sequence[str]) -> dict[str, list[ToSay]]:
    """All that is not sent yet, in order."""
    return by_address(await TO_SAY_TO.rows(connection, addresses=addresses))


def by_address(rows: Sequence[Row]) -> dict[str, list[ToSay]]:
    found: dict[str, list[ToSay]] = {}
    for row in rows:
        one = ToSay(from_row(row), row["state"], row["kind"], as_time(row["due_at"]), row["attempts"], row["sent_as"])
        found.setdefault(row["address"], []).append(one)
    return found


async def held_back(connection: AsyncConnection, addresses: Sequence[str], now: datetime) -> dict[str, list[ToSay]]:
    """What waits for these customers, or for its turn."""
    return by_address(await HELD_BACK.rows(connection, {"now": time_text(now)}, addresses=addresses))


async def claim_as(connection: AsyncConnection, group: str, ids: Sequence[str], until: datetime) -> None:
    """These messages go as one, under this id at every try."""
    rows = [{"key": id_, "group": group, "until": time_text(until)} for id_ in ids]
    await connection.execute(CLAIM_AS, rows)


async def hold(connection: AsyncConnection, ids: Sequence[str], until: datetime) -> None:
    """The customer is here again: these may be said from `until` on."""
    await execute_all(connection, HOLD, [{"key": id_, "until": time_text(until)} for id_ in ids])


async def wait(connection: AsyncConnection, ids: Sequence[str]) -> None:
    """Until the customer writes again; then they may go with others."""
    await connection.execute(WAIT, [{"key": id_} for id_ in ids])


async def not_delivered(connection: AsyncConnection, address: str, group: str, becomes: str) -> None:
    """The platform took it and says later that it never arrived. `group`: how its `sent_as` begins."""
    await connection.execute(NOT_DELIVERED, {"where": address, "group": group, "becomes": becomes})


async def mark(connection: AsyncConnection, outcomes: Sequence[Marked]) -> None:
    rows = [{"key": one.id, "state": one.state, "due_at": time_text(one.due_at)} for one in outcomes]
    if rows:
        await execute_all(connection, MARK, rows)


async def release(connection: AsyncConnection, platforms: Sequence[str], now: datetime) -> None:
    """What a process before us was sending when it ended."""
    await connection.execute(RELEASE, {"platforms": platforms, "now": time_text(now)})


async def next_due(connection: AsyncConnection, platform: str, after: datetime = EARLIEST) -> datetime | None:
    due = (await connection.execute(NEXT_DUE, {"platform": platform, "after": time_text(after)})).scalar()
    return as_time(due) if due else None


async def due_since(
    connection: AsyncConnection, platforms: Sequence[str], _now: datetime
) -> tuple[int, datetime | None]:
    """How many messages are not sent yet, and since when the oldest of them waits."""
    count, at = (await connection.execute(WAITING, {"platforms": platforms})).one()
    return count, as_time(at) if at else None


async def several(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, Outgoing]:
    """Those that there are, by id."""
    return {row["id"]: from_row(row) for row in (await connection.execute(SEVERAL, {"ids": ids})).mappings()}


async def of_events(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, list[Outgoing]]:
    found: dict[str, list[Outgoing]] = {}
    for row in (await connection.execute(OF_EVENTS, {"ids": ids})).mappings():
        found.setdefault(row["event"], []).append(from_row(row))
    return found


def outgoing_json(outgoing: Outgoing) -> dict[str, Any]:
    message = outgoing.message
    stored: dict[str, Any] = {
        "author": message.author.value,
        "text": message.text,
        "buttons": [[button.id, button.label] for button in message.buttons],
    }
    if message.refresh:
        stored["refresh"] = [message.refresh.id, message.refresh.label]
    if message.files:
        stored["files"] = [[file.key, file.name, file.kind] for file in message.files]
    if outgoing.thread:
        stored["thread"] = outgoing.thread
    return stored


def from_row(row: RowMapping | Row) -> Outgoing:
    stored = json_value(row["message"])
    message = Message(
        position=row["position"],
        author=Author(stored["author"]),
        at=as_time(row["at"]),
        text=stored["text"],
        buttons=tuple(Button(*pair) for pair in stored["buttons"]),
        files=tuple(File(*three) for three in stored.get("files", ())),
        refresh=Button(*stored["refresh"]) if "refresh" in stored else None,
    )
    return Outgoing(row["id"], Address.parse(row["address"]), message, stored.get("thread", ""))
