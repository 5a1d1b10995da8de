"""Telegram through a proxy of HTTP or SOCKS, as the environment names it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.adapters.telegram.proxies import proxy_for
from bot.start_error import StartError
from tests.botapi.people import Person
from tests.botapi.server import bot_api
from tests.botapi.shop import open_shop
from tests.pictures import jpeg
from tests.test_telegram import echoing
from tests.waiting import until

NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*NAMES, *map(str.upper, NAMES)):
        monkeypatch.delenv(name, raising=False)


@asynccontextmanager
async def socks5(connected: list[str]) -> AsyncIterator[int]:
    """A SOCKS5 proxy without passwords, and the hosts that were asked for; yields its port."""
    talking: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        talking.add(task)
        with suppress(OSError, asyncio.IncompleteReadError):
            _, count = await reader.readexactly(2)
            await reader.readexactly(count)
            writer.write(b"\x05\x00")
            _, _, _, kind = await reader.readexactly(4)
            length = 4 if kind == 1 else (await reader.readexactly(1))[0]
            raw = await reader.readexactly(length)
            host = ".".join(map(str, raw)) if kind == 1 else raw.decode()
            port = int.from_bytes(await reader.readexactly(2), "big")
            connected.append(host)
            there, back = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"\x05\x00\x00\x01" + b"\0" * 6)
            await asyncio.gather(copy(reader, back), copy(there, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(1 << 16):
        writer.write(chunk)
        await writer.drain()
    writer.close()


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
async def test_all_calls_go_through_the_socks_proxy(
    scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected: list[str] = []
    async with bot_api() as api, socks5(connected) as port:
        monkeypatch.setenv("ALL_PROXY", f"{scheme}://127.0.0.1:{port}")
        anna = Person(api)
        telegram = {"base_url": api.url.replace("127.0.0.1", "telegram.test")}  # a name that only the proxy knows
        async with open_shop(tmp_path, api, routes=echoing(), **telegram) as shop:
            await anna.says("/echo 1")
            await shop.settled()
            await anna.sends_file(jpeg("crack"), "crack.jpg")
            await api.until(lambda: any("Got the photo" in text for text in anna.texts()))

    assert set(connected) == {"telegram.test"}


async def test_proxy_that_is_gone_costs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.adapters.telegram.polling.PAUSES", (0.1,))
    monkeypatch.setattr("bot.adapters.telegram.outcomes.UNREACHED_SECONDS", 0.2)
    connected: list[str] = []
    async with bot_api() as api:
        anna = Person(api)
        async with socks5(connected) as port:
            monkeypatch.setenv("ALL_PROXY", f"socks5://127.0.0.1:{port}")
            async with open_shop(tmp_path, api, routes=echoing()) as shop:
                await anna.says("/echo 1")
                await shop.settled()
        await anna.says("/echo 2")
        with capture_logs() as logs:
            async with open_shop(tmp_path, api, routes=echoing()):  # nobody listens at the proxy's port
                await until(lambda: any(one["event"] == "telegram_not_reached" for one in logs))
        monkeypatch.delenv("ALL_PROXY")
        async with open_shop(tmp_path, api, routes=echoing()) as shop:
            await shop.settled()

    assert anna.texts() == ["/echo 1", "/echo 2"]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://proxy:8080"}, "http://proxy:8080"),
        ({"HTTPS_PROXY": "http://proxy:8080", "ALL_PROXY": "socks5://other:1"}, "http://proxy:8080"),
        ({"ALL_PROXY": "socks5h://proxy:1080"}, "socks5://proxy:1080"),
        ({"all_proxy": "proxy:8080"}, "http://proxy:8080"),
        ({"ALL_PROXY": "socks5://proxy:1080", "NO_PROXY": "api.telegram.org"}, None),
    ],
    ids=str,
)
def test_proxy_of_the_environment_is_taken(
    variables: dict[str, str], expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert proxy_for("https://api.telegram.org") == expected


@pytest.mark.parametrize("proxy", ["ftp://proxy:21", "socks5://proxy", "socks5://proxy:port", "http://"])
def test_proxy_that_cannot_be_used_is_refused_in_a_sentence(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)

    with pytest.raises(StartError, match=r"ALL_PROXY is no proxy .* socks5://HOST:PORT"):
        proxy_for("https://api.telegram.org")
