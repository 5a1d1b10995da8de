"""Whatever is changed behind the program's back, verify.py finds it, and names the first thing that does not fit."""

import json
import random
import re
import shutil
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.pack import archive, verify
from bot.store.values import canonical_json
from tests.packing import Bench, two_cases

TRIALS = 50
OFTEN = pytest.mark.parametrize("trials", [10, pytest.param(TRIALS, marks=pytest.mark.long)])
"""How often what takes a tenth of a second is tried."""
NAMED = re.compile(r"messages? (\d+)(?: to (\d+))?")


@dataclass
class Kept:
    """A case in the store, with all that is in its pack covered by its log."""

    bench: Bench
    number: str
    manifest: Any

    async def problem(self) -> str:
        built = await self.bench.built(self.number)
        shutil.rmtree(built.file.parent)
        return built.problem

    @property
    def shown(self) -> list[Any]:
        return [one for one in self.manifest["conversations"][0]["messages"] if "text" in one]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kept(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Kept]:
    async with Bench(tmp_path_factory.mktemp("kept")) as bench:
        kettle, _ = await two_cases(bench)
        done = await bench.pack(kettle)
        assert done["problem"] == ""
        for trigger in await bench.column("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            await bench.tamper(f"DROP TRIGGER {trigger}")  # who can write the file can do this
        yield Kept(bench, kettle, json.loads(zipfile.ZipFile(done["file"]).read(verify.MANIFEST)))


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def luck(request: pytest.FixtureRequest) -> random.Random:
    return random.Random(request.node.name)


@OFTEN
async def test_a_flipped_byte_of_an_object(kept: Kept, luck: random.Random, trials: int) -> None:
    found = 0
    for _ in range(trials):
        one = luck.choice([one for one in kept.manifest["evidence"] if one["file"]])
        digest = one["custody"]["sha256"]
        file = kept.bench.settings.data / "evidence" / digest[:2] / digest
        whole = file.read_bytes()
        file.write_bytes(flipped(whole, luck))

        found += (await kept.problem()).startswith(f"{one['file']}: it is not the file that was received")

        file.write_bytes(whole)
    assert found == trials
    assert await kept.problem() == ""


@pytest.mark.parametrize("how", ["drop", "swap", "edit"])
@OFTEN
async def test_a_row_of_the_log(kept: Kept, luck: random.Random, how: str, trials: int) -> None:
    rows = await rows_of(kept, "SELECT * FROM log WHERE case_number = :number ORDER BY position", number=kept.number)
    found = 0
    for _ in range(trials):
        first = luck.randrange(len(rows))
        if how == "drop":
            changed = [row for row in rows if row is not rows[first]]
        elif how == "swap":
            other = luck.choice([place for place in range(len(rows)) if place != first])
            changed = [*rows]
            for here, there in ((first, other), (other, first)):
                changed[here] = {**rows[there], "position": rows[here]["position"]}
            first = min(first, other)
        else:
            changed = [*rows]
            changed[first] = edited(rows[first], luck)
        await put(kept, "log", "case_number = :number", changed)

        found += (await kept.problem()).startswith(f"log entry {rows[first]['position']}")

    assert found == trials
    await put(kept, "log", "case_number = :number", rows)
    assert await kept.problem() == ""


def edited(row: dict[str, Any], luck: random.Random) -> dict[str, Any]:
    """One that still can be read."""
    facts = json.loads(row["facts"])
    changes: list[dict[str, Any]] = [
        {"at": row["at"].replace("2026-11-23T1", "2026-11-22T1")},
        {"actor": "agent:wang"},
        {"what": "withdrawn"},
        {"facts": json.dumps(facts | {"more": luck.random()})},
        {"facts": json.dumps(facts | {"said": facts["said"] | {"position": facts["said"]["position"] + 1}})},
        {"hash": "0" * 64},
    ]
    return row | luck.choice(changes)


@pytest.mark.parametrize("how", ["drop", "swap", "edit", "retime"])
@OFTEN
async def test_a_message(kept: Kept, luck: random.Random, how: str, trials: int) -> None:
    """The words of any of them, shown or not, are chained; the log says how far each of its entries had heard."""
    all_of_them = [one["position"] for one in kept.manifest["conversations"][0]["messages"]]
    query = "SELECT * FROM {} WHERE address = 'phone:anna' AND position > 0"
    tables = {name: await rows_of(kept, query.format(name)) for name in ("inbox", "outbox")}
    found = 0
    for _ in range(trials):
        table, column = luck.choice([("inbox", "body"), ("outbox", "message")])
        rows = tables[table]
        places = [place for place, row in enumerate(rows) if row["position"] in all_of_them]
        here, there = luck.sample(places, 2)
        changed = [*rows]
        positions = [rows[here]["position"]]
        if how == "drop":
            changed.pop(here)
        elif how == "swap":
            for one, other in ((here, there), (there, here)):
                changed[one] = rows[one] | {column: rows[other][column]}
            if said(rows[here], column) == said(rows[there], column):
                found += 1
                continue
            positions.append(rows[there]["position"])
        elif how == "edit":
            words = json.loads(rows[here][column])
            key = next(name for name in ("label", "caption", "text") if name in words)
            changed[here] = rows[here] | {column: json.dumps(words | {key: words[key] + "."})}
        else:
            changed[here] = rows[here] | {"at": rows[here]["at"].replace(".000000", ".000001")}
        await put(kept, table, "address = 'phone:anna' AND position > 0", changed)

        named = NAMED.match(await kept.problem())
        found += bool(named) and int(named[1]) <= min(positions) <= int(named[2] or named[1])

        await put(kept, table, "address = 'phone:anna' AND position > 0", rows)
    assert found == trials
    assert await kept.problem() == ""


def said(row: dict[str, Any], column: str) -> Any:
    return {name: value for name, value in json.loads(row[column]).items() if name != "instead_of"}


async def test_a_row_of_the_evidence(kept: Kept, luck: random.Random) -> None:
    rows = await rows_of(kept, "SELECT * FROM evidence WHERE case_number = :number", number=kept.number)
    changes = {"caption": "nothing is broken", "received_at": "2026-11-20T10:00:00.000000+00:00", "shot": "packaging"}
    for name, value in changes.items():
        place = luck.randrange(len(rows))
        changed = [*rows]
        changed[place] = rows[place] | {name: value}
        await put(kept, "evidence", "case_number = :number", changed)
        assert (
            await kept.problem()
            == f"evidence {rows[place]['id']}: it is not described as in log entry {entry_of(kept, rows[place]['id'])}"
        )
    await put(kept, "evidence", "case_number = :number", rows[1:])
    assert f"evidence {rows[0]['id']}: it is missing" in await kept.problem()
    await put(kept, "evidence", "case_number = :number", rows)
    assert await kept.problem() == ""


def entry_of(kept: Kept, id_: str) -> int:
    return max(
        entry["position"]
        for entry in kept.manifest["log"]
        if entry["what"] == "evidence" and any(one["id"] == id_ for one in entry["facts"]["evidence"])
    )


async def rows_of(kept: Kept, query: str, **values: Any) -> list[dict[str, Any]]:
    from sqlalchemy import text

    async with kept.bench.app.database.reading() as connection:
        return [dict(row) for row in (await connection.execute(text(query), values)).mappings()]


async def put(kept: Kept, table: str, where: str, rows: list[dict[str, Any]]) -> None:
    """These rows instead of those."""
    from sqlalchemy import text

    columns = list(rows[0])
    insert = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(':' + name for name in columns)})"
    async with kept.bench.app.database.transaction() as connection:
        await connection.execute(text(f"DELETE FROM {table} WHERE {where}"), {"number": kept.number})
        await connection.execute(text(insert), rows)


@dataclass
class Sealed:
    """A pack's files; `write` makes another pack of them."""

    contents: dict[str, bytes]
    folder: Path

    def problem(self, contents: dict[str, bytes]) -> str:
        file = self.folder / "changed.zip"
        file.unlink(missing_ok=True)
        archive.write(file, contents, ())
        return next(verify.problems(file), "")

    def manifest(self) -> Any:
        return json.loads(self.contents[verify.MANIFEST])

    def with_manifest(self, manifest: Any) -> dict[str, bytes]:
        """Written and summed up as if it were the right one."""
        raw = canonical_json(manifest)
        total = f"{verify.sha256(raw)}  {verify.MANIFEST}\n".encode()
        return self.contents | {verify.MANIFEST: raw, verify.SUM: total}


@pytest.fixture
async def sealed(kept: Kept, tmp_path: Path) -> Sealed:
    built = await kept.bench.built(kept.number)
    with zipfile.ZipFile(built.file) as opened:
        contents = {name: opened.read(name) for name in opened.namelist()}
    shutil.rmtree(built.file.parent)
    return Sealed(contents, tmp_path)


async def test_a_flipped_byte_of_any_file_of_the_pack(sealed: Sealed, luck: random.Random) -> None:
    found = 0
    for _ in range(TRIALS):
        name = luck.choice(sorted(sealed.contents))
        problem = sealed.problem(sealed.contents | {name: flipped(sealed.contents[name], luck)})
        found += bool(problem) and (name in problem or name in (verify.MANIFEST, verify.SUM))
    assert found == TRIALS
    assert sealed.problem(sealed.contents) == ""


async def test_whatever_is_broken_in_the_zip_is_said_in_sentences(sealed: Sealed, luck: random.Random) -> None:
    file = sealed.folder / "broken.zip"
    archive.write(file, sealed.contents, ())
    whole = file.read_bytes()
    with zipfile.ZipFile(file) as opened:
        heads = [info.header_offset for info in opened.infolist()]
        directory = opened.start_dir
    places = [*heads, *(place + 26 for place in heads), *(luck.randrange(directory, len(whole)) for _ in range(300))]
    broken = [whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :] for place in places]
    broken += [whole[:length] for length in (0, 10, len(whole) // 2, len(whole) - 1)]

    for content in broken:
        file.write_bytes(content)
        for problem in verify.problems(file):
            assert not re.search(r"Errno|CRC|magic|Error|header|codec|None", problem), problem
            assert re.match(r"[^:]+: (it |its )", problem) or NAMED.match(problem), problem


async def test_a_flipped_byte_of_a_stored_file_is_damage_of_the_zip(sealed: Sealed) -> None:
    file = sealed.folder / "flipped.zip"
    archive.write(file, sealed.contents, ())
    whole = file.read_bytes()
    place = whole.index(sealed.contents["verify.py"])
    file.write_bytes(whole[:place] + b"?" + whole[place + 1 :])

    assert next(verify.problems(file)) == (
        "verify.py: it cannot be read: the ZIP is damaged here, cut off or changed; get the pack once more"
    )


async def test_a_file_of_ours_is_not_called_received(sealed: Sealed) -> None:
    for name in ("summary.html", "verify.py"):
        problem = sealed.problem(sealed.contents | {name: b"all is well"})
        assert problem.startswith(f"{name}: it is not the file that was written when the pack was made: SHA-256 ")


async def test_a_file_taken_out_put_in_or_there_twice(sealed: Sealed, tmp_path: Path) -> None:
    for name in sealed.contents:
        assert sealed.problem({one: it for one, it in sealed.contents.items() if one != name}).startswith(f"{name}: ")
    assert sealed.problem(sealed.contents | {"09-more.jpg": b""}).startswith("09-more.jpg: it does not belong")
    assert sealed.problem(sealed.contents | {"../up.jpg": b""}).startswith("../up.jpg: it does not belong")
    twice = tmp_path / "twice.zip"
    archive.write(twice, sealed.contents, ())
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(twice, "a") as opened:
        opened.writestr("summary.html", sealed.contents["summary.html"])
    assert next(verify.problems(twice)) == "summary.html: it is in the pack more than once"


@pytest.mark.parametrize("how", ["drop", "swap", "edit"])
async def test_an_entry_in_the_manifest(sealed: Sealed, luck: random.Random, how: str) -> None:
    found = 0
    for _ in range(TRIALS):
        manifest = sealed.manifest()
        place = changed_in(manifest["log"], luck, how, lambda entry: entry.update(what="withdrawn"))
        problem = sealed.problem(sealed.with_manifest(manifest))
        found += problem.startswith(f"log entry {place + 1}")
    assert found == TRIALS


@pytest.mark.parametrize("how", ["drop", "swap", "edit"])
async def test_a_message_in_the_manifest(sealed: Sealed, luck: random.Random, how: str) -> None:
    def edit(message: dict[str, Any]) -> None:
        if "text" in message:
            message["text"] += "."
        else:
            message["digest"] = "0" * 64

    found = 0
    for _ in range(TRIALS):
        manifest = sealed.manifest()
        messages = manifest["conversations"][0]["messages"]
        positions = [one["position"] for one in messages]
        place = changed_in(messages, luck, how, edit)
        problem = sealed.problem(sealed.with_manifest(manifest))
        named = NAMED.match(problem)
        found += (
            bool(named) and int(named[1]) <= positions[place] + 1 and positions[place] - 1 <= int(named[2] or named[1])
        )
    assert found == TRIALS


def changed_in(several: list[Any], luck: random.Random, how: str, edit: Callable[[Any], None]) -> int:
    """The first place that is not as it was."""
    place, other = sorted(luck.sample(range(len(several)), 2))
    if how == "drop":
        several.pop(place)
    elif how == "swap":
        several[place], several[other] = several[other], several[place]
    else:
        edit(several[place])
    return place


def lies(sealed: Sealed) -> Iterator[tuple[str, dict[str, bytes]]]:
    """For each check something that it alone finds."""
    evidence = next(name for name in sealed.contents if name.startswith("01-"))
    yield "check_files", sealed.contents | {evidence: b"another picture"}

    manifest = sealed.manifest()
    manifest["log"][1]["hash"] = "0" * 64
    yield "check_log", sealed.with_manifest(manifest)

    manifest = sealed.manifest()
    next(one for one in manifest["conversations"][0]["messages"] if "text" in one)["text"] = "all is well"
    yield "check_conversations", sealed.with_manifest(manifest)

    manifest = sealed.manifest()
    manifest["evidence"][0]["custody"]["caption"] = "taken today"
    yield "check_evidence", sealed.with_manifest(manifest)

    manifest = sealed.manifest()
    manifest["decisions"][0]["facts"]["what"] = "nothing"
    yield "check_decisions", sealed.with_manifest(manifest)

    manifest = sealed.manifest()
    manifest["time_stamp"]["is_in_pack"] = True
    yield "check_stamp", sealed.with_manifest(manifest)

    yield "check_manifest", sealed.contents | {verify.MANIFEST: json.dumps(sealed.manifest()).encode()}


async def test_without_a_check_its_lie_is_not_found(sealed: Sealed, monkeypatch: pytest.MonkeyPatch) -> None:
    """So each is needed, and each of the tests above can fail."""
    every = verify.CHECKS
    names = [check.__name__ for check in every]
    told = dict(lies(sealed))
    assert sorted(told) == sorted(names)
    for name, contents in told.items():
        assert sealed.problem(contents)
        monkeypatch.setattr(verify, "CHECKS", tuple(check for check in every if check.__name__ != name))
        assert sealed.problem(contents) == "", name
        monkeypatch.setattr(verify, "CHECKS", every)


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b"{}", b'{"format":"shouhou-evidence-pack/1"}', b"\xff\xfe", b"[" * 100_000, b'{"format":1e999}'],
)
async def test_what_is_no_manifest_is_said_in_words(sealed: Sealed, raw: bytes) -> None:
    assert sealed.problem(sealed.contents | {verify.MANIFEST: raw}).startswith(f"{verify.MANIFEST}: it ")


def flipped(content: bytes, luck: random.Random) -> bytes:
    place = luck.randrange(len(content))
    return content[:place] + bytes([content[place] ^ (1 << luck.randrange(8))]) + content[place + 1 :]
