"""The event loop that everything runs on: the server, each command, and the tests."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Return a new loop of uvloop, which is faster than asyncio's own and not alike in everything."""
    import uvloop  # some commands need no loop

    return uvloop.new_event_loop()


def new_runner() -> asyncio.Runner:
    """Return a runner for several coroutines on one loop."""
    return asyncio.Runner(loop_factory=new_event_loop)


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """Run it to its end, as asyncio.run does, and return what it returns."""
    with new_runner() as runner:
        return runner.run(main)
