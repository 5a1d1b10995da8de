"""The drawn examples: one for each shot that a reason asks for."""

import re
import struct
from pathlib import Path

import pytest
from PIL import Image

from bot.model.reasons import REASONS

EXAMPLES = Path(__file__).parent.parent / "bot" / "examples"
SHOTS = sorted({shot for reason in REASONS.values() for shot in reason.shots})
PICTURE_CHUNKS = {"IHDR", "PLTE", "tRNS", "IDAT", "IEND"}


@pytest.mark.parametrize("shot", SHOTS)
def test_shot_has_its_example(shot: str) -> None:
    file = EXAMPLES / f"{shot}.png"

    with Image.open(file) as image:
        image.load()
        assert (image.format, image.size) == ("PNG", (480, 360))
        corner, middle = image.convert("RGBA").getpixel((0, 0)), image.convert("RGBA").getpixel((240, 8))
    assert isinstance(corner, tuple)
    assert isinstance(middle, tuple)
    assert corner[3] == 0, "round corners, on any bubble"
    assert middle[3] == 255, "with a ground of its own"
    assert file.stat().st_size <= 20_000
    assert set(chunks(file.read_bytes())) <= PICTURE_CHUNKS, "no metadata"


def test_no_example_is_left_over() -> None:
    assert sorted(file.stem for file in EXAMPLES.glob("*.png")) == SHOTS
    assert sorted(file.stem for file in (EXAMPLES / "svg").glob("*.svg")) == SHOTS


@pytest.mark.parametrize("shot", SHOTS)
def test_example_has_no_words(shot: str) -> None:
    drawing = (EXAMPLES / "svg" / f"{shot}.svg").read_text("utf-8")

    assert not re.search(r"<(text|image|title|desc|metadata|script|style)\b", drawing)


def chunks(png: bytes) -> list[str]:
    names, at = [], 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        names.append(png[at + 4 : at + 8].decode())
        at += 12 + length
    return names
