"""`kill -9` while photos are being taken in: each that was acknowledged is there whole, in a folder and in S3."""

import asyncio
import hashlib
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import text

from bot.evidence_check import EvidenceCheck
from bot.settings import DATABASE, EvidenceSettings
from bot.store.database import Database
from bot.store.objects import open_objects
from tests.claimants import Claimant, Load, come_one_after_another
from tests.oracle import receipts_of
from tests.pictures import jpeg
from tests.s3 import running_s3
from tests.servers import Server, environment
from tests.test_kill import kill_at_random_moments
from tests.waiting import block_until, until

EARLY = Path(__file__).with_name("early_photos.py")
SENDERS = 4
PHOTOS_EACH = 3
DRAINED_SECONDS = 300.0
"""Fifty kills leave thousands of photos to look at, on a busy machine 45 a second."""
BEHIND_BYTES = 400_000
"""Behind each picture, so that storing it takes a while."""


class EarlyServer(Server):
    def start(self) -> None:
        command = [sys.executable, str(EARLY), "start", "--data", str(self.data), "--port", str(self.port)]
        with self.log.open("ab") as log:
            variables = environment() | {"PYTHONPATH": str(EARLY.parent.parent)}
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env=variables)
        block_until(lambda: self.is_up() or self.has_ended())
        assert not self.has_ended(), self.log.read_text("utf-8")


async def send_photos(claimant: Claimant) -> None:
    """Some at once, as the page does; they may share a receipt."""
    await claimant.say("/refund")
    behind = claimant.luck.randbytes(BEHIND_BYTES)
    await asyncio.gather(*(claimant.upload(jpeg(f"{at}") + behind, f"{at}.jpg") for at in range(PHOTOS_EACH)))


async def killed_and_checked(
    server: Server, evidence: EvidenceSettings, kills: int, seed: int, gap: float = 0.5
) -> list[Claimant]:
    """Raises AssertionError when an acknowledged photo is not there, or anything is there by half."""
    load = Load()
    try:
        server.start()
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
            async with asyncio.TaskGroup() as tasks:
                coming = [
                    tasks.create_task(come_one_after_another(http, server.url, load, f"{seed} {lane}", send_photos))
                    for lane in range(SENDERS)
                ]
                await kill_at_random_moments(server, load, kills, random.Random(seed), gap)
                load.is_over = True
            claimants = [claimant for lane in coming for claimant in lane.result()]
            await until_all_are_looked_at(server.data)
            for claimant in claimants:
                assert await receipts_of(claimant) > 0, "no receipt"
    finally:
        server.stop()
    database, objects = Database(server.data / DATABASE), open_objects(evidence, server.data)
    checking = EvidenceCheck(database, objects, datetime.now(UTC))
    assert [problem async for problem in checking.problems()] == []
    await database.close()
    sent = {one.sha256 for claimant in claimants for one in claimant.acknowledged if one.sha256}
    kept = await kept_in(server.data)
    assert sent <= kept, "acknowledged and not kept"
    for digest in sent:
        assert hashlib.sha256(await objects.read(digest)).hexdigest() == digest
    return claimants


async def until_all_are_looked_at(data: Path) -> None:
    database = Database(data / DATABASE, checkpoints=False)
    query = text("SELECT count(*) FROM errands WHERE kind = 'intake' AND state != 'done'")

    async def is_drained() -> bool:
        async with database.reading() as connection:
            return not (await connection.execute(query)).scalar()

    await until(is_drained, DRAINED_SECONDS)
    await database.close()


async def kept_in(data: Path) -> set[str]:
    database = Database(data / DATABASE)
    async with database.reading() as connection:
        kept = set((await connection.execute(text("SELECT sha256 FROM evidence WHERE state = 'kept'"))).scalars())
    await database.close()
    return kept


@contextmanager
def place(kind: str, tmp_path: Path) -> Iterator[tuple[dict[str, str], EvidenceSettings]]:
    if kind == "folder":
        yield {}, EvidenceSettings()
        return
    with running_s3(tmp_path / "s3") as s3:
        yield s3.variables(), s3.settings()


@pytest.mark.parametrize("kind", ["folder", pytest.param("s3", marks=pytest.mark.long)])
async def test_four_kills_lose_no_photo(tmp_path: Path, kind: str) -> None:
    with place(kind, tmp_path) as (variables, evidence):
        claimants = await killed_and_checked(Server(tmp_path / "data", None, variables), evidence, 4, seed=1)

    assert len(claimants) >= SENDERS


@pytest.mark.long
@pytest.mark.parametrize("kind", ["folder", "s3"])
async def test_fifty_kills_lose_no_photo(tmp_path: Path, kind: str) -> None:
    with place(kind, tmp_path) as (variables, evidence):
        claimants = await killed_and_checked(Server(tmp_path / "data", None, variables), evidence, 50, seed=2, gap=2.0)

    assert len(claimants) >= SENDERS


async def test_acknowledging_before_the_bytes_are_stored_is_found(tmp_path: Path) -> None:
    """A test of the test: with the fault planted, the same check fails."""
    with pytest.raises(AssertionError, match="no receipt"):
        await killed_and_checked(EarlyServer(tmp_path / "data"), EvidenceSettings(), 4, seed=3)
