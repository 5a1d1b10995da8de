"""Texts within a platform's bytes, and buttons where there are none."""

from collections.abc import Sequence

from bot.model.messages import Button

ID_BYTES = 64
LABEL_BYTES = 128


def pieces(text: str, most_bytes: int) -> list[str]:
    """The whole text in parts that fit, ended at a line, else at a word, else between two characters; never within one."""
    found = []
    while len(text.encode()) > most_bytes:
        head = head_of(text, most_bytes)
        found.append(head.rstrip("\n "))
        text = text[len(head) :]
    return [*found, text]


def head_of(text: str, most_bytes: int) -> str:
    """Return as much of a text as fits, with the space at which it was parted from what follows."""
    head = text.encode()[:most_bytes].decode(errors="ignore")
    if head == text:
        return text
    for end in ("\n", " "):
        place = head.rfind(end)
        if place > len(head) // 2:
            return head[: place + 1]
    return head


def as_list(text: str, buttons: Sequence[Button]) -> str:
    """Under the text its buttons, each with the number that means it."""
    if not buttons:
        return text
    return "\n".join([text, "", *(f"[{number}] {button.label}" for number, button in enumerate(buttons, start=1))])


def fits_menu(buttons: Sequence[Button], most: int) -> bool:
    return 0 < len(buttons) <= most and all(
        len(button.id.encode()) <= ID_BYTES and len(button.label.encode()) <= LABEL_BYTES for button in buttons
    )
