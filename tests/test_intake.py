"""From a platform's file to kept evidence: hashed, looked at, copied, and read; without holding up anybody."""

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot import intake
from bot.adapter import MediaGoneError, MediaTooLargeError
from bot.errands import AT_ONCE, Errands
from bot.intake import Intake, Reading, fetch
from bot.look.workers import Workers
from bot.model.events import Event, MediaRef
from bot.model.evidence import LARGEST_BYTES, Evidence, EvidenceState
from bot.store import errands
from bot.store.database import Database
from bot.store.errands import Errand
from bot.store.objects import Objects, objects_in
from tests import scenes
from tests.fakes import FakePhone
from tests.films import film
from tests.hostile import blp
from tests.pictures import heic, jpeg, jpeg_of_home
from tests.test_look import parcel, saved
from tests.test_look_hostile import is_bare
from tests.waiting import GENEROUS_SECONDS

NOW = datetime(2026, 11, 23, 10, 43, tzinfo=UTC)


class Files(FakePhone):
    """Has these files, in network packets."""

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, bytes | Exception] = {}

    async def open_media(self, media: MediaRef) -> AsyncIterator[bytes]:
        content = self.files[media.id]
        if isinstance(content, Exception):
            raise content
        for start in range(0, len(content), 16_384):
            await asyncio.sleep(0)
            yield content[start : start + 16_384]


@pytest.fixture
def files() -> Files:
    return Files()


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    return objects_in(tmp_path / "evidence")


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    ours = Workers(most=1)
    yield ours
    await ours.stop()


@pytest.fixture
def take(files: Files, objects: Objects, workers: Workers, tmp_path: Path) -> Any:
    ours = Intake({"phone": files}, objects, tmp_path / "intake", workers)

    async def ask(content: bytes | Exception, name: str = "photo.jpg", **details: Any) -> Mapping[str, Any]:
        files.files["1"] = content
        return await ours(Errand("e1", "phone:anna", "intake", "s1", {"media": "1", "name": name, **details}))

    return ask


@pytest.mark.parametrize(
    "make",
    [jpeg_of_home, lambda: heic(size=(640, 480)), film, lambda: b"%PDF-1.7\n", lambda: b"OggS" + bytes(99)],
    ids=["jpeg", "heic", "film", "pdf", "ogg"],
)
async def test_result_is_what_evidence_has_fields_for(make: Callable[[], bytes], take: Any, objects: Objects) -> None:
    content = make()

    result = await take(content)

    one = replace(a_piece(), state=EvidenceState.KEPT, **result)
    assert (one.sha256, one.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert await objects.read(one.sha256) == content
    assert json.loads(json.dumps(result)) == result
    has_copies = one.is_picture or one.sort == "video"
    for copy in (one.view_sha256, one.thumb_sha256):
        assert bool(copy) is has_copies
        assert not copy or is_bare(await objects.read(copy))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"<html>", "not_image"),
        (blp(), "not_image"),
        (jpeg()[:400], "cut_off"),
        (jpeg(size=(8, 8)), "too_small"),
        (bytes(LARGEST_BYTES + 1), "too_large"),
        (MediaTooLargeError("x"), "too_large"),
        (MediaGoneError("x"), "gone"),
    ],
)
async def test_what_is_refused_says_why_and_leaves_nothing(
    content: bytes | Exception, why: str, take: Any, tmp_path: Path
) -> None:
    assert await take(content) == {"refused": why}
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


async def test_reason_that_wants_no_documents_is_heard(take: Any) -> None:
    assert await take(b"%PDF-1.7\n", documents=False) == {"refused": "pdf"}


@pytest.mark.parametrize(
    "name", ["../../../evil.jpg", "/etc/passwd", "a\x00b.jpg", "\u202egpj.exe", "x" * 5000, "照片 1.jpg", ""]
)
async def test_names_touch_no_file(name: str, take: Any, objects: Objects, tmp_path: Path) -> None:
    result = await take(jpeg(), name)

    known = {result["sha256"], result["view_sha256"], result["thumb_sha256"]}
    assert {file.name for file in tmp_path.rglob("*") if file.is_file()} == known


async def test_event_loop_goes_on_while_large_files_come(files: Files, tmp_path: Path) -> None:
    """Between two rounds the loop's own thread works less than half of what it takes to hash one such file."""
    worked: list[float] = []

    async def tick() -> None:
        while True:
            began = time.thread_time()
            await asyncio.sleep(0)
            worked.append(time.thread_time() - began)

    files.files["1"] = bytes(LARGEST_BYTES)
    began = time.thread_time()
    hashlib.sha256(files.files["1"])
    hashing = time.thread_time() - began
    ticking = asyncio.create_task(tick())
    for number in range(5):
        await fetch(files.open_media(MediaRef("1", "x")), tmp_path / str(number))
    ticking.cancel()

    assert max(worked) < hashing / 2


async def test_codes_are_read_after_the_photo_was_kept(objects: Objects, workers: Workers, tmp_path: Path) -> None:
    reading = Reading(objects, tmp_path / "intake", workers, Workers("texts", most=1))
    photo = tmp_path / "photo"
    photo.write_bytes(saved(parcel("SF1234567890123", "Code128").resize((2000, 1500)), "JPEG"))
    sha256 = await objects.put_file(photo)

    async def read(**details: Any) -> Mapping[str, Any]:
        return await reading(Errand("e2", "phone:anna", "read", "s1", {"sha256": sha256, **details}))

    codes = [{"kind": "Code128", "text": "SF1234567890123", "courier": "sf"}]
    assert await read(codes=True, text=False) == {"found": {"codes": codes}}
    assert await read(codes=False, text=False) == {"found": {}}


async def test_text_is_read_where_the_extra_is_installed(
    objects: Objects, workers: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers = Workers("texts", most=1)
    reading = Reading(objects, tmp_path / "intake", workers, readers)
    photo = tmp_path / "photo"
    photo.write_bytes(saved(scenes.screenshot(("订单编号", "2100000000001")), "PNG"))
    errand = Errand(
        "e3", "phone:anna", "read", "s1", {"sha256": await objects.put_file(photo), "codes": True, "text": True}
    )

    with_extra = await reading(errand)
    monkeypatch.setattr(intake, "can_read_text", lambda: False)
    without = await reading(errand)

    assert with_extra == {"found": {"order": "2100000000001"}}
    assert without == {"found": {}}
    await readers.stop()


async def test_reading_does_not_hold_up_receiving(tmp_path: Path) -> None:
    """Nobody waits for what stands in a picture; everybody waits for the receipt."""
    database = Database(tmp_path / "shouhou.db")
    await database.migrate()
    waiting, came = asyncio.Event(), asyncio.Event()
    reading, done = [], []

    async def read(errand: Errand) -> Mapping[str, Any]:
        reading.append(errand.id)
        await waiting.wait()
        return {}

    async def receive(errand: Errand) -> Mapping[str, Any]:
        return {}

    async def accept(event: Event) -> tuple[()]:
        done.append(event.body.subject)  # type: ignore[union-attr]
        if len(done) == AT_ONCE * 2:
            came.set()
        return ()

    several = [Errand(f"r{number}", "phone:anna", "read", f"r{number}", {}) for number in range(AT_ONCE * 2)]
    several += [Errand(f"i{number}", "phone:anna", "intake", f"i{number}", {}) for number in range(AT_ONCE * 2)]
    async with database.transaction() as connection:
        await errands.add(connection, [(one, NOW) for one in several])
    ours = Errands(database, ("phone",), {"read": read, "intake": receive}, accept, lambda: NOW)
    running = asyncio.create_task(ours.run())
    async with asyncio.timeout(GENEROUS_SECONDS):
        await came.wait()

    assert sorted(done) == [f"i{number}" for number in range(AT_ONCE * 2)]
    assert reading == ["r0"]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await database.close()


def a_piece() -> Evidence:
    return Evidence("1", "phone:anna", None, "photo.jpg", "", EvidenceState.FETCHING, NOW)


class Kept(Files):
    """Its files are objects already when their message comes."""

    def kept(self, media: MediaRef) -> str:
        return media.id


async def test_what_is_kept_already_is_not_fetched_again(objects: Objects, workers: Workers, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(content := jpeg("a cup"))
    digest = await objects.put_file(tmp_path / "photo.jpg")
    ours = Intake({"phone": Kept()}, objects, tmp_path / "intake", workers)

    result = await ours(Errand("e1", "phone:anna", "intake", "s1", {"media": digest, "name": "photo.jpg"}))

    assert (result["sha256"], result["size"], result["kind"]) == (digest, len(content), "JPEG")
    assert await objects.read(digest) == content
    assert await objects.size(result["view_sha256"])
