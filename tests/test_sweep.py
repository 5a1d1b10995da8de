"""What nobody needs goes after a day, and nothing else ever does."""

import hashlib
import json
import os
import re
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.event_loop import run
from bot.evidence_check import EvidenceCheck
from bot.settings import DATABASE
from bot.store.database import Database
from bot.store.objects import MARKER, Objects, key_of, objects_at, objects_in
from bot.sweep import MOST_UNKNOWN, Sweep, Swept
from tests.customers import Customer, arrive, is_from_bot
from tests.pictures import jpeg
from tests.s3 import S3, running_s3
from tests.servers import Server, running

TWO_DAYS = timedelta(days=2)
REFUSED = b"this is no photo at all" * 1000


async def live(server: Server) -> None:
    """A case with photos and a pack, photos beside it, files that were refused, and more than are taken."""
    async with aiohttp.ClientSession() as http:
        anna, ben = await arrive(http, server.url, "en"), await arrive(http, server.url, "en")
        await anna.claims("My kettle arrived with a crack, I want a refund, order 2100000000001")
        await hears_after(anna, await anna.press("pack"), lambda message: message["files"])
        sent = await ben.upload(REFUSED, "notes.bin")
        await ben.hears(is_from_bot, after=sent.json["cursor"])
        for number in range(12):
            sent = await ben.upload(jpeg(f"ben {number}"), f"{number}.jpg")
            await ben.hears(is_from_bot, after=sent.messages[0]["position"])


async def hears_after(customer: Customer, told: list[dict[str, object]], is_it: object) -> None:
    if not any(is_it(message) for message in told):  # type: ignore[operator]
        await customer.hears(is_it, after=int(str(told[-1]["position"])))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("sweep") / "data"
    with running(data) as server:
        run(live(server))
    return data


@pytest.fixture
def data(lived: Path, tmp_path: Path) -> Path:
    with closing(sqlite3.connect(lived / DATABASE)) as source, closing(sqlite3.connect(tmp_path / DATABASE)) as target:
        source.backup(target)
    for file in objects_of(lived):
        copy = tmp_path / "evidence" / key_of(file.name)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    return tmp_path


def objects_of(data: Path) -> list[Path]:
    return [file for file in (data / "evidence").rglob("*") if file.is_file() and file.name != MARKER]


def plant(data: Path, content: bytes, *, days_old: float = 0) -> Path:
    """An object that no row names."""
    file = data / "evidence" / key_of(hashlib.sha256(content).hexdigest())
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    os.utime(file, (time.time() - days_old * 86400,) * 2)
    return file


@asynccontextmanager
async def opened(data: Path) -> AsyncIterator[Database]:
    database = Database(data / DATABASE)
    try:
        yield database
    finally:
        await database.close()


async def sweep(data: Path, after: timedelta = TWO_DAYS, objects: Objects | None = None) -> Swept:
    async with opened(data) as database:
        return await Sweep(
            database, objects or objects_in(data / "evidence"), lambda: datetime.now(UTC) + after
        ).sweep()


async def problems(data: Path) -> list[str]:
    async with opened(data) as database:
        checking = EvidenceCheck(database, objects_in(data / "evidence"), datetime.now(UTC) + TWO_DAYS)
        return [problem async for problem in checking.problems()]


def rows(data: Path, query: str, *values: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(data / DATABASE)) as database, database:
        return database.execute(query, values).fetchall()


def digests(data: Path) -> set[str]:
    return {file.name for file in objects_of(data)}


async def test_refused_and_surplus_files_go_and_evidence_and_packs_stay(data: Path) -> None:
    kept = {
        str(digest)
        for row in rows(data, "SELECT sha256, view_sha256, thumb_sha256 FROM evidence WHERE state = 'kept'")
        for digest in row
        if digest
    }
    told = " ".join(str(message) for (message,) in rows(data, "SELECT message FROM outbox"))
    packs = set(re.findall(r"object/([0-9a-f]{64})", told))
    assert packs
    assert hashlib.sha256(REFUSED).hexdigest() in digests(data)

    swept = await sweep(data)

    assert digests(data) == kept | packs
    assert swept.count >= 3, "the refused file, and two photos more than ten"
    assert swept.size > len(REFUSED)
    assert await problems(data) == []
    assert (await sweep(data)).count == 0


async def test_nothing_goes_that_is_younger_than_a_day(data: Path) -> None:
    before = digests(data)

    assert (await sweep(data, timedelta(hours=23))).count == 0
    assert digests(data) == before


async def test_bytes_that_a_crash_left_go_after_a_day(data: Path) -> None:
    file = plant(data, b"cut off")

    await sweep(data, timedelta(hours=23))
    assert file.exists()
    await sweep(data)
    assert not file.exists()


@pytest.mark.parametrize("where", ["errand", "set aside"])
async def test_what_will_still_be_named_stays(data: Path, where: str) -> None:
    file = plant(data, b"about to be named")
    details = json.dumps({"media": file.name, "name": "a.jpg"})
    if where == "errand":
        rows(data, "INSERT INTO errands VALUES ('e', 'webchat', 'webchat:1', 'intake', '1', ?, 'due', '', 0)", details)
    else:
        rows(data, "INSERT INTO setaside VALUES ('s', ?, '', '', 'waiting', 0)", details)

    await sweep(data)

    assert file.exists()


async def test_what_is_put_again_is_young_again(data: Path, tmp_path: Path) -> None:
    """A crash left it two days ago; now its customer has sent it again, and the row is not there yet."""
    file = plant(data, b"sent again", days_old=2)
    rows(data, "UPDATE conversations SET created_at = '2020-01-01T00:00:00.000000+00:00'")
    same = tmp_path / "same"
    same.write_bytes(b"sent again")

    await objects_in(data / "evidence").put_file(same)
    await sweep(data, timedelta())

    assert file.exists()


async def test_what_is_older_than_the_database_is_not_ours_to_take(data: Path) -> None:
    """A new, empty database beside the evidence of the one that was lost."""
    file = plant(data, b"of the database before", days_old=30)

    swept = await sweep(data)

    assert file.exists()
    assert swept.left == 1


async def test_many_unknown_objects_are_left_and_said(data: Path) -> None:
    """An older backup of the database was put back."""
    files = [plant(data, b"%d" % number) for number in range(MOST_UNKNOWN + 1)]

    swept = await sweep(data)

    assert all(file.exists() for file in files)
    assert swept.left == len(files)
    assert hashlib.sha256(REFUSED).hexdigest() not in digests(data), "what customers' events brought goes all the same"


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    with running_s3(tmp_path_factory.mktemp("s3") / "s3") as running:
        yield running


async def test_bucket_and_the_folder_before_it_are_swept(s3: S3, data: Path, tmp_path: Path) -> None:
    settings = s3.settings()
    bucket = objects_at(settings.store, settings, before=objects_in(data / "evidence"))
    cut_off, refused = tmp_path / "cut-off", tmp_path / "refused"
    cut_off.write_bytes(b"cut off on its way to the bucket")
    refused.write_bytes(REFUSED)
    unwanted = [await bucket.put_file(file) for file in (cut_off, refused)]
    bucket.elapsed = lambda: time.monotonic() + 3600

    swept = await sweep(data, objects=bucket)

    assert swept.count >= 3
    assert [await bucket.size(digest) for digest in unwanted] == [None, None]
    assert await problems(data) == []
