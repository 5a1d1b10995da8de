"""Bookmarks: what an adapter has to remember of its platform, such as how far it has read there."""

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.schema import bookmarks

GET = select(bookmarks.c.value).where(bookmarks.c.name == bindparam("key"))
REMOVE = delete(bookmarks).where(bookmarks.c.name == bindparam("key"))
NEW = insert(bookmarks)
PUT = NEW.on_conflict_do_update(index_elements=["name"], set_={"value": NEW.excluded.value})


async def get(connection: AsyncConnection, name: str) -> str | None:
    value: str | None = (await connection.execute(GET, {"key": name})).scalar()
    return value


async def put(connection: AsyncConnection, name: str, value: str) -> None:
    await connection.execute(PUT, {"name": name, "value": value})


async def remove(connection: AsyncConnection, name: str) -> None:
    await connection.execute(REMOVE, {"key": name})
