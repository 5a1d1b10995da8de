"""Erase: the bytes of a file that its customer took out go, unless another file is the same."""

from collections.abc import Mapping
from typing import Any

from bot.store import errands, evidence
from bot.store.database import Database
from bot.store.errands import Errand
from bot.store.objects import Objects


class Erase:
    """The errand `erase`; its details name the `objects`."""

    def __init__(self, database: Database, objects: Objects) -> None:
        self._database = database
        self._objects = objects

    async def __call__(self, errand: Errand) -> Mapping[str, Any]:
        """Raises BusyError when the same bytes came just now."""
        erased = []
        for digest in errand.details["objects"]:
            async with self._database.reading() as connection:
                used = await evidence.is_used(connection, digest) or await errands.is_fetching(connection, digest)
            if not used:
                await self._objects.delete(digest)
                erased.append(digest)
        return {"erased": erased}
