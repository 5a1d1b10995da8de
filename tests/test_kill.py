"""`kill -9` under load: what was acknowledged is there once, and nothing is half done (reliability.md, R1)."""

import asyncio
import random
import subprocess
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import aiohttp
import pytest

from tests.claimants import Claimant, Live, Load, claim, come_one_after_another, talk
from tests.oracle import check_store, check_transcript
from tests.servers import Server, environment
from tests.waiting import block_until

CUSTOMERS = [claim] * 6 + [talk] * 10
"""Customers at a time; together they ask for less than the server can do, or a backlog would look like a loss."""
EARLY = Path(__file__).with_name("early_answers.py")


class EarlyServer(Server):
    """Answers before the commit."""

    def start(self) -> None:
        command = [sys.executable, str(EARLY), "start", "--data", str(self.data), "--port", str(self.port)]
        with self.log.open("ab") as log:
            variables = environment() | {"PYTHONPATH": str(EARLY.parent.parent)}
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env=variables)
        block_until(lambda: self.is_up() or self.has_ended())
        assert not self.has_ended(), self.log.read_text("utf-8")


async def killed_and_checked(
    server: Server, kills: int, lives: Sequence[Live], seed: int, gap: float
) -> Sequence[Claimant]:
    """Raises AssertionError when anything was lost, doubled or left half done."""
    load = Load()
    try:
        server.start()
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
            async with asyncio.TaskGroup() as tasks:
                coming = [
                    tasks.create_task(come_one_after_another(http, server.url, load, f"{seed} {lane}", live))
                    for lane, live in enumerate(lives)
                ]
                await kill_at_random_moments(server, load, kills, random.Random(seed), gap)
                load.is_over = True
            claimants = [claimant for lane in coming for claimant in lane.result()]
            for claimant in claimants:
                await check_transcript(claimant)
    finally:
        server.stop()
    check_store(server.data, claimants)
    return claimants


async def kill_at_random_moments(server: Server, load: Load, kills: int, luck: random.Random, gap: float) -> None:
    """At most `gap` seconds and a moment after each start."""
    for _ in range(kills):
        await asyncio.sleep(luck.uniform(0, gap))
        await load.moment(luck)
        server.kill()
        assert load.under_way, "a kill between requests shows nothing"
        await asyncio.to_thread(server.start)


async def test_six_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    claimants = await killed_and_checked(Server(tmp_path / "data"), 6, CUSTOMERS, seed=1, gap=0.5)

    assert len(claimants) >= len(CUSTOMERS)


@pytest.mark.long
async def test_sixty_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    claimants = await killed_and_checked(Server(tmp_path / "data"), 60, CUSTOMERS, seed=2, gap=3.0)

    assert sum(claimant.case_number != "" for claimant in claimants) >= 60


async def test_answering_before_the_commit_is_found(tmp_path: Path) -> None:
    """A test of the test: with the fault planted, the same check fails, at the end or at an answer that is not given again."""
    with pytest.raises((AssertionError, ExceptionGroup)) as raised:
        await killed_and_checked(EarlyServer(tmp_path / "data"), 4, [talk] * 10, seed=3, gap=0.5)

    why = "".join(traceback.format_exception(raised.value))
    assert "acknowledged and lost" in why or "repeats are answered the same" in why
