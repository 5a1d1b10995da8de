"""Which version of the schema a database has, and whether it is one of ours."""

from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.start_error import StartError

TABLES = text("SELECT name FROM sqlite_master WHERE type = 'table'")
REVISION = text("SELECT version_num FROM alembic_version")
VERSION_TABLE = "alembic_version"
VERSIONS = Path(__file__).parent / "migrations" / "versions"


async def revision_of(connection: AsyncConnection, database: Path) -> str | None:
    """Return its revision, None for a database without any table.

    Raises StartError when it is of a newer version of Shouhou, or another program's.
    """
    tables = set((await connection.execute(TABLES)).scalars())
    revision = (await connection.execute(REVISION)).scalar() if VERSION_TABLE in tables else None
    if revision is None and tables - {VERSION_TABLE}:
        raise StartError(f"{database} is another program's database: name another data folder")
    if revision is not None and not any(VERSIONS.glob(f"{revision}_*.py")):
        raise StartError(
            f"{database} was brought up to date by a newer version of Shouhou (its schema is {revision}): start that version, "
            "or put back the backup from before the upgrade"
        )
    return revision
