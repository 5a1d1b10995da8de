"""Chinese of the tests in traditional characters, as people in Taiwan type it."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from opencc import OpenCC


@cache
def to_traditional() -> OpenCC:
    return OpenCC("s2tw")  # reads its dictionaries: once


def traditional(text: str) -> str:
    """Return the text in traditional characters, word for word; texts without simplified ones come back as they are."""
    return str(to_traditional().convert(text))


def in_both_scripts(rows: Sequence[Any]) -> list[Any]:
    """Return the rows of a table test, each of which is or begins with a text, and those in traditional characters too."""
    converted = [traditional(row) if isinstance(row, str) else (traditional(row[0]), *row[1:]) for row in rows]
    return [*rows, *(row for row in converted if row not in rows)]
