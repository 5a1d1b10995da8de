"""`shouhou evidence check` finds whatever was changed behind the program's back (reliability.md, S23), and nothing else."""

import asyncio
import json
import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import obstore
import pytest

from bot import event_loop
from bot.app import App
from bot.evidence_check import EvidenceCheck
from bot.model.events import Address, Event, Text
from bot.settings import DATABASE, Settings
from bot.store import messages
from bot.store.database import Database
from bot.store.log import linked
from bot.store.moves import move
from bot.store.objects import key_of, objects_in, open_objects
from tests.customers import arrive
from tests.fakes import NOTHING_READ
from tests.pictures import jpeg
from tests.s3 import running_s3
from tests.servers import Server, running, shouhou

OFTEN = pytest.mark.parametrize("times", [10, pytest.param(50, marks=pytest.mark.long)])
"""Each try copies the whole database."""
HOUR = 3600


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with two cases, their photos and conversations; its server has ended."""
    data = tmp_path_factory.mktemp("kept") / "data"

    async def live(server: Server) -> None:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as http:
            for language in ("zh-CN", "en"):
                customer = await arrive(http, server.url, language)
                number = await customer.claims()
                server.case("show", number, "--agent", "lin")
                server.case("ask", number, "再拍一张外箱", "--agent", "lin")
                await customer.say("/status")

    with running(data) as server:
        event_loop.run(live(server))
    age(data)
    return data


def age(data: Path) -> None:
    """Everything was put two hours ago."""
    for file in (data / "evidence").rglob("*"):
        os.utime(file, (file.stat().st_atime, file.stat().st_mtime - 2 * HOUR))


async def problems(data: Path, database: Path | None = None) -> list[str]:
    opened = Database(database or data / DATABASE, checkpoints=False)
    try:
        checking = EvidenceCheck(opened, objects_in(data / "evidence"), datetime.now(UTC))
        return [problem async for problem in checking.problems()]
    finally:
        await opened.close()


def query(database: Path, statement: str, *values: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database)) as connection, connection:
        return connection.execute(statement, values).fetchall()


def copied(data: Path, tmp_path: Path) -> Path:
    """The database alone, to be changed by somebody who knows how."""
    database = Path(shutil.copy(data / DATABASE, tmp_path / "changed.db"))
    for (name,) in query(database, "SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        query(database, f"DROP TRIGGER {name}")
    return database


async def test_nothing_is_wrong_with_what_the_program_wrote(kept: Path) -> None:
    done = shouhou("evidence", "check", "--data", str(kept), cwd=kept.parent)

    assert (done.returncode, done.stderr) == (0, "")
    assert "everything is there and as it was stored" in done.stdout
    evidence = query(kept / DATABASE, "SELECT count(*) FROM evidence")[0][0]
    entries = query(kept / DATABASE, "SELECT count(*) FROM log")[0][0]
    assert f"for {evidence} pieces of evidence" in done.stdout
    assert f"{entries} log entries of 2 cases" in done.stdout


@OFTEN
async def test_each_flipped_byte_is_found(kept: Path, times: int) -> None:
    luck = random.Random(1)
    objects = sorted((kept / "evidence").glob("??/*"))
    for _ in range(times):
        file = luck.choice(objects)
        good = file.read_bytes()
        place, bit = luck.randrange(len(good)), 1 << luck.randrange(8)
        file.write_bytes(good[:place] + bytes([good[place] ^ bit]) + good[place + 1 :])
        try:
            found = await problems(kept)
        finally:
            file.write_bytes(good)
        assert len(found) == 1
        assert f"object {file.name}: its bytes are not what they were; it is the " in found[0]


def drop_entry(database: Path, luck: random.Random, entry: tuple[str, int]) -> int:
    query(database, "DELETE FROM log WHERE case_number = ? AND position = ?", *entry)
    return entry[1]


def swap_entries(database: Path, luck: random.Random, entry: tuple[str, int]) -> int:
    number, here = entry
    last = int(str(query(database, "SELECT max(position) FROM log WHERE case_number = ?", number)[0][0]))
    there = luck.choice([position for position in range(1, last + 1) if position != here])
    move_entry = "UPDATE log SET position = ? WHERE case_number = ? AND position = ?"
    for new, old in ((0, here), (here, there), (there, 0)):
        query(database, move_entry, new, number, old)
    return min(here, there)


def edit_entry(database: Path, luck: random.Random, entry: tuple[str, int]) -> int:
    where = "WHERE case_number = ? AND position = ?"
    column = luck.choice(["at", "actor", "what", "facts", "hash"])
    old = str(query(database, f"SELECT {column} FROM log {where}", *entry)[0][0])
    if column == "at":
        new = old[:-8] + ("1" if old[-8] == "0" else "0") + old[-7:]
    elif column == "facts":
        new = json.dumps({**json.loads(old), "amount": 1})
    else:
        new = old[:-1] + ("x" if old[-1] != "x" else "y")
    query(database, f"UPDATE log SET {column} = ? {where}", new, *entry)
    return entry[1]


@OFTEN
@pytest.mark.parametrize("change", [drop_entry, swap_entries, edit_entry])
async def test_each_change_of_a_log_is_found_where_it_is(
    kept: Path, tmp_path: Path, change: Callable[[Path, random.Random, tuple[str, int]], int], times: int
) -> None:
    luck = random.Random(2)
    entries = query(kept / DATABASE, "SELECT case_number, position FROM log")
    for _ in range(times):
        database = copied(kept, tmp_path)
        number, position = luck.choice(entries)
        first = change(database, luck, (str(number), int(str(position))))

        found = await problems(kept, database)

        assert len(found) == 1
        assert found[0].startswith(f"log of case {number}: entry {first} ")


async def test_log_cut_off_at_the_end_with_the_length_made_to_fit_is_found(kept: Path, tmp_path: Path) -> None:
    database = copied(kept, tmp_path)
    number, last = query(database, "SELECT case_number, max(position) FROM log GROUP BY 1")[0]
    query(database, "DELETE FROM log WHERE case_number = ? AND position = ?", number, last)
    query(database, "UPDATE cases SET log_length = log_length - 1 WHERE number = ?", number)

    assert await problems(kept, database) == [
        f"log of case {number}: its last entry is not the head that the case names"
    ]


def drop_message(database: Path, luck: random.Random, table: str, where: str) -> None:
    query(database, f"DELETE FROM {table} WHERE {where}")


def swap_messages(database: Path, luck: random.Random, table: str, where: str) -> None:
    """What was said here and what was said there, each in the other's place."""
    body = {"inbox": "body", "outbox": "message"}[table]
    address, position, text = query(database, f"SELECT address, position, {body} FROM {table} WHERE {where}")[0]
    others = f"SELECT position, {body} FROM {table} WHERE address = ? AND position > 0 AND {body} != ?"
    other, other_text = luck.choice(query(database, others, address, text))
    put = f"UPDATE {table} SET {body} = ? WHERE address = ? AND position = ?"
    query(database, put, other_text, address, position)
    query(database, put, text, address, other)


def edit_message(database: Path, luck: random.Random, table: str, where: str) -> None:
    body = {"inbox": "body", "outbox": "message"}[table]
    old = json.loads(str(query(database, f"SELECT {body} FROM {table} WHERE {where}")[0][0]))
    field = next(name for name in ("label", "text", "caption") if name in old)
    query(database, f"UPDATE {table} SET {body} = ? WHERE {where}", json.dumps({**old, field: old[field] + "!"}))


def date_message(database: Path, luck: random.Random, table: str, where: str) -> None:
    query(database, f"UPDATE {table} SET at = replace(at, '+00:00', '+00:01') WHERE {where}")


def move_message(database: Path, luck: random.Random, table: str, where: str) -> None:
    query(database, f"UPDATE {table} SET position = position + 1000 WHERE {where}")


@OFTEN
@pytest.mark.parametrize("change", [drop_message, swap_messages, edit_message, date_message, move_message])
async def test_each_change_of_a_conversation_is_found(
    kept: Path, tmp_path: Path, change: Callable[[Path, random.Random, str, str], None], times: int
) -> None:
    luck = random.Random(3)
    messages = [
        (table, address, position)
        for table in ("inbox", "outbox")
        for address, position in query(kept / DATABASE, f"SELECT address, position FROM {table} WHERE position > 0")
    ]
    for _ in range(times):
        database = copied(kept, tmp_path)
        table, address, position = luck.choice(messages)
        change(database, luck, table, f"address = '{address}' AND position = {position}")

        found = await problems(kept, database)

        assert [one.partition(": ")[0] for one in found] == [f"conversation {address}"], change
        if change is drop_message:
            assert f"message {position} is missing" in found[0]


async def test_edited_message_is_found_also_when_the_head_was_made_to_fit(kept: Path, tmp_path: Path) -> None:
    """By the heads that the cases' logs keep; they say as well between which two it is."""
    database = copied(kept, tmp_path)
    address = str(query(database, "SELECT min(address) FROM conversations")[0][0])
    edit_message(database, random.Random(), "inbox", f"address = '{address}' AND position = 1")
    opened = Database(database)
    async with opened.reading() as connection:
        told = await messages.whole(connection, address)
    await opened.close()
    head = ""
    for one in told:
        head = linked(head, one.message)
    query(database, "UPDATE conversations SET head = ? WHERE address = ?", head, address)

    found = await problems(kept, database)

    assert len(found) == 1
    last = int(found[0].removeprefix(f"conversation {address}: one of the messages 1 to ").split()[0])
    assert last < len(told)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DELETE FROM cases WHERE number = (SELECT min(number) FROM cases)", "there is no such case"),
        ("DELETE FROM conversations WHERE address = (SELECT min(address) FROM conversations)", "and no conversation"),
        ("DELETE FROM log", "entry 1 is missing"),
        ("UPDATE conversations SET head = ''", "is not the head that it names"),
        ("UPDATE evidence SET sha256 = ''", "it is kept, and names no object"),
        ("UPDATE inbox SET body = '{' WHERE position = 1", "a message cannot be read"),
        ("DELETE FROM evidence WHERE id = (SELECT min(id) FROM evidence)", "there is no such evidence"),
    ],
)
async def test_what_was_taken_away_is_found(kept: Path, tmp_path: Path, statement: str, told: str) -> None:
    database = copied(kept, tmp_path)
    query(database, statement)

    assert any(told in one for one in await problems(kept, database))


@pytest.mark.parametrize("column", ["sha256", "view_sha256", "thumb_sha256"])
async def test_missing_object_is_found(kept: Path, tmp_path: Path, column: str) -> None:
    database = copied(kept, tmp_path)
    nothing = "0" * 64
    query(database, f"UPDATE evidence SET {column} = '{nothing}' WHERE id = (SELECT min(id) FROM evidence)")

    found = await problems(kept, database)

    assert any(one.startswith(f"object {nothing}: it is missing; it is the ") for one in found)


async def test_orphan_is_found_when_it_is_old(kept: Path, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(jpeg("nobody's"))
    digest = await objects_in(kept / "evidence").put_file(photo)
    file = kept / "evidence" / key_of(digest)
    try:
        young = shouhou("evidence", "check", "--data", str(kept), cwd=kept.parent)
        os.utime(file, (0, file.stat().st_mtime - 2 * HOUR))
        old = shouhou("evidence", "check", "--data", str(kept), cwd=kept.parent)
    finally:
        file.unlink()

    assert (young.returncode, "1 of them are just being received" in young.stdout) == (0, True)
    assert (old.returncode, f"object {digest}: nothing names it" in old.stdout) == (1, True)
    assert "1 things are wrong" in old.stdout


async def test_refused_upload_is_no_orphan(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(data) as server:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as http:
            anna = await arrive(http, server.url, "en")
            sent = await anna.upload(b"<html>not a photo</html>", "page.jpg")
            await anna.hears(lambda message: message["author"] == "bot", after=sent.messages[-1]["position"])
            beside = server.shouhou("evidence", "check")
    age(data)

    assert (beside.returncode, beside.stderr) == (0, "")
    assert await problems(data) == []
    assert list((data / "evidence").glob("??/*"))


async def test_check_beside_a_server_that_is_being_written_to(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(data) as server:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as http:
            anna = await arrive(http, server.url)
            checking = asyncio.create_task(asyncio.to_thread(server.shouhou, "evidence", "check"))
            while not checking.done():
                await anna.say("/status")
                await anna.upload(jpeg(f"{random.random()}"))
            done = await checking

    assert (done.returncode, done.stderr) == (0, ""), done.stdout


async def test_what_was_said_before_heads_were_kept_is_no_tampering(kept: Path, tmp_path: Path) -> None:
    """A database of the version before; then both customers write again."""
    data = tmp_path / "data"
    shutil.copytree(kept, data)
    database = data / DATABASE
    query(database, "UPDATE conversations SET head = ''")
    query(database, "ALTER TABLE conversations DROP COLUMN thread")
    query(database, "ALTER TABLE conversations DROP COLUMN head_from")
    query(database, "DROP INDEX evidence_by_sha256")
    query(database, "DROP INDEX evidence_by_dhash")
    query(database, "UPDATE alembic_version SET version_num = '0006'")
    old = shouhou("evidence", "check", "--data", str(data), cwd=tmp_path)
    assert (old.returncode, "of another version" in old.stderr) == (1, True)

    app = App(Settings(data=data, evidence=NOTHING_READ))
    await app.database.migrate()
    app.add(app.platforms())
    dispatching = asyncio.create_task(app.dispatcher.run())
    (first,), (second,) = query(database, "SELECT address FROM conversations")
    assert await problems(data) == []
    await app.dispatcher.accept(Event("again", Address.parse(str(first)), datetime.now(UTC), Text("/status")))
    assert await problems(data) == []
    dispatching.cancel()
    await app.stop()

    query(database, "UPDATE outbox SET at = replace(at, '+00:00', '+00:01') WHERE event = 'again'")
    assert [one.partition(": ")[0] for one in await problems(data)] == [f"conversation {first}"]
    assert second


async def test_two_conversations_that_became_one_are_no_tampering(kept: Path, tmp_path: Path) -> None:
    database = copied(kept, tmp_path)
    (first,), (second,) = query(database, "SELECT address FROM conversations")
    opened = Database(database)
    async with opened.transaction() as connection:
        await move(connection, Address.parse(str(first)), Address.parse(str(second)))
    await opened.close()

    assert await problems(kept, database) == []


async def test_objects_in_s3_and_those_still_in_the_folder(kept: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(kept, data)
    with running_s3(tmp_path / "s3") as s3:
        settings = s3.settings("s3://evidence/shop")
        files = sorted((data / "evidence").glob("??/*"))
        objects = open_objects(settings, data)
        for file in files[::2]:
            await objects.put_file(file, file.name)
            file.unlink()
        variables = s3.variables("s3://evidence/shop")

        def check() -> tuple[int, str]:
            done = shouhou("evidence", "check", "--data", str(data), cwd=tmp_path, variables=variables)
            return done.returncode, done.stdout + done.stderr

        good = check()
        obstore.put(s3.bucket(), f"shop/{key_of(files[0].name)}", b"other bytes")
        other = check()
        obstore.delete(s3.bucket(), f"shop/{key_of(files[0].name)}")
        gone = check()
        s3.stop()
        away = check()

    assert good[0] == 0, good
    assert (other[0], f"object {files[0].name}: its bytes are not" in other[1]) == (1, True)
    assert (gone[0], f"object {files[0].name}: it is missing" in gone[1]) == (1, True)
    assert (away[0], "not everything could be read" in away[1]) == (1, True)


async def test_check_without_a_store_says_so(tmp_path: Path) -> None:
    done = shouhou("evidence", "check", "--data", str(tmp_path / "nothing"), cwd=tmp_path)

    assert (done.returncode, "there is no Shouhou data" in done.stderr) == (1, True)
    assert not (tmp_path / "nothing").exists()
