"""Open streams: each tells its customer what is stored for them, from a position on, as it comes."""

import asyncio
import json
from collections.abc import AsyncGenerator

import structlog
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from bot.adapters.webchat import render
from bot.adapters.webchat.parse import PLATFORM, Wrong
from bot.store import messages
from bot.store.database import Database, StoreUnavailableError

MOST_A_SESSION = 40
PAGE_OF_MESSAGES = 200
HEARTBEAT_SECONDS = 15.0
RETRY_SECONDS = 2
CROWDED_SECONDS = 10
HEARTBEAT = ":\n\n"
logger = structlog.get_logger()


class Streams:
    """`most` are open at the same time, MOST_A_SESSION of one session."""

    def __init__(self, database: Database, most: int) -> None:
        self._database = database
        self._most = most
        self._bells: dict[str, set[asyncio.Event]] = {}
        self._open = 0
        self._stopping = False

    def ring(self, chat: str) -> None:
        for bell in self._bells.get(chat, ()):
            bell.set()

    def stop(self) -> None:
        """Open streams end."""
        self._stopping = True
        for chat in self._bells:
            self.ring(chat)

    async def open(self, chat: str, after: int, headers: dict[str, str]) -> "Stream":
        """Raises Wrong when there are too many, StoreUnavailableError when there is nothing to read from."""
        if len(self._bells.get(chat, ())) >= MOST_A_SESSION:
            raise Wrong(429, "web.too_fast", seconds=str(RETRY_SECONDS))
        if self._open >= self._most:
            raise Wrong(503, "web.crowded", seconds=str(CROWDED_SECONDS))
        events = self._events(chat, after)
        return Stream(await anext(events), events, headers)

    async def _events(self, chat: str, after: int) -> AsyncGenerator[str, None]:
        bell = asyncio.Event()
        self._bells.setdefault(chat, set()).add(bell)
        self._open += 1
        try:
            begun = False
            while not self._stopping:
                bell.clear()  # before reading: what comes while we read rings again
                async with self._database.reading() as connection:
                    stored = await messages.after(connection, f"{PLATFORM}:{chat}", after, PAGE_OF_MESSAGES)
                for message in stored:
                    after = message.position
                    yield f"id: {after}\ndata: {json.dumps(render.as_json(message), ensure_ascii=False)}\n\n"
                if stored:
                    begun = True
                    continue
                if begun:
                    try:
                        async with asyncio.timeout(HEARTBEAT_SECONDS):
                            await bell.wait()
                        continue
                    except TimeoutError:
                        pass
                begun = True
                yield HEARTBEAT
        finally:
            self._open -= 1
            bells = self._bells[chat]
            bells.discard(bell)
            if not bells:
                del self._bells[chat]


class Stream(StreamingResponse):
    """`first` was read already, so that whatever is wrong was answered with a status."""

    def __init__(self, first: str, events: AsyncGenerator[str, None], headers: dict[str, str]) -> None:
        super().__init__(
            self._all(first, events), media_type="text/event-stream", headers=headers | {"X-Accel-Buffering": "no"}
        )
        self._events = events

    async def _all(self, first: str, events: AsyncGenerator[str, None]) -> AsyncGenerator[str, None]:
        yield first
        try:
            async for event in events:
                yield event
        except StoreUnavailableError as error:
            logger.error("stream_ended", error=str(error))  # its reader comes again

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._events.aclose()  # whoever left before the first word holds no place either
