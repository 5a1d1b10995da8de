"""Evidence bytes: objects under their SHA-256, written once, in a folder or in an S3 bucket."""

import asyncio
import hashlib
import os
import re
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
import structlog
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from bot.settings import EvidenceSettings
from bot.store.database import StoreUnavailableError

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Config

FOLDER = "evidence"
INCOMING = "incoming"
"""In the folder: what a killed process leaves there is nobody's."""
DIGEST = re.compile("[0-9a-f]{64}")
KEY = re.compile("[0-9a-f]{2}/[0-9a-f]{64}")
PART_BYTES = 5 << 20
"""Larger files go to S3 in several parts, and are seen there when the last has come."""
CHUNK_BYTES = 1 << 20
ASK_SECONDS = 10.0
PUT_SECONDS = 60.0
"""For all of it, with what is tried again: shorter than an errand's lease."""
PUTS_AT_ONCE = 4
"""While a store is slow, files wait on our disk instead of in memory."""
CLIENT: "ClientConfig" = {
    "connect_timeout": timedelta(seconds=3),
    "read_timeout": timedelta(seconds=20),  # from the request on, and again for each piece of the answer
    "timeout": timedelta(seconds=60),
}
RETRIES: "RetryConfig" = {"max_retries": 2, "retry_timeout": timedelta(seconds=5)}
logger = structlog.get_logger()


class ObjectsUnavailableError(StoreUnavailableError):
    """The object store cannot be reached or does not take anything just now; the text is the kind of error and nothing else."""


@dataclass(frozen=True, slots=True)
class Stored:
    digest: str
    size: int
    modified_at: datetime


class Objects:
    """An object never changes; a second put of the same bytes is no work.

    Every method raises ObjectsUnavailableError when the store cannot be asked.
    """

    def __init__(
        self, store: LocalStore | S3Store, *, folder: Path | None = None, before: "Objects | None" = None
    ) -> None:
        """`folder` is that of a LocalStore. In `before` is what was kept before this store was: it is read, never written."""
        self._store = store
        self._folder = folder
        self.before = before
        self._puts = asyncio.Semaphore(PUTS_AT_ONCE)

    async def put_file(self, file: Path, sha256: str | None = None) -> str:
        """Returns the SHA-256 under which the bytes now are, for good. `sha256`: what the caller found it to be."""
        digest, size = await asyncio.to_thread(measured, file, sha256)
        there = await self.size_here(digest)
        if there != size:
            if there is not None:  # what is there is not this object: its size is wrong
                await self._mend(file, digest)
            with asked():
                async with self._puts, asyncio.timeout(PUT_SECONDS):
                    await self._put(file, digest)
        elif self._folder:  # perhaps from a process that ended before it reached the disk
            with asked():
                await asyncio.to_thread(sync_to_disk, self._folder / key_of(digest))
        return digest

    async def _put(self, file: Path, digest: str) -> None:
        """Under its name it is seen whole or not at all, in a folder even if the power fails."""
        if not self._folder:
            await obstore.put_async(self._store, key_of(digest), file, chunk_size=PART_BYTES, max_concurrency=2)
            return
        coming = f"{INCOMING}/{digest}.{secrets.token_hex(8)}"
        await obstore.put_async(self._store, coming, file)
        await asyncio.to_thread(sync_to_disk, self._folder / coming)
        await obstore.rename_async(self._store, coming, key_of(digest))
        await asyncio.to_thread(sync_to_disk, self._folder / key_of(digest))

    async def _mend(self, file: Path, digest: str) -> None:
        """Before anything is overwritten, see that it is by what belongs there."""
        if await asyncio.to_thread(sha256_of, file) != digest:
            raise ValueError(f"a file was given as object {digest} and is not that")
        logger.error("object_replaced", sha256=digest)

    async def open(self, digest: str) -> AsyncIterator[bytes]:
        """Raises FileNotFoundError."""
        chunks = self.open_here(digest)
        try:
            first = await anext(chunks, b"")
        except (FileNotFoundError, ObjectsUnavailableError):
            if self.before is None or await self.before.size(digest) is None:
                raise
            chunks, first = self.before.open(digest), b""
        if first:
            yield first
        async for chunk in chunks:
            yield chunk

    async def open_here(self, digest: str) -> AsyncIterator[bytes]:
        """From this store alone. Raises FileNotFoundError."""
        with asked():
            stream = (await obstore.get_async(self._store, key_of(digest))).stream(min_chunk_size=CHUNK_BYTES)
        while True:
            with asked():
                try:
                    chunk = await anext(stream)
                except StopAsyncIteration:
                    return
            yield bytes(chunk)

    async def delete(self, digest: str) -> None:
        """What is not there needs no deleting."""
        with asked(), suppress(FileNotFoundError):
            await obstore.delete_async(self._store, key_of(digest))
        if self.before:
            await self.before.delete(digest)

    async def read(self, digest: str) -> bytes:
        """Raises FileNotFoundError."""
        return b"".join([chunk async for chunk in self.open(digest)])

    async def size(self, digest: str) -> int | None:
        """In bytes; None when it is nowhere."""
        size = await self.size_here(digest)
        return await self.before.size(digest) if size is None and self.before else size

    async def size_here(self, digest: str) -> int | None:
        """Of this store alone."""
        with asked():
            try:
                async with asyncio.timeout(ASK_SECONDS):
                    return (await obstore.head_async(self._store, key_of(digest)))["size"]
            except FileNotFoundError as error:
                if is_no_object(error):
                    return None
                raise

    async def list(self) -> AsyncIterator[Stored]:
        """Of this store alone, in no order."""
        stream = obstore.list(self._store, chunk_size=1000)
        while True:
            with asked():
                try:
                    chunk = await anext(stream)
                except StopAsyncIteration:
                    return
            for one in chunk:
                if KEY.fullmatch(one["path"]):
                    yield Stored(one["path"].rpartition("/")[2], one["size"], one["last_modified"])


def objects_in(folder: Path) -> Objects:
    folder.mkdir(parents=True, exist_ok=True)
    return Objects(LocalStore(folder), folder=folder)


def objects_at(url: str, evidence: EvidenceSettings, before: Objects | None = None) -> Objects:
    """`url` is s3://BUCKET or s3://BUCKET/PREFIX; how to get there is in the settings."""
    bucket, _, prefix = url.removeprefix("s3://").partition("/")
    config: S3Config = {
        "region": evidence.region,
        "access_key_id": evidence.access_key,
        "secret_access_key": evidence.secret_key.get_secret_value(),
        "virtual_hosted_style_request": f"//{bucket}." in evidence.endpoint,
    }
    if evidence.endpoint:
        config["endpoint"] = evidence.endpoint
    client: ClientConfig = {**CLIENT, "allow_http": evidence.endpoint.startswith("http://")}
    store = S3Store(
        bucket, prefix=prefix.strip("/") or None, config=config, client_options=client, retry_config=RETRIES
    )
    return Objects(store, before=before)


def open_objects(evidence: EvidenceSettings, data: Path) -> Objects:
    """Where the settings say. With S3, what is still in the folder is read there: a store can be moved while it is used."""
    folder = data / FOLDER
    if not evidence.store:
        return objects_in(folder)
    return objects_at(evidence.store, evidence, before=objects_in(folder) if folder.exists() else None)


@contextmanager
def asked() -> Iterator[None]:
    """Whatever a store does instead of answering is one thing for those who ask; that it has no such object is an answer."""
    try:
        yield
    except FileNotFoundError as error:
        if is_no_object(error):
            raise
        raise ObjectsUnavailableError("no such bucket") from error
    except (BaseError, OSError) as error:  # a TimeoutError is an OSError
        raise ObjectsUnavailableError(type(error).__name__) from error


def is_no_object(error: FileNotFoundError) -> bool:
    """Not a missing bucket, which a store tells by the same error."""
    return "NoSuchBucket" not in str(error)


def key_of(digest: str) -> str:
    return f"{digest[:2]}/{digest}"


def measured(file: Path, sha256: str | None) -> tuple[str, int]:
    return sha256 or sha256_of(file), file.stat().st_size


def sha256_of(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def sync_to_disk(file: Path) -> None:
    """Neither a written file nor its name is on the disk until that is waited for; a promise to keep evidence must."""
    for path in (file, file.parent, file.parent.parent):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
