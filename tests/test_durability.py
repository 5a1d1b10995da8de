"""Promises that hang on one line each: what is on the disk, who waits for whom, and what is limited.

Each of these lines could be taken out before and nothing noticed; `./run mutants` takes them out again.
"""

import asyncio
import os
import sqlite3
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import aiohttp
import aiosqlite
import pytest
from sqlalchemy import text

from bot import errands
from bot.adapters.webchat.adapter import MOST_AT_ONCE
from bot.app import App
from bot.control import ControlError
from bot.model.events import Address, ErrandDone, Event, Pressed
from bot.model.messages import Author, Message, Outgoing
from bot.settings import DATABASE, Settings
from bot.store import objects as object_store
from bot.store import outbox
from bot.store.database import Database, StoreUnavailableError, driver_of
from bot.store.errands import Errand
from bot.store.objects import BusyError, key_of, objects_in
from bot.store.outbox import Said
from bot.workdays import end_of
from tests.customers import arrive
from tests.fakes import NOTHING_READ, Clock, FakePhone
from tests.packing import Bench
from tests.pictures import jpeg
from tests.servers import running
from tests.waiting import GENEROUS_SECONDS, until

# What is on the disk


async def test_a_commit_waits_for_the_disk(tmp_path: Path) -> None:
    database = Database(tmp_path / DATABASE)
    await database.migrate()
    async with database.transaction() as writer, database.reading() as reader:
        for connection in (writer, reader):
            pragmas = [
                (await connection.execute(text(f"PRAGMA {name}"))).scalar() for name in ("journal_mode", "synchronous")
            ]
            assert pragmas == ["wal", 2], "2 is FULL: NORMAL loses commits in a power cut"
    await database.close()


async def test_a_photo_is_on_the_disk_with_its_name_before_it_is_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[str, bool]] = []
    fsync, folder, photo = os.fsync, tmp_path / "evidence", tmp_path / "photo"
    photo.write_bytes(jpeg("kept"))

    def note(handle: int) -> None:
        path = Path(os.readlink(f"/proc/self/fd/{handle}"))
        synced.append((path.parent.name if path.is_file() else path.name, path.is_file()))
        fsync(handle)

    objects = objects_in(folder)
    monkeypatch.setattr(os, "fsync", note)
    digest = await objects.put_file(photo)

    assert synced == [("incoming", True), (digest[:2], False), ("evidence", False)]
    synced.clear()
    await objects.put_file(photo)  # perhaps the process before us ended before it had come to the disk
    assert synced == [(digest[:2], True), (digest[:2], False), ("evidence", False)]


async def test_bytes_that_were_put_just_now_are_not_erased(tmp_path: Path) -> None:
    """Whoever put them may not have told anybody yet."""
    objects, photo = objects_in(tmp_path / "evidence"), tmp_path / "photo"
    photo.write_bytes(jpeg("again"))
    digest = await objects.put_file(photo)

    with pytest.raises(BusyError):
        await objects.delete(digest)

    objects.elapsed = lambda: time.monotonic() + 3600
    await objects.delete(digest)
    assert not (tmp_path / "evidence" / key_of(digest)).exists()


async def test_a_deleted_photo_rests_for_an_hour_before_it_is_erased(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.begins("anna", "2100000000001")
        await bench.sends("anna", "whole.jpg", jpeg("whole"))
        (digest,) = await bench.column("SELECT sha256 FROM evidence")
        await bench.says("anna", Pressed("refund.photos:list.0"))
        drop = (await bench.last("anna"))[1][0].replace("one.", "drop.")
        await bench.says("anna", Pressed(drop))
        assert await bench.column("SELECT state FROM evidence") == ["removed"]
        bench.app.objects.elapsed = lambda: time.monotonic() + 7200

        bench.clock.wait(timedelta(minutes=50))
        await bench.settle()
        assert await bench.app.objects.size(digest) is not None

        bench.clock.wait(timedelta(minutes=11))
        await bench.settle()
        assert await bench.app.objects.size(digest) is None


# Who waits for whom


async def test_a_commit_that_began_is_waited_for_however_often_it_is_cancelled(tmp_path: Path) -> None:
    database, is_held, lets_go, has_begun = (
        Database(tmp_path / DATABASE),
        threading.Event(),
        threading.Event(),
        asyncio.Event(),
    )
    drivers: list[aiosqlite.Connection] = []
    await database.migrate()

    def hold() -> None:
        is_held.set()
        lets_go.wait(GENEROUS_SECONDS)

    async def write() -> None:
        async with database.transaction() as connection:
            await connection.execute(text("INSERT INTO bookmarks (name, value) VALUES ('a', 'b')"))
            drivers.append(await driver_of(connection))
            # The driver does one thing at a time: the commit stands behind this, as behind a slow disk.
            holding.append(asyncio.create_task(drivers[0]._execute(hold)))
            await until(is_held.is_set)
            has_begun.set()

    holding: list[asyncio.Task[None]] = []
    writing = asyncio.create_task(write())
    await has_begun.wait()
    await until(lambda: drivers[0]._tx.qsize())
    for _ in range(5):
        writing.cancel()
        for _ in range(20):
            await asyncio.sleep(0)
        assert not writing.done(), "its caller would begin the next transaction in the middle of this one"
        assert drivers[0]._tx.qsize() == 1, "the commit waits for its turn, and no rollback behind it"
    lets_go.set()

    with pytest.raises(asyncio.CancelledError):
        await writing
    await asyncio.gather(*holding)
    with closing(sqlite3.connect(tmp_path / DATABASE)) as other:
        assert other.execute("SELECT value FROM bookmarks").fetchall() == [("b",)]
    await database.close()


async def test_nobody_else_writes_between_what_a_turn_reads_and_what_it_saves(tmp_path: Path) -> None:
    database = Database(tmp_path / DATABASE)
    await database.migrate()
    with closing(sqlite3.connect(tmp_path / DATABASE, timeout=0, isolation_level=None)) as other:
        async with database.transaction():
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("BEGIN IMMEDIATE")
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
    await database.close()


def test_a_lease_lasts_longer_than_what_is_done_under_it() -> None:
    assert timedelta(seconds=object_store.PUT_SECONDS) < errands.LEASE
    assert timedelta(seconds=60) <= outbox.LEASE, "a platform may take half a minute to answer"


async def test_what_a_process_had_begun_is_taken_up_by_the_next_at_once(tmp_path: Path) -> None:
    clock, anna = Clock(), Address("phone", "anna")
    app = App(Settings(data=tmp_path, evidence=NOTHING_READ), clock=clock)
    app.add([FakePhone()])
    await app.database.migrate()
    later = clock() + timedelta(seconds=60)
    message = Message(1, Author.BOT, clock(), "sent when the process ended")
    async with app.database.transaction() as connection:
        await outbox.add(
            connection, [Said("e", Outgoing("1" * 32, anna, message), "sending", due_at=later, attempts=1)]
        )
        await errands.errands.add(connection, [(Errand("2", str(anna), "intake", "none", {}), later)])

    await app.take_over()

    async with app.database.reading() as connection:
        assert await outbox.next_due(connection, "phone") == clock()
        assert await errands.errands.next_due(connection, ["phone"], ["intake"]) == clock()
    await app.stop()


async def test_an_outage_of_the_store_counts_as_no_failure(tmp_path: Path) -> None:
    database, clock, results = Database(tmp_path / DATABASE), Clock(), list[Mapping[str, object]]()
    troubles: list[Exception] = [StoreUnavailableError("away")] * 8 + [RuntimeError("odd")] * len(errands.PAUSES)

    async def do(errand: Errand) -> Mapping[str, object]:
        if troubles:
            raise troubles.pop(0)
        return {"done": True}

    async def accept(event: Event) -> Sequence[Message]:
        assert isinstance(event.body, ErrandDone)
        results.append(event.body.result)
        return ()

    await database.migrate()
    async with database.transaction() as connection:
        await errands.errands.add(connection, [(Errand("1", "phone:anna", "intake", "one", {}), clock())])
    ours = errands.Errands(database, ("phone",), {"intake": do}, accept, clock)
    for _ in range(8 + len(errands.PAUSES) + 1):
        assert await ours.do_all() == 1
        clock.wait(timedelta(seconds=max(*errands.PAUSES, *errands.OUTAGE_PAUSES)))

    assert results == [{"done": True}]
    await database.close()


def test_a_promised_day_lasts_until_its_midnight_in_shanghai() -> None:
    assert end_of(date(2026, 12, 2)) == datetime(2026, 12, 2, 16, 0, tzinfo=UTC)


async def test_a_reminder_is_over_with_its_turn(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.begins("anna", "2100000000001")
        bench.clock.wait(timedelta(days=1))

        assert await bench.app.reminders.remind() == 1
        assert await bench.app.reminders.remind() == 0


# What is limited, and who is who


async def test_a_web_chats_tokens_are_its_own(tmp_path: Path) -> None:
    """A secret that anybody can guess makes tokens that anybody can make."""
    ours, others = (App(Settings(data=tmp_path / name)).web_chat()._sessions for name in ("ours", "others"))
    token = ours.create("a client's random id", "en")

    assert ours.open(token)
    assert others.open(token) is None
    assert len(set((tmp_path / "ours" / "webchat.secret").read_bytes())) > 10


async def test_a_refund_over_a_hundred_thousand_yuan_is_a_slip_of_the_finger(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.begins("anna", "2100000000001")
        await bench.sends("anna", "amount.jpg", jpeg("amount"))
        number = await bench.submits("anna")

        for fen in (0, 100_000_01):
            with pytest.raises(ControlError, match="more than 0 and at most 100000"):
                await bench.act(number, "approve", amount=fen)
        assert await bench.column("SELECT status FROM cases") == ["under_review"]
        await bench.act(number, "approve", amount=100_000_00)

        assert await bench.column("SELECT status FROM cases") == ["approved"]


async def test_a_session_has_so_many_requests_under_way_and_no_more(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        async with aiohttp.ClientSession() as http, AsyncExitStack() as halves:
            anna, ben = await arrive(http, server.url), await arrive(http, server.url)
            head = "POST /api/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n"

            async def send_half() -> None:
                reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
                halves.callback(lambda _reader, writer: writer.close(), reader, writer)  # both: one alone is closed
                writer.write(f"{head}Authorization: Bearer {anna.token}\r\n\r\n{{".encode())
                await writer.drain()

            async def status() -> int:
                return (await anna.ask("GET", "/api/messages", params={"after": "0"})).status

            async def is_full() -> bool:
                await send_half()  # one more, in place of one that came while we asked or that waited too long
                return await status() == 429

            for _ in range(MOST_AT_ONCE):
                await send_half()
            await until(is_full)
            assert (await ben.ask("GET", "/api/messages", params={"after": "0"})).status == 200, "it is hers alone"
            await halves.aclose()

            async def is_free() -> bool:
                return await status() == 200

            await until(is_free)


async def test_a_store_that_is_locked_is_told_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.store.database.BUSY_SECONDS", 0.0)
    database = Database(tmp_path / DATABASE)
    await database.migrate()
    with closing(sqlite3.connect(tmp_path / DATABASE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailableError):
            async with database.transaction():
                raise AssertionError("it began beside another writer")
    await database.close()
