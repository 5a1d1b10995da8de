"""Reminders: times that turns asked for become events when they come."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from bot.adapter import Accept
from bot.model.events import Address, Due, Event
from bot.store import reminders
from bot.store.database import Database, StoreUnavailableError
from bot.store.reminders import Reminder

SOON = ("album", "receipt", "whose", "linked", "unlinked")
"""Kinds that wait for seconds or minutes; all others are for a day."""
LONGEST_NAP = 30.0
"""Seconds; also how late a reminder may be that another process set while we nap."""
MOST_AT_ONCE = 100


class Reminders:
    def __init__(self, database: Database, accept: Accept, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._accept = accept
        self._clock = clock
        self._new = asyncio.Event()

    def wake(self, new: Iterable[Reminder]) -> None:
        """These are stored. Most are for days to come: they are found when our nap ends."""
        soon = self._clock() + timedelta(seconds=LONGEST_NAP)
        if any(one.due_at <= soon for one in new):
            self._new.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._new.clear()
            try:
                nap = 0.0 if await self.remind() else await self._nap()
            except StoreUnavailableError:
                nap = 1.0
            with suppress(TimeoutError):
                async with asyncio.timeout(nap):
                    await self._new.wait()

    async def remind(self) -> int:
        """Everything that is due now, at most a batch. Returns how many."""
        async with self._database.reading() as connection:
            due = await reminders.due(connection, self._clock(), MOST_AT_ONCE)
        for one in due:
            body = Due(one.id, one.kind, one.subject)
            await self._accept(Event(f"clock:{one.id}", Address.parse(one.address), self._clock(), body))
        return len(due)

    async def _nap(self) -> float:
        async with self._database.reading() as connection:
            due = await reminders.next_due(connection)
        if due is None:
            return LONGEST_NAP
        return min(max((due - self._clock()).total_seconds(), 0.01), LONGEST_NAP)
