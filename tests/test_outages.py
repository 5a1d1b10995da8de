"""An object store that cannot be reached costs time, and nothing else: no photo is refused, and texts are answered meanwhile."""

import asyncio
import hashlib
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.app import App
from bot.errands import AT_ONCE, OUTAGE_PAUSES, PAUSES
from bot.model.events import Address, Event, MediaRef, Text, Upload
from bot.settings import DATABASE, Settings
from bot.store.objects import objects_at
from tests.customers import Customer, Heard, arrive, is_from_bot
from tests.fakes import NOTHING_READ, Clock, FakePhone
from tests.oracle import RECEIPT
from tests.pictures import jpeg
from tests.s3 import S3, running_s3, wire_to
from tests.servers import running
from tests.waiting import until

ANNA = Address("phone", "anna")
ENOUGH_ROUNDS = 3
"""Of answers to each customer while the store is away: none of them can have waited for it."""


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    with running_s3(tmp_path_factory.mktemp("s3") / "s3") as running:
        yield running


@asynccontextmanager
async def bot(settings: Settings, clock: Clock) -> AsyncIterator[App]:
    app = App(settings, clock=clock)
    await app.database.migrate()
    app.add([FakePhone()])
    dispatching = asyncio.create_task(app.dispatcher.run())
    try:
        yield app
    finally:
        dispatching.cancel()
        await app.stop()


def photo(number: int, clock: Clock) -> Event:
    return Event(f"photo {number}", ANNA, clock(), Upload(MediaRef(f"m{number}", f"dent-{number}.jpg")))


def rows(data: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(data / DATABASE)) as database:
        return database.execute(query).fetchall()


async def test_photos_wait_for_the_store_as_long_as_it_takes(s3: S3, tmp_path: Path) -> None:
    clock, data = Clock(), tmp_path / "data"
    async with wire_to(s3.port) as wire, bot(Settings(data=data, evidence=s3.settings(port=wire.port)), clock) as app:
        wire.take_down()
        for number in range(3):
            await app.dispatcher.accept(photo(number, clock))
        for at in range(len(PAUSES) + 3):  # more often than a photo may fail
            assert await app.errands.do_all() == 1, "one asks for all of them"
            assert await app.errands.do_all() == 0, "nobody asks until the pause is over"
            assert await app.dispatcher.accept(Event(f"text {at}", ANNA, clock(), Text("/status")))
            clock.wait(timedelta(seconds=OUTAGE_PAUSES[-1]))
        assert {state for (state,) in rows(data, "SELECT state FROM evidence")} == {"fetching"}
        assert {failures for (failures,) in rows(data, "SELECT failures FROM errands")} == {0}

        wire.bring_up()
        assert await app.errands.do_all() == 3

        assert {state for (state,) in rows(data, "SELECT state FROM evidence")} == {"kept"}
        for (digest,) in rows(data, "SELECT sha256 FROM evidence"):
            assert hashlib.sha256(await app.objects.read(str(digest))).hexdigest() == digest


async def test_one_asks_whether_the_store_is_back(s3: S3, tmp_path: Path) -> None:
    """The others would fetch their files and look at them for nothing."""
    clock = Clock()
    async with (
        wire_to(s3.port) as wire,
        bot(Settings(data=tmp_path / "data", evidence=s3.settings(port=wire.port)), clock) as app,
    ):
        wire.take_down()
        for number in range(4):
            await app.dispatcher.accept(photo(number, clock))
        await app.errands.do_all()
        clock.wait(timedelta(seconds=OUTAGE_PAUSES[0]))

        assert len(await app.errands._claim(app.errands.kinds, AT_ONCE)) == 1


async def test_pauses_grow_and_begin_anew_after_the_outage(s3: S3, tmp_path: Path) -> None:
    clock, data = Clock(), tmp_path / "data"
    async with wire_to(s3.port) as wire, bot(Settings(data=data, evidence=s3.settings(port=wire.port)), clock) as app:
        for outage in range(2):
            wire.take_down()
            await app.dispatcher.accept(photo(outage, clock))
            for pause in OUTAGE_PAUSES[:4]:
                assert await app.errands.do_all() == 1
                clock.wait(timedelta(seconds=pause - 0.1))
                assert await app.errands.do_all() == 0, pause
                clock.wait(timedelta(seconds=0.1))
            wire.bring_up()
            assert await app.errands.do_all() == 1


async def test_full_disk_refuses_no_photo(tmp_path: Path) -> None:
    clock, data = Clock(), tmp_path / "data"
    async with bot(Settings(data=data, evidence=NOTHING_READ), clock) as app:
        folder = data / "evidence"
        folder.rmdir()
        folder.write_text("in its place")
        await app.dispatcher.accept(photo(1, clock))
        for _ in range(len(PAUSES) + 3):
            await app.errands.do_all()
            clock.wait(timedelta(seconds=OUTAGE_PAUSES[-1]))
        folder.unlink()
        folder.mkdir()

        await app.errands.do_all()

        assert rows(data, "SELECT state FROM evidence") == [("kept",)]


async def patiently(customer: Customer, content: bytes, id_: str) -> list[Heard]:
    """As the page does: again with the same id when it is told to."""
    while True:
        answer = await customer.upload(content, f"{id_}.jpg", id_)
        if answer.status == 200:
            return answer.messages
        assert answer.status == 503
        await asyncio.sleep(float(answer.headers["Retry-After"]))


async def check_outage(s3: S3, tmp_path: Path, seconds: float) -> None:
    """Photos before, during and after it; all of them are there in the end, and nobody waits for an answer."""
    data = tmp_path / "data"
    photos = [jpeg(f"{tmp_path.name} {number}") for number in range(12)]
    with running(data, s3.variables(f"s3://evidence/{tmp_path.name}")) as server:
        async with aiohttp.ClientSession() as http:
            customers = [await arrive(http, server.url) for _ in range(4)]
            for customer in customers:
                await customer.say("/refund")
            sent = [patiently(customers[at % 4], content, f"photo-{at}") for at, content in enumerate(photos[:8])]
            await asyncio.gather(*sent)
            s3.stop()  # while some of them are being looked at
            try:
                began = time.monotonic()
                refused = await customers[0].upload(photos[8], "photo-8.jpg", "photo-8")
                assert (refused.status, int(refused.headers["Retry-After"]) > 0) == (503, True)
                assert "。" in refused.error
                late = [
                    asyncio.create_task(patiently(customers[at % 4], photos[at], f"photo-{at}")) for at in range(8, 12)
                ]
                rounds = 0
                while rounds < ENOUGH_ROUNDS or time.monotonic() - began < seconds:
                    assert all(await asyncio.gather(*(customer.say("/status") for customer in customers)))
                    rounds += 1
            finally:
                await asyncio.to_thread(s3.start)
            await asyncio.gather(*late)
            for customer in customers:
                await customer.hears(lambda message: is_from_bot(message) and RECEIPT in message["text"])
            await until(lambda: not rows(data, "SELECT id FROM errands WHERE kind = 'intake' AND state != 'done'"))
    kept = rows(data, "SELECT state, sha256, view_sha256 FROM evidence")
    assert {state for state, _, _ in kept} == {"kept"}
    assert {digest for _, digest, _ in kept} == {hashlib.sha256(content).hexdigest() for content in photos}
    settings = s3.settings(f"s3://evidence/{tmp_path.name}")
    objects = objects_at(settings.store, settings)
    for _, *digests in kept:
        for digest in digests:
            assert hashlib.sha256(await objects.read(str(digest))).hexdigest() == digest
    assert not list((data / "evidence").rglob("*")) if (data / "evidence").exists() else True
    logged = [json.loads(line) for line in server.log.read_text("utf-8").splitlines() if line.startswith("{")]
    assert not [line for line in logged if line["event"] == "errand_failed"]


async def test_outage_of_some_seconds(s3: S3, tmp_path: Path) -> None:
    await check_outage(s3, tmp_path, 3)


@pytest.mark.long
async def test_outage_of_a_minute(s3: S3, tmp_path: Path) -> None:
    await check_outage(s3, tmp_path, 60)
