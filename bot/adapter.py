"""What a platform has to offer: the interface between the core and the outside."""

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from starlette.routing import BaseRoute

from bot.model.events import Event, MediaRef
from bot.model.messages import Message, Outgoing

Accept = Callable[[Event], Awaitable[Sequence[Message]]]
"""Hand over an event. Returns once it is stored, with what was said in that turn: the customer's words, then the bot's.

The same event again changes nothing and returns the same. If it raises, do not acknowledge: nothing was stored.
"""


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform has it."""


@dataclass(frozen=True, slots=True)
class Later:
    """Not now; this chat's messages wait and keep their order."""

    seconds: float


@dataclass(frozen=True, slots=True)
class MaybeSent:
    """The platform was asked and nobody knows whether it did it: the answer did not come. `why` is for logs."""

    why: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Never: the platform says no for good. `is_unreachable`: the customer blocked us or is gone, so it holds for all messages."""

    why: str
    is_unreachable: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """Not sent: this chat goes on under another id, from now on."""

    chat: str


@dataclass(frozen=True, slots=True)
class Closed:
    """Not until the customer writes again: the platform counts, or the window is over."""


@dataclass(frozen=True, slots=True)
class TakenOver:
    """People talk to the customer in the platform's own desk: our answers are not wanted any more, what else there is waits."""


Outcome = Sent | Later | MaybeSent | Refused | Moved | Closed | TakenOver


@dataclass(frozen=True, slots=True)
class Rate:
    """So many in so many seconds, evenly; `burst` of them may come at once after a pause."""

    count: int
    seconds: float
    burst: int = 1


def unlimited(_chat: str) -> Rate | None:
    return None


def one_part(_message: Message) -> int:
    return 1


@dataclass(frozen=True, slots=True)
class Window:
    """So many messages we may say, for so many seconds after something that the customer did."""

    messages: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Limits:
    """What a platform can show and how often it may speak.

    `collects`: its clients read stored messages by themselves, so that storing is delivering and `send` only rings.
    `overall` is the rate of all messages together, `a_chat` gives that of one chat by its id.
    `windows`: by what the customer did (`Event.act`), how much may be said after it; None: anything at any time.
    `parts`: how many of a window's messages one of ours takes. `kept`: how many of them only a decision may use.
    `hold_seconds`: for so long what is said to a customer's event is the adapter's, as the answer to its callback.
    """

    text_chars: int = 4096
    buttons: int = 6
    has_buttons: bool = True
    collects: bool = False
    overall: Rate | None = None
    a_chat: Callable[[str], Rate | None] = unlimited
    windows: Mapping[str, Window] | None = None
    parts: Callable[[Message], int] = one_part
    kept: int = 1
    hold_seconds: float = 0.0


class Adapter(Protocol):
    """One platform, both directions. It knows nothing of cases, forms, languages or retries."""

    @property
    def name(self) -> str: ...

    @property
    def limits(self) -> Limits: ...

    def routes(self, accept: Accept) -> Sequence[BaseRoute]:
        """HTTP endpoints that the platform calls; () where we poll."""
        ...

    async def run(self, accept: Accept) -> None:
        """Poll until cancelled; acknowledge only after accept() returned. When it fails, it is called again after a pause."""
        ...

    async def send(self, outgoing: Outgoing) -> Outcome: ...

    def open_media(self, media: MediaRef) -> AsyncIterator[bytes]:
        """A file's bytes. Raises MediaGoneError when there is no such file any more, or MediaTooLargeError."""
        ...


@runtime_checkable
class Holds(Protocol):
    """An adapter that answers callbacks: it gets what it may tell with the answer, right after that was stored."""

    def hold(self, address: str, several: Sequence[Outgoing]) -> None: ...


@runtime_checkable
class HasParts(Protocol):
    """An adapter with more that runs all the time, beside `run`: each is started again by itself when it ends."""

    def parts(self) -> Mapping[str, Callable[[], Coroutine[Any, Any, None]]]:
        """Return what to run, by name."""
        ...


@runtime_checkable
class Notifies(Protocol):
    """An adapter that can say that there is news where nothing may be written, once for each time a customer allowed it."""

    @property
    def may_notify(self) -> bool: ...

    async def notify(self, outgoing: Outgoing) -> Outcome:
        """Of this message, which waits. Closed: the customer does not allow it any more."""
        ...


@runtime_checkable
class Keeps(Protocol):
    """An adapter whose files are in our store before their message comes."""

    def kept(self, media: MediaRef) -> str:
        """The SHA-256 of its object."""
        ...


class MediaGoneError(Exception):
    """The platform does not have this file (any more): trying again is pointless."""


class MediaTooLargeError(MediaGoneError):
    """The platform has it, and does not hand out files of this size."""
