"""A flood of one command: the same again and again, with nothing else between, is answered once."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from bot.model.events import Event, Text

QUIET_SECONDS = 3.0
"""After so long without it, the same command is answered again."""
MOST_REMEMBERED = 5000


@dataclass(slots=True)
class Latest:
    """The command that came last in a chat. `position`: of the last thing said in its turn; None while that is not known."""

    event_id: str
    command: str
    at: float
    position: int | None = None


class Floods:
    """Kept in memory only: after a restart a command may be answered once more."""

    def __init__(self, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._elapsed = elapsed
        self._latest: OrderedDict[str, Latest] = OrderedDict()

    def take(self, event: Event) -> bool:
        """Note what came, and return whether it is to be handled. The same event is, at every try."""
        chat, now = event.address.chat, self._elapsed()
        before = self._latest.pop(chat, None)
        if not isinstance(event.body, Text) or not event.body.text.startswith("/") or event.is_edit:
            return True
        command = " ".join(event.body.text.lower().split())
        is_repeated = (
            before is not None
            and before.command == command
            and before.event_id != event.id
            and now < before.at + QUIET_SECONDS
        )
        if before and is_repeated:
            before.at = now
            self._latest[chat] = before
            return False
        self._latest[chat] = Latest(event.id, command, now)
        if len(self._latest) > MOST_REMEMBERED:
            self._latest.popitem(last=False)
        return True

    def is_latest(self, event: Event) -> bool:
        """Return whether this is the command that came last in its chat."""
        latest = self._latest.get(event.address.chat)
        return latest is not None and latest.event_id == event.id

    def answer(self, event: Event, position: int) -> None:
        """Note that the event's turn ended with what was said at this position."""
        if self.is_latest(event):
            self._latest[event.address.chat].position = position

    def say(self, chat: str, position: int) -> None:
        """Note what is said in a chat: if it is no answer to the command, that may be answered anew."""
        latest = self._latest.get(chat)
        if latest and latest.position is not None and position > latest.position:
            del self._latest[chat]
