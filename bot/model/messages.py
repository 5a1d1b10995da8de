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


class Style(StrEnum):
    """How a button stands out, where a platform can show that."""

    PRIMARY = "primary"
    DANGER = "danger"


PRIMARY = (".do:submit",)
DANGER = ("withdraw", "withdraw_now", "draft_drop")


def style_of(button: Button) -> Style | None:
    """Return how it stands out: what submits, and what takes something back."""
    if button.id.endswith(PRIMARY):
        return Style.PRIMARY
    return Style.DANGER if button.id.partition(":")[0] in DANGER else None


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

    `refresh` asks for the same anew. It is shown where the answer can take this message's place, and nowhere else. `copy` is what
    the customer may want to copy, for platforms that have buttons for it; it stands in the text too.
    Three more are for messages that are delivered together: `question` is how the text ends where it asks for the next answer
    of a form, `about` names what the text before it tells the state of, and `form` is the form that was open then.
    """

    position: int
    author: Author
    at: datetime
    text: str
    buttons: tuple[Button, ...] = ()
    photo: Photo | None = None
    files: tuple[File, ...] = ()
    refresh: Button | None = None
    question: str = ""
    about: str = ""
    form: str = ""
    copy: str = ""


def still_true(messages: Sequence[Message]) -> list[Message]:
    """Return what there is to say of messages that are delivered together, in order.

    Of several questions of a form only the last is open, and none once the form is closed; what a question brought along to
    look at goes with it. Of what tells the state of the same thing only the last is true.
    """
    if not messages:
        return []
    questions = [one.position for one in messages if one.question and one.form == messages[-1].form]
    newest = {one.about: one.position for one in messages if one.about}
    left = []
    for one in messages:
        is_told_anew = bool(one.about) and newest[one.about] != one.position
        is_asked_anew = bool(one.question) and one.position not in questions[-1:]
        if is_asked_anew:
            documents = tuple(file for file in one.files if not file.is_picture)
            one = replace(one, text=one.text.removesuffix(one.question).rstrip(), files=documents)
        if is_told_anew:
            one = replace(one, text="" if is_asked_anew else one.question)
        if one.text or one.files:
            left.append(one)
    return left


def merged(messages: Sequence[Message]) -> Message:
    """Several as one, with the buttons that a typed number means: those of the last one that has any; and with all their files."""
    if len(messages) == 1:
        return messages[0]
    buttons = next((one.buttons for one in reversed(messages) if one.buttons), ())
    left = still_true(messages)
    files = tuple(file for one in left for file in one.files)
    return replace(messages[-1], text="\n\n".join(one.text for one in left), buttons=buttons, files=files)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message on its way. `id` is the same at every try: platforms that know idempotency keys get it.

    `thread` is the part of the chat that it belongs to; see Event. `is_quiet`: the phone need not ring for it.
    """

    id: str
    address: Address
    message: Message
    thread: str = ""
    is_quiet: bool = False
