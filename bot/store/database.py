"""The database: connect, transactions, migrate."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Literal

import aiosqlite
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from bot.store.revision import revision_of
from bot.store.schema import HEAD

BUSY_SECONDS = 4.0
"""How long one use of the store waits for others' locks, all waits together; shorter than the time after which platforms ask again."""
LEAST_BUSY_SECONDS = 0.05
"""For who has waited so long already: a lock that is let go of within a moment costs nobody a repeat."""
SAME_SECONDS = 0.2
"""Busy timeouts that differ by less count as the same: setting one is a call of the driver's thread."""
OUR_FAULTS = (
    sqlite3.IntegrityError,
    sqlite3.ProgrammingError,
    sqlite3.DataError,
    sqlite3.NotSupportedError,
    sqlite3.InterfaceError,
)
"""Errors that the same statement gives again on a sound database."""
OPEN_ANEW = (
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_READONLY,
)
"""Primary codes after which a connection may be bound to a file system that is gone, or to what has been mended since."""
_busy_seconds: ContextVar[float] = ContextVar("busy_seconds", default=BUSY_SECONDS)


class StoreUnavailableError(Exception):
    """The store cannot be used just now (disk full, locked, damaged, gone): nothing was changed, the same thing may be tried again."""


@contextmanager
def store_errors() -> Iterator[None]:
    """Raise StoreUnavailableError in place of whatever a database or its pool reports that is no fault of the program."""
    try:
        yield
    except (DBAPIError, sqlite3.DatabaseError) as error:
        original = original_of(error)
        if isinstance(original, OUR_FAULTS):
            raise
        raise StoreUnavailableError(getattr(original, "sqlite_errorname", type(original).__name__)) from error
    except PoolTimeoutError as error:
        raise StoreUnavailableError("all connections are in use") from error


def original_of(error: BaseException) -> BaseException | None:
    """Return what the driver raised."""
    return error.orig if isinstance(error, DBAPIError) else error


def needs_new_connection(error: BaseException) -> bool:
    code = getattr(original_of(error), "sqlite_errorcode", None)
    return type(error) is StoreUnavailableError or (code is not None and code & 0xFF in OPEN_ANEW)


def identity_of(path: Path) -> tuple[int, int]:
    """Return the device and the number of the file. Raises StoreUnavailableError when there is none to be seen."""
    try:
        file = path.stat()
    except OSError as error:
        raise StoreUnavailableError("the database file is gone") from error
    return file.st_dev, file.st_ino


def connect_engine(
    path: Path, *, begin: str, checkpoints: bool, size: int, reset: Literal["rollback"] | None = "rollback"
) -> AsyncEngine:
    """`reset` is what is done to a connection whose user has ended its transaction."""
    engine = create_async_engine(
        f"sqlite+aiosqlite:///{path}",
        poolclass=AsyncAdaptedQueuePool,
        pool_size=size,
        max_overflow=0,
        pool_timeout=BUSY_SECONDS,
        pool_reset_on_return=reset,
    )

    @event.listens_for(engine.sync_engine, "do_connect")
    def set_timeout(_dialect: Any, _record: Any, _arguments: Any, parameters: dict[str, Any]) -> None:
        identity_of(path)  # SQLite would make an empty file in place of one that is gone
        parameters["timeout"] = _busy_seconds.get()

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(dbapi_connection: Any, record: Any) -> None:
        record.info["file"] = identity_of(path)
        record.info["busy_seconds"] = _busy_seconds.get()
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
        if connection.info["file"] != identity_of(path):  # what is written into a deleted file is lost
            raise StoreUnavailableError("the database file was replaced")
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
    async def transaction(self, within: float = BUSY_SECONDS) -> AsyncIterator[AsyncConnection]:
        """All or nothing, one at a time. A cancellation rolls back; once the commit has begun it is waited for.

        `within` so many seconds from now a lock of another process must be free. Raises StoreUnavailableError when the store
        cannot write.
        """
        until = time.monotonic() + within
        async with self._writing:
            with store_errors():
                async with connected(self._writer, until) as connection:
                    try:
                        await connection.begin()
                        yield connection
                        await finish(connection.commit())
                    except BaseException:
                        with suppress(sqlite3.Error):  # the error before it says more
                            await finish((await driver_of(connection)).rollback())  # behind whatever is still under way
                        raise

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A consistent view that writers do not wait for. Raises StoreUnavailableError when the store cannot be read."""
        with store_errors():
            async with connected(self._readers, time.monotonic() + BUSY_SECONDS) as connection:
                await connection.begin()
                yield connection

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

    async def discard(self) -> None:
        """Close the database and remove its files. Only for one that this process has just made."""
        await self.close()
        for end in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + end).unlink(missing_ok=True)


@asynccontextmanager
async def connected(engine: AsyncEngine, until: float) -> AsyncIterator[AsyncConnection]:
    """Lend a connection that waits for locks `until` then, of the monotonic clock. One that is of no more use is not lent again."""

    def left() -> float:
        return min(max(until - time.monotonic(), LEAST_BUSY_SECONDS), BUSY_SECONDS)

    before = _busy_seconds.set(left())
    try:
        connection = await engine.connect()
    finally:
        _busy_seconds.reset(before)
    try:
        info, seconds = connection.info, left()
        if abs(info["busy_seconds"] - seconds) > SAME_SECONDS:
            driver = await driver_of(connection)
            await driver.execute_fetchall(f"PRAGMA busy_timeout = {seconds * 1000:.0f}")
            info["busy_seconds"] = seconds
        yield connection
    except BaseException as error:
        if needs_new_connection(error):
            await connection.invalidate()
        raise
    finally:
        await finish(connection.close())


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
