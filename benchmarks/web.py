"""Texts a second through the JSON API, answered and durable, beside the same HTTP server answering nothing."""

import asyncio
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import aiohttp

from tests.servers import Server, free_port
from tests.waiting import block_until

SECONDS = 8.0
AT_ONCE = 50
QUICK = {"SECONDS": 0.2, "AT_ONCE": 5}
NOTHING = """
import asyncio, sys, uvicorn, uvloop
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

async def take(request):
    await request.json()
    return JSONResponse({})

app = Starlette(routes=[Route("/api/messages", take, methods=["POST"])])
config = uvicorn.Config(app, host="127.0.0.1", port=int(sys.argv[1]), log_config=None, access_log=False, lifespan="off")
uvloop.run(uvicorn.Server(config).serve())
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder, "data"))
        server.start()
        try:
            ours = asyncio.run(measure(server.url, asks=True))
        finally:
            server.stop()
    port = free_port()
    process = subprocess.Popen([sys.executable, "-c", NOTHING, str(port)])
    try:
        block_until(lambda: is_up(port))
        nothing = asyncio.run(measure(f"http://127.0.0.1:{port}", asks=False))
    finally:
        process.terminate()
        process.wait(10)
    print("             texts/s   p50 ms   p99 ms")
    for name, waits in (("Shouhou", ours), ("nothing", nothing)):
        ordered = sorted(waits)
        p50, p99 = ordered[len(waits) // 2] * 1000, ordered[int(len(waits) * 0.99)] * 1000
        print(f"{name:<11} {len(waits) / SECONDS:>8,.0f} {p50:>8.1f} {p99:>8.1f}")
    print(f"ratio: {len(ours) / len(nothing):.2f}")


def is_up(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def measure(url: str, *, asks: bool) -> list[float]:
    """Seconds that each text waited. AT_ONCE customers, each with its next text after the answer."""
    waits: list[float] = []
    ends = time.perf_counter() + SECONDS

    async def converse(http: aiohttp.ClientSession, index: int) -> None:
        token = ""
        if asks:
            async with http.post("/api/sessions", json={"client_id": f"customer-{index}".ljust(20, "x")}) as answer:
                token = (await answer.json())["token"]
        count = 0
        while time.perf_counter() < ends:
            body = {"client_id": f"c{count}", "text": ("运费谁出？", "hello", "/status", "谢谢")[count % 4]}
            began = time.perf_counter()
            async with http.post("/api/messages", json=body, headers={"Authorization": f"Bearer {token}"}) as answer:
                assert answer.status == 200, await answer.text()
                await answer.read()
            waits.append(time.perf_counter() - began)
            count += 1

    async with aiohttp.ClientSession(url) as http:
        await asyncio.gather(*(converse(http, index) for index in range(AT_ONCE)))
    return waits
