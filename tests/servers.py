"""Starts the real program on a free port of this machine, and stops it by its process id."""

import json
import os
import resource
import secrets
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.waiting import GENEROUS_SECONDS, block_until

SHOUHOU = Path(sys.executable).with_name("shouhou")
STOP_SECONDS = GENEROUS_SECONDS


class Server:
    """A `python -m bot start` of our own."""

    module = "bot"

    def __init__(self, data: Path, port: int | None = None, variables: Mapping[str, str] | None = None) -> None:
        self.data = data
        self.port = port or free_port()
        self._variables = dict(variables or {})
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = data.with_name(f"{data.name}.log")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    def start(self) -> None:
        """Returns when it answers."""
        command = [sys.executable, "-m", self.module, "start", "--data", str(self.data), "--port", str(self.port)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, env=environment() | self._variables, cwd=self.data.parent
            )
        block_until(lambda: self.is_up() or self.has_ended())
        assert not self.has_ended(), self.log.read_text("utf-8")

    def is_up(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/api/shop", timeout=GENEROUS_SECONDS) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def has_ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def wait(self, seconds: float) -> int:
        """Its exit code. Raises subprocess.TimeoutExpired."""
        assert self._process
        return self._process.wait(seconds)

    def stop(self) -> None:
        """As an operator does; afterwards nothing of it is left, in any case."""
        if self.has_ended():
            return
        self.signal(signal.SIGTERM)
        try:
            self.wait(STOP_SECONDS)
        finally:
            self.kill()

    def kill(self) -> None:
        if not self.has_ended():
            self.signal(signal.SIGKILL)
            self.wait(STOP_SECONDS)

    def shouhou(self, *words: str) -> subprocess.CompletedProcess[str]:
        """The command line beside this server."""
        return shouhou(*words, "--data", str(self.data), cwd=self.data.parent, variables=self._variables)

    def case(self, *words: str) -> str:
        """`shouhou case …`, which must succeed; what it printed."""
        done = self.shouhou("case", *words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def case_shown(self, number: str, *words: str) -> Any:
        return json.loads(self.case("show", number, "--json", *words))

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """No file of the server can grow or be written: what a full disk looks like from inside."""
        _, hard = resource.prlimit(self.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (0, hard))
        try:
            yield
        finally:
            resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (hard, hard))


@contextmanager
def running(data: Path, variables: Mapping[str, str] | None = None, port: int | None = None) -> Iterator[Server]:
    server = Server(data, port, variables)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def shouhou(
    *words: str, cwd: Path, variables: Mapping[str, str] | None = None, seconds: float = GENEROUS_SECONDS
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(SHOUHOU), *words],
        cwd=cwd,
        env=environment() | dict(variables or {}),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=seconds,
        check=False,
    )


def environment() -> dict[str, str]:
    """Ours, without what would set the program up differently. Words in photos are read where that is what is tested: it takes long."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("SHOUHOU_")}
    return ours | {"SHOUHOU_EVIDENCE__READ_TEXT": "false"}


def free_port() -> int:
    """Return a port that nobody listens at, below those that the system lends: a server that was killed gets it again."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
