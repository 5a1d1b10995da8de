"""Photos through the whole intake, beside the bare cost of decoding and hashing them; receipts, and what holds the event loop up."""

import asyncio
import hashlib
import io
import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvloop
from PIL import Image

from bot.adapters.webchat import parse
from bot.adapters.webchat.sessions import Session
from bot.app import App
from bot.intake import fetch
from bot.log import set_up
from bot.look.pictures import fitted
from bot.model.events import ErrandDone, Event
from bot.settings import Settings
from tests import scenes
from tests.hostile import segment, with_segments

PHOTOS = 60
AT_ONCE = 6
A_CUSTOMER = 5
"""Photos of one customer: more than nine are not taken."""
PACE_SECONDS = 0.2
WORKERS = 2
TICK_SECONDS = 0.005
QUICK = {"PHOTOS": 4, "AT_ONCE": 2}


def main() -> None:
    set_up("critical")
    photo = twelve_megapixels()
    print(f"{PHOTOS} photos of 12 megapixels, {len(photo) / 1e6:.1f} MB each")
    with tempfile.TemporaryDirectory() as folder:
        files = written(photo, Path(folder))
        bare = cost_of(decode_and_hash, files)
        shown = cost_of(decode_to_view_and_hash, files)
    with tempfile.TemporaryDirectory() as folder:
        ours = uvloop.run(whole_intake(photo, Path(folder)))
    print("                                               photos/s   CPU ms each")
    rows = {"decoded with draft, hashed": bare, "the same, shrunk to 1600 px": shown, "whole intake": ours.cost}
    for name, cost in rows.items():
        print(f"{name:<44} {1 / cost.seconds:>10.1f} {cost.cpu * 1000:>13.0f}")
    for name, cost in (("decoding and hashing", bare), ("the same and shrinking", shown)):
        times = f"{ours.cost.seconds / cost.seconds:.2f} times as long, {ours.cost.cpu / cost.cpu:.2f} times the CPU"
        print(f"against {name}: {times}   target <= 1.5")
    receipts = f"p50 {at(ours.receipts, 0.5):.2f} s, longest {at(ours.receipts, 1):.2f} s"
    print(f"receipt at {1 / PACE_SECONDS:.0f} photos a second: {receipts}   target <= 2 s")
    held = f"p99.9 {at(ours.held, 0.999) * 1000:.1f} ms, longest {at(ours.held, 1) * 1000:.1f} ms"
    print(
        f"event loop held up: {held}, of which its own work at most {at(ours.own, 1) * 1000:.1f} ms   target <= 20 ms"
    )


def twelve_megapixels() -> bytes:
    """About 2 MB, as a phone's photos are."""
    picture = scenes.noisy(scenes.scene(size=(2016, 1512)).resize((4032, 3024), Image.Resampling.BICUBIC), 3)
    for quality in range(90, 30, -4):
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=quality)
        if file.tell() < 2_100_000:
            break
    return file.getvalue()


def numbered(photo: bytes, number: int) -> bytes:
    return with_segments(photo, segment(0xFE, str(number).encode()))


def written(photo: bytes, folder: Path) -> list[Path]:
    files = [folder / str(number) for number in range(PHOTOS)]
    for number, file in enumerate(files):
        file.write_bytes(numbered(photo, number))
    return files


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one photo, in seconds: on two cores, and of processor time together."""

    seconds: float
    cpu: float


def cost_of(work: Callable[[Path], float], files: list[Path]) -> Cost:
    """In two processes."""
    with ProcessPoolExecutor(WORKERS) as processes:
        list(processes.map(work, files[: WORKERS * 2]))
        began = time.perf_counter()
        cpu = sum(processes.map(work, files))
        return Cost((time.perf_counter() - began) / len(files), cpu / len(files))


def decode_and_hash(file: Path) -> float:
    return timed(file, shrinks=False)


def decode_to_view_and_hash(file: Path) -> float:
    return timed(file, shrinks=True)


def timed(file: Path, *, shrinks: bool) -> float:
    began = time.process_time()
    content = file.read_bytes()
    with Image.open(io.BytesIO(content)) as image:
        size = fitted(image.size)
        image.draft("RGB", size)
        image.load()
        if shrinks:
            image.thumbnail(size)
    hashlib.sha256(content).hexdigest()
    return time.process_time() - began


class Customers:
    """Send photos to a real app on the web chat, and know when each has its receipt."""

    def __init__(self, app: App, photo: bytes, folder: Path) -> None:
        self._app = app
        self._folder = folder
        self._photos = [numbered(photo, 1000 + number) for number in range(AT_ONCE + 2 * PHOTOS)]
        self._sent = 0
        self._waiting: dict[str, asyncio.Event] = {}
        self._came: set[str] = set()
        accept = app.dispatcher.accept

        async def noting(event: Event) -> Any:
            said = await accept(event)
            if isinstance(event.body, ErrandDone):
                assert "sha256" in event.body.result, event.body.result
                self._event(str(event.body.result["sha256"])).set()
            return said

        app.errands._accept = noting

    def _event(self, sha256: str) -> asyncio.Event:
        return self._waiting.setdefault(sha256, asyncio.Event())

    async def send(self) -> float:
        """Seconds from the first byte until the receipt is stored."""
        number, self._sent = self._sent, self._sent + 1
        content = self._photos[number]
        began = time.perf_counter()
        file = self._folder / str(number)
        _, sha256 = await fetch(packets(content), file)
        await self._app.objects.put_file(file, sha256)
        file.unlink()
        session = Session(f"customer-{number // A_CUSTOMER}", "en")
        query = {"client_id": f"c{number}", "name": "a.jpg"}
        event, upload = parse.upload(query, session, datetime.now(UTC))
        media = replace(upload.media, id=sha256, size=len(content))
        await self._app.dispatcher.accept(replace(event, body=replace(upload, media=media)))
        await self._event(sha256).wait()
        return time.perf_counter() - began


async def packets(content: bytes) -> Any:
    for start in range(0, len(content), 65_536):
        await asyncio.sleep(0)
        yield content[start : start + 65_536]


@dataclass(frozen=True, slots=True)
class Measured:
    """As fast as they go; receipts at an even pace; seconds between two rounds of the loop, and of its own work in them."""

    cost: Cost
    receipts: list[float]
    held: list[float]
    own: list[float]


async def whole_intake(photo: bytes, folder: Path) -> Measured:
    app = App(Settings(data=folder / "data"))
    app.add([app.web_chat()])
    await app.database.migrate()
    await app.take_over()
    app.start()
    customers = Customers(app, photo, folder)
    held: list[float] = []
    own: list[float] = []
    await asyncio.gather(*(customers.send() for _ in range(AT_ONCE)))  # the children are up
    ticking = asyncio.create_task(tick(held, own))
    began, cpu = time.perf_counter(), cpu_of(app)
    left = iter(range(PHOTOS))

    async def one_after_the_other() -> None:
        for _ in left:
            await customers.send()

    await asyncio.gather(*(one_after_the_other() for _ in range(AT_ONCE)))
    cost = Cost((time.perf_counter() - began) / PHOTOS, (cpu_of(app) - cpu) / PHOTOS)
    sending = []
    for _ in range(PHOTOS):
        sending.append(asyncio.create_task(customers.send()))
        await asyncio.sleep(PACE_SECONDS)
    receipts = await asyncio.gather(*sending)
    ticking.cancel()
    await app.stop()
    return Measured(cost, list(receipts), held, own)


def cpu_of(app: App) -> float:
    """Seconds of this process and of the children that are idle now: all of them, between two photos."""
    ticks = 0
    for one in app._workers._idle:
        fields = Path(f"/proc/{one._process.pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


async def tick(held: list[float], own: list[float]) -> None:
    while True:
        began, worked = time.perf_counter(), time.thread_time()
        await asyncio.sleep(TICK_SECONDS)
        held.append(time.perf_counter() - began - TICK_SECONDS)
        own.append(time.thread_time() - worked)


def at(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
