"""Nobody fills the disk: a repeat leaves nothing, and a customer's bytes of a day are counted."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace

import aiohttp
import pytest

from bot.adapters.webchat.uploads import is_nearly_full
from bot.limited_http import WINDOW_SECONDS
from tests.customers import Answer, arrive, is_from_bot, new_id
from tests.pictures import jpeg
from tests.servers import Server, running

MIB = 1 << 20
LEAST = {"SHOUHOU_WEB__MOST_BYTES_A_DAY": str(20 * MIB)}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("uploads") / "data", LEAST) as server:
        yield server
        assert "Traceback" not in server.log.read_text("utf-8")


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        yield session


def stored(server: Server) -> dict[str, int]:
    """Files of the object store and those on their way, with their sizes."""
    folders = (server.data / "evidence", server.data / "uploads")
    return {file.name: file.stat().st_size for folder in folders for file in folder.rglob("*") if file.is_file()}


async def test_repeat_with_other_bytes_leaves_nothing(http: aiohttp.ClientSession, server: Server) -> None:
    anna, id_ = await arrive(http, server.url, "en"), new_id()
    first = await anna.upload(jpeg("first"), "first.jpg", id_)
    await anna.hears(lambda message: "✓" in message["text"])
    before = stored(server)

    again = [await anna.upload(os.urandom(5 * MIB), "other.jpg", id_) for _ in range(12)]

    assert {answer.body for answer in again} == {first.body}
    assert stored(server) == before
    assert is_from_bot((await anna.say("/start"))[-1])


async def test_same_id_at_the_same_time_is_one_object(http: aiohttp.ClientSession, server: Server) -> None:
    anna, id_ = await arrive(http, server.url, "en"), new_id()
    before = stored(server)

    answers = await asyncio.gather(*(anna.upload(os.urandom(1 * MIB), "a.bin", id_) for _ in range(10)))

    assert {answer.body for answer in answers} == {answers[0].body}
    assert [size for name, size in stored(server).items() if name not in before and size == MIB] == [MIB]


async def test_retry_does_not_wait_for_the_try_before_it(http: aiohttp.ClientSession, server: Server) -> None:
    """Its connection was lost on the way, and the server does not know yet."""
    anna, id_, photo = await arrive(http, server.url, "en"), new_id(), jpeg("retry", size=(1600, 1200))
    host, port = "127.0.0.1", server.port
    _, lost = await asyncio.open_connection(host, port)
    lost.write(
        f"POST /api/files?client_id={id_}&name=a.jpg HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {anna.token}\r\n"
        f"Content-Length: {len(photo)}\r\n\r\n".encode()
        + photo[: len(photo) // 2]
    )
    await lost.drain()

    answer = await asyncio.wait_for(anna.upload(photo, "a.jpg", id_), WINDOW_SECONDS / 2)

    assert answer.status == 200
    lost.close()


def is_refused(answer: Answer) -> bool:
    assert answer.status in (200, 413), answer.body
    return answer.status == 413


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "for one day"), ("zh-CN", "今天发送的文件已经很多了"), ("zh-TW", "今天傳送的檔案已經很多了")],
)
async def test_bytes_of_a_day_have_a_limit_also_at_the_same_time(
    http: aiohttp.ClientSession, server: Server, language: str, words: str
) -> None:
    anna, ben = await arrive(http, server.url, language), await arrive(http, server.url, language)

    answers = await asyncio.gather(*(anna.upload(os.urandom(6 * MIB), "a.bin") for _ in range(8)))

    refused = [answer for answer in answers if is_refused(answer)]
    assert 1 <= 8 - len(refused) <= 3
    assert all(words in answer.error for answer in refused)
    assert (await ben.upload(jpeg("ben"))).status == 200
    assert is_from_bot((await anna.say("/status"))[-1])


async def test_limit_holds_after_a_restart(tmp_path: Path) -> None:
    each_time = aiohttp.TCPConnector(force_close=True)
    with running(tmp_path / "data", LEAST) as server:
        async with aiohttp.ClientSession(connector=each_time) as http:
            anna = await arrive(http, server.url, "en")
            for _ in range(3):
                assert (await anna.upload(os.urandom(6 * MIB), "a.bin")).status == 200
            server.kill()
            server.start()
            assert is_refused(await anna.upload(os.urandom(6 * MIB), "a.bin"))
            assert (await anna.upload(jpeg("small"), "a.jpg")).status == 200


@pytest.mark.parametrize(
    ("total", "free", "is_so"),
    [
        (100 << 30, 1 << 30, False),
        (100 << 30, 100 * MIB, True),
        (200 * MIB, 20 * MIB, False),
        (200 * MIB, 9 * MIB, True),
    ],
)
def test_room_is_left_for_texts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, total: int, free: int, is_so: bool
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(total=total, free=free))

    assert is_nearly_full(tmp_path) == is_so
