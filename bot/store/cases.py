"""Cases, and the log of what happened to them."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.case import OPEN, Case, CaseStatus, Step
from bot.store.bulk import Query, Row, driver_text, execute_all, given
from bot.store.schema import cases
from bot.store.values import as_day, as_time, json_text, json_value, time_text

OF_CUSTOMERS = Query(select(cases).where(cases.c.customer.in_(given("customers"))).order_by(cases.c.submitted_at))
ONE = select(cases).where(cases.c.number == bindparam("number"))
TO_DECIDE = (
    select(cases)
    .where(cases.c.status.in_(sorted(OPEN)))
    .order_by(cases.c.promised_on, cases.c.submitted_at)
    .limit(bindparam("limit"))
)
NEWEST = select(cases).order_by(cases.c.submitted_at.desc()).limit(bindparam("limit"))
ADD = driver_text(insert(cases))
SAVE = driver_text(
    update(cases)
    .where(cases.c.number == bindparam("key"))
    .values({column.name: bindparam(column.name) for column in cases.c if column.name != "number"})
)


async def of_customers(connection: AsyncConnection, customers: Sequence[str]) -> list[Case]:
    """All cases of these customers, oldest first."""
    return [from_row(row) for row in await OF_CUSTOMERS.rows(connection, customers=customers)]


async def one(connection: AsyncConnection, number: str) -> Case | None:
    row = (await connection.execute(ONE, {"number": number})).mappings().first()
    return from_row(row) if row else None


async def listed(connection: AsyncConnection, *, only_open: bool, limit: int) -> list[Case]:
    """For agents: the open ones, what is due first on top; or the newest of all."""
    rows = await connection.execute(TO_DECIDE if only_open else NEWEST, {"limit": limit})
    return [from_row(row) for row in rows.mappings()]


async def add(connection: AsyncConnection, new: Sequence[Case]) -> None:
    await execute_all(connection, ADD, [to_row(case) for case in new])


async def save(connection: AsyncConnection, changed: Sequence[Case]) -> None:
    await execute_all(connection, SAVE, [{**to_row(case), "key": case.number} for case in changed])


def to_row(case: Case) -> dict[str, Any]:
    row = {field.name: getattr(case, field.name) for field in fields(case)}
    row["status"] = case.status.value
    row["submitted_at"] = time_text(case.submitted_at)
    row["promised_on"] = case.promised_on.isoformat()
    row["paused_on"] = case.paused_on.isoformat() if case.paused_on else None
    row["steps"] = json_text([[time_text(step.at), step.what, step.by, step.facts] for step in case.steps])
    row["more"] = json_text(case.more)
    return row


def from_row(row: Row) -> Case:
    values = dict(row)
    values["status"] = CaseStatus(row["status"])
    values["submitted_at"] = as_time(row["submitted_at"])
    values["promised_on"] = as_day(row["promised_on"])
    values["paused_on"] = as_day(row["paused_on"])
    values["is_estimate"] = bool(row["is_estimate"])
    values["steps"] = tuple(Step(as_time(at), *rest) for at, *rest in json_value(row["steps"]))
    values["more"] = json_value(row["more"])
    return Case(**values)
