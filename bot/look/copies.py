"""Copies to show: JPEGs of pixels alone."""

from pathlib import Path

from PIL import Image

from bot.look import THUMB, VIEW

THUMB_SIDE = 320
QUALITY = 85


def write_copies(view: Image.Image, folder: Path) -> Image.Image:
    """VIEW and THUMB. Returns the smaller picture."""
    thumb = view.reduce(-(-max(view.size) // THUMB_SIDE))  # several times faster than to exactly this size
    for picture, name in ((view, VIEW), (thumb, THUMB)):
        # Pillow carries a JPEG's comment through re-encoding unless told otherwise.
        picture.save(folder / name, "JPEG", quality=QUALITY, exif=b"", comment=b"", icc_profile=None)
    return thumb
