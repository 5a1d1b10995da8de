"""HTML written as nested calls: everything that is not HTML already is escaped."""

import html
import re

NOT_SHOWN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""Control characters and marks that turn the writing direction: shown as what they are, they do nothing."""


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


Part = str | None


def tag(name: str, *inside: Part, **attributes: str) -> Html:
    """`cls` is the attribute class. Parts that are None are left out."""
    given = "".join(
        f' {"class" if key == "cls" else key}="{html.escape(value)}"' for key, value in attributes.items() if value
    )
    return Html(f"<{name}{given}>{join(*inside)}</{name}>")


def join(*parts: Part) -> Html:
    return Html("".join(escaped(part) for part in parts if part is not None))


def image(source: str, words: str) -> Html:
    return Html(f'<img src="{html.escape(source)}" alt="{html.escape(words)}">')


def foreign(text: str, **attributes: str) -> Html:
    """What somebody else wrote, as it was written; it turns no direction but its own."""
    return tag("bdi", visible(text), **attributes)


def visible(text: str) -> str:
    return NOT_SHOWN.sub(lambda found: f"⟨U+{ord(found.group()):04X}⟩", text)


def escaped(part: str) -> str:
    return part if isinstance(part, Html) else html.escape(part)
