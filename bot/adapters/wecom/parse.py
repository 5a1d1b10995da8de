"""What sync_msg tells us: events of customers, and what happened to our own messages and conversations."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.model.events import (
    Address,
    Arrived,
    Body,
    Event,
    MediaRef,
    Pressed,
    Unusable,
    Upload,
    cleaned,
)
from bot.tencent.codes import Follows
from bot.tencent.words import BURST, line, titled, words

PLATFORM = "wecom"
LONGEST_BUTTON = 200
CUSTOMER, SYSTEM = 3, 4
UNDELIVERED = {
    4: Follows.CUSTOMER,  # more than 48 hours after the customer wrote
    5: Follows.CUSTOMER,  # the conversation is closed
    6: Follows.CUSTOMER,  # more than five messages
    10: Follows.CUSTOMER,  # the customer refuses messages
    12: Follows.NEVER,  # a kind of message that may not be sent
    13: Follows.NEVER,  # held for forbidden
}
"""By fail_type. With every other one, known (1: account deleted, 2: app closed, 8: not verified, 11: nobody logged in) or
unknown, it is the operator's to do something."""
ID = re.compile(r"[\w@.=-]{1,128}")
FURTHEST = timedelta(days=4)
Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Failed:
    """A message of ours that WeCom took and did not bring. `why` is its fail_type."""

    chat: str
    message: str
    follows: Follows
    why: int


@dataclass(frozen=True, slots=True)
class StateChanged:
    """Somebody took or ended the conversation in WeCom."""

    chat: str


@dataclass(frozen=True, slots=True)
class Welcome:
    """A customer came in, and one message may be said at once with this code."""

    event: Event
    code: str


def item(found: Item, now: datetime) -> Event | Welcome | Failed | StateChanged | None:
    """None for what nobody has to hear of."""
    kind, id_ = found.get("msgtype"), found.get("msgid")
    if not isinstance(kind, str) or not isinstance(id_, str) or not ID.fullmatch(id_):
        return None
    if kind == "event":
        return happened(found, id_, now)
    chat = chat_of(found)
    if found.get("origin") != CUSTOMER or chat is None:
        return None
    body = message(found, kind, id_)
    return event(chat, id_, time_of(found, now), body, "message") if body else None


def message(found: Item, kind: str, id_: str) -> Body | None:
    inner = found.get(kind)
    inner = inner if isinstance(inner, dict) else {}
    if kind == "text":
        if button := cleaned(text_of(inner, "menu_id")):
            return Pressed(button[:LONGEST_BUTTON])
        return words(text_of(inner, "content"))
    if kind in MEDIA_NAMES and (media := text_of(inner, "media_id")):
        number = "".join(one for one in id_ if one.isalnum())[-6:]
        return Upload(MediaRef(media, MEDIA_NAMES[kind].format(number)), album=BURST)
    if kind == "location":
        return Unusable("location", line(text_of(inner, "name"), text_of(inner, "address")))
    if kind == "link":
        return titled(text_of(inner, "title"), text_of(inner, "url"))
    if kind == "miniprogram":
        return titled(text_of(inner, "title"))
    return Unusable("contact" if kind == "business_card" else "other", line(text_of(inner, "title")))


MEDIA_NAMES = {"image": "{}.jpg", "voice": "{}.amr", "video": "{}.mp4", "file": "file-{}"}


def happened(found: Item, id_: str, now: datetime) -> Event | Welcome | Failed | StateChanged | None:
    inner = found.get("event")
    if not isinstance(inner, dict):
        return None
    chat = chat_of(inner)
    if chat is None:
        return None
    match inner.get("event_type"):
        case "enter_session":
            code, at = text_of(inner, "welcome_code"), time_of(found, now)
            arrived = event(chat, id_, at, Arrived(), "enter" if code else "")
            return Welcome(arrived, code) if code else arrived
        case "msg_send_fail":
            told = inner.get("fail_type")
            why = told if isinstance(told, int) else 0
            return Failed(chat, text_of(inner, "fail_msgid"), UNDELIVERED.get(why, Follows.OPERATOR), why)
        case "session_status_change":
            return StateChanged(chat)
    return None


def chat_of(found: Item) -> str | None:
    """A customer at one of our accounts."""
    account, customer = found.get("open_kfid"), found.get("external_userid")
    if not isinstance(account, str) or not isinstance(customer, str):
        return None
    return f"{account}/{customer}" if ID.fullmatch(account) and ID.fullmatch(customer) else None


def event(chat: str, id_: str, at: datetime, body: Body, act: str) -> Event:
    return Event(f"{PLATFORM}:{id_}", Address(PLATFORM, chat), at, body, act=act)


def time_of(found: Item, now: datetime) -> datetime:
    sent = found.get("send_time")
    if not isinstance(sent, int) or isinstance(sent, bool) or not 0 < sent < 10**11:
        return now
    at = datetime.fromtimestamp(sent, UTC)
    return at if now - FURTHEST < at <= now else now


def text_of(inner: Item, name: str) -> str:
    value = inner.get(name, "")
    return value if isinstance(value, str) else ""
