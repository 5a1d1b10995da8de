"""Stand-ins for the outside world only."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from pillow_heif import register_heif_opener

from bot.adapter import Accept, Limits, MediaGoneError, Outcome, Sent
from bot.model.events import MediaRef
from bot.model.messages import Message, Outgoing
from bot.settings import EvidenceSettings
from tests.films import small_film
from tests.pictures import SIZE, coloured, noisy, saved

KINDS = {"heic": "HEIF", "png": "PNG", "webp": "WEBP", "gif": "GIF"}
register_heif_opener()


NOTHING_READ = EvidenceSettings(read_text=False)
"""Reading words in photos takes seconds; where that is not what is tested, it is off."""


class Clock:
    """Stands still at 2026-11-23 18:43 in Shanghai until it is told to go on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 10, 43, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def wait(self, time: timedelta) -> None:
        self.now += time


@dataclass(frozen=True, slots=True)
class Received:
    chat: str
    message: Message


class FakePhone:
    """A platform that keeps what it is sent, once for each idempotency key, and has the files that conversations name.

    A name says what is in the file: `empty…`, `cut…`, `page…` (HTML), `gone…`, `….ogg`, `….mp4`, `….pdf`; everything else is
    a real picture, a JPEG if its name does not say otherwise: `blurred…`, `dark…`, `small…`, `screen…`.
    """

    name = "phone"
    limits = Limits()

    def __init__(self) -> None:
        self.received: list[Received] = []
        self._keys: set[str] = set()

    def routes(self, accept: Accept) -> Sequence[object]:
        return ()

    async def run(self, accept: Accept) -> None:
        return

    async def send(self, outgoing: Outgoing) -> Outcome:
        if outgoing.id not in self._keys:
            self._keys.add(outgoing.id)
            self.received.append(Received(outgoing.address.chat, outgoing.message))
        return Sent()

    async def open_media(self, media: MediaRef) -> AsyncIterator[bytes]:
        if media.name.startswith("gone"):
            raise MediaGoneError(media.name)
        content = file_named(media.name)
        for start in range(0, len(content), 10_000):
            yield content[start : start + 10_000]


@lru_cache(200)
def file_named(name: str) -> bytes:
    if name.startswith("empty"):
        return b""
    if name.startswith("page"):
        return b"<html><script>alert(1)</script></html>"
    if name.endswith(".ogg"):
        return b"OggS" + bytes(2000) + name.encode()
    if name.endswith(".pdf"):
        return b"%PDF-1.4\n" + name.encode() + bytes(2000)
    if name.endswith(".mp4"):
        return small_film(name)
    content = saved(drawn(name), KINDS.get(name.rpartition(".")[2], "JPEG"))
    return content[: len(content) // 2] if name.startswith("cut") else content


def drawn(name: str) -> Image.Image:
    """The same for the same name, up to a `+`: `a+later.jpg` shows what `a.jpg` does, saved once more."""
    subject = name.partition(".")[0].partition("+")[0]
    if name.startswith("screen"):
        screen = Image.new("RGB", (720, 1280), "white")
        screen.paste((20, 90, 200), (0, 0, 720, 90))
        ImageDraw.Draw(screen).text((40, 200), subject, "black", font_size=40)
        return screen
    picture = coloured(subject, (320, 240) if name.startswith("small") else SIZE)
    if name.startswith("blurred"):
        return noisy(picture.filter(ImageFilter.GaussianBlur(12)), 5, np.random.default_rng(1))
    if name.startswith("dark"):
        return noisy(picture.point(lambda value: value // 8), 8, np.random.default_rng(1))
    return picture.resize((1200, 800)) if "+" in name else picture
