"""A database and an evidence store that do not belong together are noticed at the start; one that is away is waited for."""

import asyncio
import json
import shutil
import sqlite3
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import obstore
import pytest

from bot import event_loop
from bot.app import App
from bot.evidence_watch import AWAY
from bot.settings import DATABASE, Settings
from bot.store.objects import MARKER, ObjectsUnavailableError
from bot.store.tie import BOOKMARK, Fit, Look
from tests.customers import arrive
from tests.fakes import FakePhone
from tests.pictures import jpeg
from tests.s3 import S3, running_s3, wire_to
from tests.servers import Server, running, shouhou
from tests.waiting import block_until

LONG_AGO = "2026-01-01T00:00:00.000000+00:00"


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    with running_s3(tmp_path_factory.mktemp("s3") / "s3") as running:
        yield running


@dataclass
class Shop:
    """A data folder, its store in a folder or in S3, and the same store past our code."""

    data: Path
    s3: S3 | None = None
    prefix: str = ""
    port: int | None = None
    variables: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def at(cls, tmp_path: Path, s3: S3 | None, name: str = "data") -> "Shop":
        prefix = f"{tmp_path.name}-{name}"
        return cls(tmp_path / name, s3, prefix, variables=s3.variables(f"s3://evidence/{prefix}") if s3 else {})

    @property
    def evidence(self) -> Path:
        return self.data / "evidence"

    def names(self) -> list[str]:
        if self.s3:
            listed = obstore.list(self.s3.bucket(), prefix=self.prefix).collect()
            return [one["path"].removeprefix(f"{self.prefix}/") for one in listed]
        return [str(file.relative_to(self.evidence)) for file in self.evidence.rglob("*") if file.is_file()]

    def marker(self) -> str | None:
        if MARKER not in self.names():
            return None
        if self.s3:
            return bytes(obstore.get(self.s3.bucket(), f"{self.prefix}/{MARKER}").bytes()).decode()
        return (self.evidence / MARKER).read_text()

    def remove(self, *names: str) -> None:
        for key in names:
            if self.s3:
                obstore.delete(self.s3.bucket(), f"{self.prefix}/{key}")
            else:
                (self.evidence / key).unlink()

    def id(self) -> str:
        with closing(sqlite3.connect(self.data / DATABASE)) as database:
            row = database.execute("SELECT value FROM bookmarks WHERE name = ?", (BOOKMARK,)).fetchone()
        return str(row[0]).partition(" ")[0] if row else ""

    def lose_database(self) -> None:
        for file in self.data.glob(f"{DATABASE}*"):
            file.unlink()

    def change_database(self, query: str) -> None:
        with closing(sqlite3.connect(self.data / DATABASE)) as database, database:
            database.execute(query)

    def says(self, *words: str) -> tuple[int, str]:
        """A command's exit code and what it printed; `start` only where it refuses."""
        done = shouhou(
            *words,
            "--data",
            str(self.data),
            cwd=self.data.parent,
            variables={**self.variables, "SHOUHOU_WEB__PORT": "1"},
        )
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout + done.stderr

    def live(self) -> None:
        """A customer sends a photo."""

        async def write(server: Server) -> None:
            async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as http:
                anna = await arrive(http, server.url, "en")
                await anna.say("/refund")
                sent = await anna.upload(jpeg(self.prefix), "box.jpg")
                await anna.hears(lambda message: message["author"] == "bot", after=sent.messages[-1]["position"])

        with running(self.data, self.variables) as server:
            event_loop.run(write(server))

    def starts(self) -> bool:
        with running(self.data, self.variables) as server:
            return ready(server)[0] == 200


def ready(server: Server) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(f"{server.url}/readyz", timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@pytest.fixture(params=["folder", "s3"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Shop:
    """With a case, its photos, and no server."""
    shop = Shop.at(tmp_path, request.getfixturevalue("s3") if request.param == "s3" else None)
    shop.live()
    return shop


@pytest.mark.parametrize(
    ("look", "fit"),
    [
        (Look(None, None, 0, False, False), Fit.NEW),
        (Look(None, None, 0, False, True), Fit.DATABASE_LOST),
        (Look(None, "a", 0, False, True), Fit.DATABASE_LOST),
        (Look(None, "a", 0, False, False), Fit.NEW),
        (Look(None, None, 3, True, False), Fit.NEW),
        (Look(None, "a", 3, True, False), Fit.NEW),
        (Look(None, None, 3, False, False), Fit.EVIDENCE_LOST),
        (Look("a", None, 3, False, False), Fit.EVIDENCE_LOST),
        (Look("a", "a", 3, False, False), Fit.EVIDENCE_LOST),
        (Look("a", None, 3, True, False), Fit.MARK_LOST),
        (Look("a", None, 0, False, True), Fit.DATABASE_LOST),
        (Look("a", None, 0, False, False), Fit.NEW),
        (Look("a", "a", 0, False, True), Fit.TIED),
        (Look("a", "a", 3, True, False), Fit.TIED),
        (Look("a", "b", 3, True, False), Fit.OF_ANOTHER),
        (Look("a", "b", 0, False, False), Fit.OF_ANOTHER),
    ],
)
def test_what_was_seen_decides_whether_they_belong_together(look: Look, fit: Fit) -> None:
    assert look.fit is fit


def test_database_and_store_hold_the_same_id_from_the_first_start_on(shop: Shop) -> None:
    id_ = shop.id()

    assert len(id_) == 32
    assert shop.marker() == id_
    assert shop.starts()
    assert (shop.id(), shop.marker()) == (id_, id_)


@pytest.mark.parametrize("has_marker", [True, False], ids=["", "of an earlier version"])
def test_lost_database_is_no_new_shop(shop: Shop, has_marker: bool) -> None:
    before = {key for key in shop.names() if key != MARKER}
    shop.lose_database()
    if not has_marker:
        shop.remove(MARKER)

    for words in (("start",), ("chat",)):
        code, said = shop.says(*words)
        assert code == 1
        assert "names none of it" in said
        assert "Backup" in said
        assert "shouhou evidence adopt" in said

    assert shop.says("evidence", "adopt")[0] == 0
    assert shop.starts()
    assert before <= set(shop.names()), "nothing of it was touched"


def test_start_that_is_refused_leaves_no_new_database(shop: Shop) -> None:
    """A command that found one would say that there are no cases."""
    shop.lose_database()

    assert shop.says("start")[0] == 1
    assert list(shop.data.glob(f"{DATABASE}*")) == []


def test_evidence_that_is_gone_is_noticed_at_the_start(shop: Shop) -> None:
    shop.remove(*shop.names())
    if not shop.s3:
        shutil.rmtree(shop.evidence)

    code, said = shop.says("start")

    assert code == 1
    assert "nothing of the newest is in" in said
    assert (f"s3://evidence/{shop.prefix}" if shop.s3 else str(shop.evidence)) in said
    assert shop.says("evidence", "adopt")[0] == 0
    assert shop.starts()


def test_store_of_another_shop_is_refused(shop: Shop, tmp_path: Path) -> None:
    other = Shop.at(tmp_path, shop.s3, "other")
    other.live()
    if shop.s3:
        shop.variables = other.variables
    else:
        shutil.rmtree(shop.evidence)
        shutil.copytree(other.evidence, shop.evidence)

    code, said = shop.says("start")

    assert code == 1
    assert "of another database" in said


def test_shop_of_an_earlier_version_is_tied(shop: Shop) -> None:
    shop.remove(MARKER)
    shop.change_database(f"DELETE FROM bookmarks WHERE name = '{BOOKMARK}'")

    assert shop.starts()

    assert shop.marker() == shop.id() != ""


def test_backup_from_before_the_tie_is_tied_again(shop: Shop) -> None:
    marker = shop.marker()
    shop.change_database(f"DELETE FROM bookmarks WHERE name = '{BOOKMARK}'")

    assert shop.starts()

    assert shop.marker() == shop.id() == marker


def test_adopting_is_not_done_beside_a_server(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        done = server.shouhou("evidence", "adopt")

    assert (done.returncode, "stop the server first" in done.stderr) == (1, True)


def test_check_without_the_folder_makes_none(tmp_path: Path) -> None:
    shop = Shop.at(tmp_path, None)
    with running(shop.data):
        pass
    shutil.rmtree(shop.evidence)

    code, said = shop.says("evidence", "check")

    assert (code, "there is no folder" in said, shop.evidence.exists()) == (1, True, False)


async def test_store_that_is_away_at_the_start_is_waited_for(s3: S3, tmp_path: Path) -> None:
    shop = Shop.at(tmp_path, s3)
    async with wire_to(s3.port) as wire:
        variables = s3.variables(f"s3://evidence/{shop.prefix}", port=wire.port)
        wire.take_down()
        server = Server(shop.data, variables=variables)
        try:
            await asyncio.to_thread(server.start)
            status, answer = await asyncio.to_thread(ready, server)
            assert (status, answer["ok"], answer["state"]) == (200, True, "degraded")
            assert answer["checks"]["evidence"] == {"ok": False, "state": AWAY}
            shop.change_database(
                "INSERT INTO errands (id, platform, address, kind, subject, details, state, due_at, failures) "
                f"VALUES ('1', 'webchat', 'webchat:1', 'unheard-of', '1', '{{}}', 'due', '{LONG_AGO}', 0)"
            )
            status, answer = await asyncio.to_thread(ready, server)
            assert (status, answer["checks"]["errands"]["state"]) == (200, AWAY), "errands wait, and that is no fault"
            shop.change_database("UPDATE errands SET state = 'done'")
            async with aiohttp.ClientSession() as http:
                anna = await arrive(http, server.url, "en")
                assert await anna.say("/refund")
                assert (await anna.upload(jpeg("early"), "early.jpg", "early")).status == 503
                wire.bring_up()
                await asyncio.to_thread(block_until, lambda: ready(server)[1]["state"] == "ready")
                assert (await anna.upload(jpeg("early"), "early.jpg", "early")).status == 200
        finally:
            await asyncio.to_thread(server.stop)
    assert shop.marker() == shop.id() != ""


async def test_strangers_store_that_comes_back_takes_nothing(s3: S3, tmp_path: Path) -> None:
    """It was away at the start, so nobody could look at it then."""
    other, shop = Shop.at(tmp_path, s3, "other"), Shop.at(tmp_path, None)
    await asyncio.to_thread(other.live)
    await asyncio.to_thread(shop.live)
    before = sorted(other.names())
    shutil.rmtree(shop.evidence)
    async with wire_to(s3.port) as wire:
        wire.take_down()
        server = Server(shop.data, variables=s3.variables(f"s3://evidence/{other.prefix}", port=wire.port))
        try:
            await asyncio.to_thread(server.start)
            wire.bring_up()
            await asyncio.to_thread(block_until, lambda: ready(server)[0] == 503)
            _, answer = await asyncio.to_thread(ready, server)
            assert "of another database" in answer["checks"]["evidence"]["state"]
            async with aiohttp.ClientSession() as http:
                anna = await arrive(http, server.url, "en")
                assert (await anna.upload(jpeg("mine"), "mine.jpg", "mine")).status == 503
        finally:
            await asyncio.to_thread(server.stop)
    assert sorted(other.names()) == before


def test_folder_that_vanishes_is_noticed_and_may_come_back(tmp_path: Path) -> None:
    shop = Shop.at(tmp_path, None)
    shop.live()
    with running(shop.data) as server:
        shop.evidence.rename(tmp_path / "unmounted")
        block_until(lambda: ready(server)[0] == 503)
        assert "is a disk not mounted" in ready(server)[1]["checks"]["evidence"]["state"]

        (tmp_path / "unmounted").rename(shop.evidence)
        block_until(lambda: ready(server)[0] == 200)


def test_photo_that_comes_before_the_loss_is_noticed_hides_nothing(tmp_path: Path) -> None:
    shop = Shop.at(tmp_path, None)
    shop.live()

    async def upload(server: Server) -> int:
        async with aiohttp.ClientSession() as http:
            anna = await arrive(http, server.url, "en")
            shop.evidence.rename(tmp_path / "unmounted")
            return (await anna.upload(jpeg("meanwhile"), "meanwhile.jpg", "meanwhile")).status

    with running(shop.data) as server:
        assert event_loop.run(upload(server)) == 503
        assert not shop.evidence.exists()
        block_until(lambda: ready(server)[0] == 503)


def test_store_without_its_mark_is_not_tied_again_by_itself(shop: Shop) -> None:
    """So it looks where a disk was not mounted, and a photo was put into a new folder of its name."""
    shop.remove(MARKER)

    code, said = shop.says("start")

    assert code == 1
    assert MARKER in said
    assert shop.marker() is None
    assert shop.says("evidence", "adopt")[0] == 0
    assert shop.starts()


def test_move_takes_the_id_along_and_overwrites_no_other(s3: S3, tmp_path: Path) -> None:
    shop, other = Shop.at(tmp_path, None), Shop.at(tmp_path, s3, "other")
    shop.live()
    other.live()
    shop.variables = s3.variables(url="")

    code, said = shop.says("evidence", "move", "--to", f"s3://evidence/{other.prefix}")
    assert (code, "of another database" in said) == (1, True)

    moved = Shop.at(tmp_path, s3, "moved")
    assert shop.says("evidence", "move", "--to", f"s3://evidence/{moved.prefix}")[0] == 0
    assert moved.marker() == shop.id()
    shop.variables = moved.variables
    shutil.rmtree(shop.evidence)
    assert shop.starts()


async def test_store_that_nobody_could_look_at_takes_nothing_until_it_was_seen(s3: S3, tmp_path: Path) -> None:
    photo = tmp_path / "photo"
    photo.write_bytes(b"mine")
    async with wire_to(s3.port) as wire:
        wire.take_down()
        settings = s3.settings(f"s3://evidence/{tmp_path.name}", port=wire.port)
        app = App(Settings(data=tmp_path / "data", evidence=settings))
        try:
            await app.database.migrate()
            app.add([FakePhone()])
            await app.check_evidence_store()
            wire.bring_up()
            with pytest.raises(ObjectsUnavailableError):
                await app.objects.put_file(photo)

            await app.evidence_watch.look()

            assert await app.objects.put_file(photo)
        finally:
            await app.stop()
