"""Small real pictures."""

import hashlib
import io
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from pillow_heif import register_heif_opener

SIZE = (960, 640)
"""Large enough to be no reason for advice."""
CAMERA = b"Shouhou Test Camera"
COMMENT = b"taken at the customer's home"
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:li>home</rdf:li></x:xmpmeta>'


QUICKLY: Mapping[str, Mapping[str, object]] = {
    "HEIF": {"enc_params": {"preset": "ultrafast"}},  # ten times quicker, and a tenth larger
    "PNG": {"compress_level": 1},
}


@lru_cache
def jpeg(name: str = "picture", size: tuple[int, int] = SIZE) -> bytes:
    """The same bytes for the same name."""
    return saved(coloured(name, size), "JPEG")


@lru_cache
def png(name: str = "picture", size: tuple[int, int] = SIZE) -> bytes:
    return saved(coloured(name, size), "PNG")


@lru_cache
def heic(name: str = "picture", size: tuple[int, int] = SIZE) -> bytes:
    register_heif_opener()
    return saved(coloured(name, size), "HEIF")


@lru_cache
def jpeg_of_home(name: str = "home") -> bytes:
    """A JPEG as a phone makes it: lying on its side, with the place, the camera, a comment and XMP in it."""
    exif = Image.Exif()
    exif[Base.Orientation] = 6
    exif[Base.Make] = CAMERA.decode()
    place = exif.get_ifd(IFD.GPSInfo)
    place[GPS.GPSLatitudeRef] = "N"
    place[GPS.GPSLatitude] = (39.0, 54.0, 27.0)
    place[GPS.GPSLongitudeRef] = "E"
    place[GPS.GPSLongitude] = (116.0, 23.0, 50.0)
    return saved(coloured(name, SIZE), "JPEG", exif=exif, comment=COMMENT, xmp=XMP)


def cut_off(picture: bytes) -> bytes:
    return picture[: len(picture) // 2]


@lru_cache
def coloured(name: str, size: tuple[int, int]) -> Image.Image:
    """Colours that follow from the name, so that two pictures are told apart by eye too, with a sensor's noise."""
    numbers = np.random.default_rng(int.from_bytes(hashlib.sha256(name.encode()).digest()))
    fields = Image.fromarray(numbers.integers(30, 200, (6, 8, 3), np.uint8)).resize(size, Image.Resampling.BICUBIC)
    return noisy(fields, 48, numbers)


def noisy(image: Image.Image, most: int, numbers: np.random.Generator) -> Image.Image:
    noise = numbers.integers(0, most, (image.height, image.width, 1), np.uint8)
    return Image.fromarray(np.asarray(image) + noise)


def saved(image: Image.Image, kind: str, **how: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **{**QUICKLY.get(kind, {}), **how})
    return file.getvalue()
