"""Reads the text in a picture. For the extra `ocr`, in a child of its own: it takes much memory."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from rapidocr import RapidOCR
from rapidocr.utils.output import RapidOCROutput

from bot.look.kinds import ENOUGH, PICTURES, kind_of
from bot.look.limits import allow
from bot.look.pictures import RefusedError, fitted, open_picture
from bot.look.written import Line, amount_in, order_in, plain, shows_card

SIDE = 960
READING_SECONDS = 30.0
MOST_LINES = 300


@cache
def reader() -> RapidOCR:
    return RapidOCR(
        params={
            "Global.use_cls": False,
            "Global.log_level": "critical",
            "Det.limit_side_len": SIDE,
            "Det.limit_type": "max",
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def read_text(file: Path) -> dict[str, Any]:
    """Return `found` with `order`, `amount` in fen and `advice` (`card`), as far as they are there. Never a card's number."""
    with file.open("rb") as opened:
        kind = kind_of(opened.read(ENOUGH))
    if kind not in PICTURES:
        return {"found": {}}
    try:
        view = open_picture(file, kind).view
    except RefusedError:
        return {"found": {}}
    allow(READING_SECONDS)
    lines = lines_in(view)
    advice = ["card"] if shows_card(lines) else []
    order = "" if advice else order_in(lines)
    found = {"order": order, "amount": amount_in(lines), "advice": advice}
    return {"found": {key: value for key, value in found.items() if value}}


def lines_in(view: Image.Image) -> list[Line]:
    small = view.resize(fitted(view.size, SIDE), Image.Resampling.BICUBIC)
    read = reader()(np.asarray(small)[:, :, ::-1].copy())
    assert isinstance(read, RapidOCROutput)
    if read.txts is None or read.boxes is None:
        return []
    lines = []
    for text, box in list(zip(read.txts, read.boxes, strict=True))[:MOST_LINES]:
        (left, top), (right, bottom) = box.min(axis=0), box.max(axis=0)
        lines.append(Line(plain(text), float(left), float(top), float(right), float(bottom)))
    return lines
