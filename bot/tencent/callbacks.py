"""What became of the callbacks of one account: for metrics, for /readyz and for `check`."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import structlog

READ, REFUSED, LOCKED, SENSELESS = "read", "refused", "locked", "senseless"
"""Taken; with a wrong signature or time; rightly signed and not to be decrypted; decrypted, and nothing that we know."""
TROUBLE = 3
"""So many in a row that cannot be decrypted are no accident: one message is tried three times."""
logger = structlog.get_logger()


class Callbacks:
    """Counts since the start. `counted` gets platform and outcome of each."""

    def __init__(self, platform: str, counted: Callable[[str, str], None]) -> None:
        self.platform = platform
        self._counted = counted
        self._counts: Counter[str] = Counter()
        self._locked_in_a_row = 0
        self._why = ""

    def count(self, outcome: str, why: str = "") -> None:
        self._counts[outcome] += 1
        self._counted(self.platform, outcome)
        if outcome == READ:
            self._locked_in_a_row = 0
        if outcome != LOCKED:
            return
        self._locked_in_a_row += 1
        self._why = why
        if self._locked_in_a_row % TROUBLE == 0:
            logger.error("callbacks_cannot_be_read", platform=self.platform, count=self._locked_in_a_row, why=why)

    @property
    def counts(self) -> Mapping[str, int]:
        return {outcome: self._counts[outcome] for outcome in (READ, REFUSED, LOCKED, SENSELESS)}

    def problems(self) -> Sequence[str]:
        if self._locked_in_a_row < TROUBLE:
            return []
        return [f"{self._locked_in_a_row} callbacks in a row could not be read, and were not taken: {self._why}"]
