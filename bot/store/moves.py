"""A chat that goes on under another id takes along all that is stored under the old one."""

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.events import Address
from bot.store.schema import cases, conversations, errands, evidence, inbox, outbox, reminders

MOVES = [
    update(table).where(table.c.address == bindparam("old")).values(address=bindparam("new"))
    for table in (conversations, inbox, outbox, cases, evidence, errands, reminders)
]
KNOWN = select(conversations.c.address).where(conversations.c.address == bindparam("new"))
LAST = select(func.max(conversations.c.position)).where(
    conversations.c.address.in_((bindparam("old"), bindparam("new")))
)
BEGIN_HEAD_ANEW = (
    # Two conversations become one: what each had said is in no chain of theirs together.
    update(conversations)
    .where(conversations.c.address == bindparam("key"))
    .values(position=bindparam("last"), head="", head_from=bindparam("last") + 1)
)
FORGET = delete(conversations).where(conversations.c.address == bindparam("old"))


async def move(connection: AsyncConnection, old: Address, new: Address) -> None:
    """If the new one is known already, its conversation goes on and the old one's ends."""
    if (await connection.execute(KNOWN, {"new": str(new)})).first():
        last = (await connection.execute(LAST, {"old": str(old), "new": str(new)})).scalar()
        await connection.execute(BEGIN_HEAD_ANEW, {"key": str(new), "last": last})
        await connection.execute(FORGET, {"old": str(old)})
    for statement in MOVES:
        await connection.execute(statement, {"old": str(old), "new": str(new)})
