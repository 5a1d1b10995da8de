"""A real S3 server of our own (SeaweedFS) on this machine, and a wire to it that can be cut."""

import asyncio
import json
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from obstore.exceptions import BaseError
from obstore.store import S3Store
from pydantic import SecretStr

from bot.settings import EvidenceSettings
from tests.machine import needed
from tests.servers import environment, free_port
from tests.waiting import block_until

KEY, SECRET = "shouhou", "only-for-tests"
BUCKET = "evidence"


class S3:
    """Keeps what it has over stop and start."""

    def __init__(self, folder: Path) -> None:
        self._weed = needed("weed")
        folder.mkdir()
        self._folder = folder
        self._ports = {name: free_port() for name in ("master", "volume", "filer", "s3")}
        self._calls = {name: free_port() for name in self._ports}
        self._process: subprocess.Popen[bytes] | None = None
        who = {"name": KEY, "credentials": [{"accessKey": KEY, "secretKey": SECRET}]}
        rights = ["Admin", "Read", "Write", "List"]
        (folder / "s3.json").write_text(json.dumps({"identities": [{**who, "actions": rights}]}), "utf-8")

    @property
    def port(self) -> int:
        return self._ports["s3"]

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    def settings(self, url: str = f"s3://{BUCKET}/shop", port: int | None = None, **other: object) -> EvidenceSettings:
        values = {
            "endpoint": f"http://127.0.0.1:{port or self.port}",
            "access_key": KEY,
            "secret_key": SecretStr(SECRET),
            "read_text": False,
        }
        return EvidenceSettings.model_validate({"store": url, **values, **other})

    def variables(self, url: str = f"s3://{BUCKET}/shop", port: int | None = None) -> dict[str, str]:
        """The same for a process. `url` "": the store stays in the folder."""
        return {
            "SHOUHOU_EVIDENCE__STORE": url,
            "SHOUHOU_EVIDENCE__ENDPOINT": f"http://127.0.0.1:{port or self.port}",
            "SHOUHOU_EVIDENCE__ACCESS_KEY": KEY,
            "SHOUHOU_EVIDENCE__SECRET_KEY": SECRET,
        }

    def start(self) -> None:
        """Returns when the bucket can be written."""
        ports = [f"-{name}.port={port}" for name, port in self._ports.items()]
        ports += [f"-{name}.port.grpc={port}" for name, port in self._calls.items()]
        command = [
            str(self._weed), "-logtostderr=true", "server", f"-dir={self._folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
            *ports, "-filer", "-s3", f"-s3.config={self._folder / 's3.json'}", "-s3.port.iceberg=0", "-s3.port.lance=0",
            "-master.telemetry=false", "-master.electionTimeout=1s", "-master.volumeSizeLimitMB=64", "-volume.max=64",
        ]  # fmt: skip
        with (self._folder / "weed.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env=environment())
        block_until(self._takes_something)

    def _takes_something(self) -> bool:
        assert self._process
        assert self._process.poll() is None, (self._folder / "weed.log").read_text("utf-8")[-3000:]
        try:
            self.bucket().put("started", b"")
        except (BaseError, OSError):
            return False
        return True

    def bucket(self, name: str = BUCKET) -> S3Store:
        """Past our own code."""
        return S3Store(
            name,
            endpoint=f"http://127.0.0.1:{self.port}",
            access_key_id=KEY,
            secret_access_key=SECRET,
            client_options={"allow_http": True},
            retry_config={"max_retries": 0},
        )

    def stop(self) -> None:
        """At once: asked kindly it goes on for a minute."""
        if self._process:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(10)
            self._process = None


@contextmanager
def running_s3(folder: Path) -> Iterator[S3]:
    s3 = S3(folder)
    try:
        s3.start()
        yield s3
    finally:
        s3.stop()


class Wire:
    """A TCP connection through here goes on to `target`, until `cut_after` bytes were sent that way; then both ends are reset.

    With `is_silent`, what comes in is not passed on.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._open: set[asyncio.StreamWriter] = set()
        self._is_down = False
        self.port = 0
        self.cut_after: int | None = None
        self.is_silent = False
        self.cuts = 0

    def take_down(self) -> None:
        """Whoever is connected is thrown out, and nobody is let in."""
        self._is_down = True
        self.cut()

    def bring_up(self) -> None:
        self._is_down = False

    def cut(self) -> None:
        for end in self._open:
            end.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_down:
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        self._open |= {writer, back}
        ways = [asyncio.create_task(self._there(reader, back)), asyncio.create_task(self._back(there, writer))]
        with suppress(asyncio.CancelledError):
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for task in ways:
            task.cancel()
        for end in (writer, back):
            end.transport.abort()
        self._open -= {writer, back}

    async def _there(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sent = 0
        with suppress(ConnectionError):
            while piece := await reader.read(4096):
                if self.is_silent:
                    continue
                if self.cut_after is not None and sent + len(piece) > self.cut_after:
                    writer.write(piece[: self.cut_after - sent])
                    await writer.drain()
                    self.cuts += 1
                    return
                sent += len(piece)
                writer.write(piece)
                await writer.drain()

    async def _back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while piece := await reader.read(4096):
                writer.write(piece)
                await writer.drain()


@asynccontextmanager
async def wire_to(target: int) -> AsyncIterator[Wire]:
    wire = Wire(target)
    server = await asyncio.start_server(wire.serve, "127.0.0.1", 0)
    wire.port = server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        server.close()
        wire.cut()
