"""Delivery where the platform counts: all that a chat is to be told as one message, paid for before it is sent.

What may not be said waits in the outbox until the customer writes again. What to say, and from what it is paid, is `plan` in
bot/speaking.py.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapter import Adapter, Closed, Later, Notifies, Outcome, Refused, Sent, TakenOver
from bot.delivery import LONGEST_NAP, PAUSES, STOP_SECONDS
from bot.metrics import Metrics
from bot.model.messages import Outgoing
from bot.speaking import Postpone, Say, Wait, plan, with_pictures
from bot.store import errands, outbox, windows
from bot.store.database import Database, StoreUnavailableError
from bot.store.outbox import LEASE, Marked, ToSay
from bot.store.windows import OpenWindow
from bot.supervisor import begin
from bot.turn import new_id

MOST_AT_ONCE = 100
GATHERING_SECONDS = 1.0
"""How soon to look again at a chat whose notice waits for more of the same."""
LINGER_SECONDS = 0.05
"""What was told with the answer to a callback is noted with others of this moment: nobody waits for it."""
SOON_TOLD = ("intake",)
"""Errands after which something is said in a moment; whatever else is looked at in a photo keeps nobody waiting."""
logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a message, to be stored. `closes`: the platform lets us say nothing more."""

    marked: tuple[Marked, ...]
    waits: tuple[str, ...] = ()
    address: str = ""
    gives_back: Mapping[str, int] | None = None
    closes: bool = False


class CountedDelivery:
    """Sends what one adapter's platform has in the outbox, within its windows."""

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
        self._done: list[Done] = []
        self._is_gathering = False
        self._pictures: list[Outgoing] = []
        self._notices: list[Outgoing] = []
        self._notifier = adapter if isinstance(adapter, Notifies) else None
        self._lingers = False
        self._is_to_look = True
        self._looks_at = 0.0
        self._looked_at = clock()

    def wake(self) -> None:
        self._is_to_look = True
        self._new.set()

    def settle(self, ids: Sequence[str], *, told: bool, pictures: Sequence[Outgoing] = ()) -> None:
        """What the adapter held: it has told the customer, or it leaves that to us.

        `pictures`: what could not be in the answer, as messages without words; they follow if there is room, and are not stored.
        """
        if pictures:
            self._pictures += pictures
            self.wake()
        state = "sent" if told else "due"
        self._done.append(Done(tuple(Marked(id_, state, self._clock()) for id_ in ids)))
        if not told:
            self.wake()
        elif not self._lingers:
            self._lingers = True
            asyncio.get_running_loop().call_later(LINGER_SECONDS, self._linger_no_more)

    def _linger_no_more(self) -> None:
        self._lingers = False
        self._new.set()

    async def run(self) -> None:
        """Until cancelled. What was told with answers is only noted: nothing is to be sent because of it."""
        self._is_to_look = True
        try:
            while True:
                self._new.clear()
                nap = 1.0
                try:
                    await self._note()
                    if self._is_to_look:
                        self._is_to_look = False
                        await self._begin()
                        self._looks_at = time.monotonic() + await self._nap()
                    nap = self._looks_at - time.monotonic()
                except StoreUnavailableError as error:
                    logger.error("store_unavailable", why=str(error), platform=self._adapter.name)
                    self._is_to_look = True
                await self._wait(nap)
        finally:
            if self._sending:
                await asyncio.wait(self._sending, timeout=STOP_SECONDS)
            await self._note()

    async def deliver(self) -> int:
        """One round. Returns how many messages were tried."""
        await self._note()
        count = await self._begin()
        if count:
            await asyncio.wait(self._sending)
            await self._note()
        return count

    async def _begin(self) -> int:
        """A chat's next messages wait until what is on its way is noted, so it keeps its order."""
        self._looked_at = self._clock()
        free = MOST_AT_ONCE - len(self._sending)
        several = await self._claim(free) if free > 0 else []
        notices, self._notices = self._notices, []
        for work in (*(self._send(one) for one in several), *(self._notify(one) for one in notices)):
            task = begin(work, "send")
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        return len(several)

    async def _claim(self, most: int) -> list[Say]:
        now, limits = self._clock(), self._adapter.limits
        self._is_gathering = False
        async with self._database.reading() as connection:
            due = await outbox.next_due(connection, self._adapter.name)
        if (due is None or due > now) and not self._pictures:
            return []
        claimed: list[Say] = []
        async with self._database.transaction() as connection:
            addresses = await outbox.ready(connection, self._adapter.name, now, most)
            unsaid = await outbox.to_say(connection, addresses)
            opened = await windows.load(connection, addresses)
            busy = await errands.under_way(connection, addresses, SOON_TOLD)
            for address, several in unsaid.items():
                match plan(several, opened.get(address, []), limits, now, new_id(), is_busy=address in busy):
                    case Say() as say:
                        await outbox.claim_as(connection, say.outgoing.id, say.ids, now + LEASE)
                        await windows.take(connection, address, say.paid)
                        claimed.append(say)
                    case Wait(ids):
                        await outbox.wait(connection, ids)
                        logger.info("send_waits", id=ids[0], platform=self._adapter.name, count=len(ids))
                        await self._pay_notice(connection, several, opened.get(address, []))
                    case Postpone():
                        self._is_gathering = True
            claimed += await self._claim_pictures(connection, now)
        self._pictures.clear()
        return claimed

    async def _pay_notice(
        self, connection: AsyncConnection, unsaid: Sequence[ToSay], opened: Sequence[OpenWindow]
    ) -> None:
        """That there is news, once for all that begins to wait. It is paid before; the words themselves go on waiting."""
        news = [one.outgoing for one in unsaid if one.kind != "answer"]
        free = sum(one.free for one in opened if one.act == windows.SUBSCRIPTION)
        if news and free and self._notifier and self._notifier.may_notify:
            await windows.take(connection, str(news[-1].address), {windows.SUBSCRIPTION: 1})
            self._notices.append(news[-1])

    async def _notify(self, outgoing: Outgoing) -> None:
        assert self._notifier
        try:
            outcome = await self._notifier.notify(outgoing)
        except Exception as error:
            logger.warning("notice_failed", id=outgoing.id, platform=self._adapter.name, error=type(error).__name__)
            return
        logger.info("notice", id=outgoing.id, platform=self._adapter.name, outcome=type(outcome).__name__.lower())
        if isinstance(outcome, Closed):
            async with self._database.transaction() as connection:
                await windows.subscribe(connection, str(outgoing.address), 0)

    async def _claim_pictures(self, connection: AsyncConnection, now: datetime) -> list[Say]:
        claimed: list[Say] = []
        for one in self._pictures:
            address = str(one.address)
            opened = (await windows.load(connection, [address])).get(address, [])
            outgoing, paid = with_pictures(one, {}, opened, self._adapter.limits, now)
            if paid:
                await windows.take(connection, address, paid)
                claimed.append(Say(outgoing, (), 0, paid))
        return claimed

    async def _send(self, one: Say) -> None:
        outcome: Outcome | None = None
        try:
            outcome = await self._adapter.send(one.outgoing)
        except Exception as error:
            logger.warning("send_failed", id=one.outgoing.id, platform=self._adapter.name, error=type(error).__name__)
        self._metrics.sent(self._adapter.name, type(outcome).__name__.lower() if outcome else "failed")
        self._done.append(self._what_follows(one, outcome))
        self.wake()

    def _what_follows(self, one: Say, outcome: Outcome | None) -> Done:
        now, id_, platform = self._clock(), one.outgoing.id, self._adapter.name
        address = str(one.outgoing.address)

        def all_of(state: str, seconds: float = 0.0) -> tuple[Marked, ...]:
            return tuple(Marked(each, state, now + timedelta(seconds=seconds)) for each in one.ids)

        match outcome:
            case Sent():
                return Done(all_of("sent"))
            case Refused(why=why):
                logger.warning("send_refused", id=id_, platform=platform, why=why)
                return Done(all_of("refused"))
            case Closed():
                logger.info("send_closed", id=id_, platform=platform)
                return Done(all_of("due"), address=address, closes=True)  # with the window closed they wait
            case TakenOver():
                logger.info("send_taken_over", id=id_, platform=platform)
                unwanted = tuple(Marked(each, "refused", now) for each in one.answers)
                waits = tuple(each for each in one.ids if each not in one.answers)
                return Done(unwanted, waits=waits, address=address, gives_back=one.paid)
            case Later(seconds=seconds):
                return Done(all_of("due", seconds), address=address, gives_back=one.paid)
            case _:
                return Done(all_of("due", PAUSES[min(one.attempts, len(PAUSES) - 1)]))

    async def _note(self) -> None:
        """What was done is kept until it is stored: nothing is sent again because the disk was full."""
        several = self._done[:]
        if not several:
            return
        async with self._database.transaction() as connection:
            await outbox.mark(connection, [marked for done in several for marked in done.marked])
            for done in several:
                if done.gives_back:
                    back = {act: -count for act, count in done.gives_back.items()}
                    await windows.take(connection, done.address, back)
                if done.waits:
                    await outbox.wait(connection, done.waits)
                if done.closes:
                    await windows.close(connection, done.address)
        del self._done[: len(several)]

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(max(seconds, 0.0)):
                await self._new.wait()
        except TimeoutError:
            self._is_to_look = True

    async def _nap(self) -> float:
        """What was due at the last look and was not claimed waits for a send of its chat to end, which wakes us."""
        if self._is_gathering:
            return GATHERING_SECONDS
        async with self._database.reading() as connection:
            due = await outbox.next_due(connection, self._adapter.name, after=self._looked_at)
        return min(max((due - self._clock()).total_seconds(), 0.01), self._longest_nap) if due else self._longest_nap
