"""The sweep takes away objects that nothing names: files that were refused or too many, and what a crash cut off.

An object is stored before anything names it, so that only what has been there for a day may go. What customers' events brought is
known to be ours. What no row tells of at all may be that of another database, whose objects would be lost for good: it stays if it is
older than this database, or if there is much of it.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import named
from bot.store.database import Database, StoreUnavailableError
from bot.store.objects import BusyError, Objects, Stored
from bot.store.tie import tie_of

YOUNG = timedelta(days=1)
FIRST_SECONDS = 120.0
EVERY_SECONDS = 6 * 3600.0
MOST_UNKNOWN = 20
MOST_UNKNOWN_PART = 5
"""More unknown objects than both 20 and a fifth of all are left: an older database was restored, or another one."""
TABLES = """
    CREATE TABLE named (digest TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE uploaded (digest TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE unknown (digest TEXT PRIMARY KEY, size INTEGER) WITHOUT ROWID;
    CREATE TABLE unwanted (digest TEXT PRIMARY KEY, size INTEGER) WITHOUT ROWID;
"""
logger = structlog.get_logger()


@dataclass(slots=True)
class Swept:
    """How many objects and bytes were taken away; how many unknown ones were left."""

    count: int = 0
    size: int = 0
    left: int = 0


class Sweep:
    def __init__(self, database: Database, objects: Objects, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._objects = objects
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled."""
        await asyncio.sleep(FIRST_SECONDS)
        while True:
            try:
                swept = await self.sweep()
            except StoreUnavailableError as error:
                logger.warning("sweep_waits", error=str(error))
            else:
                if swept.count or swept.left:
                    logger.info("objects_swept", count=swept.count, bytes=swept.size, left=swept.left)
            await asyncio.sleep(EVERY_SECONDS)

    async def sweep(self) -> Swept:
        """Raises StoreUnavailableError; what was taken away until then is gone all the same."""
        swept = Swept()
        with closing(sqlite3.connect("")) as notes:  # a file of its own that ends with it
            notes.executescript(TABLES)
            async for digest in named.named(self._database):
                notes.execute("INSERT OR IGNORE INTO named VALUES (?)", (digest,))
            async for digest in named.uploaded(self._database):
                notes.execute("INSERT OR IGNORE INTO uploaded VALUES (?)", (digest,))
            # Names first and objects after them: whatever is stored from now on is young.
            await self._list(notes, swept)
            for digest, size in notes.execute("SELECT digest, size FROM unwanted").fetchall():
                if await self._take_away(digest):
                    swept.count += 1
                    swept.size += size
        return swept

    async def _list(self, notes: sqlite3.Connection, swept: Swept) -> None:
        """Note what is unwanted."""
        async with self._database.reading() as connection:
            born_at = await ours_since(connection)
        total, old = 0, self._clock() - YOUNG
        async for stored in self._stored():
            total += 1
            if stored.modified_at > old or has(notes, "named", stored.digest):
                continue
            if has(notes, "uploaded", stored.digest):
                note(notes, "unwanted", stored)
            elif born_at is None or stored.modified_at < born_at:
                swept.left += 1
            else:
                note(notes, "unknown", stored)
        (unknown,) = notes.execute("SELECT count(*) FROM unknown").fetchone()
        if unknown > max(MOST_UNKNOWN, total // MOST_UNKNOWN_PART):
            swept.left += unknown
            logger.error("sweep_left_many", count=unknown, of=total)
        else:
            notes.execute("INSERT OR IGNORE INTO unwanted SELECT * FROM unknown")

    async def _stored(self) -> AsyncIterator[Stored]:
        store: Objects | None = self._objects
        while store:
            async for stored in store.list():
                yield stored
            store = store.before

    async def _take_away(self, digest: str) -> bool:
        """False when it is named or was put meanwhile."""
        async with self._database.reading() as connection:
            if await named.is_named(connection, digest):
                return False
        try:
            await self._objects.delete(digest)
        except BusyError:
            return False
        return True


async def ours_since(connection: AsyncConnection) -> datetime | None:
    """Return since when what is in the store is this database's; None while it knows no conversation."""
    born_at, (_, tied_at) = await named.born_at(connection), await tie_of(connection)
    return max(born_at, tied_at) if born_at and tied_at else born_at


def has(notes: sqlite3.Connection, table: str, digest: str) -> bool:
    return notes.execute(f"SELECT 1 FROM {table} WHERE digest = ?", (digest,)).fetchone() is not None  # noqa: S608


def note(notes: sqlite3.Connection, table: str, stored: Stored) -> None:
    notes.execute(f"INSERT OR IGNORE INTO {table} VALUES (?, ?)", (stored.digest, stored.size))  # noqa: S608
