"""Times to come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.bulk import driver_text, execute_all
from bot.store.schema import reminders
from bot.store.values import as_time, time_text

ADD = driver_text(insert(reminders))
DUE = (
    select(reminders)
    .where(reminders.c.state == "due", reminders.c.due_at <= bindparam("now"))
    .order_by(reminders.c.due_at)
    .limit(bindparam("limit"))
)
FINISH = update(reminders).where(reminders.c.id == bindparam("key")).values(state="done")
NEXT_DUE = select(func.min(reminders.c.due_at)).where(reminders.c.state == "due")


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
    rows = await connection.execute(DUE, {"now": time_text(now), "limit": limit})
    return [
        Reminder(row["id"], row["address"], row["kind"], row["subject"], as_time(row["due_at"]))
        for row in rows.mappings()
    ]


async def finish(connection: AsyncConnection, ids: Sequence[str]) -> None:
    await connection.execute(FINISH, [{"key": id_} for id_ in ids])


async def next_due(connection: AsyncConnection) -> datetime | None:
    due_at = (await connection.execute(NEXT_DUE)).scalar()
    return as_time(due_at) if due_at else None
