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
class Message:
    """One thing said. `position` grows within a conversation and orders it; gaps are possible."""

    position: int
    author: Author
    at: datetime
    text: str
    buttons: tuple[Button, ...] = ()
    photo: Photo | None = None


def merged(messages: Sequence[Message]) -> Message:
    """Several as one, with the buttons that a typed number means: those of the last one that has any."""
    if len(messages) == 1:
        return messages[0]
    buttons = next((one.buttons for one in reversed(messages) if one.buttons), ())
    return replace(messages[-1], text="\n\n".join(one.text for one in messages), buttons=buttons)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message on its way. `id` is the same at every try: platforms that know idempotency keys get it."""

    id: str
    address: Address
    message: Message
