"""A message as WeChat shows it: a menu to press where it can, else a numbered list; texts within their bytes."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from bot.model.messages import Button, Message, Outgoing
from bot.settings import SubscribeTemplate
from bot.tencent.text import as_list, fits_menu, pieces

MOST_BYTES = 2048
"""Of one text (error 45002 beyond it)."""
HEAD_BYTES = 1024
MOST_BUTTONS = 10
THING_CHARS = 20
CASE_NUMBER = re.compile(r"\bKS(-[0-9A-Z]{3}){3}\b")
SHANGHAI = ZoneInfo("Asia/Shanghai")
Call = Mapping[str, Any]


def passive(message: Message) -> str | None:
    """Return a message as the one text of an answer to a callback; None when it does not fit into one."""
    found = pieces(as_list(message.text, message.buttons), MOST_BYTES)
    return found[0] if len(found) == 1 else None


def calls(message: Message, to: str, *, with_menu: bool) -> list[Call]:
    """Its words, in order."""
    if not message.text:
        return []
    if with_menu and fits_menu(message.buttons, MOST_BUTTONS) and len(message.text.encode()) <= HEAD_BYTES:
        return [menu(to, message.text, message.buttons)]
    return [text(to, piece) for piece in pieces(as_list(message.text, message.buttons), MOST_BYTES)]


def notice(outgoing: Outgoing, template: SubscribeTemplate, what: str) -> Call:
    """What the platform shows of the template. Keywords of a kind are short: a thing has 20 characters."""
    found = CASE_NUMBER.search(outgoing.message.text)
    day = outgoing.message.at.astimezone(SHANGHAI)
    told = {
        template.number: found.group() if found else "-",
        template.what: what[:THING_CHARS],
        template.day: f"{day.year}年{day.month}月{day.day}日",
    }
    data = {keyword: {"value": value} for keyword, value in told.items() if keyword}
    return {"touser": outgoing.address.chat, "template_id": template.id, "data": data}


def text(to: str, content: str) -> Call:
    return {"touser": to, "msgtype": "text", "text": {"content": content}}


def menu(to: str, head: str, buttons: Sequence[Button]) -> Call:
    choices = [{"id": button.id, "content": button.label} for button in buttons]
    return {
        "touser": to,
        "msgtype": "msgmenu",
        "msgmenu": {"head_content": head, "list": choices, "tail_content": ""},
    }
