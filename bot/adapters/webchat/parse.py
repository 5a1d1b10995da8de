"""Requests of the web chat to events; anything wrong is a Wrong with the sentence to answer with."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.adapters.webchat.sessions import Session
from bot.model.events import LONGEST_TEXT, Address, Event, MediaRef, Pressed, Text, Upload, cleaned

PLATFORM = "webchat"
CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
LONGEST_BUTTON = 200


class Wrong(Exception):  # noqa: N818 - an answer, not a fault
    """A request that gets a status and a sentence instead of an answer."""

    def __init__(self, status: int, key: str, **values: str) -> None:
        super().__init__(key)
        self.status = status
        self.key = key
        self.values = values


@dataclass(frozen=True, slots=True)
class Request:
    client_id: str
    fields: dict[str, Any]


def request(raw: bytes, shortest_id: int) -> Request:
    try:
        fields = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Wrong(400, "web.bad_json") from error
    if not isinstance(fields, dict):
        raise Wrong(400, "web.bad_json")
    return Request(client_id(fields.get("client_id"), shortest_id), fields)


def first_words(asked: Request) -> Request | None:
    """The message that is to be said in the session that is asked for."""
    fields = asked.fields.get("first")
    if fields is None:
        return None
    if not isinstance(fields, dict):
        raise Wrong(400, "web.bad_message")
    return Request(client_id(fields.get("client_id"), 1), fields)


def client_id(given: Any, shortest: int) -> str:
    if not isinstance(given, str) or len(given) < shortest or not CLIENT_ID.fullmatch(given):
        raise Wrong(400, "web.bad_client_id", shortest=str(shortest))
    return given


def message(asked: Request, session: Session, now: datetime) -> Event:
    text, button = asked.fields.get("text"), asked.fields.get("button")
    if isinstance(text, str) and button is None:
        if len(text) > LONGEST_TEXT:
            raise Wrong(413, "web.long")
        if not cleaned(text).strip():
            raise Wrong(400, "web.empty")
        return event(asked.client_id, session, now, Text(cleaned(text).strip()))
    if isinstance(button, str) and text is None:
        return event(asked.client_id, session, now, Pressed(cleaned(button)[:LONGEST_BUTTON]))
    raise Wrong(400, "web.bad_message")


def upload(query: Mapping[str, str], session: Session, now: datetime) -> tuple[Event, Upload]:
    """The event and its body; what the bytes are is not known yet."""
    name = cleaned(query.get("name", "")).replace("\n", " ").rpartition("/")[2].rpartition("\\")[2].strip()[:100]
    caption = cleaned(query.get("caption", ""))[:LONGEST_TEXT]
    body = Upload(MediaRef("", name or "photo"), caption, album=album_of(query))
    return event(client_id(query.get("client_id"), 1), session, now, body), body


def album_of(query: Mapping[str, str]) -> str:
    return client_id(query["album"], 1) if query.get("album") else ""


def event(id_: str, session: Session, now: datetime, body: Text | Pressed | Upload) -> Event:
    return Event(f"{PLATFORM}:{session.chat}:{id_}", Address(PLATFORM, session.chat), now, body, session.language)
