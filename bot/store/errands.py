"""Slow things to go and do, stored with the turn that wants them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.bulk import Query, driver_text, execute_all, given
from bot.store.schema import errands
from bot.store.values import as_time, json_text, json_value, time_text

NOT_BEFORE = "not_before"
"""The name in an errand's details of the time that it was to wait for; without it, it was to be done at once."""
ADD = driver_text(insert(errands))
IS_DUE = errands.c.state == literal_column("'due'")
OURS = IS_DUE & errands.c.platform.in_(given("platforms")) & errands.c.kind.in_(given("kinds"))
RUNNABLE = Query(
    select(errands)
    .where(OURS, errands.c.due_at <= bindparam("now"))
    .order_by(errands.c.due_at)
    .limit(bindparam("most"))
    .offset(literal_column("0"))
)
CLAIM = driver_text(update(errands).where(errands.c.id == bindparam("key")).values(due_at=bindparam("until")))
RELEASE = (
    update(errands)
    .where(errands.c.state == "due", errands.c.platform.in_(bindparam("platforms", expanding=True)))
    .values(
        due_at=func.max(
            bindparam("now"), func.coalesce(func.json_extract(errands.c.details, f"$.{NOT_BEFORE}"), bindparam("now"))
        )
    )
)
POSTPONE = (
    update(errands)
    .where(errands.c.id == bindparam("key"))
    .values(due_at=bindparam("until"), failures=bindparam("count"))
)
FINISH = driver_text(update(errands).where(errands.c.id == bindparam("key")).values(state=literal_column("'done'")))
NEXT_DUE = Query(select(func.min(errands.c.due_at).label("due_at")).where(OURS))
FETCHING = select(errands.c.id).where(
    errands.c.state == "due", errands.c.kind == "intake", func.instr(errands.c.details, bindparam("media")) > 0
)
WAITING = select(func.count(), func.min(errands.c.due_at)).where(
    errands.c.state == "due",
    errands.c.platform.in_(bindparam("platforms", expanding=True)),
    errands.c.due_at <= bindparam("now"),
)


UNDER_WAY = Query(
    select(errands.c.address)
    .where(
        IS_DUE,
        errands.c.kind.in_(given("kinds")),
        errands.c.address.in_(given("addresses")),
    )
    .distinct()
)


@dataclass(frozen=True, slots=True)
class Errand:
    """`kind` names what to do, `subject` the id of what it is about. `failures` before this try, not counting ended processes."""

    id: str
    address: str
    kind: str
    subject: str
    details: Mapping[str, Any]
    failures: int = 0


async def add(connection: AsyncConnection, new: Sequence[tuple[Errand, datetime]]) -> None:
    rows = [
        {
            "id": errand.id,
            "platform": errand.address.partition(":")[0],
            "address": errand.address,
            "kind": errand.kind,
            "subject": errand.subject,
            "details": json_text(errand.details),
            "state": "due",
            "due_at": time_text(due_at),
            "failures": 0,
        }
        for errand, due_at in new
    ]
    await execute_all(connection, ADD, rows)


async def claim(
    connection: AsyncConnection,
    platforms: Sequence[str],
    kinds: Sequence[str],
    now: datetime,
    until: datetime,
    limit: int,
) -> list[Errand]:
    """Take what is due, in a transaction: nobody else gets it until `until`."""
    sought: dict[str, str | int] = {"now": time_text(now), "most": limit}
    rows = await RUNNABLE.rows(connection, sought, platforms=platforms, kinds=kinds)
    await execute_all(connection, CLAIM, [{"key": row["id"], "until": time_text(until)} for row in rows])
    return [
        Errand(row["id"], row["address"], row["kind"], row["subject"], json_value(row["details"]), row["failures"])
        for row in rows
    ]


async def postpone(connection: AsyncConnection, id_: str, until: datetime, failures: int) -> None:
    await connection.execute(POSTPONE, {"key": id_, "until": time_text(until), "count": failures})


async def finish(connection: AsyncConnection, ids: Sequence[str]) -> None:
    await execute_all(connection, FINISH, [{"key": id_} for id_ in ids])


async def release(connection: AsyncConnection, platforms: Sequence[str], now: datetime) -> None:
    """Make due what a process before us was doing when it ended, or was going to try again; what is to wait goes on waiting."""
    await connection.execute(RELEASE, {"platforms": platforms, "now": time_text(now)})


async def under_way(connection: AsyncConnection, addresses: Sequence[str], kinds: Sequence[str]) -> set[str]:
    """Which of these chats wait for an errand of these kinds."""
    return {row["address"] for row in await UNDER_WAY.rows(connection, addresses=addresses, kinds=kinds)}


async def next_due(connection: AsyncConnection, platforms: Sequence[str], kinds: Sequence[str]) -> datetime | None:
    row = (await NEXT_DUE.rows(connection, platforms=platforms, kinds=kinds))[0]
    return as_time(row["due_at"]) if row["due_at"] else None


async def is_fetching(connection: AsyncConnection, media: str) -> bool:
    """Whether a file that is still to be fetched is called so at its platform."""
    return (await connection.execute(FETCHING, {"media": media})).first() is not None


async def due_since(
    connection: AsyncConnection, platforms: Sequence[str], now: datetime
) -> tuple[int, datetime | None]:
    """How many errands could be done now, and since when the oldest of them could."""
    count, at = (await connection.execute(WAITING, {"platforms": platforms, "now": time_text(now)})).one()
    return count, as_time(at) if at else None
