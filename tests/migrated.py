"""An empty database, migrated once a process: hundreds of tests begin with one, and alembic takes 0.3 s each time."""

import sqlite3
import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path

from bot.settings import DATABASE
from bot.store import migrations

upgrade = migrations.upgrade


@cache
def made() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        upgrade(Path(folder, DATABASE))
        return Path(folder, DATABASE).read_bytes()


def fill(path: Path) -> None:
    """What `upgrade` does; where nothing is there yet, all of it at once."""
    with closing(sqlite3.connect(path, timeout=30)) as database:
        if database.execute("SELECT 1 FROM sqlite_master").fetchone():
            upgrade(path)
            return
        with closing(sqlite3.connect(":memory:")) as source:
            source.deserialize(made())
            source.backup(database)
