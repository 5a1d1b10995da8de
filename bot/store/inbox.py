"""Events that were handled: each id once."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.event_json import body_from_json, body_to_json
from bot.model.events import Body, Event, Pressed, Text, Unusable, Upload
from bot.model.messages import Author, Message, Photo
from bot.store.bulk import Query, Row, driver_text, execute_all, given
from bot.store.schema import inbox
from bot.store.values import as_time, json_text, json_value, time_text

SEEN = Query(select(inbox).where(inbox.c.id.in_(given("ids"))))
ADD = driver_text(insert(inbox))
BYTES_SINCE = select(func.coalesce(func.sum(func.json_extract(inbox.c.body, "$.media.size")), 0)).where(
    inbox.c.address == bindparam("address"), inbox.c.position > 0, inbox.c.at >= bindparam("since")
)


async def seen(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, Message | None]:
    """The ids that were handled before, each with what the customer said in it."""
    return {row["id"]: from_row(row) for row in await SEEN.rows(connection, ids=ids)}


async def bytes_since(connection: AsyncConnection, address: str, since: datetime) -> int:
    """How many bytes of files came to our store with this conversation's events."""
    sought = {"address": address, "since": time_text(since)}
    return int((await connection.execute(BYTES_SINCE, sought)).scalar_one())


async def bodies(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, Body]:
    """Return what happened in these events, for those that were handled."""
    rows = await SEEN.rows(connection, ids=ids)
    return {row["id"]: body_from_json(json_value(row["body"])) for row in rows}


async def add(connection: AsyncConnection, handled: Iterable[tuple[Event, Message | None]]) -> None:
    """Each event with the customer's words in it as everybody sees them, if it has any."""
    rows = [
        {
            "id": event.id,
            "address": str(event.address),
            "position": message.position if message else 0,
            "body": json_text(to_json(event, message)),
            "at": time_text(event.at),
        }
        for event, message in handled
    ]
    await execute_all(connection, ADD, rows)


def to_json(event: Event, message: Message | None) -> dict[str, Any]:
    stored = body_to_json(event.body)
    if message and isinstance(event.body, Pressed | Unusable):
        stored["label"] = message.text
    if message and message.photo:
        stored["evidence"] = message.photo.id
    return stored


def from_row(row: Row) -> Message | None:
    """What the customer said; None for what was not a customer's."""
    if row["position"] == 0:
        return None
    stored = json_value(row["body"])
    text, photo = "", None
    match body_from_json(stored):
        case Text(text=words):
            text = words
        case Pressed() | Unusable():
            text = stored["label"]
        case Upload(media=media, caption=caption):
            text, photo = caption, Photo(stored["evidence"], media.name)
    return Message(row["position"], Author.CUSTOMER, as_time(row["at"]), text, (), photo)
