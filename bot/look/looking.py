"""Looks at one file, whatever it is."""

from pathlib import Path
from typing import Any

from bot.look.copies import write_copies
from bot.look.facts import facts
from bot.look.kinds import ENOUGH, PICTURES, VIDEOS, kind_of
from bot.look.measures import dhash, measure
from bot.look.pictures import RefusedError, open_picture


def look(file: Path, folder: Path, *, documents: bool = True) -> dict[str, Any]:
    """Fields of Evidence, or `refused` with why. Of pictures and videos the copies are in the folder then."""
    with file.open("rb") as opened:
        kind = kind_of(opened.read(ENOUGH))
    if not kind:
        return {"refused": "not_image"}
    if kind == "PDF" and not documents:
        return {"refused": "pdf"}
    if kind in VIDEOS:
        from bot.look.films import look_at_film  # FFmpeg's libraries: only for those who send videos

        try:
            found = look_at_film(file, VIDEOS[kind], folder)
        except RefusedError as error:
            return {"refused": str(error)}
        return {"kind": kind, "width": 0, "height": 0, "found": found}
    if kind not in PICTURES:
        return {"kind": kind, "width": 0, "height": 0}
    try:
        picture = open_picture(file, kind)
    except RefusedError as error:
        return {"refused": str(error)}
    thumb = write_copies(picture.view, folder)
    measures = measure(picture.view)
    found = {
        "advice": measures.advice(min(picture.width, picture.height)),
        "sharpness": measures.sharpness,
        "brightness": measures.brightness,
        "flat": measures.flat,
        **facts(picture.exif, picture.xmp),
    }
    return {
        "kind": kind,
        "width": picture.width,
        "height": picture.height,
        "dhash": dhash(thumb),
        "found": {key: value for key, value in found.items() if value != []},
    }
