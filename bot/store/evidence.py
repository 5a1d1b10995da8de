"""Evidence: what is known of each file; its bytes are in the object store."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import bindparam, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.evidence import Evidence, EvidenceState
from bot.store.bulk import Query, Row, driver_text, execute_all, given
from bot.store.schema import evidence
from bot.store.values import as_time, json_text, json_value, time_text

LOAD = Query(
    select(evidence)
    .where(
        or_(
            evidence.c.id.in_(given("ids")),
            evidence.c.address.in_(given("addresses")) & evidence.c.case_number.is_(None),
            evidence.c.case_number.in_(given("cases")),
        ),
        text(f"state IN ('{EvidenceState.FETCHING}', '{EvidenceState.KEPT}', '{EvidenceState.WAIVED}')"),
    )
    .order_by(evidence.c.received_at, evidence.c.id)
)
ONE = select(evidence).where(evidence.c.id == bindparam("id"))
OF_CASE = (
    select(evidence)
    .where(evidence.c.case_number == bindparam("number"))
    .order_by(evidence.c.received_at, evidence.c.id)
)
USING = (
    select(evidence.c.id)
    .where(
        or_(*(evidence.c[name] == bindparam("digest") for name in ("sha256", "view_sha256", "thumb_sha256"))),
        evidence.c.state == EvidenceState.KEPT.value,
    )
    .limit(1)
)
ADD = driver_text(insert(evidence))
SAVE = driver_text(
    update(evidence)
    .where(evidence.c.id == bindparam("key"))
    .values({column.name: bindparam(column.name) for column in evidence.c if column.name != "id"})
)


async def load(
    connection: AsyncConnection, addresses: Sequence[str], ids: Sequence[str], cases: Sequence[str]
) -> list[Evidence]:
    """What belongs to no case yet at these addresses, these ones, and what these cases have; oldest first."""
    return [from_row(row) for row in await LOAD.rows(connection, addresses=addresses, ids=ids, cases=cases)]


async def one(connection: AsyncConnection, id_: str) -> Evidence | None:
    row = (await connection.execute(ONE, {"id": id_})).mappings().first()
    return from_row(row) if row else None


async def of_case(connection: AsyncConnection, number: str) -> list[Evidence]:
    return [from_row(row) for row in (await connection.execute(OF_CASE, {"number": number})).mappings()]


async def is_used(connection: AsyncConnection, digest: str) -> bool:
    """Whether a kept file has this object: as original, view or thumbnail."""
    return (await connection.execute(USING, {"digest": digest})).first() is not None


async def add(connection: AsyncConnection, new: Sequence[Evidence]) -> None:
    await execute_all(connection, ADD, [to_row(one) for one in new])


async def save(connection: AsyncConnection, changed: Sequence[Evidence]) -> None:
    await execute_all(connection, SAVE, [{**to_row(one), "key": one.id} for one in changed])


def to_row(one: Evidence) -> dict[str, Any]:
    row = {field.name: getattr(one, field.name) for field in fields(one)}
    row["state"] = one.state.value
    row["received_at"] = time_text(one.received_at)
    row["found"] = json_text(one.found)
    return row


def from_row(row: Row) -> Evidence:
    values = {"state": EvidenceState(row["state"]), "received_at": as_time(row["received_at"])}
    return Evidence(**{**row, **values, "found": json_value(row["found"])})
