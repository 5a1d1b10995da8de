"""Conversations and their customers."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.conversation import Conversation, OpenForm
from bot.model.messages import Button
from bot.store.bulk import Query, Row, driver_text, execute_all, given
from bot.store.schema import consents, conversations, customers
from bot.store.values import as_time, json_text, json_value, time_text

LOAD = Query(select(conversations).where(conversations.c.address.in_(given("addresses"))))
ADD_CUSTOMERS = driver_text(insert(customers))
ADD = driver_text(insert(conversations))
CHANGING = (
    "language",
    "language_chosen",
    "position",
    "form",
    "offered",
    "misses",
    "person_asked_at",
    "reachable",
    "files_for",
    "head",
    "thread",
)
SAVE = driver_text(
    update(conversations)
    .where(conversations.c.address == bindparam("key"))
    .values({name: bindparam(name) for name in CHANGING})
)
ASKING_FOR_A_PERSON = (
    select(conversations).where(conversations.c.person_asked_at.is_not(None)).order_by(conversations.c.person_asked_at)
)
LATEST = (
    select(conversations.c.address)
    .where(conversations.c.address.like(bindparam("like")))
    .order_by(conversations.c.created_at.desc())
    .limit(1)
)
LANGUAGE = select(conversations.c.language).where(conversations.c.address == bindparam("key"))
CONSENT = driver_text(insert(consents).prefix_with("OR IGNORE"))


async def load(connection: AsyncConnection, addresses: Sequence[str]) -> dict[str, Conversation]:
    return {row["address"]: from_row(row) for row in await LOAD.rows(connection, addresses=addresses)}


async def heads_from(connection: AsyncConnection, addresses: Sequence[str]) -> dict[str, int]:
    """The first position that is in each conversation's head."""
    return {row["address"]: row["head_from"] for row in await LOAD.rows(connection, addresses=addresses)}


async def language_of(connection: AsyncConnection, address: str) -> str | None:
    found: str | None = (await connection.execute(LANGUAGE, {"key": address})).scalar()
    return found


async def add(connection: AsyncConnection, new: Sequence[Conversation]) -> None:
    created = [{"id": one.customer, "created_at": time_text(one.created_at)} for one in new]
    await execute_all(connection, ADD_CUSTOMERS, created)
    rows = [
        {
            "address": one.address,
            "customer": one.customer,
            "created_at": time_text(one.created_at),
            "head_from": 1,
            **changing(one),
        }
        for one in new
    ]
    await execute_all(connection, ADD, rows)


async def save(connection: AsyncConnection, changed: Sequence[Conversation]) -> None:
    await execute_all(connection, SAVE, [{"key": one.address, **changing(one)} for one in changed])


async def asking_for_a_person(connection: AsyncConnection) -> list[Conversation]:
    """Who waits longest comes first."""
    return [from_row(row) for row in (await connection.execute(ASKING_FOR_A_PERSON)).mappings()]


async def latest(connection: AsyncConnection, platform: str) -> str | None:
    """The address of the newest conversation on this platform."""
    found: str | None = (await connection.execute(LATEST, {"like": f"{platform}:%"})).scalar()
    return found


async def told_notice(connection: AsyncConnection, told: Sequence[tuple[str, str, datetime]]) -> None:
    """Customers who were shown a version of the privacy notice, and when."""
    rows = [{"customer": who, "notice": version, "at": time_text(at)} for who, version, at in told]
    await execute_all(connection, CONSENT, rows)


def changing(one: Conversation) -> Mapping[str, Any]:
    return {
        "language": one.language,
        "language_chosen": one.language_chosen,
        "position": one.position,
        "form": form_json(one.form) if one.form else None,
        "offered": json_text([[button.id, button.label] for button in one.offered]) if one.offered else "[]",
        "misses": one.misses,
        "person_asked_at": time_text(one.person_asked_at) if one.person_asked_at else None,
        "reachable": one.reachable,
        "files_for": one.files_for,
        "head": one.head,
        "thread": one.thread,
    }


def from_row(row: Row) -> Conversation:
    return Conversation(
        address=row["address"],
        customer=row["customer"],
        language=row["language"],
        created_at=as_time(row["created_at"]),
        language_chosen=bool(row["language_chosen"]),
        position=row["position"],
        form=form_from_json(row["form"]) if row["form"] else None,
        offered=tuple(Button(*pair) for pair in json_value(row["offered"])) if row["offered"] != "[]" else (),
        misses=row["misses"],
        person_asked_at=as_time(row["person_asked_at"]) if row["person_asked_at"] else None,
        reachable=bool(row["reachable"]),
        files_for=row["files_for"],
        head=row["head"],
        thread=row["thread"],
    )


FORM = tuple(field.name for field in fields(OpenForm))


def form_json(form: OpenForm) -> str:
    values = {name: getattr(form, name) for name in FORM}
    return json_text({**values, "changed_at": time_text(form.changed_at)})


def form_from_json(stored: str) -> OpenForm:
    values = json_value(stored)
    return OpenForm(**{**values, "changed_at": as_time(values["changed_at"])})
