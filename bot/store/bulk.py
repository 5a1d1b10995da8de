"""A batch's statements, straight through the driver.

Of each row SQLAlchemy makes more work than SQLite, and of each statement four calls in the driver's thread instead of one.
Rows hold what the driver takes and gives: text, numbers, None.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ClauseElement, Select, bindparam, func, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import driver_of
from bot.store.values import json_text

NOTHING: Mapping[str, str | int] = {}
Row = Mapping[Any, Any]
"""By the columns' names; SQLAlchemy's rows are such mappings too."""


def driver_text(statement: ClauseElement) -> str:
    """The statement with `:name` for each parameter."""
    return str(statement.compile(dialect=sqlite.dialect(paramstyle="named")))


def given(name: str) -> Select[Any]:
    """The texts of the list that is given as parameter `name`: however long it is, the statement is the same."""
    return select(func.json_each(bindparam(name)).table_valued("value").c.value)


class Query:
    """A select whose parameters are lists of texts."""

    def __init__(self, statement: Select[Any]) -> None:
        self._text = driver_text(statement)
        self._names = tuple(statement.selected_columns.keys())

    async def rows(
        self, connection: AsyncConnection, values: Mapping[str, str | int] = NOTHING, /, **lists: Sequence[str]
    ) -> list[Row]:
        """`values`: other parameters that its text has."""
        given = {**values, **{name: json_text(texts) for name, texts in lists.items()}}
        return [dict(zip(self._names, row, strict=True)) for row in await fetch(connection, self._text, given)]


async def fetch(connection: AsyncConnection, text: str, values: Mapping[str, str | int]) -> list[Any]:
    """The rows as tuples."""
    driver = await driver_of(connection)
    return list(await driver.execute_fetchall(text, values))


async def execute_all(connection: AsyncConnection, text: str, rows: Sequence[dict[str, Any]]) -> None:
    driver = await driver_of(connection)
    await driver.executemany(text, rows)
