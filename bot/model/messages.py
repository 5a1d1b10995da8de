"""What was said in a conversation, by whomever, as everybody sees it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.model.events import Address


class Author(StrEnum):
    CUSTOMER = "customer"
    BOT = "bot"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class Button:
    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo in a customer's message; `id` is its evidence."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class File:
    """Something that a message of ours brings along.

    `key` says where its bytes are: `example/SHOT` for a drawing of a good shot, `object/SHA256` for one in the object store.
    `kind` is its media type. `name` is what it is called where it is saved. The message's text makes sense without it.
    """

    key: str
    name: str
    kind: str

    @property
    def is_picture(self) -> bool:
        return self.kind.startswith("image/")


@dataclass(frozen=True, slots=True)
class Message:
    """One thing said. `position` grows within a conversation and orders it; gaps are possible.

    `refresh` asks for the same anew. It is shown where the answer can take this message's place, and nowhere else.
    """

    position: int
    author: Author
    at: datetime
    text: str
    buttons: tuple[Button, ...] = ()
    photo: Photo | None = None
    files: tuple[File, ...] = ()
    refresh: Button | None = None


def merged(messages: Sequence[Message]) -> Message:
    """Several as one, with the buttons that a typed number means: those of the last one that has any; and with all their files."""
    if len(messages) == 1:
        return messages[0]
    buttons = next((one.buttons for one in reversed(messages) if one.buttons), ())
    files = tuple(file for one in messages for file in one.files)
    return replace(messages[-1], text="\n\n".join(one.text for one in messages), buttons=buttons, files=files)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message on its way. `id` is the same at every try: platforms that know idempotency keys get it.

    `thread` is the part of the chat that it belongs to; see Event.
    """

    id: str
    address: Address
    message: Message
    thread: str = ""
