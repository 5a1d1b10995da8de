"""Child processes that look at files: a few, which live on from file to file, so that libraries are loaded once."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import structlog

ANSWER_SECONDS = 30.0
"""For a child that sleeps instead of working; one that works too long ends itself before (see limits)."""
START_SECONDS = 60.0
TRIES = 2
LONGEST_LINE = 1 << 20
KEPT_VARIABLES = ("PATH", "HOME", "TMPDIR", "LANG", "LC_", "LD_", "PYTHON", "OPENBLAS_", "VIRTUAL_ENV")
"""Beginnings of names. Tokens and proxies stay with the server."""
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}
KEPT_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(8 << 20), "MALLOC_TRIM_THRESHOLD_": str(32 << 20)}
"""Bytes, for glibc: what one photo took is there for the next one. Given back and taken anew, its pages cost a quarter of looking at
it. Larger blocks are given back, or what a HEIC needed would be in the way of whatever comes next."""
logger = structlog.get_logger()


class ChildEndedError(Exception):
    """A child ended, or had to be ended, without an answer. `has_left`: by itself, as one does that has nothing to do."""

    def __init__(self, why: str, *, has_left: bool = False) -> None:
        super().__init__(why)
        self.has_left = has_left


class Workers:
    """At most so many children of one kind; the first request starts one.

    A file that ends its child is tried once more in a new one. Nobody else's file is touched by that.
    """

    def __init__(self, kind: str = "pictures", most: int = 0, seconds: float = ANSWER_SECONDS) -> None:
        """`most` 0: as many as there are cores, up to two."""
        self.most = most or min(2, os.cpu_count() or 1)
        self._kind = kind
        self._seconds = seconds
        self._free = asyncio.Semaphore(self.most)
        self._later = asyncio.Semaphore(max(1, self.most - 1))
        self._idle: list[Child] = []
        self._children: list[Child] = []
        self._stopped = False

    async def ask(self, request: Mapping[str, Any], id_: str, *, later: bool = False) -> dict[str, Any]:
        """Return the child's answer, or `{"refused": "failed"}`. `id_` is for logs. With `later`, one child is left to the others.

        Raises OSError when it is the machine's fault, not the file's: trying again makes sense.
        """
        if later:
            async with self._later:
                return await self.ask(request, id_)
        async with self._free:
            for attempt in range(1, TRIES + 1):
                try:
                    answer = await self._ask(request, in_new_child=attempt > 1)
                except ChildEndedError as error:
                    if self._stopped:
                        raise OSError("the children were stopped") from None
                    logger.warning("look_ended", id=id_, why=str(error), tried=attempt)
                    continue
                if "unwritten" in answer:
                    raise OSError("the file could not be read, or its copies not be written")
                return answer
        return {"refused": "failed"}

    async def _ask(self, request: Mapping[str, Any], *, in_new_child: bool) -> dict[str, Any]:
        while True:
            idle = None if in_new_child else self._take_idle()
            child = idle or await self._start()
            try:
                answer = await child.ask(request, self._seconds)
            except ChildEndedError as error:
                if idle and error.has_left:
                    continue
                raise
            except BaseException:  # cancelled: a late answer would be taken for that to the next request
                child.kill()
                raise
            if answer.pop("ends", False) or self._stopped:
                child.leave()
            else:
                self._idle.append(child)
            return answer

    def _take_idle(self) -> "Child | None":
        """Take out a child that can be asked. What ended one between two files is no file's fault."""
        while self._idle:
            child = self._idle.pop()
            if child.is_alive:
                return child
            child.kill()  # one that has closed its pipe and stays is of no use
        return None

    async def _start(self) -> "Child":
        child = await Child.start(self._kind)
        self._children = [child, *(each for each in self._children if each.is_running)]
        return child

    async def stop(self) -> None:
        """End all children, those that look at something too, and wait until they have ended."""
        self._stopped = True
        for child in self._children:
            if child in self._idle:
                child.leave()
            else:
                child.kill()
        self._idle = []
        await asyncio.gather(*(child.ended() for child in self._children))


class Child:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin
        assert process.stdout
        self._process = process
        self._in, self._out = process.stdin, process.stdout

    @classmethod
    async def start(cls, kind: str) -> "Child":
        """Raises OSError when it does not come up."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "bot.look", kind,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            env=environment(), limit=LONGEST_LINE,
        )  # fmt: skip
        child = cls(process)
        try:
            await child._line(START_SECONDS)
        except ChildEndedError as error:
            raise OSError(f"`python -m bot.look` did not start: {error}") from None
        except BaseException:
            child.kill()
            raise
        return child

    @property
    def is_running(self) -> bool:
        return self._process.returncode is None

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked, as far as the loop has heard: a process that just ended is found out by asking."""
        return self.is_running and not self._in.is_closing() and not self._out.at_eof()

    async def ask(self, request: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        # A child that has gone: asyncio's own loop raises an OSError, uvloop a RuntimeError once it has closed the pipe.
        # Its exit code says below how it ended.
        with suppress(OSError, RuntimeError):
            self._in.write(json.dumps(request).encode() + b"\n")
            await self._in.drain()
        return await self._line(seconds)

    async def _line(self, seconds: float) -> dict[str, Any]:
        """Read one answer. Raises ChildEndedError; then the process has ended or is being killed."""
        try:
            async with asyncio.timeout(seconds):
                line = await self._out.readline()
                if line.endswith(b"\n"):
                    answer: dict[str, Any] = json.loads(line)
                    return answer
                code = await self._process.wait()
        except TimeoutError:
            self.kill()
            raise ChildEndedError(f"no answer in {seconds:.0f} seconds") from None
        except ValueError:  # longer than LONGEST_LINE, or no JSON
            self.kill()
            raise ChildEndedError("its answer is none") from None
        raise ChildEndedError(f"exit code {code}", has_left=code == 0)

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()

    def leave(self) -> None:
        """It ends when it has read all."""
        self._in.close()

    async def ended(self) -> None:
        await self._process.wait()


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name.startswith(KEPT_VARIABLES)}
    return kept | ONE_THREAD | KEPT_MEMORY
