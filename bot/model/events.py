"""What happened: the one kind of thing that enters the core."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

LONGEST_TEXT = 20_000
"""Characters of one message that adapters hand on; a novel is not a support question."""
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""Control characters but tab and line feed, marks that turn the writing direction, halves of characters."""


def cleaned(text: str) -> str:
    """What may be stored and shown again; adapters pass every text and name through it."""
    return CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


@dataclass(frozen=True, slots=True)
class Address:
    """Where a conversation happens: a platform and the chat's id there."""

    platform: str
    chat: str

    def __str__(self) -> str:
        return f"{self.platform}:{self.chat}"

    @classmethod
    def parse(cls, text: str) -> "Address":
        platform, _, chat = text.partition(":")
        return cls(platform, chat)


@dataclass(frozen=True, slots=True)
class MediaRef:
    """A file at its platform, to be fetched with the adapter's `open_media`.

    `unique_id` is the platform's name for these bytes in whichever message they stand; "" where it has none. `size` in bytes, where
    the file is in our store already.
    """

    id: str
    name: str
    unique_id: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class Text:
    """`instead_of` is the event whose words the customer changed to these; both are kept."""

    text: str
    instead_of: str = ""


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button; what follows a colon in its id is its argument."""

    button: str

    @property
    def name(self) -> str:
        return self.button.partition(":")[0]

    @property
    def argument(self) -> str:
        return self.button.partition(":")[2]


@dataclass(frozen=True, slots=True)
class Upload:
    """A photo or file that the customer sent. `kind` is what the platform calls it: photo, video, voice or file.

    Those with the same `album` were sent together, although they come one by one. `is_shrunk`: the platform made it smaller.
    `quoted` is what the message says to which it is a reply, where the platform tells. `instead_of` is the event whose file the
    customer replaced by this one; both are kept.
    """

    media: MediaRef
    caption: str = ""
    kind: str = "photo"
    album: str = ""
    is_shrunk: bool = False
    quoted: str = ""
    instead_of: str = ""


UNUSABLE = ("sticker", "location", "contact", "group", "other")


@dataclass(frozen=True, slots=True)
class Unusable:
    """Something that we can do nothing with, one of UNUSABLE, else "other". `note` is what can be said of it in words."""

    kind: str
    note: str = ""

    def __post_init__(self) -> None:
        if self.kind not in UNUSABLE:
            object.__setattr__(self, "kind", "other")


@dataclass(frozen=True, slots=True)
class Reachable:
    """The customer blocked or unfollowed us, so that nothing reaches them, or came back."""

    is_reachable: bool


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What the platform told and its adapter could not read, as JSON: it is set aside whole."""

    raw: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """The customer opened the chat (followed us, scanned a code, entered) and has said nothing."""


@dataclass(frozen=True, slots=True)
class Subscribed:
    """The customer allowed so many more notices outside of the time in which we may write; 0: none any more."""

    notices: int


@dataclass(frozen=True, slots=True)
class AgentAction:
    """What an agent did about one case. `seen` is the case's evidence count when the agent last looked."""

    agent: str
    action: str
    case_number: str
    seen: int | None
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ErrandDone:
    """The result of slow work. `result` is JSON; `{"failed": …}` after the last try."""

    errand: str
    kind: str
    subject: str
    result: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Due:
    """A time that a turn asked to be reminded of has come."""

    reminder: str
    kind: str
    subject: str


@dataclass(frozen=True, slots=True)
class Untold:
    """A piece of news about a case, by its name, that its agents could not be told: set aside; handled again, it is news again."""

    news: str


Body = (
    Text
    | Pressed
    | Upload
    | Unusable
    | Reachable
    | Unreadable
    | Arrived
    | Subscribed
    | AgentAction
    | ErrandDone
    | Due
    | Untold
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text seems to mean: labels with scores of 0 to 1, best first.

    `sure` is the label that may be acted on without asking. `tells`: there is more in it than a wish, a greeting or a number.
    """

    candidates: tuple[tuple[str, float], ...] = ()
    sure: str | None = None
    tells: bool = False


UNREAD = Reading()


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `id` is unique for ever: it names the source and the source's own id.

    `language` is what the platform says of the customer, if it says anything. `act` is what they did, for platforms that
    let us speak for a while after it: one of the names in their `Limits.windows`. `thread` is the part of the chat in which it
    happened, on platforms whose chats have parts; "" is the chat itself.
    """

    id: str
    address: Address
    at: datetime
    body: Body
    language: str | None = None
    reading: Reading = UNREAD
    act: str = "message"
    thread: str = ""

    @property
    def is_from_customer(self) -> bool:
        return isinstance(self.body, Text | Pressed | Upload | Unusable)

    @property
    def is_edit(self) -> bool:
        """The customer changed words that they had sent before."""
        return isinstance(self.body, Text) and bool(self.body.instead_of)

    @property
    def is_act(self) -> bool:
        """The customer did something, with words or without."""
        return self.is_from_customer or isinstance(self.body, Arrived)

    @property
    def words(self) -> str:
        """What the customer wrote in it: a text or a caption, else nothing."""
        match self.body:
            case Text(text):
                return text
            case Upload(caption=caption):
                return caption
        return ""
