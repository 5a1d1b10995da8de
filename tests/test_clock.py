"""The machine's clock is set while the bot runs: waits of seconds take seconds, and what a day decides goes by the day."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from bot.app import App
from bot.clock import SteadyClock
from bot.clock_watch import LEAST, NOTE_EVERY, ClockWatch
from bot.model.events import Address, Event, MediaRef, Text, Upload
from bot.model.link import VALID
from bot.reminders import SOON
from bot.settings import Settings
from bot.store.database import StoreUnavailableError
from bot.store.errands import NOT_BEFORE
from bot.store.values import as_time, json_text, time_text
from bot.store.windows import FOR_EVER, SUBSCRIPTION
from bot.turn import new_id
from handlers import ROUTERS
from tests.fakes import NOTHING_READ, FakePhone

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
BACK, FORWARD = timedelta(hours=-2), timedelta(hours=2)
ANNA = Address("phone", "anna")
BY_THE_DAY = {"draft_waits", "draft_ends", "review_due", "refund_due"}


class Machine:
    """A machine's clock that can be set, and seconds that pass."""

    def __init__(self) -> None:
        self.wall_at = NOON
        self.seconds = 1000.0

    def wall(self) -> datetime:
        return self.wall_at

    def elapsed(self) -> float:
        return self.seconds

    def set(self, step: timedelta) -> None:
        self.wall_at += step

    def wait(self, seconds: float) -> None:
        self.wall_at += timedelta(seconds=seconds)
        self.seconds += seconds


class Bench:
    """A bot on a machine whose clock can be set; it works when it is told to."""

    def __init__(self, folder: Path, machine: Machine | None = None) -> None:
        self.machine = machine or Machine()
        clock = SteadyClock(self.machine.wall, self.machine.elapsed)
        self.app = App(Settings(data=folder, evidence=NOTHING_READ), clock=clock)
        self.phone = FakePhone()
        self.count = 0

    async def open(self) -> None:
        await self.app.database.migrate()
        self.app.add([self.phone])
        self.dispatching = asyncio.create_task(self.app.dispatcher.run())
        await self.app.take_over()

    async def close(self) -> None:
        self.dispatching.cancel()
        await asyncio.gather(self.dispatching, return_exceptions=True)
        await self.app.stop()

    @property
    def watch(self) -> ClockWatch:
        assert self.app._watch
        return self.app._watch

    async def does(self, *bodies: Any) -> None:
        for body in bodies:
            self.count += 1
            body = Text(body) if isinstance(body, str) else body
            await self.app.dispatcher.accept(Event(f"phone:{self.count}", ANNA, self.app.clock(), body, "en"))

    async def works(self) -> None:
        """Everything that is due now."""
        while (
            await self.app.reminders.remind()
            or await self.app.errands.do_all()
            or await self.app.deliveries[0].deliver()
        ):
            pass

    def texts(self) -> list[str]:
        return [one.message.text for one in self.phone.received]

    async def column(self, query: str) -> list[Any]:
        async with self.app.database.reading() as connection:
            return list((await connection.execute(text(query))).scalars())

    async def waits(self, seconds: float) -> None:
        self.machine.wait(seconds)
        await self.watch.look()
        await self.works()


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    made = Bench(tmp_path)
    await made.open()
    yield made
    await made.close()


def photo(name: str, **how: Any) -> Upload:
    return Upload(MediaRef(name, name), **how)


CLAIM = "My kettle arrived with a crack, I want a refund, order 2100000000001"


async def album_after(bench: Bench, step: timedelta) -> None:
    """Three photos are sent together; then the clock is set."""
    await bench.does(CLAIM)
    await bench.works()
    await bench.does(*(photo(f"{name}.jpg", album="a") for name in "abc"))
    bench.machine.set(step)
    await bench.watch.look()


@pytest.mark.parametrize("step", [BACK, FORWARD], ids=["back", "forward"])
async def test_receipt_for_photos_comes_after_its_seconds(step: timedelta, bench: Bench) -> None:
    await album_after(bench, step)
    await bench.works()
    assert not any("3/3" in one for one in bench.texts()), "not before"

    await bench.waits(1.5)

    assert sum("3/3" in one for one in bench.texts()) == 1


@pytest.mark.parametrize("step", [BACK, FORWARD], ids=["back", "forward"])
async def test_clock_that_is_set_before_anybody_has_looked_changes_nothing(step: timedelta, bench: Bench) -> None:
    """Between the step and the look a second may pass."""
    await bench.does(CLAIM)
    await bench.works()
    await bench.does(*(photo(f"{name}.jpg", album="a") for name in "abc"))
    bench.machine.set(step)
    await bench.works()
    assert not any("3/3" in one for one in bench.texts())

    bench.machine.wait(1.5)
    await bench.works()

    assert sum("3/3" in one for one in bench.texts()) == 1


@pytest.mark.parametrize("steps", [[BACK], [FORWARD], [BACK, FORWARD], [FORWARD, BACK]], ids=str)
async def test_deleted_photo_is_erased_an_hour_later_by_no_clock(steps: Sequence[timedelta], bench: Bench) -> None:
    await bench.does(CLAIM, photo("a.jpg"))
    await bench.works()
    await bench.waits(2)
    async with bench.app.database.transaction() as connection:  # as if it had been deleted
        await connection.execute(text("UPDATE evidence SET state = 'removed'"))
    (digest,) = await bench.column("SELECT sha256 FROM evidence")
    due = time_text(bench.app.clock() + timedelta(hours=1))
    details = json_text({"objects": [digest], NOT_BEFORE: due})
    async with bench.app.database.transaction() as connection:
        await connection.execute(
            text(
                "INSERT INTO errands (id, platform, address, kind, subject, details, state, due_at, failures) "
                "VALUES ('e', 'phone', 'phone:anna', 'erase', 's', :details, 'due', :due, 0)"
            ),
            {"details": details, "due": due},
        )
    bench.app.objects.elapsed = lambda: 1e12
    for step in steps:
        await bench.waits(60)
        bench.machine.set(step)
        await bench.watch.look()
        await bench.works()
        await bench.app.take_over()
    await bench.waits(3600 - 60 * len(steps) - 1)
    assert await bench.app.objects.size(digest) is not None

    await bench.waits(1.1)

    assert await bench.app.objects.size(digest) is None


@pytest.mark.parametrize("step", [BACK, FORWARD], ids=["back", "forward"])
async def test_second_message_of_a_turn_and_a_retry_are_sent_in_their_time(step: timedelta, bench: Bench) -> None:
    sound, tries = bench.phone.send, []

    async def send(outgoing: Any) -> Any:
        tries.append(outgoing.id)
        if len(tries) == 1:
            raise RuntimeError
        return await sound(outgoing)

    bench.phone.send = send  # type: ignore[method-assign]
    await bench.does("/help")
    await bench.app.deliveries[0].deliver()
    bench.machine.set(step)
    await bench.watch.look()
    await bench.works()
    assert tries == tries[:1]

    await bench.waits(1.0)

    (count,) = await bench.column("SELECT count(*) FROM outbox WHERE state = 'sent'")
    assert len(bench.texts()) == count > 1


@pytest.mark.parametrize("step", [BACK, FORWARD], ids=["back", "forward"])
async def test_lease_is_not_taken_over_while_its_holder_lives(step: timedelta, bench: Bench) -> None:
    await bench.does(CLAIM, photo("a.jpg"))
    (errand,) = await bench.app.errands._claim(("intake",), 1)

    bench.machine.set(step)
    await bench.watch.look()

    assert await bench.app.errands._claim(("intake",), 1) == []
    bench.machine.wait(119)
    assert await bench.app.errands._claim(("intake",), 1) == []
    bench.machine.wait(2)
    assert await bench.app.errands._claim(("intake",), 1) == [errand], "its holder is gone"


async def test_what_a_day_decides_goes_by_the_day(bench: Bench) -> None:
    await bench.does(CLAIM)
    before = await bench.column("SELECT due_at FROM reminders WHERE kind LIKE 'draft%' ORDER BY kind")

    bench.machine.set(BACK)
    await bench.watch.look()

    assert await bench.column("SELECT due_at FROM reminders WHERE kind LIKE 'draft%' ORDER BY kind") == before
    assert bench.app.clock() == bench.machine.wall()


@pytest.mark.parametrize("step", [BACK, FORWARD], ids=["back", "forward"])
async def test_windows_and_codes_last_as_long_as_before(step: timedelta, bench: Bench) -> None:
    ends = time_text(bench.app.clock() + timedelta(minutes=1))
    async with bench.app.database.transaction() as connection:
        await connection.execute(
            text("INSERT INTO windows (address, act, ends_at, free) VALUES (:of, :act, :ends, 1)"),
            [
                {"of": "phone:anna", "act": "touch", "ends": ends},
                {"of": "phone:anna", "act": SUBSCRIPTION, "ends": time_text(FOR_EVER)},
                {"of": "wechat:anna", "act": "touch", "ends": ends},
            ],
        )
    await bench.does("/link")

    bench.machine.set(step)
    await bench.watch.look()

    moved = time_text(as_time(ends) + step)
    assert await bench.column("SELECT ends_at FROM windows ORDER BY rowid") == [moved, time_text(FOR_EVER), ends]
    (code_ends,) = await bench.column("SELECT expires_at FROM links")
    assert as_time(code_ends) - bench.app.clock() == VALID


def test_of_each_reminder_is_known_whether_a_day_decides_it() -> None:
    kinds = {name for router in ROUTERS for what, name in router.handlers if what == "due"}

    assert kinds == {*SOON, *BY_THE_DAY}


async def test_store_that_cannot_write_leaves_clock_and_waits_together(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await album_after(bench, timedelta(0))
    bench.machine.set(BACK)
    before, due = bench.app.clock(), await bench.column("SELECT due_at FROM reminders ORDER BY id")

    begin = bench.app.database.transaction

    @asynccontextmanager
    async def full() -> AsyncIterator[Any]:
        async with begin() as connection:
            yield connection
            raise StoreUnavailableError  # instead of the commit

    with monkeypatch.context() as patch:
        patch.setattr(bench.app.database, "transaction", full)
        with pytest.raises(StoreUnavailableError):
            await bench.watch.look()
    assert bench.app.clock() == before
    assert await bench.column("SELECT due_at FROM reminders ORDER BY id") == due

    await bench.watch.look()
    assert bench.app.clock() == bench.machine.wall()
    await bench.works()
    await bench.waits(1.5)
    assert sum("3/3" in one for one in bench.texts()) == 1


async def test_process_that_starts_with_an_earlier_clock_waits_no_longer(bench: Bench, tmp_path: Path) -> None:
    await album_after(bench, timedelta(0))
    await bench.watch.look()
    bench.machine.set(BACK)
    other = Bench(tmp_path, bench.machine)
    for _ in range(3):  # each start finds the time that the one before it has kept
        await other.app.database.migrate()
        other.app.add([other.phone])
        await other.app.take_over()
    due = [as_time(one) for one in await bench.column("SELECT due_at FROM reminders WHERE kind = 'album'")]
    await other.app.stop()

    latest = other.app.clock() + timedelta(seconds=1.5) + NOTE_EVERY
    assert other.app.clock() < min(due) <= max(due) <= latest


async def test_small_differences_are_followed_and_logged_by_nobody(bench: Bench) -> None:
    with capture_logs() as logs:
        for _ in range(5):
            bench.machine.set(LEAST * 0.9)
            await bench.watch.look()
        assert bench.app.clock() == bench.machine.wall()
        bench.machine.set(BACK)
        await bench.watch.look()

    assert [(one["event"], one["seconds"]) for one in logs] == [("clock_set", -7200)]


def test_ids_sort_as_they_were_made_when_the_clock_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    first = new_id()
    monkeypatch.setattr("time.time_ns", lambda: 1)

    ids = [first, *(new_id() for _ in range(100))]

    assert ids == sorted(ids)
