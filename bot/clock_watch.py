"""The clock's watch: when the machine's clock is set, what waits for a time is moved together with our clock.

So a wait of seconds or an hour takes as long as it should, and what a day decides goes by the day. See decision 0019.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import SteadyClock
from bot.reminders import SOON
from bot.store import bookmarks, waits
from bot.store.database import Database, StoreUnavailableError
from bot.store.values import as_time, time_text

LOOK_SECONDS = 1.0
LEAST = timedelta(seconds=2)
"""A smaller difference is followed as it is: clocks are never exact."""
NOTE_EVERY = timedelta(minutes=1)
"""How often the time is kept, for a process after us that finds an earlier one."""
logger = structlog.get_logger()


class ClockWatch:
    """For what waits on these platforms; `reminders`: also for what waits on none."""

    def __init__(
        self,
        clock: SteadyClock,
        database: Database,
        platforms: Sequence[str],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        *,
        reminders: bool,
    ) -> None:
        self._clock = clock
        self._database = database
        self._platforms = platforms
        self._sleep = sleep
        self._kinds = SOON if reminders else None
        self._noted_at: datetime | None = None

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.look()
            except StoreUnavailableError as error:
                logger.warning("store_unavailable", why=str(error), part="clock")
            await self._sleep(LOOK_SECONDS)

    async def begin(self) -> None:
        """Before anything waits in this process: the one before it may have known a later time, so the clock was set back since."""
        async with self._database.transaction() as connection:
            kept = await bookmarks.get(connection, self._bookmark)
            now = self._clock()
            step = now - as_time(kept) if kept else timedelta(0)
            if step <= -LEAST:
                logger.warning("clock_set", seconds=round(step.total_seconds()))
                await waits.move(connection, step, self._platforms, self._kinds)
            await self._note(connection, now)

    async def look(self) -> None:
        """Follow the machine's clock; if it was set, with all that waits. Raises StoreUnavailableError; then nothing has moved."""
        step = self._clock.behind
        if abs(step) < LEAST:
            self._clock.move(step)
            now = self._clock()
            if self._noted_at is None or now - self._noted_at >= NOTE_EVERY:
                async with self._database.transaction() as connection:
                    await self._note(connection, now)
            return
        logger.warning("clock_set", seconds=round(step.total_seconds()))
        is_moved = False
        try:
            async with self._database.transaction() as connection:
                await waits.move(connection, step, self._platforms, self._kinds)
                await self._note(connection, self._clock() + step)
                if step < timedelta(0):
                    # Before the commit, or after it, as whoever reads clock and store in between must not find due what is not.
                    self._clock.move(step)
                    is_moved = True
        except Exception:
            if is_moved:
                self._clock.move(-step)
            raise
        if not is_moved:
            self._clock.move(step)

    async def _note(self, connection: AsyncConnection, now: datetime) -> None:
        await bookmarks.put(connection, self._bookmark, time_text(now))
        self._noted_at = now

    @property
    def _bookmark(self) -> str:
        return "clock" if self._kinds is not None else f"clock {' '.join(self._platforms)}"
