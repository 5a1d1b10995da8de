"""A test of the tests: a conversation file, played in the right mode, comes out differently when a fault is planted."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.app import App
from bot.batch import Batch
from bot.dispatch import Dispatcher
from bot.model.case import Case
from bot.model.conversation import Conversation, OpenForm
from bot.model.events import Event
from bot.router import Router
from bot.store import cases, conversations, inbox, outbox, schema
from bot.turn import Turn
from tests.player import play

Plant = Callable[[pytest.MonkeyPatch, App], None]
"""Called whenever the player starts the bot: what the fault keeps in memory ends with the process."""
CONVERSATIONS = Path(__file__).with_name("conversations")


def store_replies_after_the_commit(patch: pytest.MonkeyPatch, app: App) -> None:
    add, handle = outbox.add, partial(Dispatcher.handle, app.dispatcher)
    said: list[Any] = []

    async def remember(connection: Any, several: Sequence[Any]) -> None:
        said.extend(several)

    async def handle_then_store(events: Sequence[Event], **how: Any) -> Batch:
        said.clear()
        batch = await handle(events, **how)
        if said:
            async with app.database.transaction() as connection:
                await add(connection, said)
        return batch

    patch.setattr(outbox, "add", remember)
    patch.setattr(app.dispatcher, "handle", handle_then_store)


def forget_handled_events(patch: pytest.MonkeyPatch, app: App) -> None:
    async def nothing(connection: Any, ids: Sequence[str]) -> dict[str, Any]:
        return {}

    patch.setattr(inbox, "seen", nothing)
    patch.setattr(inbox, "ADD", inbox.ADD.replace("INSERT", "INSERT OR REPLACE", 1))


def keep_forms_in_memory(patch: pytest.MonkeyPatch, app: App) -> None:
    load, add, save = conversations.load, conversations.add, conversations.save
    forms: dict[str, OpenForm | None] = {}

    async def load_without(connection: Any, addresses: Sequence[str]) -> dict[str, Conversation]:
        found = await load(connection, addresses)
        return {address: replace(one, form=forms.get(address)) for address, one in found.items()}

    async def store_without(store: Callable[..., Any], connection: Any, several: Sequence[Conversation]) -> None:
        forms.update({one.address: one.form for one in several})
        await store(connection, [replace(one, form=None) for one in several])

    patch.setattr(conversations, "load", load_without)
    patch.setattr(conversations, "add", partial(store_without, add))
    patch.setattr(conversations, "save", partial(store_without, save))


def show_everybodys_cases(patch: pytest.MonkeyPatch, app: App) -> None:
    async def of_anybody(connection: Any, customers: Sequence[str]) -> list[Case]:
        found = [cases.from_row(row) for row in (await connection.execute(select(schema.cases))).mappings()]
        return [replace(case, customer=customer) for case in found for customer in customers]

    patch.setattr(cases, "of_customers", of_anybody)


PLANTED: list[tuple[Plant, str, str]] = [
    (store_replies_after_the_commit, "crash", "damaged_kettle_en"),
    (forget_handled_events, "twice", "damaged_kettle_en"),
    (keep_forms_in_memory, "restart", "damaged_kettle_en"),
    (show_everybodys_cases, "straight", "status_is_private"),
]


@pytest.mark.parametrize(("plant", "mode", "name"), PLANTED, ids=lambda value: getattr(value, "__name__", ""))
async def test_planted_fault_shows_in_the_conversation(plant: Plant, mode: str, name: str, tmp_path: Path) -> None:
    file = CONVERSATIONS / f"{name}.chat"
    written = file.read_text("utf-8")
    assert await play(file, tmp_path / "sound", mode) == written

    assert await played_with(plant, file, tmp_path / "planted", mode) != written


@pytest.mark.parametrize(("plant", "mode", "name"), PLANTED[:3], ids=lambda value: getattr(value, "__name__", ""))
async def test_planted_fault_does_not_show_without_the_mode(plant: Plant, mode: str, name: str, tmp_path: Path) -> None:
    """So it is the mode that finds it."""
    file = CONVERSATIONS / f"{name}.chat"

    assert await played_with(plant, file, tmp_path, "straight") == file.read_text("utf-8")


async def played_with(plant: Plant, file: Path, folder: Path, mode: str) -> str:
    with pytest.MonkeyPatch.context() as patch:

        def prepare(app: App) -> None:
            patch.undo()
            plant(patch, app)

        return await play(file, folder, mode, prepare)


async def awaiting(turn: Turn) -> None:
    """As somebody writes it who comes from another framework."""


async def yielding(turn: Turn) -> Any:
    yield turn


@pytest.mark.parametrize("handler", [awaiting, yielding, partial(awaiting)], ids=["async", "generator", "partial"])
def test_handler_that_awaits_is_refused_by_name(handler: Any) -> None:
    with pytest.raises(TypeError, match=r"(awaiting|yielding).+ of router 'mine' awaits"):
        Router("mine").command("wait")(handler)
