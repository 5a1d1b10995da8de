"""Telegram's webhook: how long an update waits for its 200, beside a bare webhook that commits and decides nothing.

Ours runs the real handlers, stores each update with its answer, and sends the answers meanwhile to a Bot API in a process of its own.
"""

import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import Pipe, Process
from pathlib import Path
from typing import Any

import uvloop

from benchmarks.raw_http import load
from benchmarks.telegram import TEXTS, cpu_of
from benchmarks.web import is_up
from tests.botapi.server import TOKEN, BotApi
from tests.servers import environment, free_port
from tests.waiting import block_until, until

SECONDS = 5.0
WARM_SECONDS = 1.0
AT_ONCE = 50
MOST = 3000
"""Updates made ready for each connection: more than the faster of the two takes."""
QUICK = {"SECONDS": 0.2, "WARM_SECONDS": 0.1, "AT_ONCE": 5, "MOST": 3000}
SECRET = "s" * 40
ROOT = Path(__file__).parent.parent
OURS, BARE = "Shouhou, durable, real handlers", "bare webhook, durable inbox"


@dataclass
class Measured:
    waits: Sequence[float]
    seconds: float
    cpu: float
    answered: int

    def wait_ms(self, share: float) -> float:
        return sorted(self.waits)[int(len(self.waits) * share)] * 1000

    def row(self, name: str) -> str:
        cpu = self.cpu / len(self.waits) * 1000
        return (
            f"{name:<34} {len(self.waits) / self.seconds:>9,.0f} {self.wait_ms(0.5):>8.1f} {self.wait_ms(0.99):>8.1f} "
            f"{cpu:>8.2f} {self.answered:>9,}"
        )


def serve(pipe: Any) -> None:
    uvloop.run(served(pipe))


async def served(pipe: Any) -> None:
    """The Bot API: tells its address, and when it is asked how many messages came."""
    api = BotApi()
    await api.start()
    pipe.send(api.url)
    while True:
        await until(pipe.poll, float("inf"))
        pipe.recv()
        pipe.send((bool(api.webhook), sum(method == "sendMessage" for method, _ in api.calls)))


@contextmanager
def bot_api() -> Iterator[Any]:
    ours, theirs = Pipe()
    process = Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield ours
    finally:
        process.kill()
        process.join()


@contextmanager
def started(command: list[str], variables: dict[str, str], port: int) -> Iterator[int]:
    process = subprocess.Popen(
        command, env=environment() | variables, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        block_until(lambda: is_up(port) or process.poll() is not None)
        assert process.poll() is None, f"{command} did not start"
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def update(number: int, user: int) -> bytes:
    who = {"id": user, "is_bot": False, "first_name": "P", "language_code": "zh-hans"}
    chat = {"id": user, "type": "private", "first_name": "P"}
    message = {"message_id": number, "from": who, "chat": chat, "date": int(time.time())}
    text = TEXTS[number % len(TEXTS)].format(n=number)
    body = json.dumps({"update_id": number, "message": message | {"text": text}}).encode()
    head = f"POST /telegram HTTP/1.1\r\nHost: x\r\nX-Telegram-Bot-Api-Secret-Token: {SECRET}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def measure(port: int, pid: int) -> Measured:
    """AT_ONCE people, each with the next update when the one before was acknowledged."""
    updates = [[update(person * MOST + at + 1, 1000 + person) for at in range(MOST)] for person in range(AT_ONCE)]
    gc.freeze()
    people = [iter(one) for one in updates]
    await load(port, people, WARM_SECONDS)
    before = cpu_of(pid)
    found = await load(port, people, SECONDS)
    assert found.lost == 0, f"{found.lost} connections were refused"
    return Measured(found.waits, found.seconds, cpu_of(pid) - before, 0)


def ours() -> Measured:
    with bot_api() as api, tempfile.TemporaryDirectory() as folder:
        port = free_port()
        told = {
            "TOKEN": TOKEN, "BASE_URL": api.recv(), "MODE": "webhook", "KEEPS_PACE": "false", "SECRET": SECRET,
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
        }  # fmt: skip
        variables = {f"SHOUHOU_TELEGRAM__{name}": value for name, value in told.items()} | {
            "SHOUHOU_LOG__LEVEL": "error"
        }
        command = [sys.executable, "-m", "bot", "start", "--data", f"{folder}/data", "--port", str(port)]
        with started(command, variables, port) as pid:
            block_until(lambda: ask(api)[0])
            measured = uvloop.run(measure(port, pid))
            block_until(lambda: ask(api)[1] >= len(measured.waits))
            measured.answered = ask(api)[1]
    return measured


def ask(api: Any) -> tuple[bool, int]:
    """Whether the webhook is set, and how many messages were sent."""
    api.send("how many?")
    told: tuple[bool, int] = api.recv()
    return told


def bare() -> Measured:
    port = free_port()
    script = Path(__file__).parent / "peers" / "bare_webhook.py"
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(script), str(port), SECRET, os.path.join(folder, "inbox.db")]
        with started(command, {}, port) as pid:
            return uvloop.run(measure(port, pid))


def main() -> None:
    print("                                   updates/s   p50 ms   p99 ms   CPU ms    answers")
    measured = {OURS: ours(), BARE: bare()}
    for name, one in measured.items():
        print(one.row(name))
    ratio = measured[OURS].wait_ms(0.5) / measured[BARE].wait_ms(0.5)
    print(f"a 200 takes {ratio:.1f} times as long as the bare webhook's; p99 {measured[OURS].wait_ms(0.99):.0f} ms")
