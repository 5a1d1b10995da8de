"""What delivery does with each outcome, and how it keeps to a platform's rates."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.adapter import Later, Limits, MaybeSent, Moved, Outcome, Rate, Refused, Sent
from bot.app import App
from bot.counted import CountedDelivery
from bot.delivery import LEASE, MAYBE_SECONDS, SHORTEST_NAP, Delivery
from bot.model.events import Address, Event, Text
from bot.model.messages import Outgoing
from bot.settings import Settings
from tests.fakes import NOTHING_READ, Clock, FakePhone
from tests.waiting import GENEROUS_SECONDS, until


class Exchange(FakePhone):
    """Answers each send with the next outcome that it was told for that chat, else with Sent."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: dict[str, list[Outcome]] = {}
        self.tried: list[tuple[str, str]] = []

    async def send(self, outgoing: Outgoing) -> Outcome:
        chat = outgoing.address.chat
        self.tried.append((chat, outgoing.message.text))
        answers = self.answers.get(chat, [])
        return answers.pop(0) if answers else Sent()


class Bench:
    def __init__(self, folder: Path) -> None:
        self.phone = Exchange()
        self.clock = Clock()
        self.seconds = 0.0
        self.app = App(Settings(data=folder, evidence=NOTHING_READ), clock=self.clock)
        self.delivery: Delivery

    def wait(self, seconds: float) -> None:
        self.seconds += seconds
        self.clock.wait(timedelta(seconds=seconds))

    def limit(self, **limits: Any) -> None:
        self.phone.limits = Limits(**limits)

    async def says(self, chat: str, words: str) -> None:
        count = len(self.phone.tried) + self.seconds
        await self.app.dispatcher.accept(
            Event(f"{chat} {words} {count}", Address("phone", chat), self.clock(), Text(words))
        )

    async def deliver(self) -> Sequence[str]:
        """To whom one round goes."""
        before = len(self.phone.tried)
        await self.delivery.deliver()
        return [chat for chat, _ in self.phone.tried[before:]]

    async def states(self, chat: str) -> Sequence[str]:
        return await self.column("SELECT state FROM outbox WHERE address = :address ORDER BY position", chat)

    async def column(self, query: str, chat: str) -> Sequence[Any]:
        async with self.app.database.reading() as connection:
            return (await connection.execute(text(query), {"address": f"phone:{chat}"})).scalars().all()


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    bench = Bench(tmp_path)
    bench.app.add([bench.phone])
    await bench.app.database.migrate()
    bench.delivery = Delivery(
        bench.app.database, bench.phone, bench.app.dispatcher.accept, bench.clock, bench.app.metrics,
        elapsed=lambda: bench.seconds,
    )  # fmt: skip
    dispatching = asyncio.create_task(bench.app.dispatcher.run())  # deliveries go by rounds here
    yield bench
    dispatching.cancel()
    await asyncio.gather(dispatching, return_exceptions=True)
    await bench.app.stop()


def answering_slowly(bench: Bench) -> asyncio.Event:
    """The platform takes what it is sent, and says so once this is set."""
    answered = asyncio.Event()
    send = bench.phone.send

    async def slowly(outgoing: Outgoing) -> Outcome:
        outcome = await send(outgoing)
        await answered.wait()
        return outcome

    bench.phone.send = slowly  # type: ignore[method-assign]
    return answered


async def test_message_that_takes_longer_than_its_lease_is_sent_once(bench: Bench) -> None:
    answered = answering_slowly(bench)
    await bench.says("anna", "/status")

    sending = asyncio.create_task(bench.deliver())
    while not bench.phone.tried:
        await asyncio.sleep(0)
    bench.wait(2 * LEASE.total_seconds())
    assert await bench.delivery._begin() == 0
    answered.set()
    await sending

    assert len(bench.phone.tried) == 1
    assert (await bench.states("anna"))[0] == "sent"


async def test_maybe_sent_is_sent_once_more_and_then_stays_maybe(bench: Bench) -> None:
    bench.phone.answers["anna"] = [MaybeSent("timeout"), MaybeSent("timeout")]
    await bench.says("anna", "/help")

    await bench.deliver()
    assert await bench.deliver() == []
    bench.wait(MAYBE_SECONDS)
    await bench.deliver()
    bench.wait(MAYBE_SECONDS)
    await bench.deliver()

    said = [words for _, words in bench.phone.tried]
    assert said[0] == said[1] != said[2]
    assert (await bench.states("anna"))[:2] == ["maybe", "sent"]


async def test_later_holds_its_own_chat_alone(bench: Bench) -> None:
    bench.phone.answers["anna"] = [Later(30)]
    await bench.says("anna", "/help")
    await bench.says("anna", "/status")
    await bench.says("ben", "/help")
    await bench.says("ben", "/status")

    assert sorted(await bench.deliver()) == ["anna", "ben"]
    assert await bench.deliver() == ["ben"]
    bench.wait(30)
    assert sorted(await bench.deliver()) == ["anna", "ben"]


async def test_several_chats_that_are_to_wait_hold_all(bench: Bench) -> None:
    bench.limit(overall=Rate(25, 1.0, burst=5))
    for chat in ("anna", "ben", "cleo"):
        bench.phone.answers[chat] = [Later(30)]
        await bench.says(chat, "/help")

    assert sorted(await bench.deliver()) == ["anna", "ben", "cleo"]
    await bench.says("dora", "/help")
    assert await bench.deliver() == []
    bench.wait(30)
    sent = []
    for _ in range(20):
        sent += await bench.deliver()
        assert len(sent) <= 20, "without a burst"
        bench.wait(0.04)
    assert set(sent) == {"anna", "ben", "cleo", "dora"}


async def test_blocked_customer_is_unreachable_until_they_write_again(bench: Bench) -> None:
    reachable = "SELECT reachable FROM conversations WHERE address = :address"
    bench.phone.answers["anna"] = [Refused("blocked", is_unreachable=True)]
    await bench.says("anna", "/status")

    await bench.deliver()
    assert await bench.column(reachable, "anna") == [0]
    assert (await bench.states("anna"))[0] == "refused"

    await bench.says("anna", "/status")
    assert await bench.column(reachable, "anna") == [1]


async def test_moved_chat_takes_its_conversation_along(bench: Bench) -> None:
    bench.phone.answers["old"] = [Moved("new")]
    await bench.says("old", "/help")

    await bench.deliver()
    await bench.deliver()
    await bench.says("new", "/status")

    assert [chat for chat, _ in bench.phone.tried] == ["old", "new"]
    assert await bench.column("SELECT position FROM conversations WHERE address = :address", "old") == []
    assert (await bench.states("new"))[:2] == ["sent", "due"]


async def test_chat_keeps_its_rate_and_holds_up_nobody(bench: Bench) -> None:
    bench.limit(a_chat=lambda chat: Rate(1, 1.0, burst=2))
    await bench.says("anna", "/help")
    await bench.says("anna", "/status")
    await bench.says("ben", "/help")
    await bench.says("ben", "/status")

    assert [sorted(await bench.deliver()) for _ in range(3)] == [["anna", "ben"], ["anna", "ben"], []]
    await bench.says("cleo", "/help")
    assert await bench.deliver() == ["cleo"]
    bench.wait(1)
    assert sorted(await bench.deliver()) == ["anna", "ben", "cleo"]


async def test_all_chats_together_keep_the_overall_rate(bench: Bench) -> None:
    bench.limit(overall=Rate(25, 1.0, burst=5))
    for number in range(100):
        await bench.says(f"chat-{number}", "/status")

    sent, seconds = 0, 0.0
    while sent < 100:
        sent += len(await bench.deliver())
        bench.wait(0.1)
        seconds += 0.1

    assert 3.5 < seconds < 4.5


async def test_backlog_goes_out_in_its_order_with_a_rate(bench: Bench) -> None:
    bench.limit(overall=Rate(25, 1.0, burst=1), a_chat=lambda chat: Rate(1, 1.0, burst=1))
    for number in range(20):
        await bench.says("anna", f"/help {number}")
    async with bench.app.database.reading() as connection:
        query = text("SELECT json_extract(message, '$.text') FROM outbox ORDER BY position")
        stored = (await connection.execute(query)).scalars().all()

    for _ in range(100):
        await bench.deliver()
        bench.wait(1)

    assert [words for _, words in bench.phone.tried] == stored


async def test_pace_that_is_free_again_before_the_nap_is_not_slept_over(bench: Bench) -> None:
    bench.limit(overall=Rate(1, 1.0))
    for chat in ("anna", "ben"):
        await bench.says(chat, "hello")
    assert await bench.deliver() == ["anna"]
    assert await bench.deliver() == []
    bench.wait(1.0)

    nap = await bench.delivery._nap()

    assert nap <= SHORTEST_NAP
    assert len(await bench.deliver()) == 1


@pytest.mark.parametrize("is_counted", [False, True])
async def test_message_that_becomes_due_between_the_look_and_the_nap_is_not_slept_over(
    bench: Bench, is_counted: bool
) -> None:
    """uvloop's timers come up to a millisecond early: each message that is due later meets this moment sooner or later."""
    counted = CountedDelivery(bench.app.database, bench.phone, bench.clock, bench.app.metrics)
    bench.phone.answers["anna"] = [Later(5)]
    await bench.says("anna", "hello")
    await bench.deliver()
    work = counted if is_counted else bench.delivery
    assert await work._begin() == 0

    bench.wait(5)

    assert await work._nap() <= SHORTEST_NAP


@asynccontextmanager
async def running(bench: Bench) -> AsyncIterator[None]:
    """Delivery at work beside the dispatcher, which it tells of its room."""
    bench.app._deliveries = {"phone": bench.delivery}
    work = asyncio.create_task(bench.delivery.run())
    await asyncio.sleep(0)
    try:
        yield
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


async def sent_to(bench: Bench, chat: str, count: int) -> Sequence[str]:
    """What is tried in that chat, once it is so many."""

    def tried() -> Sequence[str]:
        return [words for one, words in bench.phone.tried if one == chat]

    async def is_enough() -> bool:
        return len(tried()) >= count

    await until(is_enough)
    return tried()


async def test_answer_is_claimed_in_the_commit_that_stores_it(bench: Bench) -> None:
    seen: list[Sequence[Any]] = []
    send = bench.phone.send

    async def look(outgoing: Outgoing) -> Outcome:
        query = "SELECT state || ' ' || attempts FROM outbox WHERE address = :address ORDER BY position"
        seen.append(await bench.column(query, outgoing.address.chat))
        return await send(outgoing)

    bench.phone.send = look  # type: ignore[method-assign]
    async with running(bench):
        bench.delivery._sendable = never  # type: ignore[method-assign]
        await bench.says("anna", "/status")
        await sent_to(bench, "anna", 1)

    assert seen[0][0] == "sending 1"
    assert set(seen[0][1:]) <= {"due 0"}, "the rest of its turn waits for it"


async def never(_connection: Any) -> list[Any]:
    return []


async def test_chat_keeps_its_order_whatever_is_claimed(bench: Bench) -> None:
    bench.phone.answers["anna"] = [Later(0.05)]
    async with running(bench):
        for words in ("/help", "/status", "/privacy"):
            await bench.says("anna", words)
            await sent_to(bench, "anna", 1)
        stored = await bench.column(
            "SELECT json_extract(message, '$.text') FROM outbox WHERE address = :address ORDER BY position", "anna"
        )
        bench.wait(1)
        bench.delivery.wake()
        tried = await sent_to(bench, "anna", 1 + len(stored))

    assert tried == [stored[0], *stored]


async def test_chat_keeps_its_rate_whatever_is_claimed(bench: Bench) -> None:
    bench.limit(a_chat=lambda chat: Rate(1, 1.0, burst=1))

    async def is_quiet() -> bool:
        return set(await bench.states("anna")) == {"sent"}

    async def is_quiet_later() -> bool:
        bench.wait(1)
        bench.delivery.wake()
        return await is_quiet()

    async def is_put_back() -> bool:
        return (await bench.states("anna"))[-1] == "due"

    async with running(bench):
        await bench.says("anna", "/status")
        await until(is_quiet_later)
        bench.wait(1)
        before = len(bench.phone.tried)
        await bench.says("anna", "/status")
        await until(is_quiet)
        await bench.says("anna", "/status")
        await until(is_put_back)
        assert len(bench.phone.tried) == before + 1, "its second is not over"
        await until(is_quiet_later)
        assert len(bench.phone.tried) == before + 2


async def test_no_more_is_claimed_than_there_is_room_for(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.delivery.MOST_AT_ONCE", 2)
    answered = answering_slowly(bench)
    chats = [f"chat-{number}" for number in range(5)]
    async with running(bench):
        await asyncio.gather(*(bench.says(chat, "/status") for chat in chats))
        await sent_to(bench, "chat-0", 1)
        states = [state for chat in chats for state in await bench.states(chat)]
        assert states.count("sending") == len(bench.phone.tried) == 2
        answered.set()
        for chat in chats:
            await sent_to(bench, chat, 1)


async def test_who_waits_for_the_commit_goes_on_between_sends(bench: Bench) -> None:
    answered = answering_slowly(bench)
    async with running(bench):
        await asyncio.gather(*(bench.says(f"chat-{number}", "/status") for number in range(100)))
        assert len(bench.phone.tried) < 50
        answered.set()
        for number in range(100):
            await sent_to(bench, f"chat-{number}", 1)


async def test_what_is_claimed_and_not_begun_is_due_again_when_we_stop(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.delivery.STARTED_TOGETHER", 0)
    async with running(bench):
        await bench.says("anna", "/status")
        assert "sending" in await bench.states("anna")
    monkeypatch.setattr("bot.delivery.STARTED_TOGETHER", 8)
    assert set(await bench.states("anna")) == {"due"}
    assert not bench.phone.tried


@pytest.mark.parametrize("steps", range(6))
async def test_being_woken_and_stopped_at_once_stops_it(bench: Bench, steps: int) -> None:
    app = bench.app
    counted = CountedDelivery(app.database, bench.phone, bench.clock, app.metrics)
    for work in (bench.delivery, counted, app.reminders):
        task = asyncio.create_task(work.run())

        async def is_napping(new: asyncio.Event = work._new) -> bool:
            return bool(new._waiters)  # type: ignore[attr-defined]

        await until(is_napping)
        work._new.set()
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        done, _ = await asyncio.wait({task}, timeout=GENEROUS_SECONDS)
        task.cancel()
        assert done
