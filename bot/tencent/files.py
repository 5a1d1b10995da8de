"""Files of ours at Tencent's: uploaded once, known by their number there for as long as it lasts."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

from bot.model.messages import File, Message

LASTS = timedelta(days=3) - timedelta(hours=1)
"""Temporary media end after three days, at both platforms; and a number is used a moment after we look."""
PICTURES = frozenset({"image/jpeg", "image/png"})
IMAGE, FILE = "image", "file"
SMALLEST_BYTES = 6
LARGEST_BYTES = {IMAGE: 2 * 1024 * 1024, FILE: 20 * 1024 * 1024}
"""Of WeChat's two limits for pictures (2 and 10 MB on one page) the smaller one."""
MOST_REMEMBERED = 1_000
Read = Callable[[File], Awaitable[bytes]]
Upload = Callable[[str, str, str, bytes], Awaitable[str]]
"""Of which kind, under which name, its media type, the bytes; returns its number."""


class CannotBeSentError(Exception):
    """It is not there any more, or the platform takes none like it."""


class Uploads:
    def __init__(self, read: Read, upload: Upload, clock: Callable[[], datetime]) -> None:
        self._read = read
        self._upload = upload
        self._clock = clock
        self._known: dict[str, tuple[str, datetime]] = {}

    async def number_of(self, file: File) -> str:
        """Raises CannotBeSentError, ApiError or NoAnswerError."""
        number, until = self._known.get(file.key, ("", None))
        if until and until > self._clock():
            return number
        kind = kind_of(file)
        try:
            content = await self._read(file)
        except FileNotFoundError:
            raise CannotBeSentError("gone") from None
        if not SMALLEST_BYTES <= len(content) <= LARGEST_BYTES[kind]:
            raise CannotBeSentError(f"{len(content)} bytes")
        number = await self._upload(kind, file.name, file.kind, content)
        self._known[file.key] = (number, self._clock() + LASTS)
        if len(self._known) > MOST_REMEMBERED:
            del self._known[next(iter(self._known))]
        return number

    def forget(self, file: File) -> None:
        """The platform does not know the number any more."""
        self._known.pop(file.key, None)


def kind_of(file: File) -> str:
    return IMAGE if file.is_picture else FILE


def pictures_in(message: Message) -> Sequence[File]:
    """Those that both platforms show."""
    return [file for file in message.files if file.kind in PICTURES]


def documents_in(message: Message) -> Sequence[File]:
    return [file for file in message.files if not file.is_picture]


def media(kind: str, number: str) -> Mapping[str, object]:
    return {"msgtype": kind, kind: {"media_id": number}}
