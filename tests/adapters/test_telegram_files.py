"""What Telegram's updates become, and what messages become there: stored examples. With SHOUHOU_ACCEPT=1 they are written anew."""

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from telegram import Update

from bot.adapters.telegram import parse, render
from bot.adapters.telegram.parse import Me, event_of, unreadable
from bot.adapters.telegram.render import Call
from bot.model.event_json import event_to_json
from bot.model.events import Address, Unreadable
from bot.model.messages import Author, Button, File, Message

FOLDER = Path(__file__).parent / "telegram"
UPDATES, MESSAGES = sorted(FOLDER.glob("updates/*.json")), sorted(FOLDER.glob("messages/*.json"))
ME = Me(110201543, "shouhou_bot")
AT = datetime(2026, 11, 23, tzinfo=UTC)


def kept(file: Path, fields: Mapping[str, Any]) -> Any:
    """The example with these fields as they came out."""
    example = json.loads(file.read_text("utf-8"))
    if os.environ.get("SHOUHOU_ACCEPT"):
        file.write_text(json.dumps(example | fields, ensure_ascii=False, indent=1) + "\n", "utf-8")
        example |= fields
    return example


@pytest.mark.parametrize("file", UPDATES, ids=lambda file: file.stem)
def test_update_becomes_its_event(file: Path) -> None:
    event = event_of(json.loads(file.read_text("utf-8"))["update"], ME)
    came_out = event_to_json(event) if event else None
    if came_out and file.stem.startswith("pressed"):
        came_out["at"] = AT.isoformat()  # Telegram does not tell when a button was pressed

    assert came_out == kept(file, {"event": came_out})["event"]


@pytest.mark.parametrize("file", UPDATES, ids=lambda file: file.stem)
def test_example_is_as_the_library_knows_updates(file: Path) -> None:
    update = json.loads(file.read_text("utf-8"))["update"]

    known = Update.de_json(update, None)

    assert known.effective_chat or known.callback_query
    assert known.api_kwargs == {}


@pytest.mark.parametrize("file", MESSAGES, ids=lambda file: file.stem)
def test_message_becomes_its_calls(file: Path) -> None:
    given = json.loads(file.read_text("utf-8"))
    text = given["text"] * given.get("times", 1)
    buttons = tuple(Button(*pair) for pair in given["buttons"])
    files = tuple(File(*three) for three in given.get("files", ()))

    calls = render.calls("0" * 32, Message(1, Author.BOT, AT, text, buttons, files=files))

    came_out = [as_json(call) for call in calls]
    assert came_out == kept(file, {"calls": came_out})["calls"]
    assert all(1 <= render.units(call.fields["text"]) <= 4096 for call in calls if not call.file)
    assert all(render.units(call.fields.get("caption", "")) <= 1024 for call in calls)
    assert [call.file for call in calls if call.file] == list(files)
    assert "".join("".join(words_in(call).split()) for call in calls) == "".join(text.split())


def as_json(call: Call) -> Any:
    return {"method": call.method, **call.fields, **({"file": call.file.key} if call.file else {})}


def words_in(call: Call) -> str:
    return str(call.fields.get("text") or call.fields.get("caption") or "")


WHOLE = {"message_id": 1, "from": {"id": 7}, "chat": {"id": 7, "type": "private"}, "date": 1795000000, "text": "a"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"update_id": 1, "message": "hello"},
        {"update_id": 1, "message": WHOLE | {"text": 5}},
        {"update_id": 1, "message": {key: value for key, value in WHOLE.items() if key != "date"}},
        {"update_id": 1, "message": WHOLE | {"message_id": "1"}},
        {"update_id": 1, "message": WHOLE | {"date": 10**20}},
        {"update_id": 1, "message": {key: value for key, value in WHOLE.items() if key != "text"} | {"photo": []}},
        {
            "update_id": 1,
            "message": {key: value for key, value in WHOLE.items() if key != "text"} | {"voice": {"file_id": 5}},
        },
        {
            "update_id": 1,
            "callback_query": {"id": 5, "from": {"id": 7}, "message": {"chat": {"id": 7, "type": "private"}}},
        },
        {"update_id": 1, "my_chat_member": {}},
        {"update_id": 1, "edited_message": {"chat": {"type": "private"}, "text": "a"}},
        [],
        "hello",
    ],
)
def test_odd_update_raises_and_is_kept_whole(wrong: Any) -> None:
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError, OverflowError)):
        event_of(wrong, ME)

    event = unreadable(wrong, ME)

    assert isinstance(event.body, Unreadable)
    assert json.loads(event.body.raw) == wrong
    assert Address.parse(str(event.address)) == event.address


def test_pressed_button_is_marked_and_the_earlier_one_is_not() -> None:
    markup = render.keyboard("0" * 32, [Button("a", "Yes"), Button("b", "No")])

    once = render.pressed(markup, "0" * 32 + ":0")
    twice = render.pressed(once, "0" * 32 + ":1")

    assert [button["text"] for row in once["inline_keyboard"] for button in row] == ["✓ Yes", "No"]
    assert [button["text"] for row in twice["inline_keyboard"] for button in row] == ["Yes", "✓ No"]


@pytest.mark.parametrize("data", ["", "status", "0" * 31 + ":1", "0" * 32 + ":1000", "0" * 32, "x" * 32 + ":1"])
def test_data_that_is_not_ours_names_nothing(data: str) -> None:
    assert render.token(data) is None


def test_platform_name_never_changes() -> None:
    assert parse.PLATFORM == "telegram"
