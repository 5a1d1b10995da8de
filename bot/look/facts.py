"""What a picture's metadata tells: when, with what, edited with what, and that it has a place. Never which place.

Anybody can write anything into it, so nothing of it is more than "the device says".
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from bot.model.events import cleaned

LONGEST = 100
LARGEST_XMP = 256 * 1024
EDITORS = re.compile(
    r"photoshop|lightroom|snapseed|gimp|picsart|meitu|xingtu|capcut|jianying|vsco|canva|pixelmator|pixlr|facetune|photoscape|"
    r"affinity|paint\.?net|photodirector|luminar|acdsee|faceapp|remini|b612|beautycam|faceu|butter ?cam|photoroom|inshot|"
    r"美图|醒图|剪映|美颜|修图|轻颜|黄油相机|稿定|即梦",
    re.I,
)
TOOL = re.compile(r"CreatorTool\s*(?:=\s*[\"']([^\"'<]{1,200})|>([^<]{1,200})<)")
PLACE_IN_XMP = re.compile(r"\bexif:GPSL(?:at|ong)itude\b")
OFFSET = re.compile(r"[+-](?:0\d|1[0-4]):[0-5]\d")
FIRST_YEAR, LAST_YEAR = 1990, 2100


def facts(exif: bytes, xmp: bytes | str) -> dict[str, Any]:
    """`taken_at`, `device`, `edited_with`, `has_place`, as far as they are told."""
    tags = said_in(exif)
    own, place = tags["own"], tags["place"]
    sheet = xmp[:LARGEST_XMP] if isinstance(xmp, str) else xmp[:LARGEST_XMP].decode("utf-8", "replace")
    tool = TOOL.search(sheet)
    edited = [line(own.get(Base.Software)), line(tool and (tool.group(1) or tool.group(2)))]
    found = {
        "taken_at": moment(tags["photo"].get(Base.DateTimeOriginal), tags["photo"].get(Base.OffsetTimeOriginal)),
        "device": device(line(own.get(Base.Make)), line(own.get(Base.Model))),
        "edited_with": next((one for one in edited if EDITORS.search(one)), ""),
        "has_place": GPS.GPSLatitude in place or GPS.GPSLongitude in place or bool(PLACE_IN_XMP.search(sheet)),
    }
    return {key: value for key, value in found.items() if value}


def said_in(exif: bytes) -> dict[str, Mapping[int, Any]]:
    said = Image.Exif()
    found: dict[str, Mapping[int, Any]] = {"own": {}, "photo": {}, "place": {}}
    with suppress(Exception):  # offsets past the end, wrong types, loops: the picture may be whole all the same
        said.load(exif)
        found["own"] = dict(said.items())
    for key, ifd in (("photo", IFD.Exif), ("place", IFD.GPSInfo)):
        with suppress(Exception):
            found[key] = said.get_ifd(ifd)
    return found


def line(value: Any, longest: int = LONGEST) -> str:
    """One clean line."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return " ".join(cleaned(value).split())[:longest] if isinstance(value, str) else ""


def device(make: str, model: str) -> str:
    return (model if model.lower().startswith(make.lower()) else f"{make} {model}")[:LONGEST].strip()


def moment(told: Any, offset: Any) -> str:
    """ISO 8601; with an offset only if one is told, else it is the device's own local time."""
    try:
        at = datetime.strptime(line(told), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
    except ValueError:
        return ""
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        return ""
    zone = line(offset)
    return at.isoformat() + (zone if OFFSET.fullmatch(zone) else "")
