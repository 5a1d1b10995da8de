"""Watches whether the evidence store can be reached and is the one that belongs to the database."""

import asyncio
import os
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import structlog

from bot.store.database import Database, StoreUnavailableError
from bot.store.objects import Objects, ObjectsUnavailableError
from bot.store.tie import Fit, Look, look, tie

HERE = "here"
AWAY = "evidence store away: receipts wait"
NOT_OURS = "not the store of this database"
NOT_SEEN_YET = "not looked at yet"
EVERY_SECONDS = 15.0
AWAY_SECONDS = 3.0
"""From one look to the next while the store is away or a stranger's."""
WAY_ON = "To go on with what is there on purpose: `shouhou evidence adopt`"
logger = structlog.get_logger()


class EvidenceWatch:
    """`name` is the store's for its operator. `is_waiting` says whether files wait for it: it may take nothing and yet be read."""

    def __init__(
        self,
        database: Database,
        objects: Objects,
        name: str,
        clock: Callable[[], datetime],
        is_waiting: Callable[[], bool] = lambda: False,
    ) -> None:
        self._database = database
        self._objects = objects
        self._name = name
        self._clock = clock
        self._is_waiting = is_waiting
        self._is_unreachable = False
        self._here_since: float | None = float("-inf")
        self._told = HERE
        self.problem = ""
        """Why nothing is kept until somebody has acted, for an operator."""

    @property
    def is_away(self) -> bool:
        return self._is_unreachable or self._is_waiting()

    @property
    def seconds_here(self) -> float:
        """For how long the store has been there without an interruption; endless when there was none since the start."""
        return 0.0 if self._here_since is None or self.is_away else time.monotonic() - self._here_since

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(AWAY_SECONDS if self.problem or self.is_away else EVERY_SECONDS)
            await self.look()
            if self.state != self._told:
                self.tell()

    @property
    def state(self) -> str:
        """What is wrong, in words; HERE when nothing is."""
        return self.problem or (AWAY if self.is_away else HERE)

    def tell(self) -> None:
        self._told = self.state
        (logger.info if self.state == HERE else logger.error)("evidence_store", state=self.state)

    async def look(self) -> None:
        """See where the store is. While it is not known to be ours, nothing is put into it: files wait."""
        try:
            self.problem = await self._problem()
            self._is_unreachable = False
        except ObjectsUnavailableError as error:
            self.problem = self._objects.why_refused(error)
            self._is_unreachable = not self.problem
        except StoreUnavailableError:
            return  # it is the database that cannot be asked, and that has a check of its own
        if self.problem:
            self._objects.closed = NOT_OURS
        elif not self._is_unreachable:
            self._objects.closed = ""
        if self.problem or self.is_away:
            self._here_since = None
        elif self._here_since is None:
            self._here_since = time.monotonic()

    async def _problem(self) -> str:
        """Tie the store to the database where nothing speaks against it; else say what does."""
        seen = await look(self._database, self._objects)
        if seen.fit is Fit.NEW:
            await tie(self._database, self._objects, self._clock(), id_=seen.id or seen.marker)
        return self._sentence(seen)

    def _sentence(self, seen: Look) -> str:
        file = self._database.path
        match seen.fit:
            case Fit.OF_ANOTHER:
                return (
                    f"{self._name} holds the evidence of another database than {file}: name the right data folder or "
                    f"evidence.store. {WAY_ON}"
                )
            case Fit.DATABASE_LOST:
                return (
                    f"{self._name} holds evidence, and {file} names none of it: the database was lost, or it is another one. Put "
                    f"back its backup (docs/operate.md, Backup), or name the right data folder or evidence.store. {WAY_ON}"
                )
            case Fit.EVIDENCE_LOST:
                return (
                    f"{file} names evidence, and nothing of the newest is in {self._name}: is a disk not mounted, or the "
                    f"wrong folder or bucket named? {WAY_ON}"
                )
            case Fit.MARK_LOST:
                return (
                    f"{self._name} lacks the file store-id that {file} was tied to: is a disk not mounted, or was the folder made "
                    f"anew or copied without it? {WAY_ON}"
                )
        return ""


def why_closed(folder: Path) -> str:
    """Say why the evidence folder cannot be used by this user; "" when it can."""
    if os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return ""
    return f"{folder} cannot be read and written by this user: give it and all in it to the user that Shouhou runs as"
