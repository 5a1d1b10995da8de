"""Intake: fetch a customer's file, keep its original, look at it in a child process, and make small copies for showing.

Reading what stands in a picture takes longer and nobody waits for it: an errand of its own, after the picture has been received.
"""

import asyncio
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.adapter import Adapter, Keeps, MediaGoneError, MediaTooLargeError
from bot.look import THUMB, VIEW, can_read_text
from bot.look.workers import Workers
from bot.model.events import MediaRef
from bot.model.evidence import LARGEST_BYTES
from bot.store.errands import Errand
from bot.store.objects import Objects

LEFT_BEHIND_SECONDS = 24 * 3600
ORIGINAL = "original"
PIECE = 4 << 20
"""Bytes that are hashed and written at a time, in a thread: most photos at once."""


class Intake:
    """The errand `intake`. Its result has the evidence's fields, or `refused` with why."""

    def __init__(self, adapters: Mapping[str, Adapter], objects: Objects, folder: Path, workers: Workers) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._adapters = adapters
        self._objects = objects
        self._folder = folder
        self._workers = workers

    async def __call__(self, errand: Errand) -> Mapping[str, Any]:
        adapter = self._adapters[errand.address.partition(":")[0]]
        media = MediaRef(errand.details["media"], errand.details["name"])
        async with working_folder(self._folder) as folder:
            try:
                original, size, sha256 = await self._original(adapter, media, Path(folder))
            except MediaTooLargeError:
                return {"refused": "too_large"}
            except MediaGoneError:
                return {"refused": "gone"}
            if size == 0:
                return {"refused": "empty"}
            if size > LARGEST_BYTES:
                return {"refused": "too_large"}
            documents = errand.details.get("documents", True)
            request = {"do": "look", "file": str(original), "folder": folder, "documents": documents}
            seen = await self._workers.ask(request, errand.id)
            if "refused" in seen:
                return seen
            files = await asyncio.to_thread(os.listdir, folder)
            copies = [name for name in (VIEW, THUMB) if name in files]
            puts = [self._objects.put_file(Path(folder, name)) for name in copies]
            if original.name in files:
                puts.append(self._objects.put_file(original, sha256))
            shown = (await asyncio.gather(*puts))[: len(copies)]
        view, thumb = shown or ("", "")
        return {"sha256": sha256, "size": size, "view_sha256": view, "thumb_sha256": thumb, **seen}

    async def _original(self, adapter: Adapter, media: MediaRef, folder: Path) -> tuple[Path, int, str]:
        """The file, its size in bytes and its SHA-256."""
        if isinstance(adapter, Keeps):
            sha256 = adapter.kept(media)
            if file := self._objects.file_of(sha256):
                return file, file.stat().st_size, sha256
        original = folder / ORIGINAL
        return original, *await fetch(adapter.open_media(media), original)


class Reading:
    """The errand `read`: what stands in a picture that we have. Its result has `found`, with what was asked for and is there."""

    def __init__(self, objects: Objects, folder: Path, workers: Workers, readers: Workers) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._objects = objects
        self._folder = folder
        self._workers = workers
        self._readers = readers

    async def __call__(self, errand: Errand) -> Mapping[str, Any]:
        found: dict[str, Any] = {}
        async with working_folder(self._folder) as folder:
            original = Path(folder, ORIGINAL)
            await fetch(self._objects.open(errand.details["sha256"]), original)
            if errand.details.get("codes"):
                said = await self._workers.ask({"do": "codes", "file": str(original)}, errand.id, later=True)
                found |= said.get("found", {})
            if errand.details.get("text") and can_read_text():
                said = await self._readers.ask({"do": "text", "file": str(original)}, errand.id)
                found |= said.get("found", {})
        return {"found": found}


@asynccontextmanager
async def working_folder(parent: Path) -> AsyncIterator[str]:
    folder = await asyncio.to_thread(tempfile.mkdtemp, dir=parent)
    try:
        yield folder
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def fetch(chunks: AsyncIterator[bytes], file: Path) -> tuple[int, str]:
    """Its size in bytes and its SHA-256; stops reading once it is more than we take."""
    size, digest, piece = 0, hashlib.sha256(), bytearray()
    with file.open("wb") as opened:

        def take(some: bytearray) -> None:
            digest.update(some)
            opened.write(some)
            opened.flush()

        async for chunk in chunks:
            size += len(chunk)
            if size > LARGEST_BYTES:
                break
            piece += chunk
            if len(piece) >= PIECE:
                some, piece = piece, bytearray()
                await asyncio.to_thread(take, some)
        await asyncio.to_thread(take, piece)
    return size, digest.hexdigest()


def clear_left_behind(folders: Iterable[Path]) -> None:
    """Working copies of processes that were killed. Younger ones may be those of a terminal beside us."""
    for folder in folders:
        for one in folder.iterdir() if folder.exists() else ():
            if time.time() - one.stat().st_mtime > LEFT_BEHIND_SECONDS:
                shutil.rmtree(one) if one.is_dir() else one.unlink()
