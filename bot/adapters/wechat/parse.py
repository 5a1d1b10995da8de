"""What WeChat tells us, as an event; None for what nobody has to hear of."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from bot.model.events import (
    Address,
    Arrived,
    Body,
    Event,
    MediaRef,
    Pressed,
    Reachable,
    Subscribed,
    Text,
    Unusable,
    Upload,
    cleaned,
)
from bot.tencent.words import BURST, line, titled, words

LONGEST_BUTTON = 200
FURTHEST = timedelta(minutes=10)
"""A message's own time counts when it is not further from ours: retries come later, clocks are never exact."""
Fields = Mapping[str, str]

MEDIA_NAMES = {"image": "{}.jpg", "voice": "{}.amr", "video": "{}.mp4", "shortvideo": "{}.mp4", "file": "{}"}
PICTURE = "url:"
"""Before a picture's address: where an account may not fetch files by their id."""


class NotAMessageError(ValueError):
    """A field is missing, or is not what it should be."""


def event(
    fields: Fields, platform: str, now: datetime, *, by_address: bool = False, template: str = ""
) -> Event | None:
    """`by_address`: pictures are fetched from where WeChat shows them. `template`: of our notices.

    Raises NotAMessageError.
    """
    who, kind = needed(fields, "FromUserName"), needed(fields, "MsgType")
    at = time_of(needed(fields, "CreateTime"), now)
    if kind == "event":
        found = happened(fields, template)
        if found is None:
            return None
        body, act = found
        id_ = event_id(fields)
    else:
        said = message(fields, kind, by_address=by_address)
        if said is None:
            return None
        # What is pressed in a menu message comes as a text. Whether WeChat counts it as one is not written anywhere.
        body, act = said, "menu" if isinstance(said, Pressed) else "message"
        id_ = f"{needed(fields, 'MsgId')}.{needed(fields, 'CreateTime')}"
    return Event(f"{platform}:{who}:{id_}", Address(platform, who), at, body, act=act)


def message(fields: Fields, kind: str, *, by_address: bool) -> Body | None:
    if button := cleaned(fields.get("bizmsgmenuid", "")):
        return Pressed(button[:LONGEST_BUTTON])
    if kind == "text":
        return words(fields.get("Content", ""))
    if kind == "voice" and isinstance(heard := words(fields.get("Recognition", "")), Text):
        return heard
    if kind in MEDIA_NAMES:
        return upload(fields, kind, by_address=by_address)
    if kind == "location":
        return Unusable("location", line(fields.get("Label", "")))
    if kind == "link":
        return titled(fields.get("Title", ""), fields.get("Url", ""))
    if kind == "miniprogrampage":
        return titled(fields.get("Title", ""))
    return Unusable("other")


def upload(fields: Fields, kind: str, *, by_address: bool) -> Upload | Unusable:
    """WeChat names no files: the message's number does. Of some kinds of files it does not even say where they are."""
    picture, title = fields.get("PicUrl", ""), cleaned(fields.get("Title", ""))
    if not (by_address and picture) and not fields.get("MediaId"):
        return Unusable("other", line(title))
    id_ = PICTURE + picture if by_address and picture else needed(fields, "MediaId")
    name = MEDIA_NAMES[kind].format(title or needed(fields, "MsgId")[-6:])
    return Upload(MediaRef(id_, name.replace("\n", " ").replace("/", "_")[:100]), album=BURST)


SUBSCRIPTIONS = ("SubscribeMsgPopupEvent", "SubscribeMsgChangeEvent", "List")
"""Where it stands: by the documents, and in JSON."""


def happened(fields: Fields, template: str) -> tuple[Body, str] | None:
    """What the customer did without a message, and after which act we may speak."""
    key = cleaned(fields.get("EventKey", ""))
    match needed(fields, "Event").lower():
        case "subscribe":
            return Arrived(), "scan" if key.startswith("qrscene_") else "follow"
        case "scan":
            return Arrived(), "scan"
        case "user_enter_tempsession":
            return Arrived(), "enter"
        case "unsubscribe":
            return Reachable(False), ""
        case "subscribe_msg_popup_event" | "subscribe_msg_change_event" if template:
            notices = subscribed(fields, template)
            return None if notices is None else (Subscribed(notices), "")
        case "click" if key:
            return Pressed(key[:LONGEST_BUTTON]), "menu"
    return None


def subscribed(fields: Fields, template: str) -> int | None:
    """How often the customer agreed to the notice; 0 when they refused it; None when it is not among what they were asked."""
    told = " ".join(fields.get(name, "") for name in SUBSCRIPTIONS).split()
    found = [
        status
        for number, status in zip(values_of(told, "TemplateId"), values_of(told, "SubscribeStatusString"), strict=False)
        if number == template
    ]
    # acceptWithAlert, acceptWithAudio: agreed, and how they like to be told
    return sum(status.startswith("accept") for status in found) if found else None


def values_of(told: Sequence[str], name: str) -> list[str]:
    return [value for before, value in pairwise(told) if before == name]


def event_id(fields: Fields) -> str:
    """Events have no number, and their time only seconds: two buttons of the menu in one second are two events."""
    known = "|".join(fields.get(name, "") for name in ("Event", "EventKey", "Ticket", "SessionFrom", *SUBSCRIPTIONS))
    return f"{needed(fields, 'CreateTime')}.{hashlib.sha256(known.encode()).hexdigest()[:16]}"


def time_of(stamp: str, now: datetime) -> datetime:
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 11):
        raise NotAMessageError("CreateTime")
    at = datetime.fromtimestamp(int(stamp), UTC)
    return at if now - FURTHEST < at <= now else now


def needed(fields: Fields, name: str) -> str:
    """An id, a kind, a time: something short without spaces."""
    value = fields.get(name, "")
    if not value or len(value) > 200 or not value.isprintable() or " " in value:
        raise NotAMessageError(name)
    return value
