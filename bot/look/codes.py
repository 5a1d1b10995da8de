"""QR codes and barcodes in a picture, such as the waybill number on a parcel."""

from pathlib import Path
from typing import Any

import numpy as np
import zxingcpp
from PIL import Image

from bot.look.facts import line
from bot.look.kinds import ENOUGH, PICTURES, kind_of
from bot.look.limits import allow
from bot.look.pictures import RefusedError, open_whole
from bot.model.couriers import sure_courier, waybill_alone

MOST_CODES = 5
LONGEST_CODE = 200
READING_SECONDS = 15.0
TILT = 45
"""Degrees to turn a picture when nothing was found: bars are read along rows and columns."""


def read_codes(file: Path) -> dict[str, Any]:
    """`{"found": {"codes": [...]}}`, without `codes` when there are none or it cannot be opened."""
    with file.open("rb") as opened:
        kind = kind_of(opened.read(ENOUGH))
    if kind not in PICTURES:
        return {"found": {}}
    allow(READING_SECONDS)
    try:
        grey = open_whole(file, kind)
    except RefusedError:
        return {"found": {}}
    codes = codes_in(grey) or codes_in(grey.rotate(TILT, Image.Resampling.BILINEAR, expand=True, fillcolor=255))
    return {"found": {"codes": codes} if codes else {}}


def codes_in(grey: Image.Image) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for code in zxingcpp.read_barcodes(np.asarray(grey), try_rotate=True, try_downscale=True):
        text = line(code.text, LONGEST_CODE)
        if text and all(text != one["text"] for one in found):
            found.append({"kind": code.format.name, "text": text, **courier_of(text)})
    return found[:MOST_CODES]


def courier_of(text: str) -> dict[str, str]:
    number = waybill_alone(text)
    courier = sure_courier(number) if number else None
    return {"courier": courier} if courier else {}
