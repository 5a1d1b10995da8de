"""Events survive being written down, whatever they are about."""

from datetime import UTC, datetime

import pytest

from bot.model.event_json import body_from_json, event_from_json, event_to_json
from bot.model.events import (
    Address,
    AgentAction,
    Body,
    Due,
    ErrandDone,
    Event,
    MediaRef,
    Pressed,
    Reachable,
    Subscribed,
    Text,
    Unreadable,
    Unusable,
    Upload,
)

BODIES: tuple[Body, ...] = (
    Text("hello"),
    Text("hello there", instead_of="telegram:1:2"),
    Pressed("status:KS"),
    Upload(MediaRef("id", "a.jpg"), "cap", "video", "album", True),
    Unusable("sticker", "👍"),
    Reachable(False),
    Subscribed(2),
    Unreadable("{}"),
    AgentAction("li", "ask", "KS", 3, {"text": "more"}),
    ErrandDone("1", "intake", "2", {"refused": "gone"}),
    Due("1", "album", "2"),
)


@pytest.mark.parametrize("body", BODIES, ids=lambda body: type(body).__name__)
def test_event_comes_back_as_it_was(body: Body) -> None:
    event = Event("telegram:1", Address("telegram", "7"), datetime.now(UTC), body, "en")

    assert event_from_json(event_to_json(event)) == event


def test_what_an_older_program_wrote_is_read() -> None:
    stored = {"kind": "upload", "media": {"id": "1", "name": "a.jpg"}, "caption": ""}

    assert body_from_json(stored) == Upload(MediaRef("1", "a.jpg"))
