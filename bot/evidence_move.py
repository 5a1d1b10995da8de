"""Copies all objects to another store while the server goes on; nothing is deleted anywhere."""

import asyncio
import hashlib
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from bot.store.objects import Objects, Stored

AT_ONCE = 4


class EvidenceMove:
    """Can be interrupted and repeated: what is there already, in its size, is left alone. `counts` says what was done."""

    def __init__(self, source: Objects, target: Objects, folder: Path) -> None:
        """`folder` is for files on their way."""
        self._source = source
        self._target = target
        self._folder = folder
        self.counts: Counter[str] = Counter()

    async def problems(self) -> AsyncIterator[str]:
        """What could not be copied, a sentence each. Raises ObjectsUnavailableError; what was copied until then stays."""
        copying: set[asyncio.Task[str]] = set()
        try:
            for store in sources(self._source):
                async for one in store.list():
                    copying.add(asyncio.create_task(self._copy(store, one)))
                    if len(copying) == AT_ONCE:
                        done, copying = await asyncio.wait(copying, return_when=asyncio.FIRST_COMPLETED)
                        for problem in filter(None, [task.result() for task in done]):
                            yield problem
            for task in copying:
                if problem := await task:
                    yield problem
        finally:
            for task in copying:
                task.cancel()

    async def _copy(self, store: Objects, one: Stored) -> str:
        if await self._target.size_here(one.digest) == one.size:
            self.counts["there"] += 1
            return ""
        with tempfile.NamedTemporaryFile(dir=self._folder) as file:
            found = hashlib.sha256()
            async for chunk in store.open_here(one.digest):
                found.update(chunk)
                file.write(chunk)
            file.flush()
            if found.hexdigest() != one.digest:
                return f"object {one.digest}: its bytes are not what they were; it was not copied"
            await self._target.put_file(Path(file.name), one.digest)
        arrived = hashlib.sha256()
        async for chunk in self._target.open_here(one.digest):
            arrived.update(chunk)
        if arrived.hexdigest() != one.digest:
            return f"object {one.digest}: it did not arrive as it was sent"
        self.counts["copied"] += 1
        self.counts["bytes"] += one.size
        return ""


def sources(store: Objects | None) -> Iterator[Objects]:
    """A store, and what was used before it."""
    while store:
        yield store
        store = store.before
