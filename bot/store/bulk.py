"""Many rows at once, straight through the driver: SQLAlchemy's work for each row costs more than SQLite's."""

from typing import Any

from sqlalchemy import ClauseElement
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


def driver_text(statement: ClauseElement) -> str:
    """The statement with `:name` for each parameter. Its rows must hold what the driver takes: text, numbers, None."""
    return str(statement.compile(dialect=sqlite.dialect(paramstyle="named")))


async def execute_all(connection: AsyncConnection, text: str, rows: list[dict[str, Any]]) -> None:
    await connection.exec_driver_sql(text, rows)
