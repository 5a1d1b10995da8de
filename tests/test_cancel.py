"""A batch cancelled at any await leaves everything of its turns or nothing, and a store that works (reliability.md, R20)."""

import asyncio
import itertools
import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator, Coroutine, Generator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from types import coroutine
from typing import Any

import pytest

import bot.turn
from bot.adapter import Limits, Outcome, Window
from bot.app import App
from bot.model.events import Address, Body, Due, ErrandDone, Event, MediaRef, Pressed, Text, Upload
from bot.model.messages import Outgoing
from bot.router import Router, Routes
from bot.settings import DATABASE, Settings
from bot.turn import Turn
from handlers import ROUTERS
from tests.fakes import NOTHING_READ, Clock, FakePhone, Received
from tests.waiting import GENEROUS_SECONDS

CLAIM = "运费凭证在这，退货运费我先垫付的，订单 2100000000011"
KEPT = {"sha256": "0" * 64, "size": 9, "view_sha256": "1" * 64, "kind": "JPEG", "width": 64, "height": 48}
BOOM = Router("boom")
"""A connection that was given up lets go of its lock in a thread of its own, in a moment; one that was forgotten never does."""
Dump = dict[str, list[tuple[Any, ...]]]


@BOOM.command("boom")
def fail(turn: Turn) -> None:
    raise RuntimeError


class Ids:
    """The same ids in every run: two runs of the same turns leave the same rows."""

    def __init__(self) -> None:
        self.begin("prepared")

    def begin(self, kind: str) -> None:
        self._ids = (f"{kind}-{number}" for number in itertools.count(1))

    def __call__(self) -> str:
        return next(self._ids)


@pytest.fixture
def ids(monkeypatch: pytest.MonkeyPatch) -> Ids:
    ids, original = Ids(), bot.turn.new_id
    for module in list(sys.modules.values()):
        if getattr(module, "new_id", None) is original:
            monkeypatch.setattr(module, "new_id", ids)
    return ids


class CountingPhone(FakePhone):
    """On which one may speak only for a while after the customer."""

    limits = Limits(windows={"message": Window(100, 3600.0)})


@asynccontextmanager
async def opened(
    folder: Path, phone: FakePhone | None = None, case_number: str = "KS-333-333-333"
) -> AsyncIterator[App]:
    routes = Routes((BOOM, *ROUTERS))
    app = App(
        Settings(data=folder, evidence=NOTHING_READ), clock=Clock(), case_number=lambda: case_number, routes=routes
    )
    app.add([phone or CountingPhone()])
    await app.database.migrate()
    try:
        yield app
    finally:
        await app.stop()


@asynccontextmanager
async def dispatching(app: App) -> AsyncIterator[None]:
    task = asyncio.create_task(app.dispatcher.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def event(who: str, what: str, body: Body) -> Event:
    return Event(f"phone:{who}:{what}", Address("phone", who), Clock()(), body)


def photo(who: str) -> Event:
    return event(who, "photo", Upload(MediaRef("tracking.jpg", "tracking.jpg")))


async def prepare(folder: Path) -> list[Event]:
    """Conversations at different places; returns a batch that writes to every table."""
    async with opened(folder, case_number="KS-222-222-222") as app, dispatching(app):
        handle = app.dispatcher.handle
        for who in ("anna", "ben"):
            claim, wish = event(who, "claim", Text(CLAIM)), event(who, "wish", Pressed("refund.wish:resend"))
            await handle([claim, wish, photo(who)])
        await app.errands.do_all()
        await handle(
            [event("ben", "submit", Pressed("refund.do:submit")), photo("dora"), event("dora", "link", Text("/link"))]
        )
        for delivery in app.deliveries:
            while await delivery.deliver():
                pass
    with closing(sqlite3.connect(folder / DATABASE)) as database:
        errand, shot = database.execute("SELECT id, subject FROM errands WHERE state = 'due'").fetchone()
        (link,) = database.execute("SELECT id FROM links").fetchone()
        reminder, case = database.execute("SELECT id, subject FROM reminders WHERE kind = 'review_due'").fetchone()
    return [
        event("anna", "submit", Pressed("refund.do:submit")),
        event("ben", "human", Pressed("human")),
        event("carl", "hello", Text("你好")),
        event("dora", "errand", ErrandDone(errand, "intake", shot, KEPT)),
        event("eve", "boom", Text("/boom")),
        event("ben", "due", Due(reminder, "review_due", case)),
        photo("carl"),
        event("carl", "link", Text(f"/link {link}-2222-2222")),
    ]


def dump(folder: Path) -> Dump:
    """All rows, seen by another program."""
    with closing(sqlite3.connect(folder / DATABASE, timeout=GENEROUS_SECONDS)) as database:
        database.execute("BEGIN IMMEDIATE")  # fails when somebody's transaction was left open
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted(database.execute(f"SELECT * FROM {name}"), key=repr) for name in tables}


@coroutine
def cancelled(work: Coroutine[Any, Any, Any], at: int, *, ever_after: bool) -> Generator[Any, Any, Any]:
    """The work, with its task cancelled in the n-th await that waits; and in each that follows, as task groups do it."""
    sent, thrown = None, None
    for number in itertools.count(1):
        try:
            waiting = work.throw(thrown) if thrown else work.send(sent)
        except StopIteration as end:
            return end.value
        if number == at or (ever_after and number > at):
            task = asyncio.current_task()
            assert task
            task.cancel()
        sent, thrown = None, None
        try:
            sent = yield waiting
        except BaseException as error:
            thrown = error
    return None


async def run_cancelled(app: App, events: Sequence[Event], at: int, *, ever_after: bool) -> list[Any]:
    """The dispatcher with all events in one batch; returns their answers, or what was raised instead."""
    answers = [asyncio.ensure_future(app.dispatcher.accept(one)) for one in events]
    await asyncio.sleep(0)  # each puts its event in and waits
    task = asyncio.create_task(cancelling(app.dispatcher.run(), at, ever_after=ever_after))
    answered = await asyncio.gather(*answers, return_exceptions=True)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return answered


async def cancelling(work: Coroutine[Any, Any, Any], at: int, *, ever_after: bool) -> None:
    await cancelled(work, at, ever_after=ever_after)


@pytest.mark.parametrize(
    ("reopens", "ever_after"),
    [
        pytest.param(False, True, id="goes on-ever after"),
        pytest.param(True, False, id="reopened-once"),
        pytest.param(False, False, id="goes on-once", marks=pytest.mark.long),
        pytest.param(True, True, id="reopened-ever after", marks=pytest.mark.long),
    ],
)
async def test_batch_cancelled_at_any_await_is_stored_whole_or_not_at_all(
    tmp_path: Path, ids: Ids, reopens: bool, ever_after: bool
) -> None:
    events = await prepare(tmp_path / "prepared")
    before = dump(tmp_path / "prepared")
    after = await uncancelled(tmp_path, ids, events)
    assert {table for table in after if after[table] != before[table]} == set(after) - {"alembic_version", "bookmarks"}

    left = []
    for at in itertools.count(1):
        folder = copied(tmp_path, str(at))
        async with opened(folder) as app:
            if not reopens:
                await app.take_over()  # its store has connected already
            ids.begin("new")
            answers = await run_cancelled(app, events, at, ever_after=ever_after)
            left.append(dump(folder))
            assert left[-1] in (before, after), f"half done when cancelled at await {at}"
            is_answered = not any(isinstance(answer, Exception) for answer in answers)
            assert left[-1] == after or not is_answered
            if not reopens:
                await handled_again(app, ids, events)
        if reopens:
            async with opened(folder) as app:
                await handled_again(app, ids, events)
        assert dump(folder) == after, f"one effect, after a cancellation at await {at}"
        shutil.rmtree(folder)
        if is_answered:
            break

    assert left.count(before) > 10, "the transaction itself was cancelled, not only what stands around it"


@pytest.mark.parametrize("ever_after", [False, True], ids=["once", "ever after"])
async def test_delivery_cancelled_at_any_await_delivers_each_message_once_in_order(
    tmp_path: Path, ids: Ids, ever_after: bool
) -> None:
    """Once: to a platform that knows idempotency keys."""
    events = await prepare(tmp_path / "prepared")
    await uncancelled(tmp_path, ids, events[1:3])
    wanted = await delivered(copied(tmp_path, "whole", of="uncancelled"), FakePhone())
    assert len(wanted) > len({one.chat for one in wanted}) > 1

    for at in itertools.count(1):
        phone, folder = PatientPhone(len(wanted)), copied(tmp_path, str(at), of="uncancelled")
        async with opened(folder, phone) as app:
            delivering = asyncio.create_task(cancelling(app.deliveries[0].run(), at, ever_after=ever_after))
            done = asyncio.create_task(phone.has_all.wait())
            await asyncio.wait({delivering, done}, return_when=asyncio.FIRST_COMPLETED)
            is_whole = not delivering.done()
            for task in (delivering, done):
                task.cancel()
            await asyncio.gather(delivering, done, return_exceptions=True)
        assert await delivered(folder, phone) == wanted, f"cancelled at await {at}"
        if is_whole:
            break

    assert at > 10


class PatientPhone(FakePhone):
    """Knows how many messages to wait for."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.has_all = asyncio.Event()
        self._most = most

    async def send(self, outgoing: Outgoing) -> Outcome:
        outcome = await super().send(outgoing)
        if len(self.received) == self._most:
            self.has_all.set()
        return outcome


async def delivered(folder: Path, phone: FakePhone) -> list[Received]:
    """What the phone has after everything was sent, in the order of each chat."""
    async with opened(folder, phone) as app:
        await app.take_over()
        while await app.deliveries[0].deliver():
            pass
    return sorted(phone.received, key=lambda one: one.chat)


def copied(tmp_path: Path, name: str, of: str = "prepared") -> Path:
    return Path(shutil.copytree(tmp_path / of, tmp_path / name))


async def uncancelled(tmp_path: Path, ids: Ids, events: Sequence[Event]) -> Dump:
    folder = copied(tmp_path, "uncancelled")
    async with opened(folder) as app:
        await handled_again(app, ids, events)
    return dump(folder)


async def handled_again(app: App, ids: Ids, events: Sequence[Event]) -> None:
    ids.begin("new")
    await app.dispatcher.handle(events)
