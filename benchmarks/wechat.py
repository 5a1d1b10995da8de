"""Callbacks of WeChat: how many a second with 50 connections, and what one costs, beside two echoes that keep nothing.

Ours verifies, decrypts, reads, handles, commits and encrypts; `Shouhou, real` does it with the real handlers. With `list` the answer
is in the callback's own; with `menu`, which is how it is set up if nobody says otherwise, it goes out as a call to a stand-in for
WeChat's servers, in a process of its own on the same two cores.
"""

import gc
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

import uvloop

from benchmarks.raw_http import load
from benchmarks.web import is_up
from tests.fake_wechat import AES_KEY, APP_ID, TOKEN, FakeWeChat, fields_of
from tests.servers import free_port
from tests.waiting import block_until
from tests.wechat_apps import wechat_settings
from tests.wechat_servers import variables_of

SECONDS = 5.0
WARM_SECONDS = 1.0
MOST = 800
"""Callbacks made ready for each customer: more than the fastest server answers."""
AT_ONCE = 50
ROUNDS = 2
QUICK = {
    "SECONDS": 0.2, "WARM_SECONDS": 0.1, "AT_ONCE": 5, "ROUNDS": 1, "MOST": 400,
    "RUNS": {"Shouhou, echo": "/echo", "Shouhou, real, list": "real", "Shouhou, real, menu": "real"},
}  # fmt: skip
"""Without the peers, which are fetched."""
SLOWEST_MS = 100.0
ROOT = Path(__file__).parent.parent
PEERS = Path(__file__).parent / "peers"
VENV = Path(os.environ.get("PEERS_VENV", ROOT / ".venv-peers"))
RUNS = {
    "Shouhou, echo": "/echo",
    "wechatpy + Flask": "",
    "wechatpy + Flask, waitress": "",
    "WeRoBot, waitress": "",
    "Shouhou, real, list": "real",
    "Shouhou, real, menu": "real",
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
    client: float
    called: int = 0
    """Messages that went out as calls; what comes while one is on its way goes with the next."""

    @property
    def a_second(self) -> float:
        return len(self.waits) / self.seconds

    @property
    def cpu_ms(self) -> float:
        return self.cpu / len(self.waits) * 1000

    def wait_ms(self, part: float) -> float:
        return sorted(self.waits)[int(len(self.waits) * part)] * 1000


def main() -> None:
    if any(not name.startswith("Shouhou") for name in RUNS):
        install_peers()
    found: dict[str, list[Measured]] = {}
    for _ in range(ROUNDS):  # in turns: what else the machine does meets all of them
        for name, text in RUNS.items():
            with tempfile.TemporaryDirectory() as folder, wechats_servers() as api:
                with started(name, Path(folder), api) as (port, pid):
                    measured = uvloop.run(measure(port, pid, text))
                    if name.endswith("menu"):
                        block_until(lambda: count_calls(api) >= AT_ONCE)
                    measured.called = count_calls(api)
                found.setdefault(name, []).append(measured)
    print("                            callbacks/s   p50 ms   p99 ms   CPU ms each   the client's   refused     calls")
    best = {name: max(several, key=lambda one: one.a_second) for name, several in found.items()}
    for name, one in best.items():
        print(
            f"{name:<28}{one.a_second:>11,.0f} {one.wait_ms(0.5):>8.1f} {one.wait_ms(0.99):>8.1f} {one.cpu_ms:>13.2f}"
            f"{one.client / len(one.waits) * 1000:>15.3f} {one.lost:>10,} {one.called:>9,}"
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
def wechats_servers() -> Iterator[str]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.wechat_api", str(port)], cwd=ROOT)
    try:
        block_until(lambda: is_up(port))
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def count_calls(api: str) -> int:
    with urlopen(f"{api}/count") as answer:
        return int(answer.read())


@contextmanager
def started(name: str, folder: Path, api: str) -> Iterator[tuple[int, int]]:
    port = free_port()
    process = subprocess.Popen(
        command(name, folder, port),
        env=variables(folder, api, name.rpartition(" ")[2]),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        block_until(lambda: is_up(port) or process.poll() is not None)
        assert process.poll() is None, f"{name} did not start"
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(10)


def command(name: str, folder: Path, port: int) -> list[str]:
    if name == "Shouhou, echo":
        return [sys.executable, "-m", "benchmarks.wechat_echo", str(folder), str(port)]
    if name.startswith("Shouhou, real"):
        return [sys.executable, "-m", "bot", "start", "--data", str(folder), "--port", str(port)]
    script = "werobot_echo.py" if name.startswith("WeRoBot") else "wechatpy_flask.py"
    server = "waitress" if name.endswith("waitress") else "wsgiref"
    return [str(VENV / "bin" / "python"), str(PEERS / script), str(port), TOKEN, AES_KEY, APP_ID, server]


def variables(folder: Path, api: str, buttons: str) -> Mapping[str, str]:
    ours = wechat_settings(folder, api, buttons=buttons if buttons == "menu" else "list").wechat
    return {**os.environ, **variables_of("WECHAT", ours), "SHOUHOU_LOG__LEVEL": "error"}


async def measure(port: int, pid: int, text: str) -> Measured:
    """Each of 50 customers writes again when answered. All callbacks are sealed before."""
    fake = FakeWeChat()

    def requests(number: int, count: int) -> list[bytes]:
        return [request(fake, f"o-{number}", words_of(text, at)) for at in range(count)]

    several = [requests(number, MOST) for number in range(AT_ONCE)]
    gc.freeze()
    customers = [iter(one) for one in several]
    await load(port, customers, WARM_SECONDS)
    before = cpu_of(pid)
    found = await load(port, customers, SECONDS)
    used = cpu_of(pid) - before
    for body in found.answers[::20]:
        if body == b"success":
            continue  # the answer is a call
        fields = fields_of(body.decode())
        answer = fields_of(fake.crypto.decrypt(fields["Encrypt"]))["Content"]
        assert answer if text == "real" else "message" in answer
    return Measured(found.waits, used, found.seconds, found.lost, found.cpu)


def words_of(text: str, count: int) -> str:
    return TEXTS[count % len(TEXTS)] if text == "real" else f"{text} message {count}".strip()


def request(fake: FakeWeChat, who: str, words: str) -> bytes:
    body, query = fake.sealed(fake.message(who, "text", Content=words))
    address = "/wechat?" + urlencode(query)
    head = f"POST {address} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/xml\r\n"
    raw = body.encode()
    return f"{head}Content-Length: {len(raw)}\r\n\r\n".encode() + raw


def cpu_of(pid: int) -> float:
    """Seconds that the process has computed."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
