"""Errands: slow things done beside the conversation; each result comes back as an event."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.adapter import Accept, MediaLaterError
from bot.model.events import Address, ErrandDone, Event
from bot.store import errands
from bot.store.database import Database, StoreUnavailableError
from bot.store.errands import Errand
from bot.supervisor import begin, is_being_stopped

LEASE = timedelta(seconds=120)
PAUSES = (2.0, 10.0, 60.0, 300.0)
"""Seconds until the next try; after the last of them the errand has failed."""
OUTAGE_PAUSES = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
"""Seconds until one errand tries again whether the store can be reached, and the last for as long as it cannot. No failures."""
AT_ONCE = 4
"""Errands running at a time: one fetches its file while another's is looked at."""
QUIET = ("read", "erase")
"""Kinds that nobody waits for: one at a time, beside the others."""
LONGEST_NAP = 30.0
Do = Callable[[Errand], Awaitable[Mapping[str, Any]]]
"""Does one kind of errand; returns JSON. Raises when it should be tried again: StoreUnavailableError as often as it takes."""
logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Lane:
    """Errands of these kinds, so many at a time, whatever other lanes have to do."""

    kinds: tuple[str, ...]
    at_once: int
    running: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def room(self) -> int:
        return self.at_once - len(self.running)


class Errands:
    """Runs the errands of the platforms that this process serves."""

    def __init__(
        self,
        database: Database,
        platforms: Sequence[str],
        kinds: Mapping[str, Do],
        accept: Accept,
        clock: Callable[[], datetime],
        elapsed: Callable[[], float] | None = None,
    ) -> None:
        """`elapsed` gives seconds that only go forward; without it, the clock does."""
        self._database = database
        self._platforms = platforms
        self._kinds = kinds
        self._lanes = (
            Lane(tuple(kind for kind in kinds if kind not in QUIET), AT_ONCE),
            Lane(tuple(kind for kind in kinds if kind in QUIET), 1),
        )
        self._accept = accept
        self._clock = clock
        self._new = asyncio.Event()
        self._outages = 0
        self._elapsed = elapsed or (lambda: clock().timestamp())
        self._closed_until = 0.0
        """By the seconds elapsed."""

    @property
    def kinds(self) -> Sequence[str]:
        return tuple(self._kinds)

    @property
    def is_waiting_for_store(self) -> bool:
        """Whether the last errand could not reach the object store."""
        return self._outages > 0

    def wake(self) -> None:
        self._new.set()

    async def run(self) -> None:
        """Until cancelled. When it fails, errands under way go on, and are seen to when it is called again."""
        try:
            while True:
                await self._round()
        except asyncio.CancelledError:
            if is_being_stopped():
                for lane in self._lanes:
                    for task in lane.running:
                        task.cancel()
            raise

    async def _round(self) -> None:
        self._new.clear()
        for lane in self._lanes:
            for errand in await self._claim(lane.kinds, lane.room):
                lane.running.add(begin(self._do(errand), "errand", id=errand.id))
        open_kinds = [kind for lane in self._lanes if lane.room > 0 for kind in lane.kinds]
        nap = await self._nap(open_kinds) if open_kinds else None
        running: set[asyncio.Task[Any]] = set().union(*(lane.running for lane in self._lanes))
        wake = asyncio.create_task(self._new.wait())
        try:
            await asyncio.wait({wake, *running}, timeout=nap, return_when=asyncio.FIRST_COMPLETED)
        finally:
            wake.cancel()
            for lane in self._lanes:
                lane.running.difference_update([task for task in lane.running if task.done()])

    async def do_all(self) -> int:
        """Everything that is due, one after the other. Returns how many."""
        count = 0
        while taken := await self._claim(self.kinds, 1):
            await self._do(taken[0])
            count += 1
        return count

    async def _claim(self, kinds: Sequence[str], most: int) -> list[Errand]:
        if most <= 0 or not kinds or self._closed_for():
            return []
        if self._outages:
            most = 1  # to see whether it is over: the others would fetch and look at their files for nothing
        try:
            async with self._database.reading() as connection:
                due = await errands.next_due(connection, self._platforms, kinds)
            if due is None or due > self._clock():
                return []
            async with self._database.transaction() as connection:
                now = self._clock()  # read here: the clock is moved in a transaction
                return await errands.claim(connection, self._platforms, kinds, now, now + LEASE, most)
        except StoreUnavailableError:
            return []

    async def _do(self, errand: Errand) -> None:
        started = self._elapsed()
        try:
            result = await self._kinds[errand.kind](errand)
        except StoreUnavailableError as error:
            seconds = self._begin_pause()
            logger.warning("errand_waits", id=errand.id, kind=errand.kind, seconds=seconds, error=str(error))
            await self._postpone(errand, seconds, failures=errand.failures)
            return
        except MediaLaterError as error:
            count = min(errand.failures + 1, len(PAUSES) - 1)  # never so many that it has failed
            logger.warning("errand_waits", id=errand.id, kind=errand.kind, seconds=PAUSES[count], error=str(error))
            await self._postpone(errand, PAUSES[count], failures=count)
            return
        except Exception as error:
            logger.warning("errand_failed", id=errand.id, kind=errand.kind, error=type(error).__name__)
            if errand.failures < len(PAUSES):
                await self._postpone(errand, PAUSES[errand.failures], failures=errand.failures + 1)
                return
            result = {"failed": type(error).__name__}
        else:
            self._outages, self._closed_until = 0, 0.0
        try:
            await self._accept(done_event(errand, result, self._clock()))
        except StoreUnavailableError:
            await self._postpone(errand, 1.0, failures=errand.failures)
            return
        logger.info("errand_done", id=errand.id, kind=errand.kind, seconds=round(self._elapsed() - started, 6))

    def _closed_for(self) -> float:
        """Return the seconds until the store is asked again; 0 when it may be."""
        return max(self._closed_until - self._elapsed(), 0.0)

    def _begin_pause(self) -> float:
        """Longer each time; those that fail together begin one."""
        if not self._closed_for():
            seconds = OUTAGE_PAUSES[min(self._outages, len(OUTAGE_PAUSES) - 1)]
            self._closed_until = self._elapsed() + seconds
            self._outages += 1
        return self._closed_for()

    async def _postpone(self, errand: Errand, seconds: float, *, failures: int) -> None:
        for _ in range(int(LEASE.total_seconds())):  # then its lease has ended by itself
            try:
                async with self._database.transaction() as connection:
                    until = self._clock() + timedelta(seconds=seconds)
                    await errands.postpone(connection, errand.id, until, failures)
            except StoreUnavailableError:
                await asyncio.sleep(1.0)
            else:
                return

    async def _nap(self, kinds: Sequence[str]) -> float:
        try:
            async with self._database.reading() as connection:
                due = await errands.next_due(connection, self._platforms, kinds)
        except StoreUnavailableError:
            return 1.0
        if due is None:
            return LONGEST_NAP
        return min(max((due - self._clock()).total_seconds(), self._closed_for(), 0.01), LONGEST_NAP)


def done_event(errand: Errand, result: Mapping[str, Any], now: datetime) -> Event:
    body = ErrandDone(errand.id, errand.kind, errand.subject, result)
    return Event(f"errand:{errand.id}", Address.parse(errand.address), now, body)
