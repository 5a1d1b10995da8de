"""Files and folders that are still there after a power cut or a kill, whole."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

ASIDE = ".aside"
"""How the name ends of a file that is being written; what a killed process leaves of them is nobody's."""


def write_durably(file: Path, content: bytes, mode: int = 0o600) -> None:
    """Write all of the file or nothing of it; what was there before is replaced. `mode` is its permissions.

    When it returns, the file is on the disk. Raises OSError.
    """
    handle, aside = tempfile.mkstemp(ASIDE, f"{file.name}.", file.parent)
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fchmod(opened.fileno(), mode)
            os.fsync(opened.fileno())  # or its name may reach the disk first, and be that of an empty file
        os.replace(aside, file)
    except BaseException:
        with suppress(OSError):
            os.unlink(aside)
        raise
    sync_to_disk(file.parent)


def make_folder(folder: Path) -> None:
    """Make the folder, and those above it that lack, so that a power cut does not take it away with all that is in it."""
    lacking = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    sync_to_disk(*(one.parent for one in lacking))


def sync_to_disk(*paths: Path) -> None:
    """Wait until these files, or the names in these folders, are on the disk: after a write or rename they are not yet."""
    for path in paths:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
