"""Evidence bytes: objects under their SHA-256, written once, in a folder or an S3 bucket."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import LocalStore


class Objects:
    """An object never changes; a second put of the same bytes is no work."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._store = LocalStore(folder)

    async def put_file(self, file: Path, sha256: str = "") -> str:
        """Returns the SHA-256 under which the bytes now are, on disk. `sha256`: it is known already."""
        digest = sha256 or await asyncio.to_thread(sha256_of, file)
        with suppress(AlreadyExistsError):  # perhaps from a process that ended before it reached the disk
            await obstore.put_async(self._store, key_of(digest), file, mode="create")
        await asyncio.to_thread(sync_to_disk, self._folder / key_of(digest))
        return digest

    async def open(self, digest: str) -> AsyncIterator[bytes]:
        result = await obstore.get_async(self._store, key_of(digest))
        async for chunk in result.stream():
            yield bytes(chunk)

    async def delete(self, digest: str) -> None:
        """What is not there needs no deleting."""
        with suppress(FileNotFoundError):
            await obstore.delete_async(self._store, key_of(digest))

    async def read(self, digest: str) -> bytes:
        return b"".join([chunk async for chunk in self.open(digest)])


def key_of(digest: str) -> str:
    return f"{digest[:2]}/{digest}"


def sha256_of(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def sync_to_disk(file: Path) -> None:
    """The store renames a finished file into place but does not wait for the disk; a promise to keep evidence must."""
    for path in (file, file.parent, file.parent.parent):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
