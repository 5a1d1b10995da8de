"""Child processes that look at files: a few, which live on from file to file, so that libraries are loaded once."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
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
    """It ended, or had to be ended, without an answer. `has_left`: by itself, between two files."""

    def __init__(self, why: str, *, has_left: bool = False) -> None:
        super().__init__(why)
        self.has_left = has_left


class Workers:
    """At most so many children of one kind; the first request starts one.

    A file that ends its child is tried once more in a fresh one. Nobody else's file is touched by that.
    """

    def __init__(self, kind: str = "pictures", most: int = 0, seconds: float = ANSWER_SECONDS) -> None:
        """`most` 0: as many as there are cores, up to two."""
        self.most = most or min(2, os.cpu_count() or 1)
        self._kind = kind
        self._seconds = seconds
        self._free = asyncio.Semaphore(self.most)
        self._later = asyncio.Semaphore(max(1, self.most - 1))
        self._idle: list[Child] = []
        self._stopped = False

    async def ask(self, request: Mapping[str, Any], id_: str, *, later: bool = False) -> dict[str, Any]:
        """What the child says, or `{"refused": "failed"}`. `id_` is for logs. With `later`, one child is left to the others.

        Raises OSError when it is the machine's fault, not the file's: trying again makes sense.
        """
        if later:
            async with self._later:
                return await self.ask(request, id_)
        async with self._free:
            for tried in range(1, TRIES + 1):
                try:
                    said = await self._ask(request)
                except ChildEndedError as error:
                    logger.warning("look_ended", id=id_, why=str(error), tried=tried)
                    continue
                if "unwritten" in said:
                    raise OSError("the file could not be read, or its copies not be written")
                return said
        return {"refused": "failed"}

    async def _ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        while True:
            child = self._idle.pop() if self._idle else await Child.start(self._kind)
            try:
                said = await child.ask(request, self._seconds)
            except ChildEndedError as error:
                if error.has_left:
                    continue
                raise
            except BaseException:  # cancelled: what it says now would answer the next request
                child.kill()
                raise
            if said.pop("ends", False) or self._stopped:
                child.leave()
            else:
                self._idle.append(child)
            return said

    async def stop(self) -> None:
        """Children that look at something end with it."""
        self._stopped = True
        idle, self._idle = self._idle, []
        for child in idle:
            child.leave()
        await asyncio.gather(*(child.ended() for child in idle))


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

    async def ask(self, request: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        try:
            self._in.write(json.dumps(request).encode() + b"\n")
            await self._in.drain()
        except (BrokenPipeError, ConnectionResetError):
            pass  # it says below how it ended
        return await self._line(seconds)

    async def _line(self, seconds: float) -> dict[str, Any]:
        try:
            async with asyncio.timeout(seconds):
                told = await self._out.readline()
        except TimeoutError:
            self.kill()
            raise ChildEndedError(f"no answer in {seconds:.0f} seconds") from None
        if not told.endswith(b"\n"):
            code = await self._process.wait()
            raise ChildEndedError(f"exit code {code}", has_left=code == 0)
        answer: dict[str, Any] = json.loads(told)
        return answer

    def kill(self) -> None:
        if self._process.returncode is None:
            self._process.kill()

    def leave(self) -> None:
        """It ends when it has read all."""
        self._in.close()

    async def ended(self) -> None:
        await self._process.wait()


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name.startswith(KEPT_VARIABLES)}
    return kept | ONE_THREAD | KEPT_MEMORY
