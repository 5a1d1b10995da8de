"""What must be true in the end, whatever happened to the process; read from outside, without the program's help."""

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

from bot.settings import DATABASE
from bot.store.log import chained
from tests.claimants import Claimant
from tests.customers import Heard, is_from_bot, positions

RECEIPT = "✓"


async def check_transcript(claimant: Claimant) -> None:
    """Everything acknowledged is told, word for word, once; and nothing that nobody asked for. Each photo was sent alone."""
    receipts = await receipts_of(claimant)
    photos = sum(one.sha256 != "" for one in claimant.acknowledged)
    assert receipts == photos, "each photo has one receipt"


async def receipts_of(claimant: Claimant) -> int:
    """The same, for photos that may share a receipt; returns how many receipts there were."""
    told = await claimant.history()
    lost = [one.shown for one in claimant.acknowledged if any(message not in told for message in one.answer)]
    assert not lost, f"acknowledged and lost: {lost}"
    assert positions(told) == sorted(set(positions(told)))
    heard = Counter(shown(message) for message in told if message["author"] == "customer")
    assert heard == Counter(one.shown for one in claimant.acknowledged), "each thing said is there once"

    answered = [message for one in claimant.acknowledged for message in one.answer]
    beside = [message for message in told if message not in answered]
    assert all(is_from_bot(message) for message in beside)
    return sum(RECEIPT in message["text"] for message in beside)


def shown(message: Heard) -> str:
    return str(message["photo"]["name"] if message["photo"] else message["text"])


def check_store(data: Path, claimants: Sequence[Claimant]) -> None:
    with closing(sqlite3.connect(data / DATABASE)) as database:
        database.row_factory = sqlite3.Row
        assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert database.execute("SELECT count(*) FROM setaside").fetchone()[0] == 0
        assert database.execute("SELECT count(*) FROM outbox WHERE state != 'sent'").fetchone()[0] == 0
        assert (
            database.execute("SELECT count(*) FROM errands WHERE state != 'done' AND kind = 'intake'").fetchone()[0]
            == 0
        )
        check_answers(database)
        check_cases(database, claimants)
        check_evidence(database, data / "evidence", claimants)
        check_log(database)


def check_answers(database: sqlite3.Connection) -> None:
    """No event was answered twice, and no two things stand at the same place of a conversation."""
    twice = "SELECT event, message, count(*) FROM outbox GROUP BY event, address, message HAVING count(*) > 1"
    assert database.execute(twice).fetchall() == []
    places = """
        SELECT address, position, count(*)
        FROM (SELECT address, position FROM inbox WHERE position > 0 UNION ALL SELECT address, position FROM outbox)
        GROUP BY address, position HAVING count(*) > 1
    """
    assert database.execute(places).fetchall() == []


def check_cases(database: sqlite3.Connection, claimants: Sequence[Claimant]) -> None:
    """One case a customer: the one they were told of, and theirs."""
    owners = """
        SELECT number, cases.customer FROM cases
        JOIN conversations ON conversations.address = cases.address AND conversations.customer = cases.customer
        JOIN customers ON customers.id = cases.customer
    """
    owned = database.execute(owners).fetchall()
    assert len(owned) == database.execute("SELECT count(*) FROM cases").fetchone()[0], "every case has its customer"
    assert len({case["customer"] for case in owned}) == len(owned), "nobody has two cases"
    assert {case["number"] for case in owned} == {claimant.case_number for claimant in claimants} - {""}


def check_evidence(database: sqlite3.Connection, objects: Path, claimants: Sequence[Claimant]) -> None:
    """The originals and the copies for showing are there, bit for bit, and belong to the right case."""
    rows = database.execute("SELECT * FROM evidence").fetchall()
    assert {row["state"] for row in rows} <= {"kept"}
    for claimant in claimants:
        uploaded = Counter(one.sha256 for one in claimant.acknowledged if one.sha256)
        assert Counter(row["sha256"] for row in rows if row["case_number"] == claimant.case_number) == uploaded
    for digest in {row[name] for row in rows for name in ("sha256", "view_sha256")}:
        assert hashlib.sha256((objects / digest[:2] / digest).read_bytes()).hexdigest() == digest


def check_log(database: sqlite3.Connection) -> None:
    """Every case's chain holds from its first entry to the head that the case names."""
    for case in database.execute("SELECT * FROM cases"):
        head = ""
        query = "SELECT * FROM log WHERE case_number = ? ORDER BY position"
        entries = database.execute(query, (case["number"],)).fetchall()
        for position, row in enumerate(entries, start=1):
            at, facts = datetime.fromisoformat(row["at"]), json.loads(row["facts"])
            head = chained(head, case["number"], position, at, row["actor"], row["what"], facts).hash
            assert (row["position"], row["hash"]) == (position, head)
        assert (case["log_length"], case["log_head"]) == (len(entries), head)
