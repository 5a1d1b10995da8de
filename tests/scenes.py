"""Pictures drawn to be measured: what a camera sees, what a screen shows, and noise."""

from functools import cache
from importlib.resources import files

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

CHINESE = files("pylopdf_fonts_zh_cn").joinpath("NotoSansSC-Regular.otf")
"""Noto Sans SC, from a package of the test lock: no machine's own fonts are asked for."""


@cache
def scene(name: int = 1, size: tuple[int, int] = (1600, 1200)) -> Image.Image:
    """Boxes and labels under uneven light, with a sensor's noise: sharp."""
    random = np.random.default_rng(name)
    light = Image.fromarray(random.integers(60, 200, (6, 8, 3), dtype=np.uint8)).resize(size, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(light)
    for _ in range(60):
        left, top = random.integers(0, size[0]), random.integers(0, size[1])
        width, height = random.integers(20, size[0] // 4), random.integers(20, size[1] // 4)
        colour = tuple(int(part) for part in random.integers(20, 230, 3))
        draw.rectangle((left, top, left + width, top + height), fill=colour)
        draw.text((left + 4, top + 4), "FRAGILE 0123456789", fill="black", font=ImageFont.load_default(28))
    return noisy(light, 4, name)


def cardboard(size: tuple[int, int] = (1600, 1200)) -> Image.Image:
    """Sharp, and hardly anything to see: fibres and one edge."""
    random = np.random.default_rng(5)
    fibres = random.normal(0, 7, (size[1], size[0] // 3)).repeat(3, axis=1)
    plain = np.full((size[1], size[0] // 3 * 3), 150.0) + fibres
    plain[:, : size[0] // 2] += 8
    grey = np.clip(plain, 0, 255).astype(np.uint8)
    return noisy(Image.fromarray(grey).convert("RGB"), 3, 5)


def noisy(image: Image.Image, sigma: float, seed: int = 0) -> Image.Image:
    pixels = np.asarray(image).astype(np.float32)
    pixels += np.random.default_rng(seed).normal(0, sigma, pixels.shape)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def out_of_focus(image: Image.Image, radius: float) -> Image.Image:
    return noisy(image.filter(ImageFilter.GaussianBlur(radius)), 1)


def at_night(image: Image.Image) -> Image.Image:
    return noisy(image.point(lambda value: value // 6), 2)


def screenshot(*rows: tuple[str, str], size: tuple[int, int] = (1080, 2340), is_dark: bool = False) -> Image.Image:
    """Labels at the left, values at the right, as an order's page has them."""
    ground, sheet, ink = ("#121212", "#282828", "#e6e6e6") if is_dark else ("#f4f4f4", "white", "#1e1e1e")
    image = Image.new("RGB", size, ground)
    draw, font = ImageDraw.Draw(image), ImageFont.truetype(str(CHINESE), 42)
    draw.rectangle((40, 140, size[0] - 40, size[1] * 2 // 3), fill=sheet)
    for index, (label, value) in enumerate(rows):
        top = 180 + 110 * index
        draw.text((80, top), label, font=font, fill="#8c8c8c")
        draw.text((size[0] - 80 - draw.textlength(value, font=font), top), value, font=font, fill=ink)
    return image
