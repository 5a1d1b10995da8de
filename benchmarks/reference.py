"""The yardstick: one thread, one connection, the store's own statements on its own schema, and nothing decided."""

import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path

from bot.model.conversation import Conversation
from bot.store import cases, conversations, evidence, inbox, outbox
from bot.store.bulk import Query
from bot.store.migrations import upgrade
from bot.store.values import json_text

A_COMMIT = 50
READ = (
    (inbox.SEEN, ("ids",)),
    (conversations.LOAD, ("addresses",)),
    (cases.OF_CUSTOMERS, ("customers",)),
    (evidence.LOAD, ("addresses", "ids", "cases")),
)
"""What a batch reads, each with the lists that it asks for."""


def measure(folder: Path, people: int, seconds: float) -> float:
    """Return turns a second."""
    file = folder / "reference.db"
    upgrade(file)
    connection = connect(file)
    known = [Conversation(f"reference:{index}", str(index), "en", datetime.now(UTC)) for index in range(people)]
    add(connection, known)
    turns, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        commit_turns(connection, [known[(turns + index) % people] for index in range(A_COMMIT)], turns)
        turns += A_COMMIT
    took = time.perf_counter() - began
    stored = connection.execute("SELECT (SELECT count(*) FROM inbox), (SELECT count(*) FROM outbox)").fetchone()
    assert stored == (turns, turns), stored
    connection.close()
    return turns / took


def connect(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    return connection


def add(connection: sqlite3.Connection, known: list[Conversation]) -> None:
    at = datetime.now(UTC).isoformat(timespec="microseconds")
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(conversations.ADD_CUSTOMERS, [{"id": one.customer, "created_at": at} for one in known])
    rows = [
        {"address": one.address, "customer": one.customer, "created_at": at, "head_from": 1}
        | dict(conversations.changing(one))
        for one in known
    ]
    connection.executemany(conversations.ADD, rows)
    connection.execute("COMMIT")


def commit_turns(connection: sqlite3.Connection, speakers: list[Conversation], first: int) -> None:
    """One transaction; each text is copied into its answer."""
    at = datetime.now(UTC).isoformat(timespec="microseconds")
    addresses = json_text([one.address for one in speakers])
    lists = {
        "ids": json_text([f"reference:{first + index}" for index in range(len(speakers))]),
        "addresses": addresses,
        "customers": json_text([one.customer for one in speakers]),
    }
    connection.execute("BEGIN IMMEDIATE")
    for query, names in READ:
        asked = {name: lists[name] if query is inbox.SEEN or name != "ids" else "[]" for name in names if name in lists}
        connection.execute(text_of(query), {"cases": "[]"} | asked).fetchall()
    heard, moved, said = [], [], []
    for position, one in enumerate(speakers, start=first):
        id_, text = f"reference:{position}", f"message {position}"
        stored = json_text({"kind": "text", "text": text})
        heard.append({"id": id_, "address": one.address, "position": position, "body": stored, "at": at})
        moved.append({"key": one.address, **conversations.changing(one), "position": position})
        message = json_text({"author": "bot", "text": text, "buttons": []})
        said.append(
            {
                "id": f"said {id_}", "address": one.address, "platform": "reference", "position": position,
                "event": id_, "message": message, "at": at, "state": "sent", "due_at": at, "attempts": 0,
                "kind": "answer", "sent_as": None,
            }
        )  # fmt: skip
    connection.executemany(inbox.ADD, heard)
    connection.executemany(conversations.SAVE, moved)
    connection.executemany(outbox.ADD, said)
    connection.execute("COMMIT")


def text_of(query: Query) -> str:
    return query._text
