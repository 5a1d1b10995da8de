"""Which language a text is written in."""

import re

HAN = re.compile(r"[㐀-鿿豈-﫿]")
WORD = re.compile(r"[A-Za-z]{2,}")


def language_of(text: str) -> str | None:
    """zh-CN with any Han character, English with two or more words or a longer one; None for numbers, emoji, `ok`."""
    if HAN.search(text):
        return "zh-CN"
    if text.startswith("/"):
        return None
    words = WORD.findall(text)
    return "en" if len(words) >= 2 or any(len(word) >= 4 for word in words) else None
