"""Evidence bytes: objects under their SHA-256, written once, in a folder or in an S3 bucket."""

import asyncio
import hashlib
import os
import re
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

import obstore
import structlog
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from bot.durable import make_folder, sync_to_disk, write_durably
from bot.settings import EvidenceSettings
from bot.store.database import StoreUnavailableError

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import ClientConfig, RetryConfig, S3Config

FOLDER = "evidence"
INCOMING = "incoming"
"""In the folder: what a killed process leaves there is nobody's."""
MARKER = "store-id"
"""The name of the object that says to which database the store belongs."""
CLOSED = (
    "evidence.store: the bucket is closed to evidence.access_key with this evidence.secret_key "
    "(reading, writing, deleting and listing must be allowed)"
)
NO_BUCKET = "no such bucket"
REFUSALS = {
    NO_BUCKET: "evidence.store: there is no such bucket",
    "PermissionDeniedError": CLOSED,
    "UnauthenticatedError": CLOSED,
}
"""By the text of an ObjectsUnavailableError."""
DIGEST = re.compile("[0-9a-f]{64}")
KEY = re.compile("[0-9a-f]{2}/[0-9a-f]{64}")
PART_BYTES = 5 << 20
"""Larger files go to S3 in several parts, and are seen there when the last has come."""
CHUNK_BYTES = 1 << 20
ASK_SECONDS = 10.0
PUT_SECONDS = 60.0
"""For all of it, with what is tried again: shorter than an errand's lease."""
RESTS_SECONDS = 60.0
"""After a put, until the object may be deleted: by then somebody has it, or nobody wants it."""
FRESH = timedelta(hours=12)
"""An object that is put again counts as new after that: the sweep must not take what somebody is about to name."""
MOST_REMEMBERED = 10_000
PUTS_AT_ONCE = 4
"""While a store is slow, files wait on our disk instead of in memory."""
CLIENT: "ClientConfig" = {
    "connect_timeout": timedelta(seconds=3),
    "read_timeout": timedelta(seconds=20),  # from the request on, and again for each piece of the answer
    "timeout": timedelta(seconds=60),
}
RETRIES: "RetryConfig" = {"max_retries": 2, "retry_timeout": timedelta(seconds=5)}
logger = structlog.get_logger()


class BusyError(Exception):
    """The object was put a moment ago, and what it was put for may not be stored yet: later."""


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
        self.closed = ""
        """Why nothing may be put into the store or deleted there just now."""
        self._is_marked = False
        self._puts = asyncio.Semaphore(PUTS_AT_ONCE)
        self.elapsed = time.monotonic
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._asked_for: dict[str, float] = {}
        """When an object was last put, also where it was there: whoever put it may not have told anybody yet."""

    async def put_file(self, file: Path, sha256: str | None = None) -> str:
        """Returns the SHA-256 under which the bytes now are, for good. `sha256`: what the caller found it to be."""
        self._refuse_while_closed()
        digest, size = await asyncio.to_thread(measured, file, sha256)
        async with self._locks.setdefault(digest, asyncio.Lock()):
            await self._put_new(file, digest, size)
            self._asked_for[digest] = self.elapsed()
        if len(self._asked_for) > MOST_REMEMBERED:
            del self._asked_for[next(iter(self._asked_for))]
        return digest

    def _refuse_while_closed(self) -> None:
        if self.closed:
            raise ObjectsUnavailableError(self.closed)

    def _refuse_without_mark(self, folder: Path) -> None:
        """Where a disk is no longer mounted, a put would make a folder of the same name, and hide that the evidence is gone."""
        if self._is_marked and not (folder / MARKER).exists():
            raise ObjectsUnavailableError("the evidence folder is gone")

    async def _put_new(self, file: Path, digest: str, size: int) -> None:
        """Under its name it is seen whole or not at all, in a folder even if the power fails."""
        if self._folder:
            with asked():
                async with self._puts:
                    await asyncio.to_thread(self._refuse_without_mark, self._folder)
                    await asyncio.to_thread(put_in_folder, self._store, self._folder, file, digest, size)
            return
        there = await self._meta_here(digest)
        if there and there["size"] == size and datetime.now(UTC) - there["last_modified"] < FRESH:
            return
        if there and there["size"] != size:
            await asyncio.to_thread(check_before_mending, file, digest)
        with asked():
            async with self._puts, asyncio.timeout(PUT_SECONDS):
                await obstore.put_async(self._store, key_of(digest), file, chunk_size=PART_BYTES, max_concurrency=2)

    def file_of(self, digest: str) -> Path | None:
        """Where its bytes are on this machine, to be read only; None when they are elsewhere, or nowhere."""
        file = self._folder / key_of(digest) if self._folder else None
        return file if file and file.exists() else None

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
        """What is not there needs no deleting. Raises BusyError when it was put just now."""
        self._refuse_while_closed()
        async with self._locks.setdefault(digest, asyncio.Lock()):
            if self.elapsed() - self._asked_for.get(digest, -RESTS_SECONDS) < RESTS_SECONDS:
                raise BusyError(digest)
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
        there = await self._meta_here(digest)
        return there["size"] if there else None

    async def _meta_here(self, digest: str) -> "ObjectMeta | None":
        with asked():
            try:
                async with asyncio.timeout(ASK_SECONDS):
                    return await obstore.head_async(self._store, key_of(digest))
            except FileNotFoundError as error:
                if is_no_object(error):
                    return None
                raise

    async def marker(self) -> str | None:
        """Return the id of the database that this store belongs to, None when there is none in it."""
        with asked():
            try:
                if self._folder:
                    id_ = await asyncio.to_thread((self._folder / MARKER).read_text, "ascii", "replace")
                    self._is_marked = True
                    return id_
                async with asyncio.timeout(ASK_SECONDS):
                    answer = await obstore.get_async(self._store, MARKER)
                    return bytes(await answer.bytes_async()).decode("ascii", "replace")
            except FileNotFoundError as error:
                if is_no_object(error):
                    return None
                raise

    async def mark(self, id_: str) -> None:
        with asked():
            if self._folder:
                await asyncio.to_thread(write_durably, self._folder / MARKER, id_.encode())
                self._is_marked = True
                return
            async with asyncio.timeout(ASK_SECONDS):
                await obstore.put_async(self._store, MARKER, id_.encode())

    async def holds_any(self) -> bool:
        """Whether there is an object in this store."""
        async for _ in self.list():
            return True
        return False

    def why_refused(self, error: ObjectsUnavailableError) -> str:
        """Say why the store will never take anything as it is set up, for an operator; "" when it only cannot be reached just now."""
        return "" if self._folder else REFUSALS.get(str(error), "")

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
    make_folder(folder)
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
        raise ObjectsUnavailableError(NO_BUCKET) from error
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


def check_before_mending(file: Path, digest: str) -> None:
    """What is there is not this object, for its size is wrong. Before it is overwritten, see that it is by what belongs there."""
    if sha256_of(file) != digest:
        raise ValueError(f"a file was given as object {digest} and is not that")
    logger.error("object_replaced", sha256=digest)


def put_in_folder(store: LocalStore | S3Store, folder: Path, file: Path, digest: str, size: int) -> None:
    kept = folder / key_of(digest)
    there = kept.stat().st_size if kept.exists() else None
    if there == size:  # perhaps from a process that ended before it reached the disk
        if time.time() - kept.stat().st_mtime > FRESH.total_seconds():
            os.utime(kept)
        sync_to_disk(kept, kept.parent, folder)
        return
    if there is not None:
        check_before_mending(file, digest)
    is_first = not kept.parent.exists()
    coming = f"{INCOMING}/{digest}.{secrets.token_hex(8)}"
    obstore.put(store, coming, file)
    sync_to_disk(folder / coming)
    obstore.rename(store, coming, key_of(digest))
    sync_to_disk(kept.parent, *((folder,) if is_first else ()))
