"""Delivery: from the outbox to the platform, at least once, each chat in its order, chats without waiting for each other."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.adapter import Adapter, Closed, Later, Outcome, Refused, Sent, TakenOver
from bot.metrics import Metrics
from bot.speaking import Postpone, Say, Wait, plan
from bot.store import errands, outbox, windows
from bot.store.database import Database, StoreUnavailableError
from bot.store.outbox import Marked, Unsent
from bot.turn import new_id

LEASE = timedelta(seconds=60)
MOST_AT_ONCE = 100
LONGEST_NAP = 30.0
STOP_SECONDS = 3.0
"""When we stop: how long to wait for what is on its way, so that it need not be sent again."""
PAUSES = (1.0, 2.0, 5.0, 15.0, 60.0, 300.0)
"""Seconds until the next try after an adapter failed, growing; the last one goes on."""
LINGER_SECONDS = 0.05
GATHERING_SECONDS = 1.0
"""How soon to look again at a chat whose notice waits for more of the same."""
logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message on its way: the stored ones in it, and what was paid for it from which window."""

    unsent: Unsent
    ids: tuple[str, ...]
    paid: Mapping[str, int]
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """What became of it, to be stored. `closes`: the platform lets us say nothing more."""

    marked: tuple[Marked, ...]
    waits: tuple[str, ...] = ()
    address: str = ""
    gives_back: Mapping[str, int] | None = None
    closes: bool = False


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
        self._outcomes: list[Done] = []
        self._gathering = False

    def wake(self) -> None:
        self._new.set()

    def settle(self, ids: Sequence[str], *, told: bool) -> None:
        """What the adapter held: it has told the customer, or it leaves that to us."""
        state = "sent" if told else "due"
        self._outcomes.append(Done(tuple(Marked(id_, state, self._clock()) for id_ in ids)))
        if not told:
            self._new.set()
        elif len(self._outcomes) == 1:  # nobody waits for this to be noted: those of a moment together
            asyncio.get_running_loop().call_later(LINGER_SECONDS, self._new.set)

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
        await self._mark()
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
        claimed = await (self._claim(free) if self._adapter.limits.windows is None else self._claim_in_windows(free))
        for one in claimed:
            task = asyncio.create_task(self._send(one))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        return len(claimed)

    async def _claim(self, most: int) -> list[Claimed]:
        now = self._clock()
        async with self._database.reading() as connection:
            unsent = await outbox.sendable(connection, self._adapter.name, now, most)
        if not unsent:
            return []
        async with self._database.transaction() as connection:
            unsent = await outbox.claim(connection, unsent, now + LEASE)
        return [Claimed(one, (one.outgoing.id,), {}) for one in unsent]

    async def _claim_in_windows(self, most: int) -> list[Claimed]:
        """All that a chat is to be told, as one message; what may be said is paid before it is sent."""
        now = self._clock()
        self._gathering = False
        async with self._database.reading() as connection:
            due = await outbox.next_due(connection, self._adapter.name)
        if due is None or due > now:
            return []
        claimed: list[Claimed] = []
        async with self._database.transaction() as connection:
            addresses = await outbox.ready(connection, self._adapter.name, now, most)
            unsaid = await outbox.to_say(connection, addresses)
            opened = await windows.load(connection, addresses)
            busy = await errands.under_way(connection, addresses)
            for address, several in unsaid.items():
                limits, is_busy = self._adapter.limits, address in busy
                match plan(several, opened.get(address, []), limits, now, new_id(), is_busy=is_busy):
                    case Say(outgoing, ids, attempts, paid, answers):
                        await outbox.claim_as(connection, outgoing.id, ids, now + LEASE)
                        await windows.take(connection, address, paid)
                        claimed.append(Claimed(Unsent(outgoing, attempts, ""), ids, paid, answers))
                    case Wait(ids):
                        await outbox.wait(connection, ids)
                        logger.info("send_waits", id=ids[0], platform=self._adapter.name, count=len(ids))
                    case Postpone():
                        self._gathering = True
        return claimed

    async def _send(self, one: Claimed) -> None:
        outcome: Outcome | None = None
        outgoing = one.unsent.outgoing
        try:
            outcome = await self._adapter.send(outgoing)
        except Exception as error:
            logger.warning("send_failed", id=outgoing.id, platform=self._adapter.name, error=type(error).__name__)
        self._metrics.sent(self._adapter.name, type(outcome).__name__.lower() if outcome else "failed")
        self._outcomes.append(self._done(one, outcome))
        self._new.set()

    def _done(self, one: Claimed, outcome: Outcome | None) -> Done:
        now, outgoing = self._clock(), one.unsent.outgoing
        address = str(outgoing.address)

        def all_of(state: str, seconds: float = 0.0) -> tuple[Marked, ...]:
            return tuple(Marked(id_, state, now + timedelta(seconds=seconds)) for id_ in one.ids)

        match outcome:
            case Sent():
                return Done(all_of("sent"))
            case Refused(why):
                logger.warning("send_refused", id=outgoing.id, platform=self._adapter.name, why=why)
                return Done(all_of("refused"))
            case Closed():
                logger.info("send_closed", id=outgoing.id, platform=self._adapter.name)
                return Done((), waits=one.ids, address=address, closes=True)
            case TakenOver():
                logger.info("send_taken_over", id=outgoing.id, platform=self._adapter.name)
                unwanted = tuple(Marked(id_, "refused", now) for id_ in one.answers)
                waits = tuple(id_ for id_ in one.ids if id_ not in one.answers)
                return Done(unwanted, waits=waits, address=address, gives_back=one.paid)
            case Later(seconds):
                return Done(all_of("due", seconds), address=address, gives_back=one.paid)
            case None:
                return Done(all_of("due", PAUSES[min(one.unsent.attempts, len(PAUSES) - 1)]))

    async def _mark(self) -> None:
        """Outcomes are kept until they are stored: what was sent is not sent again because the disk was full."""
        outcomes = self._outcomes[:]
        if outcomes:
            async with self._database.transaction() as connection:
                await outbox.mark(connection, [marked for done in outcomes for marked in done.marked])
                for done in outcomes:
                    if done.gives_back:
                        await windows.take(
                            connection, done.address, {act: -count for act, count in done.gives_back.items()}
                        )
                    if done.waits:
                        await outbox.wait(connection, done.waits)
                    if done.closes:
                        await windows.close(connection, done.address)
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
        if self._gathering:
            return GATHERING_SECONDS
        return min(max((due - self._clock()).total_seconds(), 0.01), self._longest_nap)
