"""Evidence that is the same file or looks alike, in its case or in others: a hint for agents, never for customers, never a verdict.

Pictures are compared by their dHash of 256 bits. Re-encoded, shrunk or turned-and-saved copies differ in 6 bits or fewer, different
parcels in one hallway in about 100. A copy with 3 % cropped away is not found.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.evidence import Evidence, EvidenceState
from bot.store.bulk import Query, Row, given
from bot.store.database import Database, driver_of
from bot.store.schema import evidence

BYTES = 32
MOST_DISTANCE = 12
LEAST_SET = 32
"""Bits. Fewer, or fewer not set, are of an almost plain picture: two of those are near each other because there is little in them."""
MOST_TOLD = 20
PAGE = 2000
NEW = """
    SELECT * FROM (SELECT rowid, dhash, state FROM evidence WHERE rowid >= :last ORDER BY rowid LIMIT :most)
    UNION ALL SELECT rowid, dhash, state FROM evidence WHERE rowid IN (SELECT value FROM json_each(:unfinished))
"""
SAME = Query(
    select(evidence.c.id, evidence.c.case_number, evidence.c.sha256, evidence.c.dhash)
    .where(
        or_(evidence.c.sha256.in_(given("sha256")), evidence.c.dhash.in_(given("dhash"))),
        evidence.c.case_number.is_not(None),
        text(f"state = '{EvidenceState.KEPT}'"),
    )
    .order_by(evidence.c.received_at.desc(), evidence.c.id)
)


@dataclass(frozen=True, slots=True)
class Same:
    """`how` is `same file` or `looks alike`; `distance` in bits of 256."""

    case: str
    evidence: str
    how: str
    distance: int


class Hashes:
    """Finds the near ones of a hundred thousand in some milliseconds, without looking at each.

    In hashes that differ in 12 bits at most 12 of the 32 bytes differ. So of any 13 bytes one is the same, and of all bytes of the
    one that is looked for we take the 13 that are rarest at their places.
    """

    def __init__(self) -> None:
        self._whole = bytearray()
        self._at = [bytearray() for _ in range(BYTES)]

    def __len__(self) -> int:
        return len(self._whole) // BYTES

    def add(self, dhash: str) -> None:
        bits = bytes.fromhex(dhash)
        self._whole += bits
        for place, byte in zip(self._at, bits, strict=True):
            place.append(byte)

    def near(self, dhash: str) -> set[str]:
        """Those at MOST_DISTANCE or less; itself too, if it is here."""
        bits = bytes.fromhex(dhash)
        wanted = int.from_bytes(bits)
        rarest = sorted(range(BYTES), key=lambda place: self._at[place].count(bits[place]))[: MOST_DISTANCE + 1]
        found = set()
        for candidate in {index for place in rarest for index in places_of(bits[place], self._at[place])}:
            other = self._whole[candidate * BYTES : (candidate + 1) * BYTES]
            if (int.from_bytes(other) ^ wanted).bit_count() <= MOST_DISTANCE:
                found.add(other.hex())
        return found


def places_of(byte: int, row: bytearray) -> Iterator[int]:
    index = row.find(byte)
    while index >= 0:
        yield index
        index = row.find(byte, index + 1)


def says_something(dhash: str) -> bool:
    """Whether there is enough in the picture to know it again by."""
    count = int(dhash, 16).bit_count() if dhash else 0
    return LEAST_SET <= count <= 8 * BYTES - LEAST_SET


class Lookalikes:
    """Reads the hashes of all evidence once, when first asked, and later what has come since: 64 bytes each are kept in memory."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._hashes = Hashes()
        self._last = 0
        self._unfinished: set[int] = set()  # rows whose file was not looked at yet
        self._reading = asyncio.Lock()

    async def others(self, files: Sequence[Evidence], case: str) -> dict[str, list[dict[str, Any]]]:
        """Of each of these files of a case, by its id: what this case has too, then what others have, the same file first; as JSON."""
        async with self._database.reading() as connection:
            async with self._reading:
                await self._read_new(connection)
            near = {}
            for file in files:
                near[file.id] = self._hashes.near(file.dhash) if says_something(file.dhash) else set()
                await asyncio.sleep(0)  # others may go on in between
            sha256 = sorted({file.sha256 for file in files if file.sha256})
            rows = await SAME.rows(connection, sha256=sha256, dhash=sorted(set().union(*near.values())))
        same = {file.id: [row for row in rows if is_same(file, row, near[file.id])] for file in files}
        return {file.id: told(file, same[file.id], case) for file in files}

    async def _read_new(self, connection: AsyncConnection) -> None:
        """By the rows' numbers, which grow. Is the last one gone, rows were erased or numbered anew: begin anew too."""
        driver = await driver_of(connection)
        while True:
            last = self._last
            values = {"last": last, "unfinished": str(sorted(self._unfinished)), "most": PAGE}
            rows = list(await driver.execute_fetchall(NEW, values))
            if last and not any(number == last for number, _, _ in rows):
                self._hashes, self._last, self._unfinished = Hashes(), 0, set()
                continue
            for number, dhash, state in rows:
                if number <= last and number not in self._unfinished:
                    continue
                self._last = max(self._last, number)
                if state == EvidenceState.FETCHING:
                    self._unfinished.add(number)
                    continue
                self._unfinished.discard(number)
                if says_something(dhash):
                    self._hashes.add(dhash)
            if self._last == last:
                return


def is_same(file: Evidence, row: Row, near: set[str]) -> bool:
    return row["id"] != file.id and (row["sha256"] == file.sha256 or row["dhash"] in near)


def told(file: Evidence, rows: Sequence[Row], case: str) -> list[dict[str, Any]]:
    found = [
        Same(row["case_number"], row["id"], "same file", 0)
        if row["sha256"] == file.sha256
        else Same(row["case_number"], row["id"], "looks alike", distance(file.dhash, row["dhash"]))
        for row in rows
    ]
    found.sort(key=lambda one: (one.case != case, one.how != "same file", one.distance))
    return [asdict(one) for one in found[:MOST_TOLD]]


def distance(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()
