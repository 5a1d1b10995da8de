"""`shouhou evidence move` takes a store to S3 and back while it is used: nothing is lost, nothing copied twice, nothing deleted."""

import asyncio
import hashlib
import random
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from bot.store.objects import Objects, key_of, objects_at, objects_in
from tests.customers import arrive
from tests.pictures import jpeg
from tests.s3 import S3, running_s3, wire_to
from tests.servers import SHOUHOU, environment, running, shouhou
from tests.waiting import block_until


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    with running_s3(tmp_path_factory.mktemp("s3") / "s3") as running:
        yield running


async def fill(objects: Objects, folder: Path, count: int, size: int = 3000) -> set[str]:
    luck = random.Random(count)
    kept = set()
    for _ in range(count):
        file = folder / "one"
        file.write_bytes(luck.randbytes(size))
        kept.add(await objects.put_file(file))
    return kept


async def in_store(objects: Objects) -> set[str]:
    """All that are there, whole."""
    found = {one.digest async for one in objects.list()}
    for digest in found:
        whole = b"".join([chunk async for chunk in objects.open_here(digest)])
        assert hashlib.sha256(whole).hexdigest() == digest
    return found


def moved(data: Path, to: str, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return shouhou("evidence", "move", "--to", to, "--data", str(data), cwd=data.parent, variables=variables)


def bucket(s3: S3, name: str) -> tuple[str, Objects]:
    url = f"s3://evidence/{name}"
    return url, objects_at(url, s3.settings(url))


async def test_store_moves_while_the_server_runs(s3: S3, tmp_path: Path) -> None:
    data = tmp_path / "data"
    url, there = bucket(s3, tmp_path.name)
    folder = s3.variables(url="")
    with running(data, folder) as server:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as http:
            anna = await arrive(http, server.url)
            number = await anna.claims()
            first = moved(data, url, folder)
            sent = await anna.upload(jpeg("meanwhile"), "meanwhile.jpg")
            await anna.hears(lambda message: message["author"] == "bot", after=sent.messages[-1]["position"])
    with running(data, s3.variables(url)) as server:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as http:
            anna.http, anna.url = http, server.url
            old = [message["photo"]["id"] for message in await anna.history() if message["photo"]]
            for id_ in old:  # also the one that is only in the folder yet
                assert (await anna.ask("GET", f"/api/photos/{id_}")).status == 200
            await anna.upload(jpeg("later"), "later.jpg")
            second = moved(data, url, s3.variables(url))
            third = moved(data, url, s3.variables(url))
            assert server.case_shown(number)["evidence"]
        block_until(lambda: server.shouhou("evidence", "check").returncode == 0)

    in_folder = {file.name for file in (data / "evidence").glob("??/*")}
    assert [one.returncode for one in (first, second, third)] == [0, 0, 0], first.stderr + second.stderr
    assert f'set evidence.store = "{url}"' in first.stdout
    assert "3 objects copied" in second.stdout  # the photo that came meanwhile, and its small copies
    assert f"0 objects copied (0.0 MB), {len(in_folder)} were there already" in third.stdout
    assert "the settings say so" in third.stdout
    assert in_folder < await in_store(there)


async def test_what_is_damaged_is_not_copied_and_the_rest_is(s3: S3, tmp_path: Path) -> None:
    data = tmp_path / "data"
    url, there = bucket(s3, tmp_path.name)
    kept = await fill(objects_in(data / "evidence"), tmp_path, 12)
    bad = min(kept)
    (data / "evidence" / key_of(bad)).write_bytes(bytes(3000))

    done = moved(data, url, s3.variables(url=""))

    assert done.returncode == 1
    assert f"object {bad}: its bytes are not what they were; it was not copied" in done.stdout
    assert "1 objects were not copied" in done.stdout
    assert await in_store(there) == kept - {bad}


async def test_move_that_was_killed_goes_on_where_it_was(s3: S3, tmp_path: Path) -> None:
    data = tmp_path / "data"
    url, there = bucket(s3, tmp_path.name)
    kept = await fill(objects_in(data / "evidence"), tmp_path, 300)
    command = [str(SHOUHOU), "evidence", "move", "--to", url, "--data", str(data)]
    process = subprocess.Popen(command, env=environment() | s3.variables(url=""), cwd=tmp_path)
    done = 0
    async for _ in there.list():
        done += 1
    while done < 20:
        done = len([one async for one in there.list()])
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    before = await in_store(there)
    assert len(before) < len(kept)

    again = moved(data, url, s3.variables(url=""))

    assert again.returncode == 0, again.stderr
    assert f"{len(kept) - len(before)} objects copied" in again.stdout
    assert f"{len(before)} were there already" in again.stdout
    assert await in_store(there) == kept


async def test_half_an_object_at_the_target_is_replaced(s3: S3, tmp_path: Path) -> None:
    data = tmp_path / "data"
    url, there = bucket(s3, tmp_path.name)
    kept = await fill(objects_in(data / "evidence"), tmp_path, 2)
    s3.bucket().put(f"{tmp_path.name}/{key_of(min(kept))}", b"half")

    assert moved(data, url, s3.variables(url="")).returncode == 0

    assert await in_store(there) == kept


async def test_store_that_goes_away_is_said_so(s3: S3, tmp_path: Path) -> None:
    data = tmp_path / "data"
    url, _ = bucket(s3, tmp_path.name)
    await fill(objects_in(data / "evidence"), tmp_path, 3)
    async with wire_to(s3.port) as wire:
        wire.take_down()
        done = await asyncio.to_thread(moved, data, url, s3.variables(url="", port=wire.port))

    assert (done.returncode, "a store cannot be reached" in done.stderr) == (1, True)


async def test_way_back_to_the_folder(s3: S3, tmp_path: Path) -> None:
    data = tmp_path / "data"
    url, there = bucket(s3, tmp_path.name)
    (data / "uploads").mkdir(parents=True)
    kept = await fill(there, tmp_path, 5)

    done = moved(data, "folder", s3.variables(url))

    assert done.returncode == 0, done.stderr
    assert "take evidence.store out of the settings" in done.stdout
    assert await in_store(objects_in(data / "evidence")) == kept


@pytest.mark.parametrize(
    ("to", "told"),
    [
        ("s3://Evidence", "s3://bucket"),
        ("/srv/evidence", "s3://bucket"),
        ("s3://evidence/shop", "set evidence.access_key"),
    ],
)
def test_where_it_cannot_go_is_said_so(tmp_path: Path, to: str, told: str) -> None:
    done = moved(tmp_path / "data", to, {})

    assert done.returncode != 0
    assert told in done.stderr
