"""Copies to show: JPEGs of pixels alone."""

from pathlib import Path

from PIL import Image

from bot.look import THUMB, VIEW
from bot.look.pictures import fitted

THUMB_SIDE = 320
QUALITY = 85


def write_copies(view: Image.Image, folder: Path) -> Image.Image:
    """VIEW and THUMB. Returns the smaller picture."""
    thumb = view.resize(fitted(view.size, THUMB_SIDE), Image.Resampling.BICUBIC, reducing_gap=2.0)
    for picture, name in ((view, VIEW), (thumb, THUMB)):
        # Pillow carries a JPEG's comment through re-encoding unless told otherwise.
        picture.save(folder / name, "JPEG", quality=QUALITY, exif=b"", comment=b"", icc_profile=None)
    return thumb
