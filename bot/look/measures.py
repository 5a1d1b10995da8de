"""What can be measured in a picture: how sharp, how bright, how flat, and what looks like it. Nothing here decides anything."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

MEASURED_SIDE = 1024
BLURRED_BELOW = 0.02
DARK_BELOW = 40.0
SMALL_BELOW = 640
FLAT_ABOVE = 0.6
BLOCK = 8
FLAT_RANGE = 2
"""Of brightness within one block, as a screen draws it and no sensor sees it."""
HASH_SIDE = 16
Numbers = np.ndarray[Any, Any]
LEAST_CONTRAST = 25.0
"""Added to the variance of brightness, so that noise in an even picture is not sharpness."""


@dataclass(frozen=True, slots=True)
class Measures:
    """`sharpness` is the variance of the Laplacian for the contrast there is; `brightness` 0 to 255; `flat` a share of blocks."""

    sharpness: float
    brightness: float
    flat: float

    def advice(self, short_side: int) -> list[str]:
        """In order of weight. A screen is as sharp and as dark as it is drawn."""
        is_screen = self.flat > FLAT_ABOVE
        said = {
            "blurred": not is_screen and self.sharpness < BLURRED_BELOW,
            "dark": not is_screen and self.brightness < DARK_BELOW,
            "small": short_side < SMALL_BELOW,
            "screenshot": is_screen,
        }
        return [word for word, holds in said.items() if holds]


def measure(view: Image.Image) -> Measures:
    grey = view.convert("L")
    grey = grey.reduce(-(-max(grey.size) // MEASURED_SIDE))  # several times faster than to exactly this side
    pixels = np.asarray(grey)
    brightness, contrast = mean_and_variance(pixels)
    _, edges = mean_and_variance(laplacian(pixels.astype(np.int16)))
    return Measures(round(edges / (contrast + LEAST_CONTRAST), 4), round(brightness, 1), round(flat_share(pixels), 3))


def mean_and_variance(values: Numbers) -> tuple[float, float]:
    plain = values.astype(np.float32).ravel()
    mean = float(plain.mean())
    return mean, float(np.dot(plain, plain)) / plain.size - mean * mean


def laplacian(pixels: Numbers) -> Numbers:
    edges: Numbers = (
        pixels[:-2, 1:-1] + pixels[2:, 1:-1] + pixels[1:-1, :-2] + pixels[1:-1, 2:] - 4 * pixels[1:-1, 1:-1]
    )
    return edges


def flat_share(pixels: Numbers) -> float:
    height, width = (side // BLOCK for side in pixels.shape)
    rows = pixels[: height * BLOCK, : width * BLOCK].reshape(height, BLOCK, width * BLOCK)
    high = rows.max(axis=1).reshape(height, width, BLOCK).max(axis=2)
    low = rows.min(axis=1).reshape(height, width, BLOCK).min(axis=2)
    return float((high - low <= FLAT_RANGE).mean())


def dhash(thumb: Image.Image) -> str:
    """256 bits in hex: of 16 rows, whether each of 16 places is brighter than the one left of it."""
    grey = np.asarray(thumb.convert("L").resize((HASH_SIDE + 1, HASH_SIDE), Image.Resampling.BOX), dtype=np.int16)
    bits = grey[:, 1:] > grey[:, :-1]
    return np.packbits(bits).tobytes().hex()
