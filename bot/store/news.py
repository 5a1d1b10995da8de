"""What is new about cases, in the order in which it was stored: entries of their logs, and their customers' words."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.event_json import body_from_json
from bot.model.events import Text, Upload
from bot.store.bulk import fetch
from bot.store.log import Entry
from bot.store.values import as_time, json_value

LOGGED = (
    "SELECT rowid, case_number, position, at, actor, what, facts, hash FROM log WHERE rowid > :after "
    "ORDER BY rowid LIMIT :limit"
)
HEARD = (
    # Words count for the newest open case of who wrote them. What was said before it was submitted is in its answers.
    "SELECT inbox.rowid, inbox.body, inbox.at, inbox.position, (SELECT number FROM cases "
    "JOIN conversations ON conversations.customer = cases.customer WHERE conversations.address = inbox.address "
    "AND cases.status IN ('under_review', 'need_more', 'approved') AND substr(cases.submitted_at, 1, 19) <= inbox.at "
    "ORDER BY cases.submitted_at DESC LIMIT 1) FROM inbox WHERE inbox.rowid > :after ORDER BY inbox.rowid LIMIT :limit"
)
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


async def end(connection: AsyncConnection) -> Place:
    """After everything that there is now."""
    return Place(*(await connection.execute(ENDS)).one())


async def after(
    connection: AsyncConnection, place: Place, limit: int
) -> tuple[Place, list[tuple[str, Entry]], list[tuple[str, Words]]]:
    """The place after these, at most `limit` of each kind; each has a name that no other has."""
    entries = [
        (f"log {id_}", Entry(number, position, as_time(at), actor, what, json_value(facts), hash_))
        for id_, number, position, at, actor, what, facts, hash_ in await fetch(
            connection, LOGGED, {"after": place.log, "limit": limit}
        )
    ]
    rows = await fetch(connection, HEARD, {"after": place.inbox, "limit": limit})
    words = [
        (f"inbox {id_}", Words(number, as_time(at), said))
        for id_, body, at, position, number in rows
        if number and position and (said := words_in(body))
    ]
    log = int(entries[-1][0].removeprefix("log ")) if entries else place.log
    return Place(log, rows[-1][0] if rows else place.inbox), entries, words


def words_in(stored: str) -> str:
    match body_from_json(json_value(stored)):
        case Text(text=said) | Upload(caption=said):
            return said
    return ""
