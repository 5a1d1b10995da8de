"""A message as 微信客服 shows it: a menu to press, within its sizes, else a numbered list."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.model.messages import Button, Message
from bot.tencent.text import as_list, fits_menu, pieces

MOST_BYTES = 2048
HEAD_BYTES = 1024
MOST_BUTTONS = 10
GROUP_CHARS = 30
Call = Mapping[str, Any]


def calls(message: Message, id_: str = "") -> list[Call]:
    """Its words, in order, each under a key of its own; the keys of its files come after them."""
    if fits_menu(message.buttons, MOST_BUTTONS) and len(message.text.encode()) <= HEAD_BYTES:
        contents: list[Call] = [menu(message.text, message.buttons)]
    else:
        contents = [text(piece) for piece in pieces(as_list(message.text, message.buttons), MOST_BYTES)]
    return [{"msgid": key(id_, number), **content} for number, content in enumerate(contents)]


def text(content: str) -> Call:
    return {"msgtype": "text", "text": {"content": content}}


def menu(head: str, buttons: Sequence[Button]) -> Call:
    choices = [{"type": "click", "click": {"id": one.id, "content": one.label}} for one in buttons]
    return {"msgtype": "msgmenu", "msgmenu": {"head_content": head, "list": choices}}


def key(id_: str, number: int) -> str:
    """At most 32 letters, digits, - and _; unique in the account, which makes it an idempotency key."""
    return f"{id_[:GROUP_CHARS]}-{number}" if number < 10 else f"{id_[: GROUP_CHARS - 2]}--{number:02}"


def group_of(key: str) -> str:
    """How the id of the message begins that this was a part of."""
    return key.partition("-")[0]
