"""Delivery: from the outbox to the platform, at least once, each chat in its order, chats without waiting for each other."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from bot.adapter import Adapter, Later, Outcome, Refused, Sent
from bot.model.messages import Outgoing
from bot.store import outbox
from bot.store.database import Database, StoreUnavailableError
from bot.store.outbox import Unsent

LEASE = timedelta(seconds=60)
MOST_AT_ONCE = 100
LONGEST_NAP = 30.0
PAUSES = (1.0, 2.0, 5.0, 15.0, 60.0, 300.0)
"""Seconds until the next try after an adapter failed, growing; the last one goes on."""
logger = structlog.get_logger()


class Delivery:
    """Sends what one adapter's platform has in the outbox."""

    def __init__(self, database: Database, adapter: Adapter, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._adapter = adapter
        self._clock = clock
        self._new = asyncio.Event()

    def wake(self) -> None:
        self._new.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._new.clear()
            try:
                if await self.deliver():
                    continue
                nap = await self._nap()
            except StoreUnavailableError:
                nap = 1.0
            try:
                await asyncio.wait_for(self._new.wait(), nap)
            except TimeoutError:
                continue

    async def deliver(self) -> int:
        """One round: the first unsent message of each chat that is due. Returns how many were tried."""
        now = self._clock()
        async with self._database.reading() as connection:
            unsent = await outbox.sendable(connection, self._adapter.name, now, MOST_AT_ONCE)
        if not unsent:
            return 0
        async with self._database.transaction() as connection:
            await outbox.claim(connection, unsent, now + LEASE)
        outcomes = await asyncio.gather(*(self._send(one.outgoing) for one in unsent))
        async with self._database.transaction() as connection:
            await outbox.mark(connection, self._states(unsent, outcomes))
        return len(unsent)

    async def _send(self, outgoing: Outgoing) -> Outcome | Exception:
        try:
            return await self._adapter.send(outgoing)
        except Exception as error:
            logger.warning("send_failed", id=outgoing.id, platform=self._adapter.name, error=type(error).__name__)
            return error

    def _states(
        self, unsent: Sequence[Unsent], outcomes: Sequence[Outcome | Exception]
    ) -> list[tuple[str, str, datetime]]:
        now = self._clock()
        states = []
        for one, outcome in zip(unsent, outcomes, strict=True):
            match outcome:
                case Sent():
                    states.append((one.outgoing.id, "sent", now))
                case Refused(why):
                    logger.warning("send_refused", id=one.outgoing.id, platform=self._adapter.name, why=why)
                    states.append((one.outgoing.id, "refused", now))
                case Later(seconds):
                    states.append((one.outgoing.id, "due", now + timedelta(seconds=seconds)))
                case _:
                    pause = PAUSES[min(one.attempts, len(PAUSES) - 1)]
                    states.append((one.outgoing.id, "due", now + timedelta(seconds=pause)))
        return states

    async def _nap(self) -> float:
        async with self._database.reading() as connection:
            due = await outbox.next_due(connection, self._adapter.name)
        if due is None:
            return LONGEST_NAP
        return min(max((due - self._clock()).total_seconds(), 0.01), LONGEST_NAP)
