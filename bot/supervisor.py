"""The supervisor: keeps the parts of the program running, and lets no task fail in silence.

A part is what runs as long as the program does, such as the dispatcher or a platform's poller. See decision 0018.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from math import inf
from typing import Any

import structlog

from bot.log import where

PAUSES = (1.0, 2.0, 5.0, 15.0, 60.0)
"""Seconds until a part that ended is started again, growing; the last one goes on."""
SOUND_SECONDS = 300.0
"""A part that ran for so long before it ended begins with the first pause again."""
Run = Callable[[], Coroutine[Any, Any, None]]
logger = structlog.get_logger()


class Supervisor:
    """Starts parts, each under a name, and starts again what ends. `count` is told each end by the part's name."""

    def __init__(
        self,
        count: Callable[[str], None] = lambda name: None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._count = count
        self._sleep = sleep
        self._elapsed = elapsed
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._sound_at: dict[str, float] = {}

    def start(self, name: str, run: Run) -> None:
        """Run this until `stop`. It has to go on with what it had in hand when it is called again after it ended."""
        self._sound_at[name] = 0.0
        self._tasks[name] = asyncio.create_task(self._keep(name, run), name=name)

    @property
    def down(self) -> list[str]:
        """Return the parts that do not run, or not yet as long again as the pause after their last end was."""
        now = self._elapsed()
        return [name for name, task in self._tasks.items() if task.done() or now < self._sound_at[name]]

    async def stop(self, *names: str) -> None:
        """Cancel these parts, or all, the last one started first; return when they have ended."""
        tasks = [self._tasks.pop(name) for name in reversed(names or tuple(self._tasks)) if name in self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep(self, name: str, run: Run) -> None:
        failures = 0
        while True:
            began = self._elapsed()
            why = await end_of(run)
            if self._elapsed() - began >= SOUND_SECONDS:
                failures = 0
            seconds = PAUSES[min(failures, len(PAUSES) - 1)]
            failures += 1
            self._sound_at[name] = inf
            self._count(name)
            logger.error("part_ended", part=name, where=why, seconds=seconds)
            await self._sleep(seconds)
            logger.info("part_started", part=name)
            self._sound_at[name] = self._elapsed() + seconds


async def end_of(run: Run) -> str:
    """Run it; return where it failed. Raises CancelledError when we are cancelled, not when something in it was."""
    try:
        await run()
    except asyncio.CancelledError as error:
        if is_being_stopped():
            raise
        return where(error)
    except Exception as error:
        return where(error)
    return "it returned"


def is_being_stopped() -> bool:
    """Return whether the running task was cancelled, and not only something that it awaits: then it is to end for good."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def begin(work: Coroutine[Any, Any, None], what: str, **ids: str) -> asyncio.Task[None]:
    """Start a task that nobody awaits. Should it fail, the log says where, with these ids."""

    def look(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            logger.error("task_failed", what=what, where=where(error), **ids)

    task = asyncio.create_task(work, name=what)
    task.add_done_callback(look)
    return task
