"""A message to calls of the Bot API, within its limits. Plain text: nothing in it means anything to Telegram, but for codes."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from telegram.constants import KeyboardButtonStyle, MessageEntityType, MessageLimit

from bot.model.case import ALPHABET
from bot.model.messages import Button, File, Message, Style, style_of

LONGEST = int(MessageLimit.MAX_TEXT_LENGTH)
"""UTF-16 units, as Telegram counts."""
LONGEST_CAPTION = int(MessageLimit.CAPTION_LENGTH)
PHOTOS = ("image/jpeg", "image/png", "image/webp")
"""Media types that Telegram shows as pictures; other ones are files to it."""
ROW_WIDTH = 36
"""Columns of a row of buttons on a small phone (360 dp); a Chinese character takes two."""
MOST_IN_A_ROW = 3
TOKEN = re.compile(r"([0-9a-f]{32}):(\d{1,3})")
PRESSED = "✓ "
COPY = "📋 "
CODE = re.compile(rf"\bKS(?:-[{ALPHABET}]{{3}}){{3}}\b")
"""What is shown so that a touch copies it: case numbers."""
STYLES = {Style.PRIMARY: KeyboardButtonStyle.PRIMARY.value, Style.DANGER: KeyboardButtonStyle.DANGER.value}
"""Of Bot API 9.4; older servers leave them out."""
ENDS = ("\n\n", "\n", "。", "！", "？", ". ", "! ", "? ", "；", "; ", "，", ", ", " ")
"""Where a long text is cut, the best place first."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the Bot API. The bytes of `file` go with it, as the photo or document that `method` is about."""

    method: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    file: File | None = None


def calls(id_: str, message: Message) -> list[Call]:
    """For each part, in order: files, then the text, with the buttons under the last one. A short text is its only file's caption."""
    shown = buttons_of(message)
    under = {"reply_markup": keyboard(id_, shown, message.copy)} if shown or message.copy else {}
    if len(message.files) == 1 and 0 < units(message.text) <= LONGEST_CAPTION:
        marked = codes_in(message.text, message.copy)
        caption = {"caption": message.text, **({"caption_entities": marked} if marked else {})}
        return [upload(message.files[0], {**caption, **under})]
    parts = [upload(file, {}) for file in message.files]
    parts += [said(part, message.copy) for part in split(message.text, LONGEST)]
    return [*parts[:-1], replace(parts[-1], fields={**parts[-1].fields, **under})] if under else parts


def buttons_of(message: Message) -> tuple[Button, ...]:
    return (*message.buttons, message.refresh) if message.refresh else message.buttons


def instead(id_: str, message: Message) -> Call | None:
    """To take the place of what was shown, if it can."""
    several = calls(id_, message)
    if message.refresh and len(several) == 1 and several[0].method == "sendMessage":
        return replace(several[0], method="editMessageText")
    return None


def said(text: str, copy: str = "") -> Call:
    fields: dict[str, Any] = {"text": text, "link_preview_options": {"is_disabled": True}}
    if marked := codes_in(text, copy):
        fields["entities"] = marked
    return Call("sendMessage", fields)


def codes_in(text: str, copy: str) -> list[dict[str, Any]]:
    """Return the entities of case numbers and of what is to be copied; Telegram counts in UTF-16 units."""
    spans = [found.span() for found in CODE.finditer(text)] if "KS-" in text else []
    if copy and (start := text.find(copy)) >= 0 and (start, start + len(copy)) not in spans:
        spans.append((start, start + len(copy)))
    return [
        {"type": MessageEntityType.CODE.value, "offset": units(text[:start]), "length": units(text[start:end])}
        for start, end in sorted(spans)
    ]


def upload(file: File, fields: Mapping[str, Any]) -> Call:
    return Call("sendPhoto" if file.kind in PHOTOS else "sendDocument", fields, file)


def as_document(call: Call) -> Call:
    """For a picture that Telegram does not take as one."""
    return replace(call, method="sendDocument")


def without_file(call: Call) -> Call | None:
    """What is left to say when there are no bytes."""
    fields = dict(call.fields)
    text = fields.pop("caption", "")
    if "caption_entities" in fields:
        fields["entities"] = fields.pop("caption_entities")
    return Call("sendMessage", {**said(text).fields, **fields}) if text else None


def keyboard(id_: str, buttons: Sequence[Button], copy: str = "") -> dict[str, Any]:
    """A button's data names the message and its place there, so whoever presses it must have been shown it."""
    shown: list[dict[str, Any]] = []
    for index, button in enumerate(buttons):
        style = style_of(button)
        look = {"style": STYLES[style]} if style else {}
        shown.append({"text": button.label, "callback_data": f"{id_}:{index}", **look})
    rows = [shown[row] for row in layout(tuple(button.label for button in buttons))] if buttons else []
    if copy:
        rows.append([{"text": COPY + copy, "copy_text": {"text": copy}}])
    return {"inline_keyboard": rows}


@lru_cache(maxsize=1024)
def layout(labels: tuple[str, ...]) -> Sequence[slice]:
    """The rows. Telegram draws each button as wide as the widest of its row."""
    rows, begin = [], 0
    for end in range(1, len(labels)):
        widest = max(width(label) for label in labels[begin : end + 1])
        if end - begin == MOST_IN_A_ROW or widest * (end + 1 - begin) > ROW_WIDTH:
            rows.append(slice(begin, end))
            begin = end
    return (*rows, slice(begin, len(labels)))


def width(label: str) -> int:
    return 2 + sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in label)


def token(data: str) -> tuple[str, int] | None:
    """The message and the place that a button's data names."""
    found = TOKEN.fullmatch(data)
    return (found.group(1), int(found.group(2))) if found else None


def pressed(markup: Mapping[str, Any], data: str) -> dict[str, Any]:
    """The same buttons, with the one that was pressed marked."""
    return {
        "inline_keyboard": [
            [
                {**button, "text": (PRESSED if button.get("callback_data") == data else "") + plain(button["text"])}
                for button in row
            ]
            for row in markup["inline_keyboard"]
        ]
    }


def plain(label: str) -> str:
    return label.removeprefix(PRESSED)


def split(text: str, most: int) -> list[str]:
    """Parts of at most so many UTF-16 units, cut at the end of a paragraph, a sentence or a word where there is one."""
    parts = []
    while units(text) > most:
        end = cut(text, most)
        parts.append(text[:end].rstrip())
        text = text[end:].lstrip()
    return [*parts, text] if text else parts


def cut(text: str, most: int) -> int:
    """Not in the first half, or a part would be a scrap."""
    longest = fitting(text, most)
    for end in ENDS:
        at = text.rfind(end, longest // 2, longest)
        if at >= 0:
            return at + len(end)
    return longest


def fitting(text: str, most: int) -> int:
    """How many characters take at most so many UTF-16 units."""
    end = min(len(text), most)
    while units(text[:end]) > most:
        end -= max(1, (units(text[:end]) - most) // 2)
    return end


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
