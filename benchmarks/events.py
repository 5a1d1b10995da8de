"""Turns a second, stored durably before they are answered, beside a bare loop around the same SQL."""

import asyncio
import itertools
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
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
from bot.model.messages import Message
from bot.router import Router, Routes
from bot.settings import Settings
from bot.turn import Turn

SECONDS = 5.0
AT_ONCE = (1, 50, 500)
QUICK = {"SECONDS": 0.2, "AT_ONCE": (1, 5)}
TARGETS = {"echo": 0.25, "mix": 0.12}
SLOWEST_MS = 50.0

echo = Router("echo")


@echo.command("echo")
def say_it_back(turn: Turn) -> None:
    turn.say_text(turn.event.words)


@echo.first_contact
def say_nothing(turn: Turn) -> None:
    return


Next = Callable[[Sequence[Message]], Body]
"""What a customer does after what they were told."""


def echoes(_index: int) -> Iterator[list[Body | Next]]:
    """A command: nothing is guessed from its words. One customer goes on for ever."""
    counted = (f"/echo message {count}" for count in itertools.count())
    yield from ([Text(words)] for words in counted)


def visits(index: int) -> Iterator[list[Body | Next]]:
    """Customers of the shop one after the other, half of them Chinese. No two texts with an order number are the same."""
    for count in itertools.count(index * 100_000):
        yield (in_chinese if count % 2 else in_english)(10_000_000_000 + count)


def finish(said: Sequence[Message]) -> Body:
    """A step towards the claim's end: submit it, send no photo, or take the first answer that there is."""
    offered = [button.id for message in said for button in message.buttons if button.id.startswith("refund.")]
    for wanted in ("refund.do:submit", "refund.photos:because.all", "refund.photos:cannot"):
        if wanted in offered:
            return Pressed(wanted)
    return Pressed(offered[0]) if offered else Text("the box is closed")


def in_chinese(order: int) -> list[Body | Next]:
    return [
        Text("你好"),
        Text(f"退款多久能到账，订单{order}"),
        Text(f"运费谁出？订单{order}"),
        Text("谢谢"),
        Text(f"订单{order}，杯子收到就碎了"),
        Text(f"打开箱子看到杯口裂了一圈，订单{order}"),
        finish,
        Text(f"{order}要拍什么照片？"),
        finish,
        finish,
        finish,
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


def in_english(order: int) -> list[Body | Next]:
    return [
        Text("hello"),
        Text(f"how long does a refund take for order {order}"),
        Text(f"who pays the postage for {order}?"),
        Text("thanks"),
        Text(f"order {order} the cup arrived broken"),
        Text(f"the rim has a crack all around, order {order}"),
        finish,
        Text(f"which photos do you need for {order}?"),
        finish,
        finish,
        finish,
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


Visits = Callable[[int], Iterator[list[Body | Next]]]


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
    """`said` and `cases`: what was stored for customers, which a turn that failed would not be."""

    turns: int = 0
    seconds: float = 0.0
    said: int = 0
    cases: int = 0
    waits: list[float] = field(default_factory=list)

    @property
    def a_second(self) -> float:
        return self.turns / self.seconds

    def wait_ms(self, share: float) -> float:
        return sorted(self.waits)[int(len(self.waits) * share)] * 1000


async def measure(app: App, visits: Visits, conversations: int) -> Measured:
    """Each conversation sends its next event after the answer to the one before; its first visit comes to its end in any case."""
    measured = Measured()
    ends = time.perf_counter() + SECONDS

    async def converse(index: int) -> None:
        for count, visit in enumerate(visits(index)):
            address = Address("webchat", f"{conversations}-{index}-{count if len(visit) > 1 else 0}")
            said: Sequence[Message] = ()
            for step, body in enumerate(visit):
                began = time.perf_counter()
                if began > ends and count:
                    return
                does = body(said) if callable(body) else body
                said = await app.dispatcher.accept(Event(f"{address}:{count}:{step}", address, datetime.now(UTC), does))
                measured.waits.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(converse(index) for index in range(conversations)))
    measured.seconds, measured.turns = time.perf_counter() - began, len(measured.waits)
    measured.said, measured.cases = await count(app, "outbox"), await count(app, "cases")
    assert await count(app, "setaside") == 0
    assert measured.said >= measured.turns, "each turn says something"
    return measured


async def count(app: App, table: str) -> int:
    async with app.database.reading() as connection:
        return int((await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar() or 0)


async def run(folder: Path, kind: str, conversations: int) -> Measured:
    if kind == "echo":
        async with opened(folder, Routes([echo])) as app:
            return await measure(app, echoes, conversations)
    async with opened(folder) as app:
        measured = await measure(app, visits, conversations)
    assert measured.cases >= conversations, "each conversation files a claim"
    return measured


def target_of(kind: str, conversations: int) -> str:
    return {50: f"p99 <= {SLOWEST_MS:.0f} ms", 500: f">= {TARGETS[kind]}"}.get(conversations, "")


def main() -> None:
    set_up("critical")
    print("            conversations   turns/s   p50 ms   p99 ms    cases   bare loop/s   ratio   target")
    for conversations in AT_ONCE:
        with tempfile.TemporaryDirectory() as folder:
            bare = reference.measure(Path(folder), conversations, SECONDS / 2)
        for kind in TARGETS:
            with tempfile.TemporaryDirectory() as folder:
                ours = uvloop.run(run(Path(folder), kind, conversations))
            print(
                f"{kind:<11} {conversations:>13} {ours.a_second:>9,.0f} {ours.wait_ms(0.5):>8.1f} {ours.wait_ms(0.99):>8.1f} "
                f"{ours.cases:>8,} {bare:>13,.0f} {ours.a_second / bare:>7.3f}   {target_of(kind, conversations)}",
                flush=True,
            )
