"""What happened to a case: append-only, each entry chained by SHA-256 to the one before."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.messages import Message
from bot.store.bulk import driver_text, execute_all
from bot.store.schema import log
from bot.store.values import as_time, canonical_json, canonical_list, json_text, json_value, time_text

ADD = driver_text(insert(log))
OF_CASE = select(log).where(log.c.case_number == bindparam("number")).order_by(log.c.position)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `actor` is customer, bot, clock or agent:NAME."""

    case_number: str
    position: int
    at: datetime
    actor: str
    what: str
    facts: dict[str, Any]
    hash: str


def chained(before: str, case_number: str, position: int, at: datetime, actor: str, what: str, facts: Any) -> Entry:
    """The entry that follows the one with hash `before` ("" for the first)."""
    content = [case_number, position, time_text(at), actor, what, facts]
    digest = hashlib.sha256(before.encode() + canonical_json(content)).hexdigest()
    return Entry(case_number, position, at, actor, what, facts, digest)


def linked(before: str, message: Message) -> str:
    """The head of a conversation after this message: everything said until then is in it. `before` is "" at the first."""
    return hashlib.sha256(before.encode() + digest_of(message).encode()).hexdigest()


def digest_of(message: Message) -> str:
    """The SHA-256 of what was said. It is the same for the message as it was said and as it is read back."""
    content = [
        message.position,
        time_text(message.at),
        message.author.value,
        message.text,
        [[button.id, button.label] for button in message.buttons],
        [message.photo.id, message.photo.name] if message.photo else None,
        [[file.key, file.name, file.kind] for file in message.files],
    ]
    return hashlib.sha256(canonical_list(content)).hexdigest()


async def add(connection: AsyncConnection, entries: Sequence[Entry]) -> None:
    rows = [
        {
            "case_number": entry.case_number,
            "position": entry.position,
            "at": time_text(entry.at),
            "actor": entry.actor,
            "what": entry.what,
            "facts": json_text(entry.facts),
            "hash": entry.hash,
        }
        for entry in entries
    ]
    await execute_all(connection, ADD, rows)


async def of_case(connection: AsyncConnection, number: str) -> list[Entry]:
    rows = (await connection.execute(OF_CASE, {"number": number})).mappings()
    return [Entry(**{**row, "at": as_time(row["at"]), "facts": json_value(row["facts"])}) for row in rows]
