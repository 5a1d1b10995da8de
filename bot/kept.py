"""Keeps what takes long to work out beside its sources, as Python keeps its compiled modules."""

import hashlib
import pickle
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from bot.durable import write_durably

DIGEST_BYTES = 32
T = TypeVar("T")


def kept(name: str, folder: Path, sources: Iterable[Path], work_out: Callable[[], T]) -> T:
    """What `work_out` returned for just these sources, its own code among them. A folder that cannot be written is no error."""
    file = folder / "__pycache__" / f"{name}.{sys.implementation.cache_tag}"
    key = b"".join(hashlib.sha256(source.read_bytes()).digest() for source in sources)
    with suppress(OSError):
        content = file.read_bytes()
        data = content[DIGEST_BYTES:]
        if content[:DIGEST_BYTES] == hashlib.sha256(key + data).digest():
            found: T = pickle.loads(data)  # noqa: S301 - our own: the digest covers its sources
            return found
    found = work_out()
    data = pickle.dumps(found, pickle.HIGHEST_PROTOCOL)
    with suppress(OSError):
        file.parent.mkdir(exist_ok=True)
        write_durably(file, hashlib.sha256(key + data).digest() + data)
    return found
