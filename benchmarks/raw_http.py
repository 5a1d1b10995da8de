"""A client that costs little: requests made ready before, sent over kept connections, answers read by their length.

On two cores a client that works as much per request as the server measures itself.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast


@dataclass
class Loaded:
    """`waits` in seconds; `answers` are bodies, in no order; `cpu` is what this client computed, in seconds."""

    waits: list[float] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)
    lost: int = 0
    cpu: float = 0.0
    seconds: float = 0.0


class Connection(asyncio.Protocol):
    """One request at a time. A server that closes after each answer is connected to again."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[bytes] | None = None
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own is no subclass of it

    async def ask(self, request: bytes, port: int) -> bytes:
        """The body of the answer; raises OSError."""
        loop = asyncio.get_running_loop()
        if self._transport is None:
            await loop.create_connection(lambda: self, "127.0.0.1", port)
        assert self._transport
        self._read, self._answer = b"", loop.create_future()
        self._transport.write(request)
        return await self._answer

    def data_received(self, data: bytes) -> None:
        self._read += data
        head, end, body = self._read.partition(b"\r\n\r\n")
        if not end or self._answer is None or self._answer.done():
            return
        _, named, rest = head.lower().partition(b"content-length:")
        if not named or len(body) < int(rest.partition(b"\r")[0]):
            return
        if b"connection: close" in head.lower() and self._transport:
            self._transport.close()
            self._transport = None
        if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.0 200")):
            self._answer.set_exception(AssertionError(head.partition(b"\r")[0].decode()))
        else:
            self._answer.set_result(body)

    def connection_lost(self, _error: Exception | None) -> None:
        self._transport = None
        if self._answer and not self._answer.done():
            self._answer.set_exception(ConnectionResetError())

    def close(self) -> None:
        if self._transport:
            self._transport.close()


async def load(port: int, customers: list[Iterator[bytes]], seconds: float) -> Loaded:
    """Each customer sends the next request when the last was answered."""
    found = Loaded()
    began, used = time.perf_counter(), time.process_time()

    async def customer(requests: Iterator[bytes]) -> None:
        connection = Connection()
        for request in requests:
            at = time.perf_counter()
            if at > began + seconds:
                break
            try:
                found.answers.append(await connection.ask(request, port))
            except OSError:  # a server of one thread has a short queue
                found.lost += 1
                continue
            found.waits.append(time.perf_counter() - at)
        else:
            raise AssertionError("too few requests were made ready")
        connection.close()

    await asyncio.gather(*(customer(one) for one in customers))
    found.seconds, found.cpu = time.perf_counter() - began, time.process_time() - used
    return found
