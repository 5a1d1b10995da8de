"""The loop of all tests, and what makes a run of them take minutes less and changes nothing in what they see."""

import asyncio
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.event_loop import new_event_loop

MEMORY = Path("/dev/shm")
ENOUGH_BYTES = 4 << 30

# Python itself is started some hundred times: each compiles all of `bot` where nothing is kept.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Databases wait for the disk at each commit. No test can see whether it has really written: only a power cut would tell.
if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH_BYTES:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Return the program's own: loops differ in what they raise when the other side has gone."""
    return {"program": new_event_loop}


@pytest.fixture(scope="session", autouse=True)
def databases_are_migrated_once() -> Iterator[None]:
    from bot.store import migrations
    from tests import migrated

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrations, "upgrade", migrated.fill)
        yield
