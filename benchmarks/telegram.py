"""Telegram: updates a second, waits, CPU and memory of our bot and of its peers, each against the same Bot API in a process of its own.

Ours stores every update durably, runs the real handlers and stores every answer. The peers echo; of them only the bare loop
stores anything.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import Pipe, Process
from pathlib import Path
from typing import Any

import uvloop

from tests.botapi.people import Person
from tests.botapi.server import TOKEN, BotApi, Json
from tests.servers import environment, free_port

PEERS = Path(__file__).parent / "peers"
PYTHON = PEERS / ".venv" / "bin" / "python"
BURSTS = ((5000, 500, 0.0), (1000, 200, 0.05))
"""Updates, users, seconds that the Bot API takes for each answer."""
LONGEST = 300.0
QUICK = {"BURSTS": ((40, 10, 0.0),), "TURNS": 1, "WITH_PEERS": False}
WITH_PEERS = True
TURNS = 7
"""How often ours and the bare loop are measured by turns: one measurement of either differs from the next by a quarter."""
OURS, BARE = "Shouhou, durable, real handlers", "bare loop, durable inbox"
TEXTS = (
    "/status", "退款多久能到账", "运费谁出？", "谢谢", "how long does a refund take", "/privacy",
    "where is my case number {n}", "快递员的电话是多少 {n}", "/contact", "thanks",
)  # fmt: skip
"""Each gets one answer; two of ten are never the same twice."""


class Watched(BotApi):
    """Notes when an update was handed out for the first time, and when messages came."""

    def __init__(self, delay: float) -> None:
        super().__init__()
        self.delay = delay
        self.handed: dict[int, list[float]] = defaultdict(list)
        self.came: dict[int, list[float]] = defaultdict(list)
        self.in_order = True
        self._handed_until = 0
        self.asked = asyncio.Event()

    async def _getUpdates(self, fields: Json) -> list[Json]:  # noqa: N802
        self.asked.set()
        updates = await super()._getUpdates(fields)
        now = time.perf_counter()
        for update in updates:
            if update["update_id"] > self._handed_until:
                self._handed_until = update["update_id"]
                self.handed[update["message"]["chat"]["id"]].append(now)
        return updates

    async def _sendMessage(self, fields: Json) -> Json:  # noqa: N802
        message = await super()._sendMessage(fields)
        self.came[int(fields["chat_id"])].append(time.perf_counter())
        return message


def serve(pipe: Any, updates: int, users: int, delay: float) -> None:
    uvloop.run(served(pipe, updates, users, delay))


async def served(pipe: Any, updates: int, users: int, delay: float) -> None:
    """Tells its address, waits until the bot asks, lets all updates go at once, and tells what came."""
    api = Watched(delay)
    await api.start()
    pipe.send(api.url)
    await api.asked.wait()
    await asyncio.sleep(1.0)  # whatever else the bot does at its start
    people = [Person(api, f"P{number}") for number in range(users)]
    for number in range(updates):
        await people[number % users].says(TEXTS[number // users % len(TEXTS)].format(n=number))
    pipe.send("go")
    began = time.perf_counter()
    last, seen = began, 0
    while api.pending or seen < updates or time.perf_counter() - last < 0.5:
        await asyncio.sleep(0.05)
        count = sum(len(times) for times in api.came.values())
        last, seen = (time.perf_counter(), count) if count != seen else (last, seen)
        if time.perf_counter() - began > LONGEST:
            break
    ended = max((times[-1] for times in api.came.values()), default=began)
    waits = []
    for chat, handed in api.handed.items():
        came = api.came[chat]
        waits += [at - began for at in came[max(len(came) - len(handed), 0) :]]  # the first contact has a word more
    pipe.send((ended - began, sorted(waits), seen))
    await api.stop()


@dataclass
class Measured:
    updates: int
    seconds: float
    waits: Sequence[float]
    cpu: float
    megabytes: float
    sent: int

    @property
    def a_second(self) -> float:
        return self.updates / self.seconds

    def row(self) -> str:
        def wait(share: float) -> float:
            return self.waits[min(int(len(self.waits) * share), len(self.waits) - 1)]

        lost = "" if self.sent >= self.updates else f"   only {self.sent} answered"
        return (
            f"{self.a_second:>9,.0f} {wait(0.5):>8.2f} {wait(0.99):>8.2f} {self.cpu / self.updates * 1000:>8.2f} "
            f"{self.megabytes:>6.0f}{lost}"
        )


def measure(command: Sequence[str], variables: dict[str, str], updates: int, users: int, delay: float) -> Measured:
    """`{url}` in the command or the variables is the Bot API's."""
    ours, theirs = Pipe()
    server = Process(target=serve, args=(theirs, updates, users, delay))
    server.start()
    url = ours.recv()
    filled = [word.replace("{url}", url) for word in command]
    given = environment() | {name: value.replace("{url}", url) for name, value in variables.items()}
    with tempfile.TemporaryFile() as log, tempfile.TemporaryDirectory() as folder:
        filled = [word.replace("{folder}", folder) for word in filled]
        bot = subprocess.Popen(filled, env=given, stdout=log, stderr=log, cwd=folder)
        try:
            assert ours.recv() == "go"
            before = cpu_of(bot.pid)
            seconds, waits, sent = ours.recv()
            return Measured(updates, seconds, waits, cpu_of(bot.pid) - before, megabytes_of(bot.pid), sent)
        finally:
            bot.kill()
            bot.wait()
            server.join(10)
            server.kill()


def cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def megabytes_of(pid: int) -> float:
    """At its most."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def shouhou() -> tuple[list[str], dict[str, str]]:
    command = [sys.executable, "-m", "bot", "start", "--data", "{folder}/data", "--port", str(free_port())]
    variables = {"TOKEN": TOKEN, "BASE_URL": "{url}", "KEEPS_PACE": "false"}
    return command, {f"SHOUHOU_TELEGRAM__{name}": value for name, value in variables.items()}


def peer(script: str, *words: str) -> tuple[list[str], dict[str, str]]:
    return [str(PYTHON), str(PEERS / script), "{url}", TOKEN, *words], {}


def bots() -> dict[str, tuple[list[str], dict[str, str]]]:
    return {
        OURS: shouhou(),
        "PTB echo, one after the other": peer("ptb_echo.py", "0"),
        "PTB echo, 256 at a time": peer("ptb_echo.py", "256"),
        "PTB conversation and pickle": peer("ptb_conversation.py", "{folder}/state"),
        "aiogram with a state machine": peer("aiogram_fsm.py"),
        BARE: peer("bare.py", "{folder}/inbox.db"),
    }


def chosen() -> dict[str, tuple[list[str], dict[str, str]]]:
    """Of the others only the bare loop where the peers are not to be fetched: it needs nothing that we have not."""
    if WITH_PEERS:
        return bots()
    (_, *words), variables = bots()[BARE]
    return {OURS: bots()[OURS], BARE: ([sys.executable, *words], variables)}


def install_peers() -> None:
    if not PYTHON.exists():
        print("Installing the peers (a minute, once) ...", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(PYTHON.parent.parent)], check=True)
        subprocess.run(
            [str(PYTHON), "-m", "pip", "install", "--quiet", "-r", str(PEERS / "requirements.txt")], check=True
        )


def main() -> None:
    if WITH_PEERS:
        install_peers()
    for updates, users, delay in BURSTS:
        print(f"{updates} updates of {users} users, an answer takes {delay * 1000:.0f} ms")
        print("                                   updates/s    p50 s    p99 s   CPU ms     MB")
        for name, (command, variables) in chosen().items():
            measured = measure(command, variables, updates, users, delay)
            assert measured.sent > 0, f"{name} has answered nobody"
            print(f"{name:<34} {measured.row()}", flush=True)
    by_turns(*BURSTS[0])


def by_turns(updates: int, users: int, delay: float) -> None:
    ratios = []
    print(f"ours and the bare loop by turns, updates/s at {delay * 1000:.0f} ms")
    for _ in range(TURNS):
        ours, bare = (measure(*chosen()[name], updates, users, delay).a_second for name in (OURS, BARE))
        ratios.append(ours / bare)
        print(f"{ours:>9,.0f} {bare:>9,.0f} {ratios[-1]:>6.2f}", flush=True)
    print(f"ratio: median {statistics.median(ratios):.2f}   target >= 0.33")


if __name__ == "__main__":
    main()
