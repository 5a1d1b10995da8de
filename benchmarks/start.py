"""From process start to the first answer, and what the process keeps in memory."""

import asyncio
import json
import statistics
import tempfile
import time
import urllib.request
from pathlib import Path

import aiohttp

from tests.servers import Server

STARTS = 5
TURNS = 100_000
AT_ONCE = 50
LOOKS = 10
QUICK = {"STARTS": 1, "TURNS": 100, "AT_ONCE": 5, "LOOKS": 2}


def main() -> None:
    waits = [first_answer() for _ in range(STARTS)]
    shown = ", ".join(f"{wait:.2f}" for wait in waits)
    print(f"start to first answer: median {statistics.median(waits):.2f} s of {shown}   target <= 1.5 s", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder, "data"))
        server.start()
        try:
            print(f"resident memory idle: {memory(server):.0f} MB   target <= 120 MB", flush=True)
            print("turns       MB", flush=True)
            asyncio.run(load(server))
        finally:
            server.stop()


def first_answer() -> float:
    """Seconds; a first start on an empty folder, tables included."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder, "data"))
        began = time.perf_counter()
        server.start()
        token = post(server, "sessions", {"client_id": "x" * 20}, "")["token"]
        assert post(server, "messages", {"client_id": "1", "text": "运费谁出？"}, token)["messages"]
        took = time.perf_counter() - began
        server.stop()
    return took


def post(server: Server, what: str, body: dict[str, str], token: str) -> dict[str, str]:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    request = urllib.request.Request(f"{server.url}/api/{what}", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return dict(json.load(answer))


def memory(server: Server) -> float:
    """Resident, in MB."""
    lines = Path(f"/proc/{server.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


async def load(server: Server) -> None:
    async with aiohttp.ClientSession(server.url) as http:
        for look in range(LOOKS):
            each = TURNS // LOOKS // AT_ONCE
            await asyncio.gather(*(converse(http, f"{look}-{index}", each) for index in range(AT_ONCE)))
            print(f"{(look + 1) * each * AT_ONCE:>7,} {memory(server):>6.0f}", flush=True)


async def converse(http: aiohttp.ClientSession, name: str, turns: int) -> None:
    async with http.post("/api/sessions", json={"client_id": f"customer-{name}".ljust(20, "x")}) as answer:
        token = (await answer.json())["token"]
    texts = ("运费谁出？", "hello", "/status", "退款多久能到账", "订单2100000000001，杯子碎了", "/cancel")
    for count in range(turns):
        body = {"client_id": f"c{count}", "text": texts[count % len(texts)]}
        async with http.post("/api/messages", json=body, headers={"Authorization": f"Bearer {token}"}) as answer:
            assert answer.status == 200, await answer.text()
            await answer.read()
