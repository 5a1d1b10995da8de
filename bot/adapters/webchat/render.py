"""Messages to the web chat's JSON."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any

from bot.model.messages import Message


def as_json(message: Message) -> dict[str, Any]:
    return {
        "position": message.position,
        "author": message.author.value,
        "at": message.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "text": message.text,
        "buttons": [{"id": button.id, "label": button.label} for button in message.buttons],
        "photo": {"id": message.photo.id, "name": message.photo.name} if message.photo else None,
    }


def several(messages: Sequence[Message], cursor: int) -> dict[str, Any]:
    """With the cursor to go on from."""
    return {
        "messages": [as_json(message) for message in messages],
        "cursor": messages[-1].position if messages else cursor,
    }
