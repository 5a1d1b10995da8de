"""The drawn examples are what their SVGs draw."""

from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import Browser

from tests.draw_examples import EXAMPLES, drawn

pytestmark = pytest.mark.browser

MOST_DIFFERENCE = 0.3
"""On average, of 255: edges have fewer shades, and another browser may smooth them otherwise."""


@pytest.mark.parametrize("svg", sorted((EXAMPLES / "svg").glob("*.svg")), ids=lambda svg: svg.stem)
def test_example_is_as_drawn(chromium: Browser, svg: Path) -> None:
    now = drawn(chromium, svg)

    with Image.open(EXAMPLES / f"{svg.stem}.png") as image:
        difference = ImageChops.difference(now.convert("RGB"), image.convert("RGBA").convert("RGB"))
    assert max(ImageStat.Stat(difference).mean) < MOST_DIFFERENCE
