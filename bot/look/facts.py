"""What a picture's metadata tells: when, with what, edited with what, and that it has a place. Never which place.

Anybody can write anything into it, so nothing of it is more than "the device says".
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from bot.look.exif_words import words_of
from bot.model.events import cleaned

LONGEST = 100
LONGEST_COMMENT = 2000
LARGEST_XMP = 256 * 1024
PROGRAMS = (
    r"photoshop|lightroom|snapseed|gimp\b|picsart|meitu|beautyplus|xingtu|hypic|capcut|jianying|vsco|canva\b|pixelmator|pixlr|facetune|"
    r"photoscape|affinity|paint\.?net|photodirector|luminar|acdsee|faceapp|remini\b|b612|beautycam|faceu|butter ?cam|photoroom|inshot|"
    r"camera ?360|polarr|ulike|youcam|\bpitu\b|kwai\b|"
    r"美图|美圖|醒图|醒圖|剪映|美颜|轻颜|輕顏|黄油相机|黃油相機|稿定|即梦|天天\s?p图|快手|快影|一甜相机|无他相机|相机360|泼辣|激萌|咔叽|可画|必剪|秒剪"
)
EDITORS = re.compile(f"{PROGRAMS}|修图|修圖", re.I)
"""In the field for the program."""
NAMED = re.compile(PROGRAMS, re.I)
"""In a comment, where "没修图" is none. Nothing but the name is kept: the comment may be the customer's own words."""
COMMENTS = (Base.UserComment, Base.ImageDescription, Base.XPComment, Base.XPTitle, Base.XPKeywords, Base.XPSubject)
TOOL = re.compile(r"CreatorTool\s*(?:=\s*[\"']([^\"'<]{1,200})|>([^<]{1,200})<)")
PLACE_IN_XMP = re.compile(r"\bexif:GPSL(?:at|ong)itude\b")
OFFSET = re.compile(r"[+-](?:0\d|1[0-4]):[0-5]\d")
FIRST_YEAR, LAST_YEAR = 1990, 2100


@dataclass(frozen=True, slots=True)
class Tags:
    """What EXIF says of the picture and of the photo, as `own`, and of the place."""

    own: Mapping[int, Any]
    place: Mapping[int, Any]
    byte_order: str

    def text(self, tag: int, longest: int = LONGEST) -> str:
        return line(words_of(tag, self.own.get(tag), self.byte_order), longest)


def facts(exif: bytes, xmp: bytes | str) -> dict[str, Any]:
    """Return `taken_at`, `device`, `edited_with`, `has_place`, as far as they are told."""
    tags = tags_in(exif)
    sheet = xmp[:LARGEST_XMP] if isinstance(xmp, str) else xmp[:LARGEST_XMP].decode("utf-8", "replace")
    tool = TOOL.search(sheet)
    programs = [tags.text(Base.Software), tags.text(Base.ProcessingSoftware), line(tool and (tool[1] or tool[2]))]
    found = {
        "taken_at": moment(tags.text(Base.DateTimeOriginal), tags.text(Base.OffsetTimeOriginal)),
        "device": device(tags.text(Base.Make), tags.text(Base.Model)),
        "edited_with": editor(programs, [tags.text(tag, LONGEST_COMMENT) for tag in COMMENTS]),
        "has_place": GPS.GPSLatitude in tags.place
        or GPS.GPSLongitude in tags.place
        or bool(PLACE_IN_XMP.search(sheet)),
    }
    return {key: value for key, value in found.items() if value}


def editor(programs: Sequence[str], comments: Sequence[str]) -> str:
    """Return what an editing program calls itself, or its name as a comment has it, or ""."""
    whole = next((program for program in programs if EDITORS.search(program)), "")
    names = (name[0] for comment in comments if (name := NAMED.search(comment)))
    return whole or next(names, "")


def tags_in(exif: bytes) -> Tags:
    sheet = Image.Exif()
    own: dict[int, Any] = {}
    place: Mapping[int, Any] = {}
    with suppress(Exception):  # offsets past the end, wrong types, loops: the picture may be whole all the same
        sheet.load(exif)
        own |= sheet.items()
    with suppress(Exception):
        own |= sheet.get_ifd(IFD.Exif)
    with suppress(Exception):
        place = sheet.get_ifd(IFD.GPSInfo)
    return Tags(own, place, sheet.endian or "<")


def line(value: Any, longest: int = LONGEST) -> str:
    """One clean line."""
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
