"""Messages to the web chat's JSON."""

import re
from collections.abc import Sequence
from datetime import UTC
from typing import Any
from urllib.parse import quote

from bot.model.messages import File, Message
from bot.store.files import EXAMPLE


def as_json(message: Message) -> dict[str, Any]:
    return {
        "position": message.position,
        "author": message.author.value,
        "at": message.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "text": message.text,
        "buttons": [{"id": button.id, "label": button.label} for button in message.buttons],
        "photo": {"id": message.photo.id, "name": message.photo.name} if message.photo else None,
        "files": [
            {"name": file.name, "kind": file.kind, "url": url_of(message, index, file)}
            for index, file in enumerate(message.files)
        ],
    }


def url_of(message: Message, index: int, file: File) -> str:
    """Drawn examples are everybody's, the rest is this conversation's."""
    if file.key.startswith(EXAMPLE):
        return f"/page/examples/{file.key.removeprefix(EXAMPLE)}.png"
    return f"/api/files/{message.position}/{index}"


def several(messages: Sequence[Message], cursor: int) -> dict[str, Any]:
    """With the cursor to go on from."""
    return {
        "messages": [as_json(message) for message in messages],
        "cursor": messages[-1].position if messages else cursor,
    }


def attachment(name: str) -> str:
    """A Content-Disposition of RFC 6266: with the name as it is, and one in plain letters for those that cannot read it."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
