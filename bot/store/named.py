"""Which objects the database names, and where: what nothing names may go."""

import json
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.bulk import Row
from bot.store.database import Database
from bot.store.files import OBJECT
from bot.store.objects import DIGEST
from bot.store.schema import conversations, errands, evidence, inbox, outbox, setaside
from bot.store.values import as_time

PAGE = 500
ANY_DIGEST = re.compile(rf"(?<![0-9a-f]){DIGEST.pattern}(?![0-9a-f])")
OF_EVIDENCE = (evidence.c.sha256, evidence.c.view_sha256, evidence.c.thumb_sha256)


def paged(key: Any, *columns: Any, where: Any = None) -> Select[Any]:
    statement = select(key, *columns).where(key > bindparam("after")).order_by(key).limit(PAGE)
    return statement if where is None else statement.where(where)


NAMING = (
    paged(evidence.c.id, *OF_EVIDENCE),
    paged(outbox.c.id, outbox.c.message, where=func.instr(outbox.c.message, OBJECT) > 0),
    paged(errands.c.id, errands.c.details, where=errands.c.state == "due"),
    paged(setaside.c.id, setaside.c.event, where=setaside.c.state == "waiting"),
)
UPLOADED = paged(inbox.c.id, inbox.c.body, where=func.instr(inbox.c.body, '"media"') > 0)
NAMED_NOW = select(
    or_(
        exists().where(or_(*(column == bindparam("digest") for column in OF_EVIDENCE))),
        exists().where(errands.c.state == "due", func.instr(errands.c.details, bindparam("digest")) > 0),
        exists().where(setaside.c.state == "waiting", func.instr(setaside.c.event, bindparam("digest")) > 0),
        exists().where(func.instr(outbox.c.message, OBJECT + bindparam("digest")) > 0),
    )
)
BORN = select(func.min(conversations.c.created_at))
ALLOWANCE = timedelta(hours=1)
"""A file may be stored a little before its conversation."""


async def pages(database: Database, statement: Select[Any]) -> AsyncIterator[Sequence[Row]]:
    after = ""
    while True:
        async with database.reading() as connection:
            rows = (await connection.execute(statement, {"after": after})).mappings().all()
        if not rows:
            return
        yield rows
        after = next(iter(rows[-1].values()))


async def named(database: Database) -> AsyncIterator[str]:
    """Yield the objects that evidence, messages, errands and what is set aside name."""
    for statement in NAMING:
        async for rows in pages(database, statement):
            for row in rows:
                for digest in digests_in(row):
                    yield digest


async def uploaded(database: Database) -> AsyncIterator[str]:
    """Yield the objects that customers' events brought, whatever became of them."""
    async for rows in pages(database, UPLOADED):
        for row in rows:
            for digest in ANY_DIGEST.findall(json.dumps(json.loads(row["body"]).get("media", ""))):
                yield digest


def digests_in(row: Row) -> Iterator[str]:
    for value in row.values():
        yield from ANY_DIGEST.findall(value or "")


async def is_named(connection: AsyncConnection, digest: str) -> bool:
    """Whether evidence, a message, an errand or what is set aside names it now."""
    return bool((await connection.execute(NAMED_NOW, {"digest": digest})).scalar())


async def born_at(connection: AsyncConnection) -> datetime | None:
    """Since when this database may have named objects; None while it knows no conversation."""
    at = (await connection.execute(BORN)).scalar()
    return as_time(at) - ALLOWANCE if at else None
