"""Events whose handling failed, with what is needed to try again."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.event_json import event_from_json, event_to_json
from bot.model.events import Event
from bot.store.schema import setaside
from bot.store.values import as_time, json_text, time_text

ADD = insert(setaside)
WAITING = select(setaside).where(setaside.c.state == "waiting").order_by(setaside.c.at)
ONE = select(setaside).where(setaside.c.id == bindparam("id"))
MARK = (
    update(setaside)
    .where(setaside.c.id == bindparam("key"))
    .values(state=bindparam("state"), retries=setaside.c.retries + bindparam("more"))
)


@dataclass(frozen=True, slots=True)
class SetAside:
    """`error` is where it failed, without any value: types, files and lines."""

    id: str
    event: Event
    error: str
    at: datetime
    state: str = "waiting"
    retries: int = 0


async def add(connection: AsyncConnection, new: Sequence[SetAside]) -> None:
    rows = [
        {
            "id": one.id,
            "event": json_text(event_to_json(one.event)),
            "error": one.error,
            "at": time_text(one.at),
            "state": one.state,
            "retries": 0,
        }
        for one in new
    ]
    await connection.execute(ADD, rows)


async def waiting(connection: AsyncConnection) -> list[SetAside]:
    return [from_row(row) for row in (await connection.execute(WAITING)).mappings()]


async def one(connection: AsyncConnection, id_: str) -> SetAside | None:
    row = (await connection.execute(ONE, {"id": id_})).mappings().first()
    return from_row(row) if row else None


async def mark(connection: AsyncConnection, id_: str, state: str, *, retried: bool = False) -> None:
    await connection.execute(MARK, {"key": id_, "state": state, "more": int(retried)})


def from_row(row: object) -> SetAside:
    values = dict(row)  # type: ignore[call-overload]
    values["event"] = event_from_json(json.loads(values["event"]))
    values["at"] = as_time(values["at"])
    return SetAside(**values)
