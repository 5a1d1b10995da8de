"""Delivery: from the outbox to the platform, at least once, each chat in its order, chats without waiting for each other."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bot.adapter import Adapter, Closed, Later, Outcome, Refused, Sent, TakenOver
from bot.metrics import Metrics
from bot.model.messages import Outgoing
from bot.store import outbox
from bot.store.database import Database, StoreUnavailableError
from bot.store.outbox import Marked, Unsent

LEASE = timedelta(seconds=60)
MOST_AT_ONCE = 100
LONGEST_NAP = 30.0
STOP_SECONDS = 3.0
"""When we stop: how long to wait for what is on its way, so that it need not be sent again."""
PAUSES = (1.0, 2.0, 5.0, 15.0, 60.0, 300.0)
"""Seconds until the next try after an adapter failed, growing; the last one goes on."""
logger = structlog.get_logger()


class Delivery:
    """Sends what one adapter's platform has in the outbox. `longest_nap`: seconds, when other processes may add to it."""

    def __init__(
        self,
        database: Database,
        adapter: Adapter,
        clock: Callable[[], datetime],
        metrics: Metrics,
        longest_nap: float = LONGEST_NAP,
    ) -> None:
        self._database = database
        self._adapter = adapter
        self._clock = clock
        self._metrics = metrics
        self._longest_nap = longest_nap
        self._new = asyncio.Event()
        self._sending: set[asyncio.Task[None]] = set()
        self._outcomes: list[Marked] = []

    def wake(self) -> None:
        self._new.set()

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                self._new.clear()
                nap = 1.0
                try:
                    await self._mark()
                    await self._begin()
                    nap = await self._nap()
                except StoreUnavailableError as error:
                    logger.error("store_unavailable", why=str(error), platform=self._adapter.name)
                await self._wait(nap)
        finally:
            if self._sending:
                await asyncio.wait(self._sending, timeout=STOP_SECONDS)
            await self._mark()

    async def deliver(self) -> int:
        """One round: the first unsent message of each chat that is due. Returns how many were tried."""
        count = await self._begin()
        if count:
            await asyncio.wait(self._sending)
            await self._mark()
        return count

    async def _begin(self) -> int:
        """Later messages of a chat wait until its first one is marked, so a chat keeps its order."""
        free = MOST_AT_ONCE - len(self._sending)
        if free <= 0:
            return 0
        now = self._clock()
        async with self._database.reading() as connection:
            unsent = await outbox.sendable(connection, self._adapter.name, now, free)
        if not unsent:
            return 0
        async with self._database.transaction() as connection:
            unsent = await outbox.claim(connection, unsent, now + LEASE)
        for one in unsent:
            task = asyncio.create_task(self._send(one))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        return len(unsent)

    async def _send(self, one: Unsent) -> None:
        outcome: Outcome | None = None
        try:
            outcome = await self._adapter.send(one.outgoing)
        except Exception as error:
            logger.warning("send_failed", id=one.outgoing.id, platform=self._adapter.name, error=type(error).__name__)
        self._metrics.sent(self._adapter.name, type(outcome).__name__.lower() if outcome else "failed")
        self._outcomes.append(self._marked(one.outgoing, outcome, one.attempts))
        self._new.set()

    def _marked(self, outgoing: Outgoing, outcome: Outcome | None, attempts: int) -> Marked:
        now = self._clock()
        match outcome:
            case Sent():
                return Marked(outgoing.id, "sent", now)
            case Refused(why):
                logger.warning("send_refused", id=outgoing.id, platform=self._adapter.name, why=why)
                return Marked(outgoing.id, "refused", now)
            case Later(seconds):
                return Marked(outgoing.id, "due", now + timedelta(seconds=seconds))
            case None | Closed() | TakenOver():  # the last two mean something only where the platform counts
                pause = PAUSES[min(attempts, len(PAUSES) - 1)]
                return Marked(outgoing.id, "due", now + timedelta(seconds=pause))

    async def _mark(self) -> None:
        """Outcomes are kept until they are stored: what was sent is not sent again because the disk was full."""
        outcomes = self._outcomes[:]
        if outcomes:
            async with self._database.transaction() as connection:
                await outbox.mark(connection, outcomes)
            del self._outcomes[: len(outcomes)]

    async def _wait(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._new.wait(), seconds)
        except TimeoutError:
            return

    async def _nap(self) -> float:
        async with self._database.reading() as connection:
            due = await outbox.next_due(connection, self._adapter.name)
        if due is None:
            return self._longest_nap
        return min(max((due - self._clock()).total_seconds(), 0.01), self._longest_nap)
