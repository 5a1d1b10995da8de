"""Waiting until something is so: the one place in which tests spend time."""

import asyncio
import inspect
import os
import time
from collections.abc import Awaitable, Callable

GENEROUS_SECONDS = float(os.environ.get("SHOUHOU_GENEROUS_SECONDS", "120"))
"""The end of each wait: it says that what is waited for will never come, not how fast the machine is."""
POLL_SECONDS = 0.01


async def until(is_so: Callable[[], object | Awaitable[object]], seconds: float = GENEROUS_SECONDS) -> None:
    """Ask again until the answer, or what it gives when awaited, is true. Raise AssertionError at the end of `seconds`."""
    ends_at = time.monotonic() + seconds
    while True:
        answer = is_so()
        if inspect.isawaitable(answer):
            answer = await answer
        if answer:
            return
        assert time.monotonic() < ends_at, f"not so after {seconds} s"
        await asyncio.sleep(POLL_SECONDS)


def block_until(is_so: Callable[[], object], seconds: float = GENEROUS_SECONDS) -> None:
    """The same where nothing else is to go on meanwhile."""
    ends_at = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends_at, f"not so after {seconds} s"
        time.sleep(POLL_SECONDS)


async def pause(seconds: float) -> None:
    """Take as long as a slow customer, network or disk does. No test may fail because it took longer."""
    await asyncio.sleep(seconds)
