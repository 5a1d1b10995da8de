"""The program with a fault planted: it acknowledges a photo before its bytes are stored. test_evidence_kill.py starts it."""

import asyncio
import shutil
import tempfile
from pathlib import Path

from bot.__main__ import main
from bot.store.objects import Objects, sha256_of

put_file = Objects.put_file
PUT_SECONDS = 0.5
"""A slow store's put, to make the fault's window as wide as it is there."""
putting: set[asyncio.Task[None]] = set()


async def put_early(self: Objects, file: Path, sha256: str | None = None) -> str:
    kept = Path(tempfile.mkdtemp(), "kept")
    shutil.copy(file, kept)
    task = asyncio.create_task(put_late(self, kept))
    putting.add(task)
    task.add_done_callback(putting.discard)
    return sha256_of(kept)


async def put_late(self: Objects, file: Path) -> None:
    await asyncio.sleep(PUT_SECONDS)
    await put_file(self, file)


Objects.put_file = put_early  # type: ignore[method-assign]

if __name__ == "__main__":
    main(prog_name="shouhou")
