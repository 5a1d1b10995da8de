"""A message as WeChat shows it: a menu to press where it can, else a numbered list; texts within their bytes."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.model.messages import Button, Message
from bot.tencent.text import as_list, fits_menu, pieces

MOST_BYTES = 2048
"""Of one text (error 45002 beyond it)."""
HEAD_BYTES = 1024
MOST_BUTTONS = 10
Call = Mapping[str, Any]


def passive(messages: Sequence[Message]) -> str | None:
    """One text for all of them; None when it does not fit into one."""
    text = "\n\n".join(one.text for one in messages)
    buttons = next((one.buttons for one in reversed(messages) if one.buttons), ())
    found = pieces(as_list(text, buttons), MOST_BYTES)
    return found[0] if len(found) == 1 else None


def calls(message: Message, to: str, *, with_menu: bool) -> list[Call]:
    """Its words, in order."""
    if not message.text:
        return []
    if with_menu and fits_menu(message.buttons, MOST_BUTTONS) and len(message.text.encode()) <= HEAD_BYTES:
        return [menu(to, message.text, message.buttons)]
    return [text(to, piece) for piece in pieces(as_list(message.text, message.buttons), MOST_BYTES)]


def text(to: str, content: str) -> Call:
    return {"touser": to, "msgtype": "text", "text": {"content": content}}


def menu(to: str, head: str, buttons: Sequence[Button]) -> Call:
    choices = [{"id": button.id, "content": button.label} for button in buttons]
    return {
        "touser": to,
        "msgtype": "msgmenu",
        "msgmenu": {"head_content": head, "list": choices, "tail_content": ""},
    }
