"""Nonsense, haste, broken files and a broken disk: each gets a clear sentence, and the bot goes on."""

import asyncio
import json
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from PIL import Image

from tests.customers import Answer, Customer, arrive, is_from_bot, new_id, positions
from tests.pictures import cut_off, heic, jpeg, png, saved
from tests.servers import Server, running
from tests.waiting import GENEROUS_SECONDS, until

MEGABYTE = 1 << 20
SENTENCE = re.compile(r"\S.+[。.!]$")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("bad-input") / "data") as server:
        yield server
        assert "set_aside" not in server.log.read_text("utf-8"), "a handler failed"
        assert "Traceback" not in server.log.read_text("utf-8")


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    longest = aiohttp.ClientTimeout(total=30)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=longest) as session:
        yield session


@pytest.fixture
async def anna(http: aiohttp.ClientSession, server: Server) -> Customer:
    return await arrive(http, server.url, "en")


def sorry(answer: Answer, status: int) -> str:
    """The sentence of a refusal."""
    assert answer.status == status, answer.body
    assert SENTENCE.match(answer.error)
    return answer.error


async def post_bytes(customer: Customer, body: bytes) -> Answer:
    return await customer.ask("POST", "/api/messages", data=body, headers={"Content-Type": "application/json"})


async def still_answers(customer: Customer) -> bool:
    return is_from_bot((await customer.say("/start"))[-1])


# Texts


async def test_five_megabytes_of_text_are_too_long(anna: Customer) -> None:
    assert "20,000" in sorry(await anna.post(text="long " * MEGABYTE), 413)
    assert await anna.history() == []
    assert await still_answers(anna)


async def test_text_over_the_limit_is_too_long_and_one_at_the_limit_is_taken(anna: Customer) -> None:
    sorry(await anna.post(text="字" * 20_001), 413)

    told = await anna.say("字" * 20_000)

    assert told[0]["text"] == "字" * 20_000
    assert is_from_bot(told[-1])


@pytest.mark.parametrize("text", ["", "   ", "\n\t\r\n", "\x00\x01\x1b\x7f", "\u202e\u2066\ufeff", "\ud800\ud800"])
async def test_nothing_to_read_is_empty(anna: Customer, text: str) -> None:
    sorry(await post_bytes(anna, json.dumps({"client_id": "a", "text": text}).encode()), 400)

    assert await anna.history() == []


async def test_halves_of_characters_and_control_characters_are_left_out(anna: Customer) -> None:
    told = (
        await post_bytes(anna, rb'{"client_id": "a", "text": "o\ud800k\u0000 \u202eyes\udc00 \ud83d\ude00"}')
    ).messages

    assert told[0]["text"] == "ok yes 😀"
    assert await anna.history() == told


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "'; DROP TABLE inbox; --",
        "{ $number } %s {0} {{x}}",
        "/",
        "/ /",
        "/" + "x" * 5000,
        "٣٤٥٦٧٨٩٠١٢٣",
        "e\u0301" * 5000,
        "👨‍👩‍👧‍👦" * 500,
        "9" * 20_000,
        "?" * 20_000,
        "(" * 20_000,
        "a " * 10_000,
        "1 " * 10_000,
        "\n" * 9_000 + "x",
    ],
    ids=lambda text: text[:12].encode("unicode_escape").decode(),
)
async def test_odd_texts_are_answered(anna: Customer, text: str) -> None:
    async with asyncio.timeout(GENEROUS_SECONDS):
        told = await anna.say(text)

    assert told[0]["text"] == text.strip()
    assert is_from_bot(told[-1])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"text": ' + b"[" * 100_000 + b"]" * 100_000 + b', "client_id": "a"}',
        b'{"client_id": "a", "text": ' + b"9" * 10_000 + b"}",
        b'{"client_id": "a", "text": NaN}',
        b'{"client_id": "a", "text": 5}',
        b'{"client_id": "a", "text": null}',
        b'{"client_id": "a", "text": ["x"]}',
        b'{"client_id": "a", "text": {"x": 1}}',
        b'{"client_id": "a", "text": true}',
        b'{"client_id": "a", "button": 1}',
        b'{"client_id": "a"}',
        b'{"client_id": "a", "text": "x", "button": "status"}',
        b'{"client_id": 7, "text": "x"}',
        b'{"client_id": "", "text": "x"}',
        b'{"client_id": "a b", "text": "x"}',
        '{"client_id": "ä", "text": "x"}'.encode(),
        b'{"client_id": "a\\n", "text": "x"}',
        b'{"client_id": "' + b"a" * 65 + b'", "text": "x"}',
        b'{"text": "x"}',
    ],
    ids=lambda body: body[:44].decode("latin-1"),
)
async def test_wrong_json_is_not_understood(anna: Customer, body: bytes) -> None:
    sorry(await post_bytes(anna, body), 400)

    assert await anna.history() == []


@pytest.mark.parametrize("language", [5, None, [], {}, "", "xx", "en\ud800", "x" * 100_000])
async def test_odd_language_still_gives_a_session(anna: Customer, language: Any) -> None:
    answer = await anna.ask("POST", "/api/sessions", json={"client_id": new_id(), "language": language})

    assert answer.status == 201
    anna.token = answer.json["token"]
    assert await still_answers(anna)


# Buttons


async def test_button_pressed_a_thousand_times(anna: Customer) -> None:
    at_once = asyncio.Semaphore(30)

    async def press() -> int:
        async with at_once:
            return (await anna.post(button="refund")).status

    statuses = await asyncio.gather(*(press() for _ in range(1000)))

    assert set(statuses) == {200}
    assert sum(message["author"] == "customer" for message in await anna.history()) == 1000
    assert await still_answers(anna)


async def test_same_press_a_thousand_times_is_one(anna: Customer) -> None:
    at_once = asyncio.Semaphore(30)

    async def press() -> bytes:
        async with at_once:
            return (await anna.post(client_id="one", button="refund")).body

    assert len(set(await asyncio.gather(*(press() for _ in range(1000))))) == 1
    assert sum(message["author"] == "customer" for message in await anna.history()) == 1


@pytest.mark.parametrize(
    "button",
    [
        "no such button",
        "",
        ":",
        "refund.do:submit",
        "refund.do:change.order",
        "refund.do:change.nothing",
        "refund.nothing:x",
        "refund.reason:nothing",
        "refund.photos:done",
        "withdraw_now:KS-AAA-AAA-AAA",
        "photo_for:",
        "answer:../../etc/passwd",
        "language.xx",
        "draft_resume",
        "draft_drop",
        "status:" + "x" * 500,
        "\ud800",
    ],
)
async def test_odd_buttons_are_answered(anna: Customer, button: str) -> None:
    first = await anna.press(button)
    await anna.press("refund")
    inside_a_form = await anna.press(button)

    for told in (first, inside_a_form):
        assert told[0]["author"] == "customer"
        assert told[0]["text"], "the press is a line of the conversation"
        assert is_from_bot(told[-1])


async def test_too_much_at_once_is_told_to_wait_and_nothing_is_lost(anna: Customer) -> None:
    ids = [new_id() for _ in range(300)]

    answers = await asyncio.gather(*(anna.post(client_id=id_, text="/status") for id_ in ids))

    refused = [answer for answer in answers if answer.status != 200]
    for answer in refused:
        sorry(answer, 429)
        assert int(answer.headers["Retry-After"]) > 0
    for id_ in ids:
        assert (await anna.post(client_id=id_, text="/status")).status == 200
    assert sum(message["author"] == "customer" for message in await anna.history()) == 300


# Files


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.jpg", b"", "empty file"),
        ("page.jpg", b"<html><script>alert(1)</script></html>", "isn't a photo"),
        ("drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>', "isn't a photo"),
        ("program.exe", b"MZ" + bytes(5000), "isn't a photo"),
        ("cut.jpg", lambda: cut_off(jpeg(size=(640, 480))), "incomplete"),
        ("cut.png", lambda: cut_off(png(size=(640, 480))), "incomplete"),
        ("cut.heic", lambda: cut_off(heic(size=(640, 480))), "incomplete"),
        ("start.jpg", b"\xff\xd8\xff", "incomplete"),
        ("dot.png", lambda: png(size=(2, 2)), "too small"),
        ("bomb.png", lambda: saved(Image.new("1", (20_000, 20_000)), "PNG"), "too large to open"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_file_that_is_no_photo_is_refused_with_the_reason(
    anna: Customer, name: str, content: bytes | Callable[[], bytes], says: str
) -> None:
    sent = await anna.upload(content if isinstance(content, bytes) else content(), name)

    told = await anna.hears(is_from_bot, after=sent.json["cursor"])

    assert name in told["text"]
    assert says in told["text"]
    assert (await anna.ask("GET", f"/api/photos/{sent.messages[0]['photo']['id']}")).status == 204


async def test_file_over_twenty_megabytes_is_too_large(anna: Customer, server: Server) -> None:
    async def in_pieces() -> AsyncIterator[bytes]:
        """Without a Content-Length."""
        for _ in range(21):
            yield bytes(MEGABYTE)

    assert "20 MB" in sorry(await anna.upload(bytes(20 * MEGABYTE + 1), "large.jpg"), 413)
    sorry(await anna.ask("POST", "/api/files?client_id=b&name=large.jpg", data=in_pieces()), 413)

    assert await anna.history() == []
    assert list((server.data / "uploads").iterdir()) == []
    assert await still_answers(anna)


async def test_file_of_just_twenty_megabytes_is_taken(anna: Customer) -> None:
    content = jpeg("large")

    sent = await anna.upload(content + bytes(20 * MEGABYTE - len(content)), "large.jpg")

    assert "✓" in (await anna.hears(is_from_bot, after=sent.json["cursor"]))["text"]


@pytest.mark.parametrize(
    "query", ["", "?name=a.jpg", "?client_id=", "?client_id=a%20b", f"?client_id={'a' * 65}", "?client_id=%ff"]
)
async def test_file_without_a_good_client_id_is_not_understood(anna: Customer, query: str) -> None:
    assert "client_id" in sorry(await anna.ask("POST", f"/api/files{query}", data=jpeg()), 400)


async def test_upload_cut_off_on_the_way_leaves_nothing(anna: Customer, server: Server) -> None:
    body = jpeg("way", size=(640, 480))
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    head = f"POST /api/files?client_id=way HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {anna.token}\r\n"
    head += f"Content-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body[:1000])
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    reader.feed_eof()

    sent = await anna.upload(body, client_id="way")

    assert len(await anna.history()) >= 1
    assert (await anna.history())[0] == sent.messages[0]
    await until(lambda: not list((server.data / "uploads").iterdir()))


async def test_hundred_photos_at_once(anna: Customer) -> None:
    await anna.say("My kettle arrived with a crack, I want a refund, order 2100000000001")

    async def send(number: int) -> Answer:
        id_, answers = new_id(), list[Answer]()

        async def is_taken() -> bool:
            answers.append(await anna.upload(jpeg(f"p{number}"), f"p{number}.jpg", id_))
            return answers[-1].status != 429 or not sorry(answers[-1], 429)

        await until(is_taken)  # sooner again than it asks for: that does no harm
        return answers[-1]

    answers = await asyncio.gather(*(send(number) for number in range(100)))

    assert {answer.status for answer in answers} == {200}
    told = await anna.history()
    sent = {message["photo"]["name"] for message in told if message["photo"]}
    assert sent == {f"p{number}.jpg" for number in range(100)}
    assert positions(told) == sorted(set(positions(told)))
    assert sum("at most" in message["text"] for message in told) == 90, "each photo that is not kept is told"
    assert await still_answers(anna)


# The disk and the database


@contextmanager
def locked(server: Server, how: str) -> Iterator[None]:
    """Somebody else's program holds the database."""
    with closing(sqlite3.connect(server.data / "shouhou.db", timeout=10, isolation_level=None)) as other:
        other.execute(f"BEGIN {how}")
        yield
        other.execute("ROLLBACK")


async def goes_wrong_and_then_works(customer: Customer, fault: Any) -> None:
    """What was acknowledged stays; what was refused is not there, and the same request works afterwards."""
    acknowledged = await customer.post(client_id="before", text="/start")
    photo = jpeg(new_id(), size=(640, 480))

    async def asked() -> list[Answer]:
        return list(
            await asyncio.gather(
                customer.post(client_id="text", text="/status"),
                customer.post(client_id="button", button="ask"),
                customer.upload(photo, "crack.jpg", "file"),
            )
        )

    with fault:
        refused = await asked()
        for answer in refused:
            sorry(answer, 503)
            assert int(answer.headers["Retry-After"]) > 0
        assert await customer.history() == acknowledged.messages
        assert (await customer.ask("GET", "/")).status == 200

    answers = await asked()
    assert [answer.status for answer in answers] == [200] * 3
    assert await asked_again_is_the_same(asked, answers)
    assert (await customer.post(client_id="before", text="/start")).body == acknowledged.body
    await customer.hears(lambda message: "✓" in message["text"])
    told = await customer.history()
    assert told[: len(acknowledged.messages)] == acknowledged.messages
    assert sum(message["author"] == "customer" for message in told) == 4


async def asked_again_is_the_same(asked: Any, answers: list[Answer]) -> bool:
    return [answer.body for answer in await asked()] == [answer.body for answer in answers]


@pytest.mark.parametrize("how", ["IMMEDIATE", pytest.param("EXCLUSIVE", marks=pytest.mark.long)])
async def test_database_locked_by_another_program(anna: Customer, server: Server, how: str) -> None:
    await goes_wrong_and_then_works(anna, locked(server, how))


async def test_agent_is_told_that_the_database_is_locked(server: Server, anna: Customer) -> None:
    number = await anna.claims("My kettle arrived with a crack, I want a refund, order 2100000000001")

    with locked(server, "IMMEDIATE"):
        refused = await asyncio.to_thread(server.shouhou, "case", "approve", number, "--amount", "59")

    assert refused.returncode == 1
    assert "nothing was changed" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert "59.00" in server.case("approve", number, "--amount", "59")


async def test_disk_that_takes_nothing_more(anna: Customer, server: Server) -> None:
    await goes_wrong_and_then_works(anna, server.full_disk())


async def test_disk_full_for_a_while_serves_everybody_again_afterwards(
    http: aiohttp.ClientSession, server: Server
) -> None:
    customers = [await arrive(http, server.url) for _ in range(20)]
    with server.full_disk():
        answers = await asyncio.gather(
            *(one.post(client_id=f"{n}", text="你好") for one in customers for n in range(5))
        )
        assert {answer.status for answer in answers} == {503}

    answers = await asyncio.gather(*(one.post(client_id=f"{n}", text="你好") for one in customers for n in range(5)))

    assert {answer.status for answer in answers} == {200}


async def test_photo_that_meets_a_full_disk_is_looked_at_again(anna: Customer, server: Server) -> None:
    """Its receipt comes soon after the disk has room again; nobody is told that the photo is broken."""
    sent = await anna.upload(jpeg("good", size=(2000, 1500)), "good.jpg")
    with server.full_disk():
        sorry(await anna.post(text="hello"), 503)

    assert "✓" in (await anna.hears(is_from_bot, after=sent.json["cursor"]))["text"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 3 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    if subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=3m", "shouhou-test", disk], capture_output=True, check=False
    ).returncode:
        pytest.skip("this machine does not let us mount a small disk")
    yield disk
    subprocess.run(["umount", disk], check=True)


async def test_small_disk_filled_up_by_something_else(http: aiohttp.ClientSession, small_disk: Path) -> None:
    with running(small_disk / "data") as server:
        await goes_wrong_and_then_works(await arrive(http, server.url, "en"), filled(small_disk / "filler"))


@contextmanager
def filled(filler: Path) -> Iterator[None]:
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    yield
    filler.unlink()
