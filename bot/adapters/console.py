"""The terminal as a platform: a line is a message, `(photo.jpg)` sends that file, `[Label]` presses that button."""

import asyncio
import secrets
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from starlette.routing import BaseRoute

from bot.adapter import Accept, Limits, MediaGoneError, Outcome, Refused, Sent
from bot.model.events import LONGEST_TEXT, Address, Event, MediaRef, Pressed, Text, Upload, cleaned
from bot.model.messages import Button, Message, Outgoing
from bot.store.database import StoreUnavailableError

CHUNK = 1 << 16
RETRY_SECONDS = 1.0
READ_LINE = Callable[[], str | None]


class ConsoleAdapter:
    """One customer. `read_line` blocks for the next line, None at the end; `show` prints.

    Each customer is a platform of their own: terminals open at the same time do not take each other's messages.
    """

    limits = Limits()

    def __init__(self, customer: str, language: str | None, read_line: READ_LINE, show: Callable[[str], None]) -> None:
        self.name = f"console-{customer}"
        self._address = Address(self.name, customer)
        self._language = language
        self._read_line = read_line
        self._show = show
        self._offered: dict[str, str] = {}
        self._shown: set[str] = set()

    def routes(self, accept: Accept) -> Sequence[BaseRoute]:
        return ()

    async def run(self, accept: Accept) -> None:
        """Until the lines end."""
        while (line := await next_line(self._read_line)) is not None:
            if line.strip():
                for event in self._events(line.strip()):
                    await hand_over(event, accept)

    def _events(self, line: str) -> list[Event]:
        if line.startswith("[") and line.endswith("]"):
            label = cleaned(line[1:-1]).strip()
            return [self._event(Pressed(self._offered.get(label, label)))]
        if line.startswith("(") and line.endswith(")"):
            file = Path(line[1:-1].strip()).expanduser()
            return [self._event(Upload(MediaRef(str(file.absolute()), cleaned(file.name))))]
        text = cleaned(line).strip()[:LONGEST_TEXT]
        return [self._event(Text(text))] if text else []

    def _event(self, body: Text | Pressed | Upload) -> Event:
        return Event(f"{self.name}:{secrets.token_hex(16)}", self._address, datetime.now(UTC), body, self._language)

    async def send(self, outgoing: Outgoing) -> Outcome:
        if outgoing.address != self._address:
            return Refused("this terminal is somebody else's")
        if outgoing.id not in self._shown:
            self._offered |= {button.label: button.id for button in outgoing.message.buttons}
            self._show(as_text(outgoing.message))
            self._shown.add(outgoing.id)
        return Sent()

    async def open_media(self, media: MediaRef) -> AsyncIterator[bytes]:
        try:
            with Path(media.id).open("rb") as file:  # noqa: ASYNC230 - a local file, read in small pieces
                while chunk := file.read(CHUNK):
                    yield chunk
        except OSError as error:
            raise MediaGoneError(type(error).__name__) from error


async def hand_over(event: Event, accept: Accept) -> None:
    """Nobody sends a line a second time for us: what could not be stored is tried again."""
    while True:
        try:
            await accept(event)
        except StoreUnavailableError:
            await asyncio.sleep(RETRY_SECONDS)
        else:
            return


def next_line(read_line: READ_LINE) -> asyncio.Future[str | None]:
    """In a thread that ends with the process: the person may never type another line."""
    loop = asyncio.get_running_loop()
    line: asyncio.Future[str | None] = loop.create_future()

    def read() -> None:
        try:
            found, error = read_line(), None
        except Exception as failed:
            found, error = None, failed
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, line, found, error)

    threading.Thread(target=read, daemon=True).start()
    return line


def settle(line: asyncio.Future[str | None], found: str | None, error: Exception | None) -> None:
    if line.done():
        return
    if error:
        line.set_exception(error)
    else:
        line.set_result(found)


def as_text(message: Message) -> str:
    lines = message.text.splitlines()
    buttons = as_buttons(message.buttons)
    return "\n".join(["bot:  " + lines[0], *("      " + line for line in lines[1:]), *buttons])


def as_buttons(buttons: Sequence[Button]) -> list[str]:
    return ["      " + " ".join(f"[{button.label}]" for button in buttons)] if buttons else []
