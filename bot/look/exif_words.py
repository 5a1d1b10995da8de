"""Words in EXIF, whose bytes are in whatever encoding the program used that wrote them."""

import re
from contextlib import suppress
from typing import Any

from PIL.ExifTags import Base

CHARACTER_CODES = {
    b"ASCII\x00\x00\x00": "",
    b"UNICODE\x00": "utf-16",
    b"JIS\x00\x00\x00\x00\x00": "iso2022_jp",
    b"\x00" * 8: "",
}
"""The first eight bytes of UserComment (CIPA DC-008, 4.6.6) and the encoding of what follows; "": not told, or often not true."""
IN_UTF_16 = (Base.XPTitle, Base.XPComment, Base.XPAuthor, Base.XPKeywords, Base.XPSubject)
"""Windows' own tags: bytes of UTF-16, the low byte first."""
TWO_ABOVE_ASCII = re.compile(rb"[\x80-\xff]{2}")
LONGEST_CUT = 3
"""Bytes that a character of UTF-8 can have left when a field was too short for its last one."""


def words_of(tag: int, value: Any, byte_order: str) -> str:
    """Return the value as a text, "" if it is none. `byte_order` is that of the EXIF, "<" or ">"."""
    if isinstance(value, str):
        value = value.encode("latin-1", "replace")  # as Pillow reads every text
    if not isinstance(value, bytes):
        return ""
    if tag in IN_UTF_16:
        return in_utf_16(value, "<")
    if tag == Base.UserComment and value[:8] in CHARACTER_CODES:
        encoding, value = CHARACTER_CODES[value[:8]], value[8:]
        if encoding == "utf-16":
            return in_utf_16(value, byte_order)
        if encoding:
            return str(value, encoding, "replace").strip("\x00")
    return guessed(value.strip(b"\x00"))


def in_utf_16(value: bytes, byte_order: str) -> str:
    """A mark at its beginning says more than the byte order of the rest."""
    encoding = "utf-16-be" if byte_order == ">" else "utf-16-le"
    if value[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    return value.decode(encoding, "replace").strip("\x00")


def guessed(value: bytes) -> str:
    """UTF-8 if it can be that, also with its last character cut off; then GB 18030; then Latin-1, which can be anything.

    Nearly every Chinese character has two bytes above ASCII in GB 18030; a letter like ü stands alone in Latin-1.
    """
    for cut in range(LONGEST_CUT + 1):
        whole = value[: len(value) - cut]
        try:
            text = whole.decode("utf-8")
        except UnicodeDecodeError:
            continue
        if cut == 0 or not text.isascii():
            return text
    if TWO_ABOVE_ASCII.search(value):
        with suppress(UnicodeDecodeError):
            return value.decode("gb18030")
    return value.decode("latin-1")
