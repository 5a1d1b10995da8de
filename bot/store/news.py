"""What is new about cases, in the order in which it was stored: entries of their logs, and their customers' words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.event_json import body_from_json
from bot.model.events import Body, Text, Untold, Upload
from bot.store.bulk import fetch
from bot.store.log import Entry
from bot.store.values import as_time, json_value

LOG = "SELECT rowid, case_number, position, at, actor, what, facts, hash FROM log"
LOGGED = f"{LOG} WHERE rowid > :after ORDER BY rowid LIMIT :limit"
LOGGED_AT = f"{LOG} WHERE rowid = :place"
INBOX = (
    # Words count for the newest open case of who wrote them. What was said before it was submitted is in its answers.
    "SELECT inbox.rowid, inbox.body, inbox.at, inbox.position, (SELECT number FROM cases "
    "JOIN conversations ON conversations.customer = cases.customer WHERE conversations.address = inbox.address "
    "AND cases.status IN ('under_review', 'need_more', 'approved') AND substr(cases.submitted_at, 1, 19) <= inbox.at "
    "ORDER BY cases.submitted_at DESC LIMIT 1) FROM inbox"
)
HEARD = f"{INBOX} WHERE inbox.rowid > :after ORDER BY inbox.rowid LIMIT :limit"
HEARD_AT = f"{INBOX} WHERE inbox.rowid = :place"
ENDS = text("SELECT (SELECT coalesce(max(rowid), 0) FROM log), (SELECT coalesce(max(rowid), 0) FROM inbox)")


@dataclass(frozen=True, slots=True)
class Place:
    """How far somebody has read."""

    log: int
    inbox: int


@dataclass(frozen=True, slots=True)
class Words:
    """What a customer wrote while a case of theirs was open."""

    case_number: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class News:
    """One thing to tell, with a name that nothing else has. `read` raises when what is stored of it makes no sense.

    `part`: the name of what is to be told of it, where the rest is told already; else "".
    """

    name: str
    case_number: str
    at: datetime
    read: Callable[[], Entry | Words]
    part: str = ""


async def end(connection: AsyncConnection) -> Place:
    """After everything that there is now."""
    return Place(*(await connection.execute(ENDS)).one())


async def after(connection: AsyncConnection, place: Place, limit: int) -> tuple[Place, list[News]]:
    """Return the place after these, and what is new, oldest first: at most `limit` of each kind."""
    logged = await fetch(connection, LOGGED, {"after": place.log, "limit": limit})
    heard = await fetch(connection, HEARD, {"after": place.inbox, "limit": limit})
    news = [entry_in(row) for row in logged]
    for row in heard:
        body = body_in(row)
        if isinstance(body, Untold):
            news += await named(connection, body.news)
        elif body is None or words_in(body):
            news += words_of(row)
    reached = Place(logged[-1][0] if logged else place.log, heard[-1][0] if heard else place.inbox)
    return reached, sorted(news, key=lambda one: one.at)


async def named(connection: AsyncConnection, name: str) -> list[News]:
    """Return the news of this name, which may be that of a part; none if it is gone."""
    kind, place, *part = name.split(" ")
    only = name if part else ""
    if kind == "log":
        return [entry_in(row, only) for row in await fetch(connection, LOGGED_AT, {"place": place})]
    return [one for row in await fetch(connection, HEARD_AT, {"place": place}) for one in words_of(row)]


def entry_in(row: Sequence[Any], part: str = "") -> News:
    id_, number, position, at, actor, what, facts, hash_ = row

    def read() -> Entry:
        return Entry(number, position, as_time(at), actor, what, json_value(facts), hash_)

    return News(f"log {id_}", number, as_time(at), read, part)


def words_of(row: Sequence[Any]) -> list[News]:
    """Return what was said as news; nothing where no case was open."""
    id_, body, at, position, number = row

    def read() -> Words:
        return Words(number, as_time(at), words_in(body_from_json(json_value(body))))

    return [News(f"inbox {id_}", number, as_time(at), read)] if number and position else []


def body_in(row: Sequence[Any]) -> Body | None:
    """Return None for what this program cannot read."""
    try:
        return body_from_json(json_value(row[1]))
    except (ValueError, LookupError, TypeError, AttributeError):
        return None


def words_in(body: Body) -> str:
    match body:
        case Text(text=words) | Upload(caption=words):
            return words
    return ""
