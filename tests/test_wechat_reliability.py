"""Slow disks and killed processes: what WeChat was told that we have is there once, and the customer hears of it."""

import asyncio
import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.wechat import adapter as wechat_adapter
from bot.settings import DATABASE
from bot.store.database import BUSY_SECONDS, Database
from tests.fake_wechat import FakeWeChat, settled
from tests.fake_wecom import ACCOUNT, FakeWeCom
from tests.machine import needed
from tests.servers import Server, environment
from tests.waiting import GENEROUS_SECONDS, block_until, until
from tests.wechat_apps import bot_on_wechat
from tests.wechat_servers import server_on_wechat, server_on_wecom

AT_ONCE = 30
SLOW = 0.3
A_LIFE = 5
"""So many are acknowledged before the server is killed again."""
MOST_COMMITS = 5
"""For thirty turns that begin at once, with what delivery notes of their answers."""
QUESTION = "运费谁出？"


class SlowDatabase(Database):
    """A commit takes until it is let go, as on a bad disk."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.lets_go = asyncio.Event()
        self.lets_go.set()
        self.commits = 0

    @asynccontextmanager
    async def transaction(self, within: float = BUSY_SECONDS) -> AsyncIterator[AsyncConnection]:
        async with super().transaction(within) as connection:
            yield connection
            await self.lets_go.wait()
            self.commits += 1


async def test_callbacks_that_come_during_a_slow_commit_share_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thirty at once on a disk that takes 300 ms are answered within 0.6 s: WeChat waits for 5."""
    fake, database = FakeWeChat(), SlowDatabase(tmp_path / DATABASE)
    fake.cut_seconds = GENEROUS_SECONDS
    monkeypatch.setattr(wechat_adapter, "ANSWER_SECONDS", GENEROUS_SECONDS)
    async with bot_on_wechat(tmp_path, fake, database=database, buttons="list") as app:
        await fake.says("o-warm", QUESTION)
        await until(lambda: unsent(tmp_path) == 0)
        before = database.commits
        database.lets_go.clear()
        asking = [asyncio.create_task(fake.says(f"o-{number}", QUESTION)) for number in range(AT_ONCE)]
        await until(lambda: len(app.adapters["wechat"]._under_way) > AT_ONCE)  # type: ignore[attr-defined]
        database.lets_go.set()
        assert all(await asyncio.gather(*asking))
        turns = database.commits - before

    assert len(fake.attempts) == AT_ONCE + 1, "each was answered at its first attempt"
    assert turns <= MOST_COMMITS


class SlowDiskServer(Server):
    """Each fsync and fdatasync of the process really waits for 300 ms first, and is a line of the file `flushes`."""

    @property
    def flushes(self) -> Path:
        return self.data.with_name("flushes")

    def count_flushes(self) -> int:
        return sum(" fsync(" in line or " fdatasync(" in line for line in self.flushes.read_text().splitlines())

    def start(self) -> None:
        inject = f"inject=fsync,fdatasync:delay_enter={int(SLOW * 1_000_000)}"
        trace = [
            "strace",
            "-D",
            "-f",
            "--seccomp-bpf",
            "-qq",
            "-o",
            str(self.flushes),
            "-e",
            "trace=fsync,fdatasync",
            "-e",
            inject,
        ]
        command = [sys.executable, "-m", "bot", "start", "--data", str(self.data), "--port", str(self.port)]
        with self.log.open("ab") as log:
            variables = environment() | self._variables
            self._process = subprocess.Popen([*trace, *command], stdout=log, stderr=log, env=variables)
        block_until(lambda: self.is_up() or self.has_ended())
        assert not self.has_ended(), self.log.read_text("utf-8")


@pytest.mark.long
async def test_thirty_callbacks_at_once_where_every_flush_takes_300_ms(tmp_path: Path) -> None:
    needed("strace")
    fake = FakeWeChat()
    await fake.start()
    server = server_on_wechat(tmp_path / "data", fake.url, SlowDiskServer, buttons="list")
    try:
        await asyncio.to_thread(server.start)
        fake.callback = f"{server.url}/wechat"
        await fake.says("o-warm", QUESTION)
        await until(lambda: unsent(server.data) == 0)
        before = server.count_flushes()
        began = time.monotonic()
        assert all(await asyncio.gather(*(fake.says(f"o-{number}", QUESTION) for number in range(AT_ONCE))))
        took, flushes = time.monotonic() - began, server.count_flushes() - before
    finally:
        await asyncio.to_thread(server.stop)
        await fake.stop()

    assert len(fake.attempts) == AT_ONCE + 1
    assert took > SLOW, "the disk was slow"
    assert 0 < flushes < AT_ONCE / 2, "turns share commits"


class Load:
    """Customers who come one after another and ask one thing each, until it is over."""

    def __init__(self, say: Callable[[str, str], Awaitable[bool]]) -> None:
        self._say = say
        self._count = 0
        self.is_over = False
        self.acknowledged: list[str] = []
        self.all: list[str] = []

    async def lane(self, luck: random.Random) -> None:
        while not self.is_over:
            self._count += 1
            who = f"o-{self._count}"
            self.all.append(who)
            if await self._say(who, QUESTION):
                self.acknowledged.append(who)
            await asyncio.sleep(luck.uniform(0, 0.05))


async def under_kills(server: Server, load: Load, kills: int, seed: int, lanes: int = 8) -> None:
    luck = random.Random(seed)
    running = [asyncio.create_task(load.lane(random.Random(lane))) for lane in range(lanes)]
    for kill in range(kills):
        await until(lambda kill=kill: len(load.acknowledged) > kill * A_LIFE)  # type: ignore[misc]
        await asyncio.sleep(luck.uniform(0.2, 1.0))
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)
    await until(lambda: len(load.acknowledged) > kills * A_LIFE)
    load.is_over = True
    await asyncio.gather(*running)


def unsent(data: Path) -> int:
    with closing(sqlite3.connect(data / DATABASE)) as database:
        return int(database.execute("SELECT count(*) FROM outbox WHERE state != 'sent'").fetchone()[0])


def stored(data: Path) -> Counter[str]:
    """How often each customer's message was handled; and nothing was answered twice or set aside."""
    with closing(sqlite3.connect(data / DATABASE)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("SELECT count(*) FROM setaside").fetchone() == (0,)
        twice = "SELECT event, message, count(*) FROM outbox GROUP BY event, message HAVING count(*) > 1"
        assert database.execute(twice).fetchall() == []
        found = database.execute("SELECT address FROM inbox WHERE position > 0").fetchall()
    return Counter(address.rpartition("/")[2].rpartition(":")[2] for (address,) in found)


async def killed_on_wechat(tmp_path: Path, kills: int) -> None:
    fake = FakeWeChat()
    await fake.start()
    server = server_on_wechat(tmp_path / "data", fake.url, buttons="list")

    async def say(who: str, words: str) -> bool:
        """WeChat's three attempts, a while apart."""
        fields = fake.message(who, "text", Content=words)
        fake.shown.setdefault(who, [])
        fake.open_window(who, "message")
        for _ in range(3):
            status, body = await fake.attempt(fields)
            if status is not None:
                return fake._take_answer(who, status, body)
            await asyncio.sleep(luck.uniform(1, 2))
        return False

    load, luck = Load(say), random.Random(kills)
    try:
        await asyncio.to_thread(server.start)
        fake.callback = f"{server.url}/wechat"
        await under_kills(server, load, kills, seed=11)
        # What was stored and not answered goes out by itself when WeChat no longer asks.
        await settled(lambda: all(fake.shown[who] for who in load.acknowledged))
    finally:
        await asyncio.to_thread(server.stop)
        await fake.stop()
    handled = stored(server.data)
    assert fake.faults == []
    assert len(load.acknowledged) > kills * A_LIFE
    assert [who for who in load.acknowledged if handled[who] != 1] == [], "acknowledged and lost, or handled twice"
    assert max(handled.values()) == 1
    again = sum(len(fake.shown[who]) - 1 for who in load.all if fake.shown[who])
    assert again <= kills * 8, "an answer is told again at most where a kill came between telling and noting it"
    print(f"{kills} kills, {len(load.acknowledged)} acknowledged, {again} told twice")


async def killed_on_wecom(tmp_path: Path, kills: int) -> None:
    fake = FakeWeCom()
    await fake.start()
    fake.page_size, fake.empty_every = 3, 4
    server = server_on_wecom(tmp_path / "data", fake.url)

    async def say(who: str, words: str) -> bool:
        """It is WeCom's as soon as it was written, whether we hear the ring or not."""
        fake.add(who, "text", {"content": words})
        await fake.ring()
        return True

    load = Load(say)
    try:
        await asyncio.to_thread(server.start)
        fake.callback = f"{server.url}/wecom"
        await settled(lambda: "sync_msg" in fake.calls)
        await under_kills(server, load, kills, seed=12, lanes=2)
        await settled(lambda: all(fake.shown[who] for who in load.all), 300)
        await until(lambda: unsent(server.data) == 0)
    finally:
        await asyncio.to_thread(server.stop)
        await fake.stop()
    handled = stored(server.data)
    assert len(load.all) > kills * A_LIFE
    assert handled == Counter(load.all), "each once"
    assert [who for who in load.all if len(fake.shown[who]) != 1] == [], "and each answered once: msgid is the key"
    assert ACCOUNT
    print(f"{kills} kills, {len(load.all)} written, {len(fake.refusals)} second tries refused by their msgid")


async def test_three_kills_lose_and_double_nothing_on_wechat(tmp_path: Path) -> None:
    await killed_on_wechat(tmp_path, 3)


async def test_three_kills_lose_and_double_nothing_on_wecom(tmp_path: Path) -> None:
    await killed_on_wecom(tmp_path, 3)


@pytest.mark.long
async def test_twenty_kills_lose_and_double_nothing_on_wechat(tmp_path: Path) -> None:
    await killed_on_wechat(tmp_path, 20)


@pytest.mark.long
async def test_twenty_kills_lose_and_double_nothing_on_wecom(tmp_path: Path) -> None:
    await killed_on_wecom(tmp_path, 20)
