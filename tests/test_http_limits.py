"""A server that anybody may reach: heads, bodies, connections and streams have limits, and others are answered meanwhile."""

import asyncio
import json
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot import limited_http
from bot.adapters.webchat.streams import MOST_A_SESSION
from bot.limited_http import HttpLimits, is_public, protocol_under
from bot.server import Server as HttpServer
from tests.customers import Customer, arrive, is_from_bot
from tests.pictures import jpeg
from tests.servers import Server, free_port, running
from tests.waiting import pause, until

KIB, MIB = 1 << 10, 1 << 20
LONG_SECONDS = 60.0
"""Longer than any limit here: who waits so long has not been closed."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("limits") / "data", {"SHOUHOU_WEB__HEAD_SECONDS": "3"}) as server:
        yield server
        assert "Traceback" not in server.log.read_text("utf-8")


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        yield session


def resident_bytes(server: Server) -> int:
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * KIB  # type: ignore[index]


async def send(port: int, *pieces: bytes, times: int = 1) -> bytes:
    """What the server says to these bytes, until it closes; it may close before all are sent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(LONG_SECONDS):
            for _ in range(times):
                for piece in pieces:
                    writer.write(piece)
                    await writer.drain()
            return await reader.read()
    except ConnectionError:
        try:
            return await reader.read()
        except ConnectionError:
            return b""
    finally:
        writer.close()


def healthy_seconds(server: Server) -> float:
    began = time.monotonic()
    with urllib.request.urlopen(f"{server.url}/healthz", timeout=30) as answer:
        assert answer.status == 200
    return time.monotonic() - began


CHUNKED = b"POST /api/sessions HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
ENDLESS = {
    "one endless header line": (b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: ", b"a" * (64 * KIB)),
    "endless headers": (b"GET / HTTP/1.1\r\nHost: a\r\n", b"".join(b"X-%d: %s\r\n" % (n, b"a" * 900) for n in range(64))),
    "an endless address": (b"GET /", b"a" * (64 * KIB)),
    "an endless method": (b"G" * 10, b"G" * (64 * KIB)),
    "endless empty lines": (b"", b"\r\n" * (32 * KIB)),
    "an endless trailer": (CHUNKED + b"0\r\nX: ", b"a" * (64 * KIB)),
    "endless trailers": (CHUNKED + b"0\r\n", b"X: a\r\n" * (10 * KIB)),
    "an endless chunk extension": (CHUNKED + b"5;", b"a" * (64 * KIB)),
}  # fmt: skip


@pytest.mark.parametrize(("head", "more"), ENDLESS.values(), ids=ENDLESS.keys())
async def test_endless_head_is_cut_off_and_costs_nothing(server: Server, head: bytes, more: bytes) -> None:
    """100 MiB in 20 connections; others are answered meanwhile."""
    healthy_seconds(server)
    before = resident_bytes(server)
    attack = asyncio.gather(*(send(server.port, head, *[more] * 80) for _ in range(20)))
    seconds = await asyncio.to_thread(healthy_seconds, server)
    answers = await attack

    for answer in answers:
        assert answer == b"" or answer.split()[1] in (b"431", b"400", b"408"), answer[:200]
    assert resident_bytes(server) - before < 20 * MIB
    assert seconds < 5


@pytest.mark.parametrize("size", [16 * KIB, 40 * KIB])
async def test_head_is_taken_up_to_its_limit(server: Server, size: int) -> None:
    head = b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Long: " + b"a" * size + b"\r\n\r\n"

    answer = await send(server.port, head)

    assert answer.split()[1] == (b"200" if size < 32 * KIB else b"431")


HALVES = {
    "nothing at all": b"",
    "half a head": b"GET / HTTP/1.1\r\nHost: a\r\nX-Lo",
    "half of a second head": b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHo",
}


@pytest.mark.parametrize("half", HALVES.values(), ids=HALVES.keys())
async def test_half_a_request_is_closed(server: Server, half: bytes) -> None:
    answer = await send(server.port, half)

    assert answer == b"" or b" 408 " in answer or answer.endswith(b'{"ok":true}')


async def test_head_that_drips_is_closed(server: Server) -> None:
    """Each byte comes in time, the whole does not."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET / HTTP/1.1\r\nX: ")

    async def drip() -> None:
        while True:
            writer.write(b"a")
            await pause(0.1)

    dripping = asyncio.create_task(drip())
    try:
        async with asyncio.timeout(LONG_SECONDS):
            assert b" 408 " in await reader.read()
    finally:
        dripping.cancel()
        writer.close()


async def test_web_socket_is_refused(server: Server) -> None:
    asked = (
        b"GET /api/stream HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )

    answer = await send(server.port, asked)

    assert answer.split()[1] == b"401"


async def test_hundred_requests_in_one_piece_are_too_many(server: Server) -> None:
    answer = await send(server.port, b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n" * 10_000)

    assert answer.count(b"HTTP/1.1 200") <= limited_http.MOST_PIPELINED + 1


# Bodies and answers that do not go on


@asynccontextmanager
async def serving(limits: HttpLimits) -> AsyncIterator[tuple[int, list[str]]]:
    """An HTTP server in this process; its port, and what its one handler saw."""
    seen: list[str] = []

    async def take(request: Request) -> Response:
        await asyncio.sleep(float(request.query_params.get("after", "0")))
        try:
            seen.append(str(len(await request.body())))
        except ClientDisconnect:
            seen.append("left")
            raise
        return PlainTextResponse("a" * int(request.query_params.get("answer", "2")))

    port = free_port()
    app = Starlette(routes=[Route("/", take, methods=["GET", "POST"])])
    config = uvicorn.Config(app, port=port, log_config=None, lifespan="off", http=protocol_under(limits), ws="none")
    http = HttpServer(config)
    working = asyncio.create_task(http.serve())
    try:
        await until(lambda: http.started)
        yield port, seen
    finally:
        http.should_exit = http.force_exit = True
        await working


def limits(**other: object) -> HttpLimits:
    given = {"head_bytes": 32 * KIB, "head_seconds": 30, "connections": 100, "connections_an_address": 100,
             "crowded": "too many", "window_seconds": 0.5}  # fmt: skip
    return HttpLimits(**(given | other))  # type: ignore[arg-type]


@pytest.mark.parametrize("sent", [b"", b"a", b"a" * 1000])
async def test_body_that_does_not_go_on_is_closed(sent: bytes) -> None:
    async with serving(limits()) as (port, seen):
        answer = await send(port, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20000000\r\n\r\n" + sent)

        assert answer == b""
        assert seen == ["left"]


async def test_body_that_goes_on_slowly_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limited_http, "LEAST_WINDOW_BYTES", 100)
    async with serving(limits(window_seconds=2.0)) as (port, seen):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 25000\r\n\r\n")
        for _ in range(25):  # longer than a window; nothing for two seconds would be a machine that stands still
            writer.write(b"a" * 1000)
            await pause(0.1)
        assert b" 200 " in await reader.read()
        writer.close()

        assert seen == ["25000"]


async def test_body_that_we_do_not_read_is_not_closed() -> None:
    """Who is slow is the program: the first window is over before it looks at what came."""
    async with serving(limits(window_seconds=0.5)) as (port, seen):
        answer = await send(
            port,
            b"POST /?after=0.9 HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3000000\r\n\r\n"
            + b"a" * 3_000_000,
        )

        assert b" 200 " in answer
        assert seen == ["3000000"]


@pytest.mark.parametrize("connection", [b"close", b"keep-alive"])
async def test_answer_that_nobody_takes_is_dropped(connection: bytes) -> None:
    limited = limits()
    async with serving(limited) as (port, seen):
        _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
        writer.write(b"GET /?answer=50000000 HTTP/1.1\r\nHost: a\r\nConnection: " + connection + b"\r\n\r\n")
        await until(lambda: seen and not limited.by_address)
        writer.close()


async def test_answer_that_is_taken_slowly_is_whole() -> None:
    async with serving(limits(window_seconds=0.3)) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=KIB)
        writer.write(b"GET /?answer=30000000 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        size = 0
        while piece := await reader.read(2_000_000):
            size += len(piece)
            if size % 5 == 0:
                await pause(0.05)
        writer.close()

        assert size > 30_000_000


# How many


async def test_one_connection_too_many_gets_a_sentence() -> None:
    async with serving(limits(connections=5)) as (port, _):
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(5)]
        answer = await send(port, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert b" 503 " in answer
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"] == "too many"
        for _, writer in held:
            writer.close()

        async def is_served() -> bool:
            return b" 200 " in await send(port, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")

        await until(is_served)


@pytest.mark.parametrize("is_visitor", [True, False])
async def test_address_of_a_visitor_is_counted_and_one_of_a_web_server_is_not(
    monkeypatch: pytest.MonkeyPatch, is_visitor: bool
) -> None:
    monkeypatch.setattr(limited_http, "is_public", lambda address: is_visitor)
    async with serving(limits(connections_an_address=3)) as (port, _):
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        answer = await send(port, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        for _, writer in held:
            writer.close()

    assert (b" 503 " in answer) == is_visitor


@pytest.mark.parametrize(
    ("address", "is_so"),
    [("203.0.113.7", False), ("8.8.8.8", True), ("127.0.0.1", False), ("::1", False), ("10.0.0.2", False),
     ("172.17.0.1", False), ("2001:4860:4860::8888", True), ("fd00::1", False), ("", False)],
)  # fmt: skip
def test_public_addresses_are_told_from_those_of_web_servers(address: str, is_so: bool) -> None:
    assert is_public(address) == is_so


def test_connections_fit_into_the_files_that_may_be_open() -> None:
    """In a process of its own: what was lowered cannot be raised again."""
    program = (
        "import resource; from bot.limited_http import allow_connections;"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (400, 1000));"
        "print(allow_connections(50), allow_connections(5000), resource.getrlimit(resource.RLIMIT_NOFILE)[0])"
    )

    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert shown.split() == ["50", str(1000 - limited_http.FILES_BESIDE), "1000"]


async def open_stream(anna: Customer) -> aiohttp.ClientResponse:
    return await anna.http.get(f"{anna.url}/api/stream?after=0", headers={"Authorization": f"Bearer {anna.token}"})


async def test_forty_streams_of_a_session_and_no_more(http: aiohttp.ClientSession, server: Server) -> None:
    anna, ben = await arrive(http, server.url, "en"), await arrive(http, server.url, "en")
    responses = await asyncio.gather(*(open_stream(anna) for _ in range(MOST_A_SESSION + 60)))
    try:
        assert sorted(response.status for response in responses) == [200] * MOST_A_SESSION + [429] * 60
        refused = next(response for response in responses if response.status == 429)
        assert (await refused.json())["error"]
        assert int(refused.headers["Retry-After"]) > 0
        assert is_from_bot((await anna.say("/start"))[-1]), "her messages are taken all the same"
        assert is_from_bot(await ben.hears(is_from_bot) if await ben.say("/start") else {})
    finally:
        for response in responses:
            response.close()
    (await until_open(anna)).close()


async def until_open(customer: Customer) -> aiohttp.ClientResponse:
    """Their stream, once there is room for it."""
    answers: list[aiohttp.ClientResponse] = []

    async def is_open() -> bool:
        answers.append(await open_stream(customer))
        if answers[-1].status != 200:
            answers[-1].close()
        return answers[-1].status == 200

    await until(is_open)
    return answers[-1]


async def test_streams_of_all_together_are_limited(http: aiohttp.ClientSession, tmp_path: Path) -> None:
    with running(tmp_path / "data", {"SHOUHOU_WEB__MOST_STREAMS": "5"}) as server:
        customers = [await arrive(http, server.url, "en") for _ in range(6)]
        responses = [await open_stream(one) for one in customers]
        assert [response.status for response in responses] == [200] * 5 + [503]
        assert "moment" in (await responses[-1].json())["error"]
        assert await customers[-1].say("/start")
        responses[0].close()
        again = await until_open(customers[-1])
        for response in (*responses, again):
            response.close()


async def test_photo_of_a_slow_telephone_arrives(http: aiohttp.ClientSession, server: Server) -> None:
    anna = await arrive(http, server.url, "en")
    photo = jpeg("slow", size=(1600, 1200))

    async def drip() -> AsyncIterator[bytes]:
        for at in range(0, len(photo), len(photo) // 20):
            yield photo[at : at + len(photo) // 20]
            await pause(0.2)

    answer = await anna.ask("POST", "/api/files", params={"client_id": "slow", "name": "slow.jpg"}, data=drip())

    assert answer.status == 200
