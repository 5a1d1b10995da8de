"""Where one address stands: who it is, in which language, and which questions are open."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.model.messages import Button


@dataclass(frozen=True, slots=True)
class OpenForm:
    """A form on its way. `intake` becomes one case at most; `asking` is the step whose answer we wait for ("" at the end).

    `is_paused` is a draft: kept, not asked about until the customer comes back to it. `position` is that of the message that
    it began with.
    """

    name: str
    version: int
    intake: str
    changed_at: datetime
    answers: Mapping[str, Any] = field(default_factory=dict)
    asking: str = ""
    is_paused: bool = False
    position: int = 0


@dataclass(frozen=True)  # without slots, so that a changed one is a copy of one dictionary
class Conversation:
    """`offered` are the buttons that a typed number means; `misses` counts texts in a row that were not understood.

    `files_for` is the case that the next files are for, until the customer does something else. `head` chains all that was said
    by SHA-256, as `linked` in bot/store/log.py does. `thread` is the part of the chat that the customer wrote in last, where
    what we say belongs; see Event.
    """

    address: str
    customer: str
    language: str
    created_at: datetime
    language_chosen: bool = False
    position: int = 0
    form: OpenForm | None = None
    offered: tuple[Button, ...] = ()
    misses: int = 0
    person_asked_at: datetime | None = None
    reachable: bool = True
    files_for: str = ""
    head: str = ""
    thread: str = ""
    is_new: bool = False

    def with_changes(self, changes: Mapping[str, Any]) -> "Conversation":
        """As dataclasses.replace, in a tenth of the time: it happens several times in a turn."""
        assert changes.keys() <= self.__dict__.keys(), changes
        changed = object.__new__(Conversation)
        changed.__dict__.update(self.__dict__, **changes)
        return changed
