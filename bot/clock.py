"""The clock that the bot goes by: it stays even when the machine's is set."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def now() -> datetime:
    return datetime.now(UTC)


class SteadyClock:
    """Tells the time of day, and goes on evenly when the machine's clock is set; `move` has it follow.

    Between two readings passes what really passed, so that a wait of seconds takes seconds. Whoever moves it moves what waits along
    (bot/clock_watch.py).
    """

    def __init__(self, wall: Callable[[], datetime] = now, elapsed: Callable[[], float] = time.monotonic) -> None:
        """`wall` is the machine's clock; `elapsed` gives seconds that only go forward."""
        self._wall = wall
        self.elapsed = elapsed
        self._began_at = wall()
        self._began = elapsed()

    def __call__(self) -> datetime:
        return self._began_at + timedelta(seconds=self.elapsed() - self._began)

    @property
    def behind(self) -> timedelta:
        """Return how far the machine's clock is ahead of this one; negative when it was set back."""
        return self._wall() - self()

    def move(self, step: timedelta) -> None:
        self._began_at += step
