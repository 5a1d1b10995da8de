"""Ties the database and the evidence store together: both hold one id, so that neither is used beside a stranger's or an empty one."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from sqlalchemy import bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.evidence import EvidenceState
from bot.store import bookmarks
from bot.store.database import Database
from bot.store.objects import Objects
from bot.store.schema import evidence
from bot.store.values import as_time, time_text

BOOKMARK = "evidence store"
GIVEN_UP = "evidence given up"
"""The bookmark that says before which time evidence was lost for good."""
SAMPLE = 8
"""Of the newest evidence, how many files are looked for."""
NEWEST = (
    select(evidence.c.sha256)
    .where(
        evidence.c.state == EvidenceState.KEPT.value,
        evidence.c.sha256 != "",
        evidence.c.received_at >= bindparam("since"),
    )
    .order_by(text("rowid DESC"))
    .limit(SAMPLE)
)


class Fit(Enum):
    """Whether a database and an evidence store belong together."""

    TIED = "both hold the same id"
    NEW = "nothing speaks against it, and one of them does not hold the id yet"
    OF_ANOTHER = "they hold different ids"
    DATABASE_LOST = "there is evidence, and the database names none"
    EVIDENCE_LOST = "the database names evidence, and nothing of it is there"
    MARK_LOST = (
        "the database names evidence and holds an id, and the store holds none: it is another one, or a part of it"
    )


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen: the ids of both; how many files the database names, SAMPLE at most, and whether one of them is there; whether the
    store holds any file at all.
    """

    id: str | None
    marker: str | None
    named: int
    is_present: bool
    holds_any: bool

    @property
    def fit(self) -> Fit:
        if self.id and self.marker and self.id != self.marker:
            return Fit.OF_ANOTHER
        if self.named and not self.is_present:
            return Fit.EVIDENCE_LOST
        if self.id and self.id == self.marker:
            return Fit.TIED
        if self.named and self.id:
            return Fit.MARK_LOST
        if not self.named and self.holds_any:
            return Fit.DATABASE_LOST
        return Fit.NEW


async def look(database: Database, objects: Objects) -> Look:
    """Raises StoreUnavailableError, ObjectsUnavailableError among them."""
    async with database.reading() as connection:
        id_, _ = await tie_of(connection)
        since = await bookmarks.get(connection, GIVEN_UP) or ""
        sample = list((await connection.execute(NEWEST, {"since": since})).scalars())
    marker = await objects.marker()
    is_present = False
    for digest in sample:
        if is_present := await objects.size(digest) is not None:
            break  # one is enough to know the store again
    is_unknown = not sample and not (id_ and id_ == marker)
    return Look(id_, marker, len(sample), is_present, is_unknown and await objects.holds_any())


async def tie(database: Database, objects: Objects, now: datetime, *, id_: str | None = None) -> None:
    """Write the id into both; without `id_` a new one."""
    id_ = id_ or secrets.token_hex(16)
    await objects.mark(id_)
    async with database.transaction() as connection:
        await bookmarks.put(connection, BOOKMARK, f"{id_} {time_text(now)}")


async def adopt(database: Database, objects: Objects, now: datetime) -> Look:
    """Tie them whatever speaks against it. What the database names and nobody has is given up. Returns what was seen before."""
    seen = await look(database, objects)
    await tie(database, objects, now)
    if seen.fit is Fit.EVIDENCE_LOST:
        async with database.transaction() as connection:
            await bookmarks.put(connection, GIVEN_UP, time_text(now))
    return seen


async def tie_of(connection: AsyncConnection) -> tuple[str | None, datetime | None]:
    """Return the id that the database holds, and since when it is tied to its store: older objects there may be another database's."""
    id_, _, since = (await bookmarks.get(connection, BOOKMARK) or "").partition(" ")
    return id_ or None, as_time(since) if since else None
