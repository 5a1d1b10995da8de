"""Messages stored together with the change that they report, until they are delivered."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.events import Address
from bot.model.messages import Author, Button, Message, Outgoing
from bot.store.bulk import driver_text, execute_all, given
from bot.store.schema import outbox
from bot.store.values import as_time, json_text, time_text

UNSENT = ("due", "sending")
EARLIEST = datetime.min.replace(tzinfo=UTC)
ADD = driver_text(insert(outbox))
FIRST_UNSENT = (
    select(outbox.c.address, func.min(outbox.c.position).label("position"))
    .where(outbox.c.state.in_(UNSENT), outbox.c.platform == bindparam("platform"))
    .group_by(outbox.c.address)
    .subquery()
)
SENDABLE = (
    # Only addresses whose first unsent message is due: later messages wait for it, so a chat keeps its order.
    select(outbox)
    .join(FIRST_UNSENT, outbox.c.address == FIRST_UNSENT.c.address)
    .where(
        outbox.c.state.in_(UNSENT),
        outbox.c.position == FIRST_UNSENT.c.position,
        outbox.c.due_at <= bindparam("now"),
    )
    .order_by(outbox.c.due_at)
    .limit(bindparam("limit"))
)
CLAIM = (
    update(outbox)
    .where(outbox.c.id.in_(given("ids")), outbox.c.state.in_(UNSENT), outbox.c.due_at <= bindparam("now"))
    .values(state="sending", due_at=bindparam("until"), attempts=outbox.c.attempts + 1)
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
    outbox.c.state.in_(UNSENT), outbox.c.platform == bindparam("platform"), outbox.c.due_at > bindparam("after")
)
WAITING = select(func.count(), func.min(outbox.c.at)).where(
    outbox.c.state.in_(UNSENT), outbox.c.platform.in_(bindparam("platforms", expanding=True))
)
SEVERAL = select(outbox).where(outbox.c.id.in_(bindparam("ids", expanding=True)))
OF_EVENTS = (
    select(outbox)
    .where(outbox.c.event.in_(bindparam("ids", expanding=True)))
    .order_by(outbox.c.address, outbox.c.position)
)


@dataclass(frozen=True, slots=True)
class Unsent:
    outgoing: Outgoing
    attempts: int


@dataclass(frozen=True, slots=True)
class Marked:
    """What became of a message: `sent`, `maybe` (nobody knows), `refused`, or `due` again at a time."""

    id: str
    state: str
    due_at: datetime


async def add(connection: AsyncConnection, said: Sequence[tuple[str, Outgoing, str]]) -> None:
    """Each with the id of its event and its state: `due`, or `sent` where storing is delivering."""
    rows = [
        {
            "id": outgoing.id,
            "address": str(outgoing.address),
            "platform": outgoing.address.platform,
            "position": outgoing.message.position,
            "event": event,
            "message": json_text(message_json(outgoing.message)),
            "at": time_text(outgoing.message.at),
            "state": state,
            "due_at": time_text(outgoing.message.at),
            "attempts": 0,
        }
        for event, outgoing, state in said
    ]
    await execute_all(connection, ADD, rows)


async def sendable(connection: AsyncConnection, platform: str, now: datetime, limit: int) -> list[Unsent]:
    """The first unsent message of each address, where it is due."""
    rows = await connection.execute(SENDABLE, {"platform": platform, "now": time_text(now), "limit": limit})
    return [Unsent(from_row(row), row["attempts"]) for row in rows.mappings()]


async def claim(connection: AsyncConnection, unsent: Sequence[Unsent], now: datetime, until: datetime) -> list[Unsent]:
    """Those that nobody else took meanwhile. Counts the attempt before it is made, so that a crash in it counts."""
    ids = json_text([one.outgoing.id for one in unsent])
    values = {"ids": ids, "now": time_text(now), "until": time_text(until)}
    ours = set((await connection.execute(CLAIM, values)).scalars())
    return [one for one in unsent if one.outgoing.id in ours]


async def mark(connection: AsyncConnection, outcomes: Sequence[Marked]) -> None:
    rows = [{"key": one.id, "state": one.state, "due_at": time_text(one.due_at)} for one in outcomes]
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


def message_json(message: Message) -> dict[str, Any]:
    return {
        "author": message.author.value,
        "text": message.text,
        "buttons": [[button.id, button.label] for button in message.buttons],
    }


def from_row(row: RowMapping) -> Outgoing:
    stored = json.loads(row["message"])
    message = Message(
        position=row["position"],
        author=Author(stored["author"]),
        at=as_time(row["at"]),
        text=stored["text"],
        buttons=tuple(Button(*pair) for pair in stored["buttons"]),
    )
    return Outgoing(row["id"], Address.parse(row["address"]), message)
