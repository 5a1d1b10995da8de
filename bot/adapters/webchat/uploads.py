"""Files on their way in: a repeat is known before its bytes are taken, and nobody fills the disk."""

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from weakref import WeakValueDictionary

from starlette.requests import Request

from bot.adapters.webchat.parse import Wrong
from bot.intake import fetch
from bot.model.evidence import LARGEST_BYTES
from bot.store import inbox
from bot.store.database import Database, StoreUnavailableError
from bot.store.objects import Objects

DAY = timedelta(days=1)
LEAST_FREE_BYTES = 512 << 20
LEAST_FREE_PART = 20
"""No file is taken when less than this, or than a twentieth of a small disk, is free: texts and decisions need the room."""


class Uploads:
    """`folder` is where bytes are until they are all there. `most_bytes_a_day`: of one customer, in any 24 hours."""

    def __init__(self, database: Database, objects: Objects, folder: Path, most_bytes_a_day: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._database = database
        self._objects = objects
        self._folder = folder
        self._most_bytes_a_day = most_bytes_a_day
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._coming: Counter[str] = Counter()

    @asynccontextmanager
    async def alone(self, event: str) -> AsyncIterator[bool]:
        """While nobody else takes the same event. Whether it was handled before: then its bytes are not wanted."""
        async with self._locks.setdefault(event, asyncio.Lock()):
            async with self._database.reading() as connection:
                is_repeat = event in await inbox.seen(connection, [event])
            yield is_repeat

    @contextmanager
    def counted(self, address: str, size: int) -> Iterator[None]:
        """While these bytes are in no stored event yet, for those that come at the same time."""
        self._coming[address] += size
        try:
            yield
        finally:
            self._coming[address] -= size
            if not self._coming[address]:
                del self._coming[address]

    async def keep(self, request: Request, address: str) -> tuple[str, int]:
        """The body into the object store; returns its SHA-256 and its size. Within `counted`. Raises Wrong."""
        if announced_bytes(request) > LARGEST_BYTES:
            raise Wrong(413, "web.large")
        async with self._database.reading() as connection:
            sent = await inbox.bytes_since(connection, address, datetime.now(UTC) - DAY)
        if sent + self._coming[address] > self._most_bytes_a_day:
            raise Wrong(413, "web.too_much_today")
        if await asyncio.to_thread(is_nearly_full, self._folder):
            raise StoreUnavailableError("the disk is nearly full")
        with tempfile.NamedTemporaryFile(dir=self._folder) as file:
            size, sha256 = await fetch(request.stream(), Path(file.name))
            if size > LARGEST_BYTES:
                raise Wrong(413, "web.large")
            return await self._objects.put_file(Path(file.name), sha256), size


def announced_bytes(request: Request) -> int:
    """Return how large the body is said to be; as large as may be where nothing is said."""
    return int(request.headers.get("content-length") or LARGEST_BYTES)


def is_nearly_full(folder: Path) -> bool:
    disk = shutil.disk_usage(folder)
    return disk.free < min(LEAST_FREE_BYTES, disk.total // LEAST_FREE_PART)
