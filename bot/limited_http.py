"""HTTP/1.1 under limits: uvicorn takes heads of any size, waits for ever for the rest of a request, and counts no connections."""

import asyncio
import json
import resource
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from ipaddress import ip_address

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

WINDOW_SECONDS = 30.0
"""In each such time some of a body must come, and some of an answer must be taken."""
LEAST_WINDOW_BYTES = 16 << 10
"""Of a body, in each window: half a kilobyte a second, for telephones at the edge of the net."""
MOST_PIPELINED = 16
FILES_BESIDE = 120
"""Open files that are no connections: database, log, children, calls of ours."""


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """`crowded` is what is said when there are too many connections. `by_address` counts those of each public address."""

    head_bytes: int
    head_seconds: float
    connections: int
    connections_an_address: int
    crowded: str
    window_seconds: float = WINDOW_SECONDS
    by_address: Counter[str] = field(default_factory=Counter)


def allow_connections(wanted: int) -> int:
    """Raise the process's limit of open files as far as it may. Returns how many connections it leaves, at most the wanted."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + FILES_BESIDE
    if hard != resource.RLIM_INFINITY:
        needed = min(needed, hard)
    if soft not in (resource.RLIM_INFINITY,) and soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
    return min(wanted, max(needed - FILES_BESIDE, needed // 2))


@cache
def is_public(address: str) -> bool:
    """Whether an address stands for one visitor. Private ones are those of web servers before us, and stand for all visitors."""
    try:
        return ip_address(address).is_global
    except ValueError:
        return False


class LimitedProtocol(HttpToolsProtocol):
    """One connection. `quiet_bytes` have come since anything was made of what comes: of a head, a trailer or a chunk's extension."""

    limits: HttpLimits

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._in_head = True
        self._quiet_bytes = 0
        self._window_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._body_timer: asyncio.TimerHandle | None = None
        self._write_timer: asyncio.TimerHandle | None = None
        self._unsent_bytes = 0
        self._was_paused = False
        peer = transport.get_extra_info("peername")
        self._address = str(peer[0]) if isinstance(peer, tuple) and is_public(str(peer[0])) else ""
        self.limits.by_address[self._address] += 1
        if self._is_one_too_many():
            self._refuse(503, self.limits.crowded)
        else:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._head_timer, self._body_timer, self._write_timer):
            if timer:
                timer.cancel()
        by_address = self.limits.by_address
        by_address[self._address] -= 1
        if not by_address[self._address]:
            del by_address[self._address]
        super().connection_lost(exc)

    def _is_one_too_many(self) -> bool:
        if self._address and self.limits.by_address[self._address] > self.limits.connections_an_address:
            return True
        return len(self.connections) > self.limits.connections

    # What comes

    def data_received(self, data: bytes) -> None:
        self._window_bytes += len(data)
        while data and not self.transport.is_closing():
            if self._in_head:
                self._await_head()
            # Small pieces of a body too: each trailer in one becomes objects before we hear that they were too many.
            room = max(self.limits.head_bytes - self._quiet_bytes, 1) if self._in_head else self.limits.head_bytes
            piece, data = data[:room], data[room:]
            self._quiet_bytes += len(piece)
            super().data_received(piece)
            if self._quiet_bytes >= self.limits.head_bytes and not self.transport.is_closing():
                self._refuse(431 if self._in_head else 400, "the head of the request is too large")

    def on_headers_complete(self) -> None:
        if len(self.pipeline) >= MOST_PIPELINED:
            raise ValueError("too many requests before an answer")
        self._in_head = False
        self._quiet_bytes = 0
        if self._head_timer:
            self._head_timer.cancel()
            self._head_timer = None
        self._await_body()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._quiet_bytes = 0
        super().on_body(body)
        self._was_paused = self._was_paused or self.flow.read_paused

    def on_message_complete(self) -> None:
        self._in_head = True
        self._quiet_bytes = 0
        if self._body_timer:
            self._body_timer.cancel()
            self._body_timer = None
        super().on_message_complete()

    def _await_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(self.limits.head_seconds, self._miss_head)

    def _miss_head(self) -> None:
        self._head_timer = None
        if self._quiet_bytes and not self._is_answering():
            self._refuse(408, "the request did not come to its end")
        else:
            self._close()

    def _await_body(self) -> None:
        self._window_bytes = 0
        self._was_paused = self.flow.read_paused
        self._body_timer = self.loop.call_later(self.limits.window_seconds, self._look_at_body)

    def _look_at_body(self) -> None:
        self._body_timer = None
        if self._window_bytes < LEAST_WINDOW_BYTES and not self._was_paused:  # it was not us who kept it waiting
            self._close()
        else:
            self._await_body()

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: what asks for a web socket is answered as if it had not, and anybody may ask."""

    # What goes

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch_writing()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self._watch_writing()

    def timeout_keep_alive_handler(self) -> None:
        self._close()

    def _watch_writing(self) -> None:
        if self._write_timer is None:
            self._unsent_bytes = self.transport.get_write_buffer_size()
            self._write_timer = self.loop.call_later(self.limits.window_seconds, self._look_at_writing)

    def _look_at_writing(self) -> None:
        self._write_timer = None
        unsent = self.transport.get_write_buffer_size()
        if unsent and unsent >= self._unsent_bytes:
            self.transport.abort()
        elif unsent:
            self._watch_writing()

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _refuse(self, status: int, why: str) -> None:
        """Answer without asking the program, unless it is just answering something else, and close."""
        if not self._is_answering():
            body = json.dumps({"error": why}, ensure_ascii=False).encode()
            head = (
                b"content-type: application/json\r\ncontent-length: %d\r\nretry-after: 5\r\nconnection: close\r\n\r\n"
            )
            self.transport.write(STATUS_LINE[status] + head % len(body) + body)
        self._close()

    def _close(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
            self._watch_writing()


def protocol_under(limits: HttpLimits) -> type[LimitedProtocol]:
    """Return the protocol for uvicorn's configuration; all its connections are counted together."""
    return type("Protocol", (LimitedProtocol,), {"limits": limits})
