"""Is all evidence there and unchanged? Every object against its hash, every log and every conversation against its chain.

It only reads, page by page and object by object, so that it can be run beside the server and however much there is. Which objects
there are and which are named is kept in a temporary file.
"""

import asyncio
import hashlib
import json
import re
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import bindparam, exists, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.evidence import EvidenceState
from bot.model.messages import Message
from bot.store import inbox as heard
from bot.store import outbox as said
from bot.store.bulk import Query, Row, given
from bot.store.database import Database
from bot.store.files import OBJECT
from bot.store.log import chained, linked
from bot.store.objects import DIGEST, Objects
from bot.store.schema import cases, conversations, errands, evidence, inbox, log, outbox
from bot.store.values import as_time

PAGE = 200
AT_ONCE = 4
YOUNG = timedelta(hours=1)
"""An object is there before anything names it: one that nothing names is no orphan for so long."""
OBJECTS_OF = {"sha256": "original", "view_sha256": "small copy", "thumb_sha256": "thumbnail"}
ANY_DIGEST = re.compile(rf"(?<![0-9a-f]){DIGEST.pattern}(?![0-9a-f])")

CASES = (
    select(cases.c.number, cases.c.log_length, cases.c.log_head)
    .where(cases.c.number > bindparam("after"))
    .order_by(cases.c.number)
    .limit(PAGE)
)
ENTRIES = Query(select(log).where(log.c.case_number.in_(given("keys"))).order_by(log.c.case_number, log.c.position))
NO_CASE = select(log.c.case_number).where(~exists().where(cases.c.number == log.c.case_number)).distinct()
CONVERSATIONS = (
    select(conversations.c.address, conversations.c.position, conversations.c.head, conversations.c.head_from)
    .where(conversations.c.address > bindparam("after"))
    .order_by(conversations.c.address)
    .limit(PAGE)
)
HEARD = Query(select(inbox).where(inbox.c.address.in_(given("keys")), text("position > 0")).order_by(inbox.c.address))
SAID = Query(select(outbox).where(outbox.c.address.in_(given("keys"))).order_by(outbox.c.address))
NO_CONVERSATION = [
    select(table.c.address)
    .where(table.c.position > 0, ~exists().where(conversations.c.address == table.c.address))
    .distinct()
    for table in (inbox, outbox)
]
EVIDENCE = (
    select(evidence.c.id, evidence.c.case_number, evidence.c.state, *(evidence.c[name] for name in OBJECTS_OF))
    .where(evidence.c.id > bindparam("after"))
    .order_by(evidence.c.id)
    .limit(PAGE)
)
NO_EVIDENCE = (
    select(errands.c.subject)
    .where(errands.c.kind == "intake", ~exists().where(evidence.c.id == errands.c.subject))
    .distinct()
)
STILL_UNNAMED = select(func.count()).where(
    (evidence.c.sha256 == bindparam("digest"))
    | (evidence.c.view_sha256 == bindparam("digest"))
    | (evidence.c.thumb_sha256 == bindparam("digest"))
)
TABLES = """
    CREATE TABLE stored (digest TEXT PRIMARY KEY, young INTEGER) WITHOUT ROWID;
    CREATE TABLE named (digest TEXT, what TEXT);
    CREATE INDEX named_digest ON named (digest);
    CREATE TABLE heads (address TEXT, position INTEGER, head TEXT);
    CREATE INDEX heads_of ON heads (address);
"""


class EvidenceCheck:
    """`counts` says how much was looked at, when `problems` has ended."""

    def __init__(self, database: Database, objects: Objects, started_at: datetime) -> None:
        self._database = database
        self._objects = objects
        self._started_at = started_at
        self.counts: Counter[str] = Counter()

    async def problems(self) -> AsyncIterator[str]:
        """A sentence each. Raises StoreUnavailableError when database or objects cannot be read."""
        with closing(sqlite3.connect("")) as notes:  # a file of its own that ends with it
            notes.executescript(TABLES)
            # Names first and objects after them: an object is stored before it is named.
            for part in (self._logs(notes), self._conversations(notes), self._named(notes), self._stored(notes)):
                async for problem in part:
                    yield problem
            async for problem in self._compared(notes):
                yield problem

    async def _pages(self, statement: Any) -> AsyncIterator[tuple[AsyncConnection, Sequence[Row]]]:
        """Each page with a connection that sees everything as it was at one moment."""
        after = ""
        while True:
            async with self._database.reading() as connection:
                rows = (await connection.execute(statement, {"after": after})).mappings().all()
                if not rows:
                    return
                yield connection, rows
                after = next(iter(rows[-1].values()))

    async def _logs(self, notes: sqlite3.Connection) -> AsyncIterator[str]:
        async for connection, page in self._pages(CASES):
            entries = by_key(await ENTRIES.rows(connection, keys=[case["number"] for case in page]), "case_number")
            for case in page:
                self.counts["cases"] += 1
                self.counts["entries"] += len(entries.get(case["number"], ()))
                if problem := wrong_in_log(case, entries.get(case["number"], ())):
                    yield f"log of case {case['number']}: {problem}"
                else:
                    notes.executemany("INSERT INTO heads VALUES (?, ?, ?)", heads_in(entries.get(case["number"], ())))
        async with self._database.reading() as connection:
            for number in (await connection.execute(NO_CASE)).scalars():
                yield f"log of case {number}: there is no such case"

    async def _conversations(self, notes: sqlite3.Connection) -> AsyncIterator[str]:
        async for connection, page in self._pages(CONVERSATIONS):
            addresses = [one["address"] for one in page]
            ours = by_key(await SAID.rows(connection, keys=addresses), "address")
            theirs = by_key(await HEARD.rows(connection, keys=addresses), "address")
            for one in page:
                self.counts["conversations"] += 1
                address = one["address"]
                try:
                    messages = [message for row in theirs.get(address, ()) if (message := heard.from_row(row))]
                    messages += [said.from_row(row).message for row in ours.get(address, ())]
                except Exception as error:  # whatever somebody wrote into a row
                    yield f"conversation {address}: a message cannot be read ({type(error).__name__})"
                    continue
                messages.sort(key=lambda message: message.position)
                chain = [message for message in messages if message.position >= one["head_from"]]
                self.counts["messages"] += len(chain)
                self.counts["messages without a head"] += len(messages) - len(chain)
                heads = dict(notes.execute("SELECT position, head FROM heads WHERE address = ?", (address,)))
                if problem := wrong_in_conversation(one, chain, heads):
                    yield f"conversation {address}: {problem}"
                note(notes, objects_of(address, messages))
                note(notes, uploads_of(theirs.get(address, ())))
        async with self._database.reading() as connection:
            for statement in NO_CONVERSATION:
                for address in (await connection.execute(statement)).scalars():
                    yield f"conversation {address}: there are messages, and no conversation"

    async def _named(self, notes: sqlite3.Connection) -> AsyncIterator[str]:
        async for _, page in self._pages(EVIDENCE):
            for row in page:
                self.counts["evidence"] += 1
                if row["state"] == EvidenceState.KEPT and not row["sha256"]:
                    yield f"evidence {row['id']}: it is kept, and names no object"
                of_case = f" of case {row['case_number']}" if row["case_number"] else ""
                note(
                    notes,
                    (
                        # What a customer took out is erased: it is not missing.
                        (row[name], None if row["state"] == EvidenceState.REMOVED else f"{what} of evidence {row['id']}{of_case}")
                        for name, what in OBJECTS_OF.items() if row[name]
                    ),
                )  # fmt: skip
        async with self._database.reading() as connection:
            for id_ in (await connection.execute(NO_EVIDENCE)).scalars():
                yield f"evidence {id_}: it was received, and there is no such evidence"

    async def _stored(self, notes: sqlite3.Connection) -> AsyncIterator[str]:
        store: Objects | None = self._objects
        while store:
            async for problem in self._hashed(store, notes):
                yield problem
            store = store.before

    async def _hashed(self, store: Objects, notes: sqlite3.Connection) -> AsyncIterator[str]:
        """Some at a time: a distant store answers slowly and many at once."""
        reading: set[asyncio.Task[str]] = set()
        try:
            async for one in store.list():
                young = one.modified_at > self._started_at - YOUNG
                notes.execute("INSERT OR IGNORE INTO stored VALUES (?, ?)", (one.digest, young))
                reading.add(asyncio.create_task(self._wrong_with(store, one.digest, notes)))
                if len(reading) == AT_ONCE:
                    done, reading = await asyncio.wait(reading, return_when=asyncio.FIRST_COMPLETED)
                    for task in done:
                        if problem := task.result():
                            yield problem
            for task in reading:
                if problem := await task:
                    yield problem
        finally:
            for task in reading:
                task.cancel()

    async def _wrong_with(self, store: Objects, digest: str, notes: sqlite3.Connection) -> str:
        found = hashlib.sha256()
        self.counts["objects"] += 1
        try:
            async for chunk in store.open_here(digest):
                found.update(chunk)
                self.counts["bytes"] += len(chunk)
        except FileNotFoundError:
            return f"object {digest}: it was there a moment ago, and is gone"
        if found.hexdigest() == digest:
            return ""
        named = notes.execute("SELECT what FROM named WHERE digest = ? AND what IS NOT NULL", (digest,)).fetchone()
        return f"object {digest}: its bytes are not what they were" + (f"; it is the {named[0]}" if named else "")

    async def _compared(self, notes: sqlite3.Connection) -> AsyncIterator[str]:
        missing = "SELECT digest, min(what) FROM named WHERE what IS NOT NULL AND digest NOT IN (SELECT digest FROM stored) GROUP BY 1"
        for digest, what in notes.execute(missing):
            yield f"object {digest}: it is missing; it is the {what}"
        unnamed = "SELECT digest, young FROM stored WHERE digest NOT IN (SELECT digest FROM named)"
        for digest, young in notes.execute(unnamed):
            if young:
                self.counts["being received"] += 1
            elif not await self._is_named_now(digest):
                yield f"object {digest}: nothing names it"

    async def _is_named_now(self, digest: str) -> bool:
        """The same photo may have come again since we read the names."""
        async with self._database.reading() as connection:
            return bool((await connection.execute(STILL_UNNAMED, {"digest": digest})).scalar())


def wrong_in_log(case: Row, entries: Sequence[Row]) -> str:
    """The first thing that does not fit."""
    head = ""
    for position, row in enumerate(entries, start=1):
        if row["position"] != position:
            return f"entry {position} is missing"
        try:
            at, facts = as_time(row["at"]), json.loads(row["facts"])
        except ValueError:
            return f"entry {position} cannot be read"
        head = chained(head, row["case_number"], position, at, row["actor"], row["what"], facts).hash
        if head != row["hash"]:
            return f"entry {position} is not as it was written, or does not follow the one before"
    if len(entries) < case["log_length"]:
        return f"entry {len(entries) + 1} is missing"
    if len(entries) > case["log_length"]:
        return f"entry {case['log_length'] + 1} is more than the case knows of"
    return "" if head == case["log_head"] else "its last entry is not the head that the case names"


def heads_in(entries: Iterable[Row]) -> Iterator[tuple[str, int, str]]:
    """How far conversations had come when these were written: chat, position and head."""
    for row in entries:
        if said := json.loads(row["facts"]).get("said"):
            yield said["chat"], said["position"], said["head"]


def wrong_in_conversation(one: Row, chain: Sequence[Message], heads: Mapping[int, str]) -> str:
    """The first thing that does not fit. `heads` are those that cases' logs keep, by position: messages have no hash of their own."""
    for expected, message in enumerate(chain, start=one["head_from"]):
        if message.position > expected:
            return f"message {expected} is missing"
        if message.position < expected:
            return f"message {message.position} is there twice"
    if len(chain) < one["position"] - one["head_from"] + 1:
        return f"message {one['head_from'] + len(chain)} is missing"
    if len(chain) > one["position"] - one["head_from"] + 1:
        return f"message {one['position'] + 1} is more than the conversation knows of"
    head, sound = "", one["head_from"]
    for message in chain:
        head = linked(head, message)
        if message.position in heads or message.position == one["position"]:
            if head != heads.get(message.position, one["head"]):
                return f"one of the messages {sound} to {message.position} is not as it was said"
            sound = message.position + 1
    return "" if head == one["head"] else f"its last message, {one['position']}, is not the head that it names"


def objects_of(address: str, messages: Iterable[Message]) -> Iterator[tuple[str, str]]:
    for message in messages:
        for file in message.files:
            if file.key.startswith(OBJECT):
                yield file.key.removeprefix(OBJECT), f"file of message {message.position} of {address}"


def uploads_of(rows: Iterable[Row]) -> Iterator[tuple[str, None]]:
    """What was uploaded and became no evidence: too many, or refused."""
    for row in rows:
        stored = json.loads(row["body"])
        if "media" in stored:
            yield from ((digest, None) for digest in ANY_DIGEST.findall(json.dumps(stored["media"])))


def note(notes: sqlite3.Connection, named: Iterable[tuple[str, str | None]]) -> None:
    """`what` None: nothing is missing when it is not there."""
    notes.executemany("INSERT INTO named VALUES (?, ?)", named)


def by_key(rows: Iterable[Row], key: str) -> Mapping[str, list[Row]]:
    """Of rows ordered by that key."""
    return {value: list(several) for value, several in groupby(rows, key=itemgetter(key))}
