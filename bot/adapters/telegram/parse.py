"""An update of the Bot API to an event, or None for what is not for us. Raises whatever it likes on one that is not as documented."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from bot.language import language_for
from bot.model.events import (
    LONGEST_TEXT,
    Address,
    Body,
    Event,
    MediaRef,
    Pressed,
    Reachable,
    Text,
    Unreadable,
    Unusable,
    Upload,
    cleaned,
)

PLATFORM = "telegram"
UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
"""What we ask for; posts in channels and everything else is not sent to us at all."""
COMMAND = re.compile(r"^(/[A-Za-z0-9_]+)(?:@([A-Za-z0-9_]+))?")
LONGEST_NAME = 100
LONGEST_QUOTE = 1000
SERVICE = frozenset(
    """
    new_chat_members left_chat_member chat_owner_left chat_owner_changed new_chat_title new_chat_photo
    delete_chat_photo group_chat_created supergroup_chat_created channel_chat_created
    message_auto_delete_timer_changed migrate_to_chat_id migrate_from_chat_id pinned_message successful_payment
    refunded_payment users_shared user_shared chat_shared gift_upgrade_sent connected_website write_access_allowed
    passport_data proximity_alert_triggered boost_added chat_background_set checklist_tasks_done
    checklist_tasks_added direct_message_price_changed paid_message_price_changed forum_topic_created
    forum_topic_edited forum_topic_closed forum_topic_reopened general_forum_topic_hidden
    general_forum_topic_unhidden giveaway_created giveaway_completed managed_bot_created poll_option_added
    poll_option_deleted suggested_post_approved suggested_post_approval_failed suggested_post_declined
    suggested_post_paid suggested_post_refunded video_chat_scheduled video_chat_started video_chat_ended
    video_chat_participants_invited web_app_data community_chat_added community_chat_removed community_chat_joined
    """.split()  # noqa: SIM905
)
"""Fields of messages that tell of something that happened, such as a new title: nobody sends them on purpose."""
HAPPENED = re.compile(r"(?!is_|has_|was_)\w+_(\w+ed|begun|done|left|lost|paid|sent|set|shown|won)")
"""How the names of such fields end; Telegram adds some with each version."""
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Me:
    """Our bot. Its name is not known before Telegram was asked."""

    id: int
    username: str = ""


def event_of(update: Json, me: Me) -> Event | None:
    if not isinstance(update, dict):
        raise TypeError("an update is a JSON object")
    if "message" in update:
        return of_message(update["message"], me)
    if "edited_message" in update:
        return of_edit(update["edited_message"], number(update["update_id"]), me)
    if "callback_query" in update:
        return of_press(update["callback_query"], me)
    if "my_chat_member" in update:
        return of_membership(update["my_chat_member"], me)
    return None


def of_message(message: Json, me: Me) -> Event | None:
    if message.get("from", {}).get("is_bot", False):
        return None
    kind = message["chat"]["type"]
    if kind in ("group", "supergroup"):
        return event(message, me, Unusable("group")) if is_for_us(message, me) else None
    body = body_of(message, me) if kind == "private" else None
    return event(message, me, body) if body else None


def of_edit(message: Json, update_id: int, me: Me) -> Event | None:
    """New words or a new file instead of earlier ones. Other edits, such as a live location that goes on, change nothing for us.

    Telegram tells the whole message: whether its file is another one, only the original can tell; see `edits`.
    """
    if message["chat"]["type"] != "private" or message.get("from", {}).get("is_bot", False):
        return None
    body = body_of(message, me)
    if not isinstance(body, Text | Upload):
        return None
    original = event(message, me, body)
    changed = replace(body, instead_of=original.id)
    return replace(original, id=f"{original.id}:{update_id}", at=time(message["edit_date"]), body=changed)


def of_press(query: Json, me: Me) -> Event | None:
    """The button's data is looked up later: it is only valid for those whom it was shown to."""
    chat = query.get("message", {}).get("chat", {})
    sender = query["from"]
    if chat.get("type") != "private" or number(chat["id"]) != number(sender["id"]):
        return None
    address = Address(PLATFORM, str(number(chat["id"])))
    body = Pressed(text_in(query.get("data", ""))[:64])
    id_ = text_in(query["id"])[:64]
    event_id, at = f"{PLATFORM}:{me.id}:press:{id_}", datetime.now(UTC)
    return Event(event_id, address, at, body, language_of(sender), thread=thread_of(query["message"]))


def of_membership(change: Json, me: Me) -> Event | None:
    status = {"kicked": False, "member": True}.get(change["new_chat_member"]["status"])
    if change["chat"]["type"] != "private" or status is None:
        return None
    chat, at = number(change["chat"]["id"]), number(change["date"])
    address = Address(PLATFORM, str(chat))
    return Event(f"{PLATFORM}:{me.id}:{chat}:{at}:{status}", address, time(at), Reachable(status))


def unreadable(update: Any, me: Me) -> Event:
    """The update whole, at the chat that it came from as far as that can be told."""
    raw = json.dumps(update, ensure_ascii=False)[:LONGEST_TEXT]
    found = update if isinstance(update, dict) else {}
    chat = re.search(r'"chat": \{[^{}]*"id": (-?\d+)', raw)
    address = Address(PLATFORM, chat.group(1) if chat else "unknown")
    id_ = f"{PLATFORM}:{me.id}:update:{found.get('update_id', raw)}"[:200]
    return Event(id_, address, datetime.now(UTC), Unreadable(cleaned(raw)))


def event(message: Json, me: Me, body: Body) -> Event:
    chat, id_ = number(message["chat"]["id"]), number(message["message_id"])
    address, at = Address(PLATFORM, str(chat)), time(message["date"])
    language = language_of(message["from"])
    return Event(f"{PLATFORM}:{me.id}:{chat}:{id_}", address, at, body, language, thread=thread_of(message))


def thread_of(message: Json) -> str:
    """The topic that it was written in. In groups without topics, an answer to a message has a thread too, which takes no messages."""
    if "message_thread_id" not in message:
        return ""
    is_topic = message["chat"]["type"] == "private" or message.get("is_topic_message", False)
    return str(number(message["message_thread_id"])) if is_topic else ""


def is_for_us(message: Json, me: Me) -> bool:
    """In a group: a command or a mention that names us, or a reply to us."""
    text = text_in(message.get("text") or message.get("caption") or "")
    replied = message.get("reply_to_message", {}).get("from", {}).get("id")
    return replied == me.id or bool(me.username and re.search(rf"@{me.username}\b", text, re.I))


def body_of(message: Json, me: Me) -> Body | None:
    if "text" in message:
        text = text_in(message["text"])
        return Text(without_our_name(text)) if text else None
    if "photo" in message:
        largest = max(message["photo"], key=lambda size: number(size["width"]) * number(size["height"]))
        return upload(message, largest, "photo", ".jpg", is_shrunk=True)
    for field, kind, ending in (
        ("animation", "video", ".mp4"),  # before "document", which it has too
        ("video", "video", ".mp4"),
        ("video_note", "video", ".mp4"),
        ("voice", "voice", ".ogg"),
        ("audio", "voice", ".mp3"),
        ("document", "file", ""),
    ):
        if field in message:
            return upload(message, message[field], kind, ending)
    for field, describe in NOTES.items():
        if field in message:
            return Unusable(field if field != "venue" else "location", text_in(describe(message[field]))[:LONGEST_NAME])
    if any(field in SERVICE or HAPPENED.fullmatch(field) for field in message):
        return None
    words = message.get("caption") or " ".join(" ".join(texts_in(message.get("rich_message"))).split())
    return Unusable("other", text_in(words)[:LONGEST_QUOTE])  # of whatever kind, also one that is newer than we are


def texts_in(value: Any) -> Iterator[str]:
    """Yield the words of a formatted message, whatever they are nested in."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from (words for inner in value for words in texts_in(inner))
    elif isinstance(value, dict):
        yield from (words for name in ("blocks", "items", "text") if name in value for words in texts_in(value[name]))


def upload(message: Json, file: Json, kind: str, ending: str, *, is_shrunk: bool = False) -> Upload:
    given = text_in(file.get("file_name", "")).replace("\n", " ").rpartition("/")[2].rpartition("\\")[2].strip()
    name = given[-LONGEST_NAME:] or f"{kind}-{number(message['message_id'])}{ending}"
    album = text_in(message.get("media_group_id", ""))
    file_id = file["file_id"]
    if not isinstance(file_id, str):
        raise TypeError("file_id is no text")
    caption = text_in(message.get("caption", ""))
    media = MediaRef(file_id, name, text_in(file.get("file_unique_id", "")))
    return Upload(media, caption, kind, album, is_shrunk, quoted_in(message))


def quoted_in(message: Json) -> str:
    """What it is a reply to, as far as that has words."""
    replied = message.get("reply_to_message") or {}
    return text_in(replied.get("text") or replied.get("caption") or "")[:LONGEST_QUOTE]


def described_contact(contact: Json) -> str:
    return " ".join(str(contact[key]) for key in ("first_name", "last_name", "phone_number") if contact.get(key))


def described_place(place: Json) -> str:
    point = place.get("location", place)
    return f"{point['latitude']:.4f}, {point['longitude']:.4f} {place.get('address', '')}".strip()


NOTES: Mapping[str, Callable[[Json], str]] = {
    "sticker": lambda sticker: sticker.get("emoji", ""),
    "venue": described_place,
    "location": described_place,
    "contact": described_contact,
}


def without_our_name(text: str) -> str:
    """`/status@our_bot KS-…` as it is typed in private."""
    return COMMAND.sub(lambda found: found.group(1), text, count=1)


def text_in(value: str) -> str:
    return cleaned(value).strip()[:LONGEST_TEXT]


def number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{type(value).__name__} is no number")
    return value


def time(seconds: Any) -> datetime:
    return datetime.fromtimestamp(number(seconds), UTC)


def language_of(sender: Json) -> str | None:
    tag = sender.get("language_code")
    return language_for(tag) if tag else None
