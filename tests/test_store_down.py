"""A database that cannot be used is one thing for everybody who asks: a sentence and 503, in time, and all works again afterwards."""

import asyncio
import json
import os
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import text

from bot.settings import DATABASE
from bot.store.database import BUSY_SECONDS, Database, StoreUnavailableError
from tests.customers import Customer, arrive, is_from_bot
from tests.pictures import jpeg
from tests.servers import Server, free_port, running

ONE_AFTER_THE_OTHER = 2 * BUSY_SECONDS
"""What two waits for a lock take, one after the other; together they take half of it, and what a busy machine adds."""
SECRET = "s" * 40
WRITING = {"message", "file", "first words", "ready", "telegram"}
"""Routes that a lock of another program keeps from answering; in WAL mode who only reads does not wait for it."""
INSERT = text("INSERT INTO customers VALUES (:id, '2026-11-23T00:00:00.000000+00:00')")


@contextmanager
def gone(file: Path) -> Iterator[None]:
    """The database is out of reach, as on a file system that was taken away."""
    files = [file.with_name(file.name + end) for end in ("", "-wal", "-shm")]
    for one in files:
        one.rename(one.with_name(one.name + ".away"))
    try:
        yield
    finally:
        for one in files:
            one.unlink(missing_ok=True)
            one.with_name(one.name + ".away").rename(one)


@contextmanager
def garbage(file: Path) -> Iterator[None]:
    """Something else is in its place."""
    with gone(file):
        file.write_bytes(os.urandom(100_000))
        yield


@contextmanager
def locked(file: Path, how: str) -> Iterator[None]:
    with closing(sqlite3.connect(file, timeout=10, isolation_level=None)) as other:
        other.execute(f"BEGIN {how}")
        yield
        other.execute("ROLLBACK")


# The store alone


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(tmp_path / DATABASE)
    await database.migrate()
    async with database.transaction() as connection:
        await connection.execute(INSERT, {"id": "before"})
    yield database
    await database.close()


async def count(database: Database) -> int:
    async with database.reading() as connection:
        return int((await connection.execute(text("SELECT count(*) FROM customers"))).scalar_one())


async def add(database: Database, id_: str, within: float = 4.0) -> None:
    async with database.transaction(within) as connection:
        await connection.execute(INSERT, {"id": id_})


@pytest.mark.parametrize("fault", [gone, garbage])
async def test_unusable_database_is_unavailable_and_works_again_afterwards(
    database: Database, fault: Callable[[Path], Iterator[None]]
) -> None:
    assert await count(database) == 1
    with fault(database.path):  # type: ignore[attr-defined]
        for _ in range(3):
            with pytest.raises(StoreUnavailableError):
                await add(database, "meanwhile")
            with pytest.raises(StoreUnavailableError):
                await count(database)
        is_there = database.path.exists()

    assert is_there == (fault is not gone), "no empty database is made in its place"
    await add(database, "after")
    assert await count(database) == 2


async def test_malformed_page_is_unavailable(database: Database) -> None:
    """The first page is sound, so that the file can be opened."""
    await database.close()
    with database.path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (database.path.stat().st_size - 4096))
    opened = Database(database.path)

    with pytest.raises(StoreUnavailableError, match="SQLITE_CORRUPT"):
        await count(opened)
    with pytest.raises(StoreUnavailableError, match="SQLITE_CORRUPT"):
        await add(opened, "meanwhile")
    await opened.close()


async def test_fault_of_the_program_is_no_outage(database: Database) -> None:
    """It would be tried again for ever, where it must be set aside."""
    with pytest.raises(Exception, match="UNIQUE") as raised:
        await add(database, "before")

    assert not isinstance(raised.value, StoreUnavailableError)
    await add(database, "after")


async def test_those_who_wait_behind_one_another_wait_no_longer_than_one(database: Database) -> None:
    await count(database)
    began = time.monotonic()
    with locked(database.path, "IMMEDIATE"):
        results = await asyncio.gather(*(add(database, str(number)) for number in range(8)), return_exceptions=True)

    assert [type(result) for result in results] == [StoreUnavailableError] * 8
    assert time.monotonic() - began < ONE_AFTER_THE_OTHER


async def test_lock_that_is_let_go_in_time_is_waited_for(database: Database) -> None:
    with locked(database.path, "IMMEDIATE"):
        adding = asyncio.create_task(add(database, "after"))
        await asyncio.sleep(0)
        assert await count(database) == 1, "readers do not wait"

    await adding
    assert await count(database) == 2


async def test_short_patience_is_not_inherited(database: Database) -> None:
    """A connection that was asked to be quick waits again for the next who has time."""
    with locked(database.path, "IMMEDIATE"), pytest.raises(StoreUnavailableError):
        await add(database, "quick", within=0.0)
    with locked(database.path, "IMMEDIATE"):
        adding = asyncio.create_task(add(database, "patient"))
        done, _ = await asyncio.wait({adding}, timeout=0.5)
        assert not done

    await adding


# The running server


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
        yield session


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    variables = {
        "SHOUHOU_TELEGRAM__TOKEN": "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
        "SHOUHOU_TELEGRAM__SECRET": SECRET,
        "SHOUHOU_TELEGRAM__MODE": "webhook",
        "SHOUHOU_TELEGRAM__PUBLIC_URL": "https://bot.shop.example",
        "SHOUHOU_TELEGRAM__BASE_URL": f"http://127.0.0.1:{free_port()}",
    }
    with running(tmp_path_factory.mktemp("down") / "data", variables) as server:
        yield server
        log = server.log.read_text("utf-8")
        assert "Exception in ASGI" not in log
        assert "Traceback" not in log


async def routes_of(server: Server, anna: Customer, photo: str) -> dict[str, tuple[int, float, str]]:
    """Ask every route that needs the database: status, seconds, the sentence."""
    token = json.loads((server.data / "server.json").read_text())["token"]
    update = {"update_id": 1, "message": {"message_id": 1, "date": 1, "text": "hello",
              "from": {"id": 5, "is_bot": False, "first_name": "A"}, "chat": {"id": 5, "type": "private"}}}  # fmt: skip
    bearer = {"Authorization": f"Bearer {token}"}
    asked = {
        "message": ("POST", "/api/messages", {"json": {"client_id": "down", "text": "/status"}}),
        "history": ("GET", "/api/messages?after=0", {}),
        "file": ("POST", "/api/files?client_id=down-file&name=a.jpg", {"data": jpeg("down")}),
        "photo": ("GET", f"/api/photos/{photo}", {}),
        "of a message": ("GET", "/api/files/1/0", {}),
        "stream": ("GET", "/api/stream?after=0", {}),
        "first words": ("POST", "/api/sessions", {"json": {"client_id": "d" * 20, "first": {"client_id": "1", "text": "/start"}}}),
        "door": ("POST", "/control/case.list", {"json": {}, "headers": bearer}),
        "ready": ("GET", "/readyz", {}),
        "metrics": ("GET", "/metrics", {}),
        "telegram": ("POST", "/telegram", {"json": update, "headers": {"X-Telegram-Bot-Api-Secret-Token": SECRET}}),
    }  # fmt: skip

    async def ask(method: str, path: str, how: dict[str, object]) -> tuple[int, float, str]:
        began = time.monotonic()
        headers = {"Authorization": f"Bearer {anna.token}", **how.pop("headers", {})}  # type: ignore[dict-item]
        async with anna.http.request(method, server.url + path, headers=headers, **how) as response:  # type: ignore[arg-type]
            sentence = (await response.json()).get("error", "") if response.content_type == "application/json" else ""
            return response.status, time.monotonic() - began, sentence

    answers = await asyncio.gather(*(ask(method, path, how) for method, path, how in asked.values()))
    return dict(zip(asked, answers, strict=True))


@pytest.mark.parametrize("how", ["gone", "garbage", "EXCLUSIVE"])
async def test_every_route_says_so_in_time(http: aiohttp.ClientSession, server: Server, how: str) -> None:
    anna = await arrive(http, server.url, "en")
    sent = await anna.upload(jpeg(f"before {how}"))
    photo = sent.messages[0]["photo"]["id"]
    await anna.hears(lambda message: "✓" in message["text"], after=sent.json["cursor"])
    told = await anna.history()
    fault = {"gone": gone, "garbage": garbage}.get(how)
    with fault(server.data / DATABASE) if fault else locked(server.data / DATABASE, how):
        answers = await routes_of(server, anna, photo)
        unanswered = {name for name, (status, _, _) in answers.items() if status == 503}
        assert unanswered == (answers.keys() - {"metrics"} if fault else WRITING), answers
        for name, (_, seconds, sentence) in answers.items():
            assert seconds < ONE_AFTER_THE_OTHER, (name, seconds)
            assert sentence or name in ("ready", "telegram") or name not in unanswered, name
        async with http.get(f"{server.url}/healthz") as response:
            assert response.status == 200

    assert await anna.history() == told
    assert is_from_bot((await anna.say("/status"))[-1])
    async with http.get(f"{server.url}/readyz") as response:
        assert response.status in (200, 503)
        assert (await response.json())["checks"]["store"]["ok"]
