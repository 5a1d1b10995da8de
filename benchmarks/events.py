"""Turns a second, stored durably before they are answered, beside a bare loop around the same SQL."""

import asyncio
import itertools
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import uvloop
from sqlalchemy import text

from benchmarks import reference
from bot.app import App
from bot.log import set_up
from bot.model.events import Address, Body, Event, Pressed, Text
from bot.router import Router, Routes
from bot.settings import Settings
from bot.turn import Turn

SECONDS = 5.0
AT_ONCE = (1, 50, 500)
TARGETS = {"echo": 0.25, "mix": 0.12}
SLOWEST_MS = 50.0

echo = Router("echo")


@echo.command("echo")
def say_it_back(turn: Turn) -> None:
    turn.say_text(turn.event.words)


@echo.first_contact
def say_nothing(turn: Turn) -> None:
    return


def echoes(_index: int) -> Iterator[Body]:
    """A command: nothing is guessed from its words."""
    return (Text(f"/echo message {count}") for count in itertools.count())


def visits(index: int) -> Iterator[Body]:
    """Customers of the shop one after the other, half of them Chinese. No two texts with an order number are the same."""
    for count in itertools.count(index * 100_000):
        yield from (in_chinese if count % 2 else in_english)(10_000_000_000 + count)


def in_chinese(order: int) -> list[Body]:
    return [
        Text("你好"),
        Text(f"退款多久能到账，订单{order}"),
        Text(f"运费谁出？订单{order}"),
        Text("谢谢"),
        Text(f"订单{order}，杯子收到就碎了"),
        Text(f"打开箱子看到杯口裂了一圈，订单{order}"),
        Pressed("refund.wish:refund"),
        Text(f"{order}要拍什么照片？"),
        Pressed("refund.photos:waived"),
        Pressed("refund.do:submit"),
        Text("/status"),
        Text(f"{order}处理得怎么样了"),
        Text(f"{order}没有运单号可以吗"),
        Text("好的"),
        Pressed("ask"),
        Pressed("answer:time_limits"),
        Text(f"{order}你们周末上班吗"),
        Pressed("human"),
        Pressed("status"),
        Text("谢谢"),
    ]


def in_english(order: int) -> list[Body]:
    return [
        Text("hello"),
        Text(f"how long does a refund take for order {order}"),
        Text(f"who pays the postage for {order}?"),
        Text("thanks"),
        Text(f"order {order} the cup arrived broken"),
        Text(f"the rim has a crack all around, order {order}"),
        Pressed("refund.wish:refund"),
        Text(f"which photos do you need for {order}?"),
        Pressed("refund.photos:waived"),
        Pressed("refund.do:submit"),
        Text("/status"),
        Text(f"where is my case about {order}"),
        Text(f"is it fine without a waybill for {order}"),
        Text("ok"),
        Pressed("ask"),
        Pressed("answer:time_limits"),
        Text(f"do you work at weekends {order}"),
        Pressed("human"),
        Pressed("status"),
        Text("thanks"),
    ]


VISIT = len(in_english(0))


@asynccontextmanager
async def opened(folder: Path, routes: Routes | None = None) -> AsyncIterator[App]:
    """The whole bot but for HTTP, on a new database that a power cut cannot hurt."""
    app = App(Settings(data=folder), routes=routes)
    await app.database.migrate()
    app.add([app.web_chat()])
    app.start()
    async with app.database.transaction() as connection:
        assert (await connection.execute(text("PRAGMA journal_mode"))).scalar() == "wal"
        assert (await connection.execute(text("PRAGMA synchronous"))).scalar() == 2
    try:
        yield app
    finally:
        await app.stop()


@dataclass
class Measured:
    turns: int = 0
    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)

    @property
    def a_second(self) -> float:
        return self.turns / self.seconds

    def wait_ms(self, share: float) -> float:
        return sorted(self.waits)[int(len(self.waits) * share)] * 1000


async def measure(app: App, bodies: Callable[[int], Iterator[Body]], conversations: int, a_visit: int) -> Measured:
    """Each conversation sends its next event after the answer to the one before."""
    measured = Measured()
    ends = time.perf_counter() + SECONDS

    async def converse(index: int) -> None:
        for count, body in enumerate(bodies(index)):
            began = time.perf_counter()
            if began > ends:
                return
            address = Address("webchat", f"{conversations}-{index}-{count // a_visit if a_visit else 0}")
            await app.dispatcher.accept(Event(f"{address}:{count}", address, datetime.now(UTC), body))
            measured.waits.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(converse(index) for index in range(conversations)))
    measured.seconds, measured.turns = time.perf_counter() - began, len(measured.waits)
    async with app.database.reading() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM setaside"))).scalar() == 0
    return measured


async def run(folder: Path, kind: str, conversations: int) -> Measured:
    if kind == "echo":
        async with opened(folder, Routes([echo])) as app:
            return await measure(app, echoes, conversations, 0)
    async with opened(folder) as app:
        return await measure(app, visits, conversations, VISIT)


def main() -> None:
    set_up("critical")
    print("            conversations   turns/s   p50 ms   p99 ms   bare loop/s   ratio   target")
    for conversations in AT_ONCE:
        with tempfile.TemporaryDirectory() as folder:
            bare = reference.measure(Path(folder), conversations, SECONDS / 2)
        for kind in ("echo", "mix"):
            with tempfile.TemporaryDirectory() as folder:
                one = uvloop.run(run(Path(folder), kind, conversations))
            target = (
                f">= {TARGETS[kind]}"
                if conversations == 500
                else f"p99 <= {SLOWEST_MS:.0f} ms"
                if conversations == 50
                else ""
            )
            print(
                f"{kind:<11} {conversations:>13} {one.a_second:>9,.0f} {one.wait_ms(0.5):>8.1f} {one.wait_ms(0.99):>8.1f} "
                f"{bare:>13,.0f} {one.a_second / bare:>7.3f}   {target}",
                flush=True,
            )
