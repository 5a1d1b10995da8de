"""Near-duplicate look-up with 100,000 hashes stored: how long one picture takes, by what the pictures are like."""

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot.lookalikes import Hashes, Lookalikes
from bot.model.evidence import Evidence, EvidenceState
from bot.store import evidence
from bot.store.database import Database

COUNT = 100_000
TIMES = 200
ALIKE = 4
"""Copies in other cases of each picture that is looked up."""
SIDE = 16
QUICK = {"COUNT": 1000, "TIMES": 5}


def noise(luck: random.Random) -> str:
    return f"{luck.getrandbits(SIDE * SIDE):064x}"


def photo(luck: random.Random) -> str:
    """As in pictures: next to a brighter point is a brighter one, and each row is like the one above."""
    row = [luck.random() < 0.5]
    while len(row) < SIDE:
        row.append(row[-1] if luck.random() < 0.8 else not row[-1])
    bits = ""
    for _ in range(SIDE):
        row = [bit if luck.random() < 0.85 else not bit for bit in row]
        bits += "".join("01"[bit] for bit in row)
    return f"{int(bits, 2):064x}"


def piece(number: int, case: str, dhash: str) -> Evidence:
    now = datetime(2026, 11, 25, tzinfo=UTC)
    return Evidence(
        f"{number:09}", "webchat:1", case, "a.jpg", "", EvidenceState.KEPT, now, sha256=f"{number:064x}", dhash=dhash
    )


class Watch:
    """Milliseconds of each: on the clock, and of this process's CPU."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.cpu: list[float] = []

    @contextmanager
    def one(self) -> Iterator[None]:
        began, cpu = time.perf_counter(), time.process_time()
        yield
        self.waits.append((time.perf_counter() - began) * 1000)
        self.cpu.append((time.process_time() - cpu) * 1000)

    def tell(self, what: str) -> None:
        p99 = statistics.quantiles(self.waits, n=100)[98] if len(self.waits) > 1 else self.waits[0]
        p50, cpu = statistics.median(self.waits), statistics.median(self.cpu)
        print(f"{what:<34}{p50:8.1f}{p99:9.1f}{cpu:9.1f}", flush=True)


async def measure(what: str, database: Database, hashes: list[str], luck: random.Random) -> None:
    alone, bare, first, whole = Hashes(), Watch(), Watch(), Watch()
    for one in hashes:
        alone.add(one)
    wanted = luck.sample(hashes, TIMES)
    for one in wanted:
        with bare.one():
            alone.near(one)
    known = Lookalikes(database)
    with first.one():
        await known.others([piece(0, "KS-1", hashes[0])], "KS-1")
    for one in wanted:
        with whole.one():
            found = await known.others([piece(0, "KS-1", one)], "KS-1")
        assert len(found[f"{0:09}"]) > ALIKE
    bare.tell(f"{what}, in memory")
    whole.tell(f"{what}, with their rows")
    first.tell(f"{what}, the first (reads all)")


async def run() -> None:
    print(f"{'one look-up (target <= 20 ms)':<34}{'p50 ms':>8}{'p99 ms':>9}{'CPU ms':>9}")
    for what, make in (("noise", noise), ("like photos", photo)):
        luck = random.Random(1)
        own = [make(luck) for _ in range(COUNT // (ALIKE + 1))]
        hashes = own * (ALIKE + 1)
        with tempfile.TemporaryDirectory() as folder:
            database = Database(Path(folder, "shouhou.db"))
            await database.migrate()
            async with database.transaction() as connection:
                await evidence.add(connection, [piece(at + 1, f"KS-{at + 2}", one) for at, one in enumerate(hashes)])
            await measure(what, database, hashes, luck)
            await database.close()


def main() -> None:
    asyncio.run(run())
