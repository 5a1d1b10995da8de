"""Everything stored that waits for a time which is not a day's, to be moved when the clock is."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, func, or_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.bulk import given
from bot.store.errands import NOT_BEFORE
from bot.store.schema import errands, links, outbox, reminders, windows
from bot.store.values import json_text
from bot.store.windows import SUBSCRIPTION


def moved(time: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return this time, moved; written as time_text does, to the millisecond."""
    return func.strftime("%Y-%m-%dT%H:%M:%f", time, bindparam("step")).concat("000+00:00")


NOT_YET = func.json_extract(errands.c.details, f"$.{NOT_BEFORE}")
DETAILS = case(
    (NOT_YET.is_(None), errands.c.details),
    else_=func.json_set(errands.c.details, f"$.{NOT_BEFORE}", moved(NOT_YET)),
)
MESSAGES = (
    update(outbox)
    .where(or_(outbox.c.state == "due", outbox.c.state == "sending"), outbox.c.platform.in_(given("platforms")))
    .values(due_at=moved(outbox.c.due_at))
)
ERRANDS = (
    update(errands)
    .where(errands.c.state == "due", errands.c.platform.in_(given("platforms")))
    .values(due_at=moved(errands.c.due_at), details=DETAILS)
)
WINDOWS = (
    update(windows)
    .where(
        windows.c.act != SUBSCRIPTION,
        func.substr(windows.c.address, 1, func.instr(windows.c.address, ":") - 1).in_(given("platforms")),
    )
    .values(ends_at=moved(windows.c.ends_at))
)
REMINDERS = (
    update(reminders)
    .where(reminders.c.state == "due", reminders.c.kind.in_(given("kinds")))
    .values(due_at=moved(reminders.c.due_at))
)
LINKS = update(links).where(links.c.state == "open").values(expires_at=moved(links.c.expires_at))


async def move(
    connection: AsyncConnection, step: timedelta, platforms: Sequence[str], kinds: Sequence[str] | None
) -> None:
    """Move what waits on these platforms; with `kinds` of reminders also these, and what waits on no platform."""
    values = {"step": f"{step.total_seconds():+.3f} seconds"}
    for statement in (MESSAGES, ERRANDS, WINDOWS):
        await connection.execute(statement, values | {"platforms": json_text(list(platforms))})
    if kinds is not None:
        await connection.execute(REMINDERS, values | {"kinds": json_text(list(kinds))})
        await connection.execute(LINKS, values)
