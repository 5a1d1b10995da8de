"""Agents are told that another case has the same file, or a picture that looks alike; not of pictures with nothing in them."""

import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import text

from bot.lookalikes import LEAST_SET, MOST_DISTANCE, MOST_TOLD, Hashes, Lookalikes, distance
from bot.model.evidence import Evidence, EvidenceState
from bot.store import evidence
from bot.store.database import Database
from tests.customers import arrive
from tests.servers import running

BITS = 256
OURS, THEIRS = "KS-AAA-AAA-AAA", "KS-BBB-BBB-BBB"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(tmp_path / "shouhou.db")
    await opened.migrate()
    yield opened
    await opened.close()


def piece(id_: str, case: str | None, dhash: str = "", **more: Any) -> Evidence:
    now = datetime(2026, 11, 25, tzinfo=UTC)
    values = {"sha256": f"sha of {id_}", "state": EvidenceState.KEPT} | more
    return Evidence(id_, "webchat:1", case, f"{id_}.jpg", "", received_at=now, dhash=dhash, **values)


def picture(luck: random.Random) -> str:
    return f"{luck.getrandbits(BITS):064x}"


def changed(dhash: str, bits: int, luck: random.Random) -> str:
    value = int(dhash, 16)
    for place in luck.sample(range(BITS), bits):
        value ^= 1 << place
    return f"{value:064x}"


async def add(database: Database, *several: Evidence) -> None:
    async with database.transaction() as connection:
        await evidence.add(connection, several)


async def others(database: Database, file: Evidence) -> list[dict[str, Any]]:
    return (await Lookalikes(database).others([file], str(file.case_number)))[file.id]


def test_finding_by_rare_bytes_finds_what_looking_at_each_would() -> None:
    luck = random.Random(4)
    one_of_each = [picture(luck) for _ in range(300)]
    near = [changed(one, bits, luck) for one in one_of_each for bits in (1, 6, 11, 12, 13, 14, 40)]
    some_like_many = [f"{0xFFFFFFFF << 100 ^ luck.getrandbits(40):064x}" for _ in range(500)]
    stored = one_of_each + near + some_like_many
    hashes = Hashes()
    for one in stored:
        hashes.add(one)

    for wanted in (*one_of_each, *some_like_many[:50]):
        assert hashes.near(wanted) == {one for one in stored if distance(wanted, one) <= MOST_DISTANCE}


def test_copy_that_differs_in_each_of_the_rarest_bytes_is_found() -> None:
    luck = random.Random(12)
    wanted = luck.randbytes(32)
    changed_bytes = bytes(byte ^ (1 << luck.randrange(8)) for byte in wanted[:12])
    hashes = Hashes()
    for _ in range(200):  # they make the other bytes frequent ones
        hashes.add((luck.randbytes(12) + wanted[12:]).hex())
    other = (changed_bytes + wanted[12:]).hex()
    hashes.add(other)

    assert other in hashes.near(wanted.hex())


async def test_picture_that_looks_alike_in_another_case_is_told_with_its_distance(database: Database) -> None:
    luck = random.Random(5)
    dhash = picture(luck)
    mine = piece("mine", OURS, dhash)
    await add(
        database,
        mine,
        piece("near", THEIRS, changed(dhash, MOST_DISTANCE, luck)),
        piece("nearer", THEIRS, changed(dhash, 3, luck)),
        piece("other", THEIRS, changed(dhash, MOST_DISTANCE + 1, luck)),
        piece("far", THEIRS, picture(luck)),
    )

    assert await others(database, mine) == [
        {"case": THEIRS, "evidence": "nearer", "how": "looks alike", "distance": 3},
        {"case": THEIRS, "evidence": "near", "how": "looks alike", "distance": MOST_DISTANCE},
    ]


async def test_same_file_is_told_first_whatever_it_is(database: Database) -> None:
    luck = random.Random(6)
    dhash = picture(luck)
    mine, video = piece("mine", OURS, dhash, sha256="same"), piece("video", OURS, sha256="film")
    await add(
        database,
        mine,
        video,
        piece("alike", THEIRS, changed(dhash, 1, luck)),
        piece("same", THEIRS, dhash, sha256="same"),
        piece("same film", THEIRS, sha256="film"),
    )

    assert [one["how"] for one in await others(database, mine)] == ["same file", "looks alike"]
    assert [one["evidence"] for one in await others(database, video)] == ["same film"]


async def test_the_same_case_is_told_first_and_what_belongs_to_no_case_is_not(database: Database) -> None:
    dhash = picture(random.Random(7))
    mine = piece("mine", OURS, dhash, sha256="same")
    again = replace(mine, id="again", received_at=mine.received_at - timedelta(days=1))
    await add(
        database,
        mine,
        again,
        replace(mine, id="theirs", case_number=THEIRS),
        replace(mine, id="draft", case_number=None),
        replace(mine, id="refused", case_number=THEIRS, state=EvidenceState.REFUSED),
    )

    assert [(one["case"], one["evidence"]) for one in await others(database, mine)] == [
        (OURS, "again"),
        (THEIRS, "theirs"),
    ]


@pytest.mark.parametrize("bits", [0, 1, LEAST_SET - 1, BITS - LEAST_SET + 1, BITS])
async def test_plain_pictures_do_not_look_alike(database: Database, bits: int) -> None:
    luck = random.Random(8)
    plain = changed("0" * 64, bits, luck)
    mine = piece("mine", OURS, plain)
    await add(database, mine, piece("theirs", THEIRS, plain), piece("nearly", THEIRS, changed(plain, 1, luck)))

    assert await others(database, mine) == []


async def test_what_came_since_is_known_also_what_was_looked_at_later(database: Database) -> None:
    luck = random.Random(9)
    dhash = picture(luck)
    mine, late = piece("mine", OURS, dhash), piece("late", THEIRS, changed(dhash, 2, luck))
    known = Lookalikes(database)
    await add(database, mine, replace(late, state=EvidenceState.FETCHING, dhash=""))
    assert (await known.others([mine], OURS))["mine"] == []

    await add(database, piece("new", THEIRS, changed(dhash, 1, luck)))
    assert [one["evidence"] for one in (await known.others([mine], OURS))["mine"]] == ["new"]

    async with database.transaction() as connection:
        await evidence.save(connection, [late])
    assert [one["evidence"] for one in (await known.others([mine], OURS))["mine"]] == ["new", "late"]


async def test_what_was_erased_is_not_told_nor_what_comes_after_missed(database: Database) -> None:
    luck = random.Random(10)
    dhash = picture(luck)
    mine = piece("mine", OURS, dhash)
    known = Lookalikes(database)
    await add(database, mine, *(piece(f"{at}", THEIRS, changed(dhash, at, luck)) for at in range(1, 6)))
    assert len((await known.others([mine], OURS))["mine"]) == 5

    async with database.transaction() as connection:
        await connection.execute(text("DELETE FROM evidence WHERE id != 'mine'"))
    assert (await known.others([mine], OURS))["mine"] == []

    await add(database, piece("new", THEIRS, changed(dhash, 1, luck)))
    assert [one["evidence"] for one in (await known.others([mine], OURS))["mine"]] == ["new"]


async def test_rows_numbered_anew_are_read_anew(database: Database) -> None:
    luck = random.Random(11)
    dhash = picture(luck)
    mine = piece("mine", OURS, dhash)
    known = Lookalikes(database)
    await add(database, *(piece(f"gone {at}", THEIRS, picture(luck)) for at in range(20)), mine)
    assert (await known.others([mine], OURS))["mine"] == []

    async with database.transaction() as connection:
        await connection.execute(text("DELETE FROM evidence WHERE id LIKE 'gone%'"))
        await connection.execute(text("UPDATE evidence SET rowid = 1"))  # as VACUUM does
    await add(database, piece("new", THEIRS, changed(dhash, 1, luck)))

    assert [one["evidence"] for one in (await known.others([mine], OURS))["mine"]] == ["new"]


async def test_picture_that_everybody_has_is_told_some_times(database: Database) -> None:
    mine = piece("mine", OURS, sha256="same")
    await add(database, mine, *(piece(f"{at:03}", f"{THEIRS}{at}", sha256="same") for at in range(3 * MOST_TOLD)))

    assert len(await others(database, mine)) == MOST_TOLD


async def test_agents_see_it_with_the_case_and_customers_do_not(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        async with aiohttp.ClientSession() as http:
            anna, ben = await arrive(http, server.url, "en"), await arrive(http, server.url, "en")
            first, second = await anna.claims(), await ben.claims()
            shown = server.case_shown(second)
            told = str([await ben.history(), await ben.press(f"status:{second}")])

    same = [one for file in shown["evidence"] for one in file["same_as"]]
    assert {(one["case"], one["how"], one["distance"]) for one in same} == {(first, "same file", 0)}
    assert first not in told
