"""When reminders wake: for what is due before the nap ends, and not for the many that are due in days."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.model.events import Due, Event
from bot.reminders import LONGEST_NAP, Reminders
from bot.store import reminders
from bot.store.database import Database
from bot.store.reminders import Reminder

NOW = datetime(2026, 11, 23, 10, 43, tzinfo=UTC)


def reminder(seconds: float) -> Reminder:
    return Reminder("r1", "phone:anna", "draft", "s1", NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize(("seconds", "wakes"), [(0, True), (LONGEST_NAP, True), (LONGEST_NAP + 1, False)])
def test_new_reminder_ends_the_nap_only_when_it_is_due_before(seconds: float, wakes: bool, tmp_path: Path) -> None:
    ours = Reminders(Database(tmp_path / "db"), never, lambda: NOW)

    ours.wake([reminder(3600), reminder(seconds)])

    assert ours._new.is_set() == wakes


async def test_reminder_becomes_an_event_once_it_is_due(tmp_path: Path) -> None:
    database, came, now = Database(tmp_path / "db"), [], NOW

    async def accept(event: Event) -> Sequence[Any]:
        came.append(event.body)
        return ()

    await database.migrate()
    async with database.transaction() as connection:
        await reminders.add(connection, [reminder(60)])
    ours = Reminders(database, accept, lambda: now)

    assert await ours.remind() == 0
    now += timedelta(seconds=60)
    assert await ours.remind() == 1
    assert came == [Due("r1", "draft", "s1")]
    await database.close()


async def never(_event: Event) -> Sequence[Any]:
    raise AssertionError("nothing is due")
