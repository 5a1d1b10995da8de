"""Delivery: from the outbox to the platform, at least once, each chat in its order, chats without waiting for each other."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapter import Accept, Adapter, Closed, Later, MaybeSent, Moved, Outcome, Refused, Sent, TakenOver
from bot.metrics import Metrics
from bot.model.events import Address, Event, Reachable
from bot.model.messages import Outgoing
from bot.pace import Pace
from bot.store import moves, outbox
from bot.store.database import Database, StoreUnavailableError
from bot.store.outbox import LEASE, Marked, Unsent
from bot.supervisor import begin

MOST_AT_ONCE = 300
LONGEST_NAP = 30.0
STOP_SECONDS = 3.0
"""When we stop: how long to wait for what is on its way, so that it need not be sent again."""
PAUSES = (1.0, 2.0, 5.0, 15.0, 60.0, 300.0)
"""Seconds until the next try after an adapter failed, growing; the last one goes on."""
MAYBE_SECONDS = 5.0
"""What may have been sent is sent once more after this pause. Then it is `maybe` for good: twice at worst, never for ever."""
STARTED_TOGETHER = 8
"""Sends begun in one turn of the event loop: whoever waited for the same commit, a poller or a page, goes on between them."""
TOGETHER_SECONDS = 0.02
"""What is sent meanwhile is marked in the same commit."""
SHORTEST_NAP = 0.1
"""Seconds between looks at the outbox while the overall pace is reached."""
CHATS_THAT_MEAN_ALL = 3
EVERYBODY = ""
logger = structlog.get_logger()


class Delivery:
    """Sends what one adapter's platform has in the outbox. `longest_nap`: seconds, when other processes may add to it."""

    def __init__(
        self,
        database: Database,
        adapter: Adapter,
        accept: Accept,
        clock: Callable[[], datetime],
        metrics: Metrics,
        longest_nap: float = LONGEST_NAP,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._adapter = adapter
        self._accept = accept
        self._clock = clock
        self._metrics = metrics
        self._longest_nap = longest_nap
        self._elapsed = elapsed
        self._new = asyncio.Event()
        self._sending: set[asyncio.Task[None]] = set()
        self._on_their_way: set[str] = set()
        """A slow platform may take longer than the lease; until its answer is marked, we do not send the same again."""
        self._outcomes: list[Marked] = []
        self._moved: list[tuple[Address, Address]] = []
        self._maybe: set[str] = set()
        self._asked_to_wait: set[str] = set()
        self._pace = Pace()
        self._is_running = self._goes_by_rounds = False
        self._taken: list[Outgoing] = []
        self._looked_at = clock()
        """When the outbox was last looked at. What became due since is no reason to nap."""
        self._is_full = False
        """Something waited for the overall pace at the last look."""
        self._paced: dict[str, float] = {}
        """Chats that were spoken to as often as they may be, each with when they may be again."""

    def wake(self) -> None:
        self._new.set()

    @property
    def room(self) -> int:
        """How many messages it would send at once."""
        is_at_work = self._is_running or self._goes_by_rounds
        if not is_at_work or self._is_full or self._overall_wait() > 0:
            return 0
        return max(MOST_AT_ONCE - len(self._sending) - len(self._taken), 0)

    def take(self, claimed: Outgoing) -> None:
        """What was claimed for us when it was stored, as the first unsent of its chat: it need not be looked for."""
        if self._is_running and not self._taken:
            asyncio.get_running_loop().call_soon(self._start_some)
        self._taken.append(claimed)

    def _start_some(self) -> None:
        try:
            self._start_taken(STARTED_TOGETHER)
        finally:
            if self._taken and self._is_running:
                asyncio.get_running_loop().call_soon(self._start_some)

    def _start_taken(self, most: int) -> int:
        taken, self._taken = self._taken[:most], self._taken[most:]
        count = 0
        for one in taken:
            if self._may_send(one.address.chat):
                count += self._start([Unsent(one, 0)])
            else:
                self._outcomes.append(Marked(one.id, "due", self._clock()))
                self._new.set()
        return count

    async def run(self) -> None:
        """Until cancelled. When it fails, it goes on with what it had in hand when it is called again."""
        self._is_running = True
        self._start_some()
        try:
            while True:
                self._new.clear()
                nap = 1.0
                try:
                    await self._go_on()
                    nap = 0.0 if self._new.is_set() else await self._nap()
                except StoreUnavailableError as error:
                    logger.error("store_unavailable", why=str(error), platform=self._adapter.name)
                await self._wait(nap)
                if self._outcomes and self._sending:
                    await asyncio.sleep(TOGETHER_SECONDS)
        finally:
            self._is_running = False
            self._outcomes += [Marked(one.id, "due", self._clock()) for one in self._taken]
            self._taken.clear()
            if self._sending:
                await asyncio.wait(self._sending, timeout=STOP_SECONDS)
            await self._mark()

    async def deliver(self) -> int:
        """One round, instead of running: the first unsent message of each chat that is due. Returns how many were tried."""
        self._goes_by_rounds = True
        count = self._start_taken(len(self._taken)) + await self._begin()
        if self._sending:
            await asyncio.wait(self._sending)
        await self._mark()
        return count

    async def _go_on(self) -> int:
        """Marks what was sent and claims what comes next, in one commit: what is sent and not marked is sent again after a crash."""
        if not self._outcomes:
            return await self._begin()
        async with self._marking() as connection:
            unsent = await self._claim(connection, await self._sendable(connection))
        return self._start(unsent)

    async def _begin(self) -> int:
        async with self._database.reading() as connection:
            unsent = await self._sendable(connection)
        if not unsent:
            return 0
        async with self._database.transaction() as connection:
            unsent = await self._claim(connection, unsent)
        return self._start(unsent)

    async def _sendable(self, connection: AsyncConnection) -> list[Unsent]:
        """Later messages of a chat wait until its first one is marked, so a chat keeps its order."""
        self._looked_at = self._clock()
        free = MOST_AT_ONCE - len(self._sending)
        self._is_full = self._overall_wait() > 0
        if free <= 0 or self._is_full:
            return []
        self._paced = {chat: at for chat, at in self._paced.items() if at > self._elapsed()}
        due = await outbox.sendable(connection, self._adapter.name, self._looked_at, free + len(self._paced))
        return [
            one
            for one in due
            if one.outgoing.id not in self._on_their_way and self._may_send(one.outgoing.address.chat)
        ][:free]

    def _overall_wait(self) -> float:
        overall = self._adapter.limits.overall
        return self._pace.wait(EVERYBODY, overall, self._elapsed()) if overall else 0.0

    async def _claim(self, connection: AsyncConnection, unsent: list[Unsent]) -> list[Unsent]:
        now = self._clock()
        return await outbox.claim(connection, unsent, now, now + LEASE) if unsent else []

    def _start(self, unsent: list[Unsent]) -> int:
        for one in unsent:
            self._on_their_way.add(one.outgoing.id)
            task = begin(self._send(one), "send", id=one.outgoing.id)
            self._sending.add(task)
            task.add_done_callback(partial(self._sent, one.outgoing.id))
        return len(unsent)

    def _sent(self, id_: str, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        if task.cancelled() or task.exception():  # its outcome is not known, so it is not marked: its lease ends
            self._on_their_way.discard(id_)

    def _may_send(self, chat: str) -> bool:
        """If so, it counts as sent."""
        limits, now = self._adapter.limits, self._elapsed()
        if self._paced.get(chat, now) > now:
            return False
        if self._is_full or self._overall_wait() > 0:
            self._is_full = True
            return False
        rate = limits.a_chat(chat)
        if rate:
            wait = self._pace.wait(chat, rate, now)
            if wait > 0:
                self._paced[chat] = now + wait
                return False
            self._pace.count(chat, rate, now)
        if limits.overall:
            self._pace.count(EVERYBODY, limits.overall, now)
        return True

    async def _send(self, one: Unsent) -> None:
        outcome: Outcome | None = None
        address = one.outgoing.address
        try:
            outcome = await self._adapter.send(one.outgoing)
            if isinstance(outcome, Refused) and outcome.is_unreachable:
                # Before the message is marked: after a crash in between it is refused again, and this event is known.
                await self._accept(Event(f"refused:{one.outgoing.id}", address, self._clock(), Reachable(False)))
        except Exception as error:
            outcome = None
            logger.warning("send_failed", id=one.outgoing.id, platform=self._adapter.name, error=type(error).__name__)
        if isinstance(outcome, Moved):
            self._moved.append((address, Address(address.platform, outcome.chat)))
        self._heed(address.chat, outcome)
        self._metrics.sent(self._adapter.name, type(outcome).__name__.lower() if outcome else "failed")
        self._outcomes.append(self._marked(one.outgoing, outcome, one.attempts))
        self._new.set()

    def _heed(self, chat: str, outcome: Outcome | None) -> None:
        """A platform that asks several chats to wait, and lets nothing through between them, means all of them."""
        match outcome:
            case Later(seconds):
                self._asked_to_wait.add(chat)
                overall = self._adapter.limits.overall
                if overall and len(self._asked_to_wait) >= CHATS_THAT_MEAN_ALL:
                    logger.warning("send_paused", platform=self._adapter.name, seconds=seconds)
                    self._pace.hold(EVERYBODY, overall, self._elapsed() + seconds)
                    self._asked_to_wait.clear()
            case Sent():
                self._asked_to_wait.clear()

    def _marked(self, outgoing: Outgoing, outcome: Outcome | None, attempts: int) -> Marked:
        now = self._clock()
        match outcome:
            case Sent():
                self._maybe.discard(outgoing.id)
                return Marked(outgoing.id, "sent", now)
            case Refused(why):
                self._maybe.discard(outgoing.id)
                logger.warning("send_refused", id=outgoing.id, platform=self._adapter.name, why=why)
                return Marked(outgoing.id, "refused", now)
            case MaybeSent(why):
                return self._maybe_sent(outgoing, why, now)
            case Later(seconds):
                return Marked(outgoing.id, "due", now + timedelta(seconds=seconds))
            case Moved():
                return Marked(outgoing.id, "due", now)
            case None | Closed() | TakenOver():  # the last two mean something only where the platform counts
                pause = PAUSES[min(attempts, len(PAUSES) - 1)]
                return Marked(outgoing.id, "due", now + timedelta(seconds=pause))

    def _maybe_sent(self, outgoing: Outgoing, why: str, now: datetime) -> Marked:
        again = outgoing.id not in self._maybe
        logger.warning("send_maybe", id=outgoing.id, platform=self._adapter.name, why=why, again=again)
        if again:
            self._maybe.add(outgoing.id)
            return Marked(outgoing.id, "due", now + timedelta(seconds=MAYBE_SECONDS))
        self._maybe.discard(outgoing.id)
        return Marked(outgoing.id, "maybe", now)

    async def _mark(self) -> None:
        if self._outcomes:
            async with self._marking():
                pass

    @asynccontextmanager
    async def _marking(self) -> AsyncIterator[AsyncConnection]:
        """Outcomes are kept until they are stored: what was sent is not sent again because the disk was full."""
        outcomes, moved = self._outcomes[:], self._moved[:]
        async with self._database.transaction() as connection:
            await outbox.mark(connection, outcomes)
            self._on_their_way.difference_update(one.id for one in outcomes)
            for old, new in moved:
                await moves.move(connection, old, new)
            yield connection
        del self._outcomes[: len(outcomes)]
        del self._moved[: len(moved)]

    async def _wait(self, seconds: float) -> None:
        # Not wait_for: in Python 3.11 it forgets that it was cancelled when what it waits for comes at the same moment.
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._new.wait()

    async def _nap(self) -> float:
        """Until the next message is due or a pace allows another. What was due at the last look waits for one of those, or for a send
        to end.
        """
        now, naps = self._elapsed(), [self._longest_nap]
        if self._is_full:  # also when it is not any more: what waited was not looked at since
            naps.append(max(self._overall_wait(), SHORTEST_NAP))
        naps += [at - now for at in self._paced.values()]
        async with self._database.reading() as connection:
            due = await outbox.next_due(connection, self._adapter.name, after=self._looked_at)
        if due:
            naps.append((due - self._clock()).total_seconds())
        return max(min(naps), 0.01)
