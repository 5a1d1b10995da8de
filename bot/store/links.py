"""Links between a customer's chats."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.link import Link, LinkState
from bot.store.bulk import given
from bot.store.schema import cases, conversations, links
from bot.store.values import as_time, json_text, json_value, time_text

LOAD = (
    select(links, conversations.c.customer)
    .join(conversations, conversations.c.address == links.c.address)
    .where(links.c.id.in_(given("ids")))
)
FORGET = delete(links).where(links.c.id == bindparam("key"))
ADD = insert(links)
CHATS = select(conversations.c.address).where(conversations.c.customer == bindparam("old"))
GIVE_CHATS = (
    update(conversations).where(conversations.c.address.in_(given("addresses"))).values(customer=bindparam("new"))
)
GIVE_CASES = update(cases).where(cases.c.address.in_(given("addresses"))).values(customer=bindparam("new"))


async def load(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, Link]:
    rows = (await connection.execute(LOAD, {"ids": json_text(ids)})).mappings()
    return {
        row["id"]: Link(
            id=row["id"],
            secret_sha256=row["secret_sha256"],
            address=row["address"],
            customer=row["customer"],
            expires_at=as_time(row["expires_at"]),
            state=LinkState(row["state"]),
            tries=row["tries"],
            joined=row["joined"],
            joined_customer=row["joined_customer"],
            moved=tuple(json_value(row["moved"])),
        )
        for row in rows
    }


async def save(connection: AsyncConnection, changed: Iterable[Link]) -> None:
    """New ones, and those that were used, tried or undone; the chats and cases follow."""
    for link in changed:
        if link.state is LinkState.USED and not link.moved:
            moved = tuple((await connection.execute(CHATS, {"old": link.joined_customer})).scalars())
            link = replace(link, moved=moved)
            await give(connection, moved, link.customer)
        elif link.state is LinkState.UNDONE:
            await give(connection, link.moved, link.joined_customer)
        await connection.execute(FORGET, {"key": link.id})
        await connection.execute(ADD, to_row(link))


async def give(connection: AsyncConnection, addresses: Sequence[str], customer: str) -> None:
    values = {"addresses": json_text(addresses), "new": customer}
    await connection.execute(GIVE_CHATS, values)
    await connection.execute(GIVE_CASES, values)


def to_row(link: Link) -> dict[str, str | int]:
    return {
        "id": link.id,
        "secret_sha256": link.secret_sha256,
        "address": link.address,
        "expires_at": time_text(link.expires_at),
        "state": link.state.value,
        "tries": link.tries,
        "joined": link.joined,
        "joined_customer": link.joined_customer,
        "moved": json_text(link.moved),
    }
