"""A conversation read back: the customer's words from the inbox, ours from the outbox, in one order."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.messages import Message
from bot.store import inbox as heard
from bot.store import outbox as said
from bot.store.schema import inbox, outbox
from bot.store.values import json_value

HEARD = (
    select(inbox)
    .where(inbox.c.address == bindparam("address"), inbox.c.position > bindparam("after"))
    .order_by(inbox.c.position)
    .limit(bindparam("limit"))
)
SAID = (
    select(outbox)
    .where(outbox.c.address == bindparam("address"), outbox.c.position > bindparam("after"))
    .order_by(outbox.c.position)
    .limit(bindparam("limit"))
)


async def after(connection: AsyncConnection, address: str, position: int, limit: int) -> list[Message]:
    """At most `limit` messages after this position, oldest first."""
    values = {"address": address, "after": position, "limit": limit}
    found = [heard.from_row(row) for row in (await connection.execute(HEARD, values)).mappings()]
    found += [said.from_row(row).message for row in (await connection.execute(SAID, values)).mappings()]
    return sorted((one for one in found if one), key=lambda message: message.position)[:limit]


@dataclass(frozen=True, slots=True)
class Told:
    """A message, with the event in whose turn it was said, and the event whose words the customer changed to these."""

    message: Message
    event: str
    instead_of: str = ""


async def whole(connection: AsyncConnection, address: str) -> list[Told]:
    """All that was said, oldest first."""
    values = {"address": address, "after": 0, "limit": -1}
    rows = (await connection.execute(HEARD, values)).mappings().all()
    found = [
        Told(message, row["id"], json_value(row["body"]).get("instead_of", ""))
        for row in rows
        if (message := heard.from_row(row))
    ]
    rows = (await connection.execute(SAID, values)).mappings().all()
    found += [Told(said.from_row(row).message, row["event"]) for row in rows]
    return sorted(found, key=lambda told: told.message.position)
