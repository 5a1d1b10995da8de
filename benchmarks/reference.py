"""The yardstick: one thread, one connection, the same statements on the same schema, and nothing decided."""

import json
import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path

from bot.store.migrations import upgrade

A_COMMIT = 50
SEEN = "SELECT * FROM inbox WHERE id IN ({marks})"
CONVERSATIONS = "SELECT * FROM conversations WHERE address IN ({marks})"
CASES = "SELECT * FROM cases WHERE customer IN ({marks}) ORDER BY submitted_at"
EVIDENCE = (
    "SELECT * FROM evidence WHERE (id IN (NULL) OR address IN ({marks}) AND case_number IS NULL) "
    "AND state IN ('fetching', 'kept') ORDER BY received_at, id"
)
HEARD = "INSERT INTO inbox (id, address, position, body, at) VALUES (?, ?, ?, ?, ?)"
MOVED = (
    "UPDATE conversations SET language = ?, language_chosen = ?, position = ?, form = ?, offered = ?, misses = ?, "
    "person_asked_at = ? WHERE address = ?"
)
SAID = (
    "INSERT INTO outbox (id, address, platform, position, event, message, at, state, due_at, attempts) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def measure(folder: Path, conversations: int, seconds: float) -> float:
    """Turns a second."""
    file = folder / "reference.db"
    upgrade(file)
    connection = connect(file)
    addresses = [f"reference:{index}" for index in range(conversations)]
    add(connection, addresses)
    turns, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        several = [addresses[(turns + index) % conversations] for index in range(A_COMMIT)]
        commit_turns(connection, several, turns)
        turns += A_COMMIT
    took = time.perf_counter() - started
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


def add(connection: sqlite3.Connection, addresses: list[str]) -> None:
    at = datetime.now(UTC).isoformat(timespec="microseconds")
    rows = [(one, one, "en", 0, 0, None, "[]", 0, None, 1, at) for one in addresses]
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(f"INSERT INTO conversations VALUES ({marks(rows[0])})", rows)
    connection.execute("COMMIT")


def commit_turns(connection: sqlite3.Connection, addresses: list[str], first: int) -> None:
    """One transaction; each text is copied into its answer."""
    at = datetime.now(UTC).isoformat(timespec="microseconds")
    turns = [(f"reference:{first + index}", address, first + index) for index, address in enumerate(addresses)]
    connection.execute("BEGIN IMMEDIATE")
    for select, values in (
        (SEEN, [id_ for id_, _, _ in turns]),
        (CONVERSATIONS, addresses),
        (CASES, addresses),
        (EVIDENCE, addresses),
    ):
        connection.execute(select.format(marks=marks(values)), values).fetchall()
    heard, moved, said = [], [], []
    for id_, address, position in turns:
        text = f"message {position}"
        heard.append((id_, address, position, json.dumps({"kind": "text", "text": text}), at))
        moved.append(("en", 0, position, None, "[]", 0, None, address))
        message = json.dumps({"author": "bot", "text": text, "buttons": []})
        said.append((f"said {id_}", address, "reference", position, id_, message, at, "sent", at, 0))
    connection.executemany(HEARD, heard)
    connection.executemany(MOVED, moved)
    connection.executemany(SAID, said)
    connection.execute("COMMIT")


def marks(values: object) -> str:
    return ", ".join("?" * len(values))  # type: ignore[arg-type]
