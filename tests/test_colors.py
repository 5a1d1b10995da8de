"""Whatever colour a shop has, its customers can read."""

import pytest

from bot.adapters.webchat.colors import DARK, LIGHT, contrast, shades

COLORS = ("#1f6a5b", "#ffcc00", "#ff4906", "#000000", "#ffffff", "#777777", "#0000ff", "#00ff00", "#c0a0c0")


@pytest.mark.parametrize("color", COLORS)
def test_words_in_the_shops_colour_can_be_read(color: str) -> None:
    found = shades(color)

    assert contrast(found["light"], LIGHT) >= 4.5
    assert contrast(found["light"], "#ffffff") >= 4.5
    assert contrast(found["dark"], DARK) >= 4.5
    assert contrast(found["on-light"], found["light"]) >= 4.5
    assert contrast(found["on-dark"], found["dark"]) >= 4.5
    assert contrast(found["on-color"], color) >= 4.5
    assert contrast(found["tint-light"], "#000000") >= 10
    assert contrast(found["tint-dark"], "#ffffff") >= 8


def test_colour_that_can_be_read_stays_as_it_is() -> None:
    assert shades("#1f6a5b")["light"] == "#1f6a5b"


def test_contrast_is_counted_as_wcag_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
