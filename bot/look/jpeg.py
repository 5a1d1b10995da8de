"""The outline of a JPEG (ITU-T T.81 annex B): what decides how much work it is, whatever size it is shown in."""

import re
from dataclasses import dataclass
from pathlib import Path

MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])")
"""Not a byte of a scan (followed by 0) and not a restart in it."""
START_OF_FRAME = (*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0))
PROGRESSIVE = (0xC2, 0xC6, 0xCA, 0xCE)
START_OF_SCAN, END = 0xDA, 0xD9


@dataclass(frozen=True, slots=True)
class Outline:
    """`kept` is how many bytes of coefficients a decoder keeps until the last scan; 0 when the only scan has everything."""

    kept: int = 0
    scans: int = 0


def outline_of(file: Path) -> Outline:
    """Of the first picture in the file. What is broken ends it: the decoder will say so."""
    data = file.read_bytes()
    place, scans, coefficients, components, progressive = 2, 0, 0, 0, False
    while marker := MARKER.search(data, place):
        code, place = marker.group(1)[0], marker.end()
        if code == END or len(data) < place + 8:
            break
        if code in START_OF_FRAME:
            progressive = code in PROGRESSIVE
            components = data[place + 7]
            coefficients = 2 * samples(data[place : place + 8 + 3 * components])
        if code == START_OF_SCAN:
            if not progressive and data[place + 2] == components:
                return Outline()
            scans += 1
        place += int.from_bytes(data[place : place + 2])
    return Outline(coefficients, scans)


def samples(frame: bytes) -> int:
    """Of all components: height and width at 3 and 5, then three bytes for each, of which the second is how finely it is sampled."""
    height, width = int.from_bytes(frame[3:5]), int.from_bytes(frame[5:7])
    fine = [(one >> 4, one & 15) for one in frame[9::3]]
    most = max((across for across, _ in fine), default=1) * max((down for _, down in fine), default=1)
    return height * width * sum(across * down for across, down in fine) // max(most, 1)
