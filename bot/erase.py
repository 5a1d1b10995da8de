"""Erase: the bytes of a file that its customer took out go, unless another file is the same."""

import asyncio
from collections.abc import Mapping
from typing import Any

from bot.store import evidence
from bot.store.database import Database
from bot.store.errands import Errand
from bot.store.objects import Objects

TRIES = 30
PAUSE_SECONDS = 1.0


class BusyError(Exception):
    """Files are coming in, one of which may be the same: later."""


class Erase:
    """The errand `erase`; its details name the `objects`."""

    def __init__(self, database: Database, objects: Objects) -> None:
        self._database = database
        self._objects = objects

    async def __call__(self, errand: Errand) -> Mapping[str, Any]:
        """Raises BusyError."""
        digests = list(errand.details["objects"])
        for _ in range(TRIES):
            async with self._database.reading() as connection:
                # The bytes of a file on its way may be in the store already, and no row says so yet.
                is_busy = await evidence.is_any_coming(connection)
                used = await evidence.used(connection, digests)
            if not is_busy:
                break
            await asyncio.sleep(PAUSE_SECONDS)
        else:
            raise BusyError
        unused = [digest for digest in digests if digest not in used]
        for digest in unused:
            await self._objects.delete(digest)
        return {"erased": unused}
