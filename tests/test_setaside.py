"""A handler that raises costs only its own event."""

from pathlib import Path

import pytest

from bot.app import App
from bot.log import set_up
from bot.model.events import Address, Event, Text
from bot.router import Router, Routes
from bot.settings import Settings
from bot.turn import Turn
from handlers import ROUTERS
from tests.fakes import NOTHING_READ, Clock, FakePhone

FIRST = Router("first")


class Fault:
    is_there = True


@FIRST.command("boom")
def fail(turn: Turn) -> None:
    turn.say("start.safety")
    if Fault.is_there:
        raise RuntimeError("secret words")
    turn.say("start.thanks")


@pytest.fixture
async def app(tmp_path: Path):
    set_up("info")
    app = App(Settings(data=tmp_path, evidence=NOTHING_READ), clock=Clock(), routes=Routes((FIRST, *ROUTERS)))
    app.add([FakePhone()])
    await app.database.migrate()
    app.start(reminders=False)
    yield app
    await app.stop()


def said(chat: str, text: str, number: int = 1) -> Event:
    return Event(f"phone:{chat}:{number}", Address("phone", chat), Clock()(), Text(text))


async def test_a_failing_event_is_set_aside_and_can_be_retried(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    Fault.is_there = True
    told = await app.dispatcher.accept(said("anna", "/boom"))
    others = await app.dispatcher.accept(said("ben", "/help"))

    waiting = await app.control.do("setaside.list", {})
    assert "同事" in told[-1].text
    assert len(others) > 1
    assert len(waiting) == 1
    assert waiting[0]["error"].startswith("RuntimeError < test_setaside.py")
    assert "secret words" not in str(waiting) + capsys.readouterr().err

    Fault.is_there = False
    retried = await app.control.do("setaside.retry", {"id": waiting[0]["id"]})
    assert len(retried["said"]) == 3
    assert await app.control.do("setaside.list", {}) == []
