"""Intake: fetch a customer's file, keep its original, look at it in a child process, and make the small copy for showing."""

import asyncio
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bot.adapter import Adapter, MediaGoneError, MediaTooLargeError
from bot.model.events import MediaRef
from bot.model.evidence import LARGEST_BYTES
from bot.store.errands import Errand
from bot.store.objects import Objects

LOOK_SECONDS = 30
LEFT_BEHIND_SECONDS = 24 * 3600


class Intake:
    """The errand `intake`. Its result has the evidence's fields, or `refused` with why."""

    def __init__(self, adapters: Mapping[str, Adapter], objects: Objects, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._adapters = adapters
        self._objects = objects
        self._folder = folder

    async def __call__(self, errand: Errand) -> Mapping[str, Any]:
        adapter = self._adapters[errand.address.partition(":")[0]]
        media = MediaRef(errand.details["media"], errand.details["name"])
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            original, view = Path(folder, "original"), Path(folder, "view.jpg")
            try:
                size = await fetch(adapter, media, original)
            except MediaTooLargeError:
                return {"refused": "too_large"}
            except MediaGoneError:
                return {"refused": "gone"}
            if size == 0:
                return {"refused": "empty"}
            if size > LARGEST_BYTES:
                return {"refused": "too_large"}
            seen = await look(original, view)
            if "refused" in seen:
                return seen
            sha256 = await self._objects.put_file(original)
            view_sha256 = await self._objects.put_file(view) if seen["width"] else ""
        return {"sha256": sha256, "size": size, "view_sha256": view_sha256, **seen}


async def fetch(adapter: Adapter, media: MediaRef, file: Path) -> int:
    """Its size in bytes; stops reading once that is more than we take."""
    size = 0
    with file.open("wb") as opened:
        async for chunk in adapter.open_media(media):
            size += len(chunk)
            if size > LARGEST_BYTES:
                break
            opened.write(chunk)
    return size


async def look(original: Path, view: Path) -> Mapping[str, Any]:
    """What the picture is. A decoder that crashes, hangs or eats memory takes only the child with it."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.look", str(original), str(view),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            out, _ = await child.communicate()
    except TimeoutError:
        return {"refused": "failed"}
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode != 0:
        return {"refused": "failed"}
    seen: dict[str, Any] = json.loads(out)
    if "unwritten" in seen:
        raise OSError("the small copy could not be written")
    return seen


def clear_left_behind(folders: Iterable[Path]) -> None:
    """Working copies of processes that were killed. Younger ones may be those of a terminal beside us."""
    for folder in folders:
        for one in folder.iterdir() if folder.exists() else ():
            if time.time() - one.stat().st_mtime > LEFT_BEHIND_SECONDS:
                shutil.rmtree(one) if one.is_dir() else one.unlink()
