"""Events to JSON and back: for the inbox, for errands and for what is set aside."""

from dataclasses import MISSING, asdict, fields
from datetime import datetime
from typing import Any

from bot.model.events import (
    Address,
    AgentAction,
    Arrived,
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
    Untold,
    Unusable,
    Upload,
)

KINDS: dict[str, type[Body]] = {
    "text": Text,
    "pressed": Pressed,
    "upload": Upload,
    "unusable": Unusable,
    "reachable": Reachable,
    "unreadable": Unreadable,
    "arrived": Arrived,
    "subscribed": Subscribed,
    "agent": AgentAction,
    "errand_done": ErrandDone,
    "due": Due,
    "untold": Untold,
}
NAMES = {kind: name for name, kind in KINDS.items()}


def body_to_json(body: Body) -> dict[str, Any]:
    if type(body) is Text and not body.instead_of:  # by far the most frequent, and asdict() is slow
        return {"body": "text", "text": body.text}
    return {"body": NAMES[type(body)], **asdict(body)}


def body_from_json(stored: dict[str, Any]) -> Body:
    stored = dict(stored)
    kind = KINDS[
        stored.pop("body" if "body" in stored else "kind")
    ]  # "kind" is the older way; some fields are called so
    values = {
        field.name: stored[field.name]
        for field in fields(kind)
        if field.default is MISSING or field.name in stored  # what an older program stored has the older fields
    }
    if kind is Upload:
        values["media"] = MediaRef(**values["media"])
    return kind(**values)


def event_to_json(event: Event) -> dict[str, Any]:
    """What is needed to handle the event again; its reading is worked out anew."""
    return {
        "id": event.id,
        "address": str(event.address),
        "at": event.at.isoformat(),
        "language": event.language,
        "body": body_to_json(event.body),
        **({"thread": event.thread} if event.thread else {}),
    }


def event_from_json(stored: dict[str, Any]) -> Event:
    return Event(
        id=stored["id"],
        address=Address.parse(stored["address"]),
        at=datetime.fromisoformat(stored["at"]),
        language=stored["language"],
        body=body_from_json(stored["body"]),
        thread=stored.get("thread", ""),
    )
