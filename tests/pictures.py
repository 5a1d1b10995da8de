"""Small real pictures."""

import hashlib
import io

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from pillow_heif import register_heif_opener

SIZE = (96, 64)
CAMERA = b"Shouhou Test Camera"
COMMENT = b"taken at the customer's home"
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:li>home</rdf:li></x:xmpmeta>'


def jpeg(name: str = "picture", size: tuple[int, int] = SIZE) -> bytes:
    """The same bytes for the same name."""
    return saved(coloured(name, size), "JPEG")


def png(name: str = "picture", size: tuple[int, int] = SIZE) -> bytes:
    return saved(coloured(name, size), "PNG")


def heic(name: str = "picture", size: tuple[int, int] = SIZE) -> bytes:
    register_heif_opener()
    return saved(coloured(name, size), "HEIF")


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


def coloured(name: str, size: tuple[int, int]) -> Image.Image:
    """Stripes in colours that follow from the name, so that two pictures are told apart by eye too."""
    digest = hashlib.sha256(name.encode()).digest()
    image = Image.new("RGB", size, tuple(digest[:3]))
    stripe = max(1, size[0] // 8)
    for place in range(0, 8, 2):
        image.paste(tuple(digest[3 + place : 6 + place]), (place * stripe, 0, (place + 1) * stripe, size[1]))
    return image


def saved(image: Image.Image, kind: str, **how: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **how)
    return file.getvalue()
