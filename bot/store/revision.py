"""Which version of the schema a database has, and whether it is one of ours."""

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.start_error import StartError

VERSION_TABLE = "alembic_version"
REVISION = "SELECT version_num FROM alembic_version"
VERSIONS = Path(__file__).parent / "migrations" / "versions"


def revision_of(database: Path, busy_seconds: float) -> str | None:
    """Return the revision of a database, None for one without any table.

    Raises StartError when it is of a newer version of Shouhou, or another program's; sqlite3.Error when it cannot be used. It opens
    the file by itself, as a pool whose first connection fails leaves a thread behind.
    """
    with closing(sqlite3.connect(database, timeout=busy_seconds)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        row = connection.execute(REVISION).fetchone() if VERSION_TABLE in tables else None
    if row is None and tables - {VERSION_TABLE}:
        raise StartError(f"{database} is another program's database: name another data folder")
    if row and not any(VERSIONS.glob(f"{row[0]}_*.py")):
        raise StartError(
            f"{database} was brought up to date by a newer version of Shouhou (its schema is {row[0]}): start that version, "
            "or put back the backup from before the upgrade"
        )
    return row and row[0]
