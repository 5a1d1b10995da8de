"""Speaking windows: what may still be said to a chat on a platform that counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import bindparam, case, delete, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.bulk import Query, driver_text, execute_all, given
from bot.store.schema import windows
from bot.store.values import as_time, time_text

SUBSCRIPTION = "subscription"
"""Not a window: notices that the customer allowed, whenever they are."""
FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)
NEW = insert(windows)
OPEN = driver_text(
    NEW.on_conflict_do_update(
        index_elements=["address", "act"], set_={"ends_at": NEW.excluded.ends_at, "free": NEW.excluded.free}
    )
)
LOAD = Query(select(windows).where(windows.c.address.in_(given("addresses"))).order_by(windows.c.ends_at))
TAKE = (
    update(windows)
    .where(windows.c.address == bindparam("where"), windows.c.act == bindparam("what"))
    .values(free=windows.c.free - bindparam("count"))
)
CLOSE = update(windows).where(windows.c.address == bindparam("where"), windows.c.act != SUBSCRIPTION).values(free=0)
SUBSCRIBE = NEW.on_conflict_do_update(
    index_elements=["address", "act"],
    set_={"free": case((NEW.excluded.free == 0, 0), else_=windows.c.free + NEW.excluded.free)},
)
FORGET = delete(windows).where(windows.c.address == bindparam("where"))


@dataclass(frozen=True, slots=True)
class OpenWindow:
    """`free` messages until `ends_at`, after something that the customer did."""

    address: str
    act: str
    ends_at: datetime
    free: int


async def open_all(connection: AsyncConnection, opened: Sequence[OpenWindow]) -> None:
    """The same act again begins anew."""
    rows = [
        {"address": one.address, "act": one.act, "ends_at": time_text(one.ends_at), "free": one.free} for one in opened
    ]
    await execute_all(connection, OPEN, rows)


async def load(connection: AsyncConnection, addresses: Sequence[str]) -> dict[str, list[OpenWindow]]:
    """Of each chat, what ends first comes first; those that ended are among them."""
    found: dict[str, list[OpenWindow]] = {}
    for row in await LOAD.rows(connection, addresses=addresses):
        one = OpenWindow(row["address"], row["act"], as_time(row["ends_at"]), row["free"])
        found.setdefault(one.address, []).append(one)
    return found


async def take(connection: AsyncConnection, address: str, counts: Mapping[str, int]) -> None:
    """By act; a negative count gives back."""
    rows = [{"where": address, "what": act, "count": count} for act, count in counts.items()]
    if rows:
        await connection.execute(TAKE, rows)


async def subscribe(connection: AsyncConnection, address: str, count: int) -> None:
    """So many more; 0: none any more."""
    row = {"address": address, "act": SUBSCRIPTION, "ends_at": time_text(FOR_EVER), "free": count}
    await connection.execute(SUBSCRIBE, row)


async def close(connection: AsyncConnection, address: str) -> None:
    """The platform says that nothing more may be said."""
    await connection.execute(CLOSE, {"where": address})


async def forget(connection: AsyncConnection, addresses: Sequence[str]) -> None:
    """The customer left."""
    await connection.execute(FORGET, [{"where": address} for address in addresses])
