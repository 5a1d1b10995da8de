"""Parts of the program that end are told of, counted and started again, and nothing that was in their hands is lost."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.adapter import Accept
from bot.app import App
from bot.delivery import Delivery
from bot.health import Health
from bot.model.events import Address, Event, MediaRef, Text, Upload
from bot.settings import Settings
from bot.store.database import StoreUnavailableError
from bot.supervisor import PAUSES, SOUND_SECONDS, Supervisor, begin
from tests.fakes import NOTHING_READ, FakePhone
from tests.waiting import GENEROUS_SECONDS, until

SECONDS = GENEROUS_SECONDS


class Time:
    """Seconds that pass only in a pause, and when a part says so."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


async def test_part_that_ends_is_told_counted_and_started_again_after_growing_pauses() -> None:
    time, counted = Time(), []
    lives = asyncio.Event()

    async def part() -> None:
        if len(time.pauses) < len(PAUSES) + 2:
            raise RuntimeError("secret words")
        lives.set()
        await asyncio.Event().wait()

    supervisor = Supervisor(counted.append, time.sleep, time)
    with capture_logs() as logs:
        supervisor.start("part", part)
        async with asyncio.timeout(SECONDS):
            await lives.wait()

    assert time.pauses == [*PAUSES, PAUSES[-1], PAUSES[-1]]
    assert counted == ["part"] * len(time.pauses)
    ends = [one for one in logs if one["event"] == "part_ended"]
    assert [one["seconds"] for one in ends] == time.pauses
    assert all(one["part"] == "part" and one["where"].startswith("RuntimeError < ") for one in ends)
    assert "secret words" not in str(logs)
    await supervisor.stop()


@pytest.mark.parametrize("how", ["returns", "is cancelled inside"])
async def test_part_that_ends_without_an_error_is_started_again_too(how: str) -> None:
    time = Time()

    async def part() -> None:
        if how == "returns" or len(time.pauses) >= 2:
            return
        raise asyncio.CancelledError  # something that it waited for was cancelled, not the part

    supervisor = Supervisor(sleep=time.sleep, elapsed=time)
    supervisor.start("part", part)
    await until(lambda: len(time.pauses) >= 4)

    await supervisor.stop()
    assert time.pauses[:4] == list(PAUSES[:4])


async def test_part_that_ran_long_enough_begins_with_the_first_pause_again() -> None:
    time = Time()

    async def part() -> None:
        if len(time.pauses) == 3:
            time.now += SOUND_SECONDS
        raise RuntimeError

    supervisor = Supervisor(sleep=time.sleep, elapsed=time)
    supervisor.start("part", part)
    await until(lambda: len(time.pauses) >= 5)

    await supervisor.stop()
    assert time.pauses[:5] == [PAUSES[0], PAUSES[1], PAUSES[2], PAUSES[0], PAUSES[1]]


async def test_part_is_down_until_it_has_run_as_long_as_its_pause() -> None:
    time, goes_on, runs = Time(), asyncio.Event(), asyncio.Event()
    is_broken = True

    async def part() -> None:
        if is_broken:
            raise RuntimeError
        runs.set()
        await asyncio.Event().wait()

    async def sleep(seconds: float) -> None:
        time.pauses.append(seconds)
        await goes_on.wait()

    supervisor = Supervisor(sleep=sleep, elapsed=time)
    supervisor.start("part", part)
    supervisor.start("other", asyncio.Event().wait)  # type: ignore[arg-type]
    await until(lambda: time.pauses)
    assert supervisor.down == ["part"]

    is_broken = False
    goes_on.set()
    await until(runs.is_set)
    assert supervisor.down == ["part"], "it has run for a moment only"
    time.now += PAUSES[0]
    assert supervisor.down == []
    await supervisor.stop()


async def test_stopping_ends_a_part_whether_it_runs_or_waits_to_be_started() -> None:
    ended = []

    async def part() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("part")

    async def broken() -> None:
        raise RuntimeError

    supervisor = Supervisor()
    supervisor.start("part", part)
    supervisor.start("broken", broken)
    await until(lambda: supervisor.down == ["broken"])

    await supervisor.stop()

    assert ended == ["part"]
    assert supervisor.down == []


async def test_task_that_nobody_awaits_does_not_fail_in_silence() -> None:
    async def work() -> None:
        raise RuntimeError("secret words")

    with capture_logs() as logs:
        task = begin(work(), "send", id="1f")
        await asyncio.wait({task})
        await asyncio.sleep(0)

    (line,) = logs
    assert (line["event"], line["what"], line["id"]) == ("task_failed", "send", "1f")
    assert line["where"].startswith("RuntimeError < ")
    assert "secret words" not in str(logs)


# The parts of the program


class Phone(FakePhone):
    """Its `run` lives, as a real one does, until `fails` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.fails = asyncio.Event()
        self.runs = 0

    async def run(self, accept: Accept) -> None:
        self.runs += 1
        await self.fails.wait()
        self.fails.clear()
        raise RuntimeError("the phone")


class Pause:
    """A pause that ends when the test says so; each look at its clock takes a moment."""

    def __init__(self) -> None:
        self.is_over = asyncio.Event()
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 0.1
        return self.now

    async def sleep(self, _seconds: float) -> None:
        await self.is_over.wait()


@pytest.fixture
def pause() -> Pause:
    return Pause()


@pytest.fixture
async def app(tmp_path: Path, pause: Pause) -> AsyncIterator[App]:
    app = App(Settings(data=tmp_path, evidence=NOTHING_READ))
    app.supervisor = Supervisor(app.metrics.part_ended, pause.sleep, pause)
    await app.database.migrate()
    app.add([Phone()])
    app.start()
    app.start_adapters()
    yield app
    await app.stop()


def phone(app: App) -> Phone:
    (found,) = app.adapters.values()
    assert isinstance(found, Phone)
    return found


def says(app: App, number: int, text: str = "/help") -> Event:
    return Event(f"phone:{number}", Address("phone", "anna"), app.clock(), Text(text))


def fail_once(monkeypatch: pytest.MonkeyPatch, of: Any, name: str) -> asyncio.Event:
    """The next call of this method fails; the event is set then."""
    sound, failed = getattr(of, name), asyncio.Event()

    def fail(*args: Any, **how: Any) -> Any:
        if failed.is_set():
            return sound(*args, **how)
        failed.set()
        raise RuntimeError(name)

    monkeypatch.setattr(of, name, fail)
    return failed


async def surely(app: App, event: Event) -> Any:
    """As a platform does it: the same again until it is stored."""
    answers: list[Any] = []

    async def is_stored() -> bool:
        try:
            answers.append(await app.dispatcher.accept(event))
        except StoreUnavailableError:
            return False
        return True

    await until(is_stored)
    return answers[-1]


PARTS: dict[str, Callable[[App], tuple[Any, str]]] = {
    "dispatcher": lambda app: (app.dispatcher, "_handle"),
    "errands": lambda app: (app.errands, "_claim"),
    "delivery phone": lambda app: (app.deliveries[0], "_go_on"),
    "reminders": lambda app: (app.reminders, "remind"),
}


@pytest.mark.parametrize("part", [*PARTS, "phone"])
async def test_each_part_of_the_program_is_started_again_and_the_rest_goes_on(
    part: str, app: App, pause: Pause, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = await surely(app, says(app, 1))
    await until(lambda: len(phone(app).received) == len(said) - 1)
    with capture_logs() as logs:
        if part == "phone":
            phone(app).fails.set()
        else:
            fail_once(monkeypatch, *PARTS[part](app))
            for wakes in (app.errands.wake, app.deliveries[0].wake, app.reminders._new.set):
                wakes()
        if part == "dispatcher":
            assert isinstance(await ended(app.dispatcher.accept(says(app, 2))), StoreUnavailableError)
        else:
            said += await surely(app, says(app, 2))
        await until(lambda: app.supervisor.down)
        checks = await Health(app).checks()
        assert [one["part"] for one in logs if one["event"] == "part_ended"] == [part]
    pause.is_over.set()
    await until(lambda: not app.supervisor.down)

    assert checks["tasks"] == {"ok": False, "down": [part]}
    assert (await Health(app).checks())["tasks"] == {"ok": True}
    assert app.metrics.registry.get_sample_value("shouhou_parts_ended_total", {"part": part}) == 1
    if part == "dispatcher":
        said += await surely(app, says(app, 2))
    await surely(app, photo(app, 3))
    await until(lambda: has_receipt(app))
    assert len(phone(app).received) == len(said) - 2 + 1, (
        "each once: two answers without what was asked, and the receipt"
    )


def has_receipt(app: App) -> bool:
    return any("照片" in one.message.text and "？" in one.message.text for one in phone(app).received)


def photo(app: App, number: int) -> Event:
    body = Upload(MediaRef(f"p{number}.jpg", f"p{number}.jpg"))
    return Event(f"phone:{number}", Address("phone", "anna"), app.clock(), body)


@pytest.mark.parametrize(
    "point", [lambda app: (app.dispatcher, "_handle"), lambda app: (app.metrics, "accepted")], ids=["before", "after"]
)
async def test_dispatcher_that_dies_with_a_batch_in_hand_loses_nothing_and_lets_nobody_wait(
    point: Callable[[App], tuple[Any, str]], app: App, pause: Pause, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_once(monkeypatch, *point(app))
    events = [says(app, number, text) for number, text in enumerate(("/help", "/status", "/language"), 1)]

    async with asyncio.timeout(SECONDS):
        first = await asyncio.gather(*(app.dispatcher.accept(one) for one in events), return_exceptions=True)
    assert all(isinstance(one, StoreUnavailableError) for one in first)
    assert isinstance(await ended(app.dispatcher.accept(events[0])), StoreUnavailableError), "it is down"

    pause.is_over.set()
    answers = [await surely(app, one) for one in events]
    count = sum(len(one) - 1 for one in answers)
    await until(lambda: len(phone(app).received) >= count)
    await until(lambda: not app.supervisor.down)
    texts = [one.message.text for one in phone(app).received]
    assert texts == [message.text for answer in answers for message in answer[1:]]


async def ended(future: asyncio.Future[Any]) -> BaseException | None:
    async with asyncio.timeout(SECONDS):
        await asyncio.wait({future})
    return future.exception()


async def test_what_fails_after_the_commit_does_not_undo_the_turn(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = fail_once(monkeypatch, app.reminders, "wake")

    said = await app.dispatcher.accept(says(app, 1))

    assert failed.is_set()
    assert len(said) > 1
    assert app.supervisor.down == []


async def test_errand_under_way_goes_on_while_its_loop_is_started_again(
    app: App, pause: Pause, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetching, may_go_on, fetched = asyncio.Event(), asyncio.Event(), 0
    fetch = phone(app).open_media

    async def open_media(media: MediaRef) -> AsyncIterator[bytes]:
        nonlocal fetched
        fetched += 1
        fetching.set()
        await may_go_on.wait()
        async for chunk in fetch(media):
            yield chunk

    monkeypatch.setattr(phone(app), "open_media", open_media)
    await surely(app, photo(app, 1))
    async with asyncio.timeout(SECONDS):
        await fetching.wait()
    fail_once(monkeypatch, app.errands, "_claim")
    app.errands.wake()
    await until(lambda: app.supervisor.down == ["errands"])
    may_go_on.set()
    pause.is_over.set()

    await until(lambda: has_receipt(app))
    await until(lambda: not app.supervisor.down)
    assert fetched == 1


async def test_message_handed_over_while_its_delivery_dies_is_sent(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    delivery = app.deliveries[0]
    assert isinstance(delivery, Delivery)
    fail_once(monkeypatch, delivery, "_start_taken")

    said = await surely(app, says(app, 1))
    delivery.wake()

    await until(lambda: len(phone(app).received) == len(said) - 1)


async def test_message_handed_over_while_its_delivery_is_down_is_sent_when_it_runs_again(tmp_path: Path) -> None:
    app = App(Settings(data=tmp_path, evidence=NOTHING_READ))
    await app.database.migrate()
    app.add([Phone()])
    delivery = app.deliveries[0]
    assert isinstance(delivery, Delivery)
    delivery._goes_by_rounds = True  # so that messages are claimed for it
    app.supervisor.start("dispatcher", app.dispatcher.run)
    said = await surely(app, says(app, 1))
    assert delivery._taken

    app.supervisor.start("delivery phone", delivery.run)

    await until(lambda: len(phone(app).received) == len(said) - 1)
    await app.stop()
