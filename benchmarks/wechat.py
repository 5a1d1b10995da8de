"""Callbacks of WeChat: how many a second with 50 connections, and what one costs, beside two echoes that keep nothing.

Ours verifies, decrypts, reads, handles, commits and encrypts; `Shouhou, real` does it with the real handlers.
"""

import asyncio
import itertools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from tests.fake_wechat import AES_KEY, APP_ID, TOKEN, FakeWeChat
from tests.servers import free_port, until
from tests.wechat_apps import wechat_settings
from tests.wechat_servers import variables_of

SECONDS = 5.0
AT_ONCE = 50
ROUNDS = 2
SLOWEST_MS = 100.0
ROOT = Path(__file__).parent.parent
PEERS = Path(__file__).parent / "peers"
VENV = Path(os.environ.get("PEERS_VENV", ROOT / ".venv-peers"))
RUNS = {
    "Shouhou, echo": "/echo",
    "wechatpy + Flask": "",
    "wechatpy + Flask, waitress": "",
    "WeRoBot, waitress": "",
    "Shouhou, real": "real",
}
"""By name, what customers write. Flask on its own server and on waitress with 8 threads; WeRoBot's own has one thread, and refuses
most of 50 connections."""
TEXTS = ("运费谁出？", "退款多久能到账", "/status", "谢谢")


@dataclass
class Measured:
    waits: list[float]
    cpu: float
    seconds: float
    lost: int

    @property
    def a_second(self) -> float:
        return len(self.waits) / self.seconds

    @property
    def cpu_ms(self) -> float:
        return self.cpu / len(self.waits) * 1000

    def wait_ms(self, part: float) -> float:
        return sorted(self.waits)[int(len(self.waits) * part)] * 1000


def main() -> None:
    install_peers()
    found: dict[str, list[Measured]] = {}
    for _ in range(ROUNDS):  # in turns: what else the machine does meets all of them
        for name, text in RUNS.items():
            with tempfile.TemporaryDirectory() as folder, started(name, Path(folder)) as (url, pid):
                found.setdefault(name, []).append(asyncio.run(measure(url, pid, text)))
    print("                            callbacks/s   p50 ms   p99 ms   CPU ms each   connections refused")
    best = {name: max(several, key=lambda one: one.a_second) for name, several in found.items()}
    for name, one in best.items():
        print(
            f"{name:<28}{one.a_second:>11,.0f} {one.wait_ms(0.5):>8.1f} {one.wait_ms(0.99):>8.1f} {one.cpu_ms:>13.2f} {one.lost:>21,}"
        )
    ours = best["Shouhou, echo"]
    for name in (name for name in RUNS if not name.startswith("Shouhou")):
        print(f"against {name}: {ours.a_second / best[name].a_second:.2f} times as many   target > 1")
    print(f"p99 {ours.wait_ms(0.99):.0f} ms   target <= {SLOWEST_MS:.0f} ms")


def install_peers() -> None:
    """Once, from their own lock."""
    if not (VENV / "bin" / "python").exists():
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
        pip = [VENV / "bin" / "python", "-m", "pip", "install", "--quiet", "--require-hashes"]
        subprocess.run([*pip, "-r", PEERS / "requirements.lock"], check=True)


@contextmanager
def started(name: str, folder: Path) -> Iterator[tuple[str, int]]:
    port = free_port()
    process = subprocess.Popen(
        command(name, folder, port),
        env=variables(folder),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: is_up(port) or process.poll() is not None, 20)
        assert process.poll() is None, f"{name} did not start"
        yield f"http://127.0.0.1:{port}/wechat", process.pid
    finally:
        process.terminate()
        process.wait(10)


def command(name: str, folder: Path, port: int) -> list[str]:
    if name == "Shouhou, echo":
        return [sys.executable, "-m", "benchmarks.wechat_echo", str(folder), str(port)]
    if name == "Shouhou, real":
        return [sys.executable, "-m", "bot", "start", "--data", str(folder), "--port", str(port)]
    script = "werobot_echo.py" if name.startswith("WeRoBot") else "wechatpy_flask.py"
    server = "waitress" if name.endswith("waitress") else "wsgiref"
    return [str(VENV / "bin" / "python"), str(PEERS / script), str(port), TOKEN, AES_KEY, APP_ID, server]


def variables(folder: Path) -> Mapping[str, str]:
    ours = wechat_settings(folder, "http://127.0.0.1:9", buttons="list").wechat
    return {**os.environ, **variables_of("WECHAT", ours), "SHOUHOU_LOG__LEVEL": "error"}


def is_up(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def measure(url: str, pid: int, text: str) -> Measured:
    """Each of 50 customers writes again when answered. Sealing is done before: it is not what is measured."""
    fake = FakeWeChat()
    waits: list[float] = []
    lost: list[int] = []

    async def customer(http: aiohttp.ClientSession, number: int, ends: float) -> None:
        for count in itertools.count():
            if time.perf_counter() > ends:
                return
            words = f"{text} message {count}".strip() if text != "real" else TEXTS[count % len(TEXTS)]
            body, query = fake.sealed(fake.message(f"o-{number}", "text", Content=words))
            began = time.perf_counter()
            try:
                async with http.post(url, params=query, data=body.encode()) as answer:
                    said = await answer.text()
            except aiohttp.ClientError:  # a server of one thread has a short queue
                lost.append(count)
                continue
            waits.append(time.perf_counter() - began)
            assert answer.status == 200, answer.status
            assert said != "success" or (text != "real" and count == 0), said

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE)) as http:
        await asyncio.gather(*(customer(http, number, time.perf_counter() + 1) for number in range(AT_ONCE)))
        waits.clear()
        lost.clear()
        before, began = cpu_of(pid), time.perf_counter()
        await asyncio.gather(*(customer(http, number, began + SECONDS) for number in range(AT_ONCE)))
        took = time.perf_counter() - began
    return Measured(waits, cpu_of(pid) - before, took, len(lost))


def cpu_of(pid: int) -> float:
    """Seconds that the process has computed."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
