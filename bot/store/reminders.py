"""Times to come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, insert, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.bulk import Query, driver_text, execute_all
from bot.store.schema import reminders
from bot.store.values import as_time, time_text

ADD = driver_text(insert(reminders))
IS_DUE = reminders.c.state == literal_column("'due'")
DUE = Query(
    select(reminders)
    .where(IS_DUE, reminders.c.due_at <= bindparam("now"))
    .order_by(reminders.c.due_at)
    .limit(bindparam("most"))
    .offset(literal_column("0"))
)
FINISH = driver_text(update(reminders).where(reminders.c.id == bindparam("key")).values(state=literal_column("'done'")))
NEXT_DUE = Query(select(func.min(reminders.c.due_at).label("due_at")).where(IS_DUE))


@dataclass(frozen=True, slots=True)
class Reminder:
    id: str
    address: str
    kind: str
    subject: str
    due_at: datetime


async def add(connection: AsyncConnection, new: Sequence[Reminder]) -> None:
    rows = [
        {
            "id": one.id,
            "address": one.address,
            "kind": one.kind,
            "subject": one.subject,
            "due_at": time_text(one.due_at),
            "state": "due",
        }
        for one in new
    ]
    await execute_all(connection, ADD, rows)


async def due(connection: AsyncConnection, now: datetime, limit: int) -> list[Reminder]:
    rows = await DUE.rows(connection, {"now": time_text(now), "most": limit})
    return [Reminder(row["id"], row["address"], row["kind"], row["subject"], as_time(row["due_at"])) for row in rows]


async def finish(connection: AsyncConnection, ids: Sequence[str]) -> None:
    await execute_all(connection, FINISH, [{"key": id_} for id_ in ids])


async def next_due(connection: AsyncConnection) -> datetime | None:
    due_at = (await NEXT_DUE.rows(connection))[0]["due_at"]
    return as_time(due_at) if due_at else None
