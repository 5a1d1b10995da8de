"""A child that looks at files, on a line of its own: for tests and benchmarks."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.look.workers import environment


@dataclass(frozen=True, slots=True)
class Looked:
    """`seen` is None when the child ended; `seconds` of processor time, `megabytes` resident at most in its whole life."""

    seen: dict[str, Any] | None
    seconds: float
    megabytes: float


class Child:
    def __init__(self, kind: str, *more: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot.look", kind, *more],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment(),
        )  # fmt: skip
        assert self._line() == {"ready": True}

    def _line(self) -> dict[str, Any] | None:
        assert self.process.stdout
        said = self.process.stdout.readline()
        return json.loads(said) if said else None

    def ask(self, **request: Any) -> Looked:
        assert self.process.stdin
        began = self._seconds()
        self.process.stdin.write(json.dumps(request, default=str) + "\n")
        self.process.stdin.flush()
        said = self._line()
        return Looked(said, self._seconds() - began, self._megabytes())

    def _seconds(self) -> float:
        """Not the clock's: other tests run beside this one."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _megabytes(self) -> float:
        """Not from its exit: that also counts what its parent had in memory when it was forked."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0.0)

    def close(self) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(30)


@contextmanager
def child(kind: str = "pictures", *more: str) -> Iterator[Child]:
    one = Child(kind, *more)
    try:
        yield one
    finally:
        one.close()


def look_at(content: bytes, folder: Path, **request: Any) -> Looked:
    """By a fresh child, with the copies in the folder."""
    file = folder / "original"
    file.write_bytes(content)
    with child() as one:
        return one.ask(do="look", file=file, folder=folder, **request)
