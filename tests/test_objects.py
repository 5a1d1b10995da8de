"""The object store keeps what it is given under its SHA-256: in a folder and in S3 the same."""

import asyncio
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import obstore
import pytest
from obstore.store import LocalStore, S3Store

from bot.settings import EvidenceSettings, SettingsError, load_settings
from bot.store import objects as module
from bot.store.objects import Objects, ObjectsUnavailableError, key_of, objects_at, objects_in, open_objects
from tests.s3 import S3, SECRET, running_s3, wire_to
from tests.servers import free_port
from tests.waiting import GENEROUS_SECONDS

LARGE = 20 * 1024 * 1024


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    with running_s3(tmp_path_factory.mktemp("s3") / "s3") as running:
        yield running


@dataclass
class Place:
    """A store, and the same place past our code."""

    objects: Objects
    bare: LocalStore | S3Store
    prefix: str = ""

    def lay(self, digest: str, body: bytes) -> None:
        obstore.put(self.bare, self.prefix + key_of(digest), body)

    def taken(self, digest: str) -> bytes:
        return bytes(obstore.get(self.bare, self.prefix + key_of(digest)).bytes())


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "folder":
        return Place(objects_in(tmp_path / "evidence"), LocalStore(tmp_path / "evidence"))
    running: S3 = request.getfixturevalue("s3")
    prefix = f"shop/{tmp_path.name}"
    settings = running.settings(f"s3://evidence/{prefix}")
    return Place(objects_at(settings.store, settings), running.bucket(), f"{prefix}/")


def file_of(tmp_path: Path, body: bytes, name: str = "photo") -> tuple[Path, str]:
    file = tmp_path / name
    file.write_bytes(body)
    return file, hashlib.sha256(body).hexdigest()


@pytest.mark.parametrize("size", [1, 70_000, LARGE])
async def test_what_is_put_is_read_back_under_its_sha256(place: Place, tmp_path: Path, size: int) -> None:
    body = os.urandom(size)
    file, digest = file_of(tmp_path, body)

    assert await place.objects.put_file(file) == digest

    assert await place.objects.read(digest) == body
    assert await place.objects.size(digest) == size
    assert [len(chunk) <= 2 * module.CHUNK_BYTES async for chunk in place.objects.open(digest)] != []


async def test_caller_who_hashed_it_already_need_not_again(place: Place, tmp_path: Path) -> None:
    file, digest = file_of(tmp_path, b"hashed while it came")

    assert await place.objects.put_file(file, digest) == digest
    assert await place.objects.read(digest) == b"hashed while it came"


async def test_what_is_not_there_is_said_so(place: Place) -> None:
    nothing = "0" * 64

    assert await place.objects.size(nothing) is None
    with pytest.raises(FileNotFoundError):
        await place.objects.read(nothing)


async def test_second_put_writes_nothing(place: Place, tmp_path: Path) -> None:
    file, digest = file_of(tmp_path, b"once")
    await place.objects.put_file(file)
    there = obstore.head(place.bare, place.prefix + key_of(digest))

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("written again")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(obstore, "put_async", refuse)
        patch.setattr(obstore, "put", refuse)
        await place.objects.put_file(file)

    assert obstore.head(place.bare, place.prefix + key_of(digest)) == there


async def test_half_an_object_is_not_trusted(place: Place, tmp_path: Path) -> None:
    body = os.urandom(50_000)
    file, digest = file_of(tmp_path, body)
    place.lay(digest, body[:20_000])

    await place.objects.put_file(file)

    assert place.taken(digest) == body


async def test_nothing_is_overwritten_by_other_bytes(place: Place, tmp_path: Path) -> None:
    right, digest = file_of(tmp_path, b"the right bytes", "right")
    await place.objects.put_file(right)
    wrong, _ = file_of(tmp_path, b"cut by a full disk", "wrong")

    with pytest.raises(ValueError, match="is not that"):
        await place.objects.put_file(wrong, digest)

    assert place.taken(digest) == b"the right bytes"


async def test_many_puts_of_one_file_at_once_leave_one_object(place: Place, tmp_path: Path) -> None:
    file, digest = file_of(tmp_path, os.urandom(300_000))

    assert set(await asyncio.gather(*(place.objects.put_file(file) for _ in range(12)))) == {digest}

    assert [one.digest async for one in place.objects.list()] == [digest]


async def test_list_has_each_object_and_nothing_else(place: Place, tmp_path: Path) -> None:
    wanted = {}
    for number in range(30):
        file, digest = file_of(tmp_path, b"%d" % number * 100)
        wanted[digest] = file.stat().st_size
        await place.objects.put_file(file)
    obstore.put(place.bare, f"{place.prefix}aa/notes.txt", b"somebody's")

    found = [one async for one in place.objects.list()]

    assert {one.digest: one.size for one in found} == wanted
    assert len(found) == len(wanted)
    assert all(one.modified_at.tzinfo for one in found)


async def test_objects_left_in_the_folder_are_read_while_s3_is_used(s3: S3, tmp_path: Path) -> None:
    file, digest = file_of(tmp_path, b"kept before the move")
    await objects_in(tmp_path / "evidence").put_file(file)
    later, second = file_of(tmp_path, b"kept after it", "later")

    objects = open_objects(s3.settings(f"s3://evidence/{tmp_path.name}"), tmp_path)
    await objects.put_file(later)

    assert await objects.read(digest) == b"kept before the move"
    assert await objects.size(digest) == 20
    assert await objects.read(second) == b"kept after it"
    assert [one.digest async for one in objects.list()] == [second]
    assert not (tmp_path / "evidence" / key_of(second)).exists()


async def test_put_copies_what_only_the_folder_has(s3: S3, tmp_path: Path) -> None:
    """What is acknowledged while S3 is used is in S3, whatever becomes of the folder."""
    file, digest = file_of(tmp_path, b"sent again after the move")
    await objects_in(tmp_path / "evidence").put_file(file)
    objects = open_objects(s3.settings(f"s3://evidence/{tmp_path.name}"), tmp_path)

    await objects.put_file(file)

    assert [one.digest async for one in objects.list()] == [digest]


async def test_wrong_key_is_an_outage_and_tells_no_secret(s3: S3, tmp_path: Path) -> None:
    file, _ = file_of(tmp_path, b"x")
    settings = s3.settings(secret_key="another-secret")

    with pytest.raises(ObjectsUnavailableError) as error:
        await objects_at(settings.store, settings).put_file(file)

    assert str(error.value) == "PermissionDeniedError"


async def test_missing_bucket_is_an_outage_not_a_missing_photo(s3: S3) -> None:
    settings = s3.settings("s3://not-made-yet/shop")

    with pytest.raises(ObjectsUnavailableError, match="no such bucket"):
        await objects_at(settings.store, settings).read("0" * 64)


async def test_nobody_there_is_told_soon(tmp_path: Path) -> None:
    file, digest = file_of(tmp_path, b"x")
    url = f"http://127.0.0.1:{free_port()}"
    settings = EvidenceSettings.model_validate(
        {"store": "s3://evidence", "endpoint": url, "access_key": "a", "secret_key": "b"}
    )
    objects = objects_at(settings.store, settings)

    async with asyncio.timeout(GENEROUS_SECONDS):
        for asking in (objects.put_file(file), objects.read(digest), objects.size(digest)):
            with pytest.raises(ObjectsUnavailableError):
                await asking


@pytest.mark.parametrize("share", [0.02, 0.5, 0.99])
@pytest.mark.parametrize("size", [60_000, LARGE])
async def test_connection_cut_in_the_middle_leaves_nothing(s3: S3, tmp_path: Path, size: int, share: float) -> None:
    body = os.urandom(size)
    file, digest = file_of(tmp_path, body)
    async with wire_to(s3.port) as wire:
        settings = s3.settings(f"s3://evidence/cut-{size}-{share}", wire.port)
        objects = objects_at(settings.store, settings)
        wire.cut_after = int(min(size, module.PART_BYTES) * share)
        with pytest.raises(ObjectsUnavailableError):
            await objects.put_file(file)
        assert wire.cuts > 0
        wire.cut_after = None
        assert [one async for one in objects.list()] == []
        assert await objects.size(digest) is None

        await objects.put_file(file)

        assert await objects.read(digest) == body


async def test_store_that_says_nothing_does_not_hang(s3: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, _ = file_of(tmp_path, b"x")
    monkeypatch.setattr(module, "ASK_SECONDS", 0.2)
    async with wire_to(s3.port) as wire:
        wire.is_silent = True
        settings = s3.settings(port=wire.port)

        async with asyncio.timeout(GENEROUS_SECONDS):
            with pytest.raises(ObjectsUnavailableError, match="TimeoutError"):
                await objects_at(settings.store, settings).put_file(file)


async def test_folder_that_cannot_be_written_is_an_outage(tmp_path: Path) -> None:
    file, _ = file_of(tmp_path, b"x")
    objects = objects_in(tmp_path / "evidence")
    (tmp_path / "evidence").rmdir()
    (tmp_path / "evidence").write_text("in its place")

    with pytest.raises(ObjectsUnavailableError):
        await objects.put_file(file)


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"STORE": "s3://evidence"}, "also needed: evidence.access_key, evidence.secret_key"),
        ({"STORE": "s3://evidence", "ACCESS_KEY": "a"}, "also needed: evidence.secret_key"),
        ({"SECRET_KEY": SECRET}, "also needed: evidence.access_key"),
        ({"ENDPOINT": "https://s3.example"}, "also needed: evidence.access_key, evidence.secret_key"),
        ({"STORE": "evidence"}, "must be s3://bucket"),
        ({"STORE": "s3://Evidence"}, "must be s3://bucket"),
        ({"STORE": "s3://ev/../other"}, "must be s3://bucket"),
        ({"STORE": "https://s3.example/evidence"}, "must be s3://bucket"),
        ({"ENDPOINT": "s3.example", "ACCESS_KEY": "a", "SECRET_KEY": SECRET}, "'evidence.endpoint'"),
        ({"REGION": "Beijing 1"}, "'evidence.region'"),
        ({"SECERT_KEY": SECRET}, "did you mean 'SHOUHOU_EVIDENCE__SECRET_KEY'?"),
    ],
)
def test_what_cannot_be_is_told_at_the_start(tmp_path: Path, variables: dict[str, str], told: str) -> None:
    environment = {f"SHOUHOU_EVIDENCE__{name}": value for name, value in variables.items()}

    with pytest.raises(SettingsError) as error:
        load_settings(None, {**environment, "SHOUHOU_WEB__PORT": "0"})

    assert told in str(error.value)
    assert "'web.port'" in str(error.value)
    assert SECRET not in str(error.value)


async def test_no_secret_in_what_is_printed(s3: S3) -> None:
    _, listed = load_settings(None, s3.variables())

    assert SECRET not in " ".join(one.value for one in listed)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({}, ""),
        ({"store": "s3://another/shop"}, "evidence.store"),
        ({"secret_key": "another"}, "evidence.secret_key"),
        ({"access_key": "another"}, "evidence.access_key"),
        ({"endpoint": "http://127.0.0.1:1"}, ""),
    ],
    ids=["fits", "no such bucket", "wrong secret", "wrong key", "not there just now"],
)
async def test_settings_that_the_store_refuses_are_told(s3: S3, wrong: dict[str, str], said: str) -> None:
    settings = s3.settings(**wrong) if "store" not in wrong else s3.settings(wrong["store"])

    objects, why = objects_at(settings.store, settings), ""
    try:
        await objects.marker()
    except ObjectsUnavailableError as error:
        why = objects.why_refused(error)

    assert said in why
    assert bool(why) == bool(said)
    assert SECRET not in why


async def test_closed_store_is_read_and_nothing_else(place: Place, tmp_path: Path) -> None:
    file, digest = file_of(tmp_path, b"from before")
    new, _ = file_of(tmp_path, b"new", "new")
    await place.objects.put_file(file)
    place.objects.closed = "not the store of this database"

    with pytest.raises(ObjectsUnavailableError):
        await place.objects.put_file(new)
    with pytest.raises(ObjectsUnavailableError):
        await place.objects.delete(digest)
    assert await place.objects.read(digest) == b"from before"


async def test_marker_is_kept_beside_the_objects_and_is_none(place: Place) -> None:
    assert (await place.objects.marker(), await place.objects.holds_any()) == (None, False)

    await place.objects.mark("a" * 32)

    assert (await place.objects.marker(), await place.objects.holds_any()) == ("a" * 32, False)
