"""The database: connect, transactions, migrate."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import aiosqlite
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from bot.store.revision import revision_of
from bot.store.schema import HEAD

BUSY_SECONDS = 4.0
"""How long to wait for another process's write; shorter than the time after which platforms ask again."""


class StoreUnavailableError(Exception):
    """The store cannot write just now (disk full, locked, gone): nothing was changed, the same thing may be tried again."""


def connect_engine(
    path: Path, *, begin: str, checkpoints: bool, size: int, reset: Literal["rollback"] | None = "rollback"
) -> AsyncEngine:
    """`reset` is what is done to a connection whose user has ended its transaction."""
    engine = create_async_engine(
        f"sqlite+aiosqlite:///{path}",
        poolclass=AsyncAdaptedQueuePool,
        pool_size=size,
        max_overflow=0,
        connect_args={"timeout": BUSY_SECONDS},
        pool_reset_on_return=reset,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(dbapi_connection: Any, _record: Any) -> None:
        # The driver's own BEGIN is deferred: under concurrent writers it loses updates. We begin ourselves, below.
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")  # NORMAL loses commits in a power cut
        cursor.execute("PRAGMA foreign_keys = ON")
        if not checkpoints:
            cursor.execute("PRAGMA wal_autocheckpoint = 0")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Any) -> None:
        # One call in the driver's thread; a cursor of SQLAlchemy's makes three of it.
        connection.connection.dbapi_connection.run_async(lambda driver: driver.execute_fetchall(begin))

    @event.listens_for(engine.sync_engine, "handle_error")
    def keep(context: Any) -> None:
        # What was cancelled still ends in the driver's thread, and the rollback waits behind it. SQLAlchemy would throw the
        # connection away instead, and a closed one with an open cursor holds its lock until the cursor is collected.
        if isinstance(context.original_exception, asyncio.CancelledError):
            context.is_disconnect = False

    return engine


class Database:
    """One SQLite file: one writer, a few readers. `checkpoints` is False for a second process beside a running server."""

    def __init__(self, path: Path, *, checkpoints: bool = True) -> None:
        self.path = path
        self._writer = connect_engine(path, begin="BEGIN IMMEDIATE", checkpoints=checkpoints, size=1, reset=None)
        self._readers = connect_engine(path, begin="BEGIN", checkpoints=False, size=4)
        self._writing = asyncio.Lock()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """All or nothing, one at a time. A cancellation rolls back; once the commit has begun it is waited for.

        Raises StoreUnavailableError when the store cannot write.
        """
        async with self._writing:
            try:
                async with self._writer.connect() as connection:
                    try:
                        await connection.begin()
                        yield connection
                        await finish(connection.commit())
                    except BaseException:
                        await finish((await driver_of(connection)).rollback())  # behind whatever is still under way
                        raise
            except OperationalError as error:
                raise StoreUnavailableError(type(error.orig).__name__) from error
            except sqlite3.OperationalError as error:
                raise StoreUnavailableError(type(error).__name__) from error

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A consistent view that writers do not wait for."""
        try:
            async with self._readers.connect() as connection:
                await connection.begin()
                yield connection
        except OperationalError as error:
            raise StoreUnavailableError(type(error.orig).__name__) from error
        except sqlite3.OperationalError as error:
            raise StoreUnavailableError(type(error).__name__) from error

    async def migrate(self) -> None:
        """Bring the schema up to date. Alembic is loaded only when there is something to do: it takes 0.3 s."""
        if not await self.is_current():
            from bot.store.migrations import upgrade

            await asyncio.to_thread(upgrade, self.path)

    async def is_current(self) -> bool:
        """Whether its schema is that of this version. Raises as `revision_of` does."""
        return await asyncio.to_thread(revision_of, self.path, BUSY_SECONDS) == HEAD

    async def close(self) -> None:
        await self._readers.dispose()
        await self._writer.dispose()


async def driver_of(connection: AsyncConnection) -> aiosqlite.Connection:
    driver = (await connection.get_raw_connection()).driver_connection
    assert isinstance(driver, aiosqlite.Connection)
    return driver


async def finish(work: Any) -> None:
    """Wait for the work's end even when cancelled meanwhile: half a commit is neither done nor undone."""
    task = asyncio.ensure_future(work)
    cancelled = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
        except BaseException:
            if cancelled is None:
                raise
    if cancelled is not None:
        raise cancelled
