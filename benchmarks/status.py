"""`/status` with 10 and with 100,000 cases stored: what one customer asks must not cost what all customers have."""

import statistics
import tempfile
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import uvloop

from benchmarks.events import opened
from bot.app import App
from bot.log import set_up
from bot.model.case import Case, CaseStatus, Step, new_case_number
from bot.model.conversation import Conversation
from bot.model.events import Address, Event, Text
from bot.store import cases, conversations
from bot.turn import new_id

COUNTS = (10, 100_000)
EACH = 2
"""Cases of a customer."""
TIMES = 300
QUICK = {"COUNTS": (4, 40), "TIMES": 5}


async def fill(app: App, count: int) -> list[str]:
    """The addresses of the customers."""
    now = datetime.now(UTC)
    addresses = [f"webchat:{index}" for index in range(count // EACH)]
    customers = [Conversation(address, new_id(), "zh-CN", now) for address in addresses]
    step = Step(now, "submitted", "customer", {"photos": 2})
    for start in range(0, len(customers), 2_000):
        some = customers[start : start + 2_000]
        one = Case(
            "", "", "", "", "2100000000001", "damaged", "收到就是碎的", "refund", CaseStatus.UNDER_REVIEW, now, 2, 2, 2,
            date(2026, 12, 2), False, steps=(step,),
        )  # fmt: skip
        theirs = [
            replace(one, number=new_case_number(), customer=who.customer, address=who.address, intake=new_id())
            for who in some
            for _ in range(EACH)
        ]
        async with app.database.transaction() as connection:
            await conversations.add(connection, some)
            await cases.add(connection, theirs)
    return addresses


async def ask(app: App, addresses: list[str]) -> list[float]:
    """Milliseconds of each, one after the other, customers spread over the table."""
    waits = []
    for index in range(TIMES):
        address = Address.parse(addresses[index * 7919 % len(addresses)])
        event = Event(f"ask:{index}", address, datetime.now(UTC), Text("/status"))
        began = time.perf_counter()
        said = await app.dispatcher.accept(event)
        waits.append((time.perf_counter() - began) * 1000)
        assert sum("KS-" in message.text for message in said) == EACH, said
    return waits


async def measure(count: int) -> list[float]:
    with tempfile.TemporaryDirectory() as folder:
        async with opened(Path(folder)) as app:
            addresses = await fill(app, count)
            return await ask(app, addresses)


def main() -> None:
    set_up("critical")
    medians = []
    print("cases stored   p50 ms   p99 ms")
    for count in COUNTS:
        waits = uvloop.run(measure(count))
        medians.append(statistics.median(waits))
        print(f"{count:>12,} {medians[-1]:>8.2f} {sorted(waits)[int(TIMES * 0.99)]:>8.2f}", flush=True)
    print(f"ratio of the medians: {medians[1] / medians[0]:.2f}   target <= 2")
