"""Opens a picture, decoded once and not larger than needed, upright, without anything but its pixels."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
from PIL import GifImagePlugin, Image, ImageFile, JpegImagePlugin, WebPImagePlugin

from bot.look.jpeg import outline_of
from bot.look.limits import allow_for
from bot.look.png import PngImageFile

VIEW_SIDE = 1600
LEAST_SIDE = 16
MOST_PIXELS = {"JPEG": 210_000_000, "PNG": 40_000_000, "GIF": 40_000_000, "WEBP": 14_000_000, "HEIF": 51_000_000}
"""Known from the header, before anything is decoded. What decoding costs in memory decides: a JPEG is shrunk meanwhile (phones take up
to 200 megapixels), libwebp needs 16 bytes a pixel, libheif 5."""
MOST_UNTILED_HEIF = 40_000_000
"""Phones cut pictures into tiles; one in one piece needs 6 bytes a pixel."""
MOST_COEFFICIENTS = 190_000_000
"""Bytes that a progressive JPEG takes, however small it is shown: all of it must be there before the first pixel."""
MOST_SCANS = 100
"""Of a JPEG; encoders make about ten. Each costs a walk through the whole picture, and may take two bytes of the file."""
FILTER = Image.Resampling.HAMMING
"""As sharp as bicubic when shrinking, for two thirds of the time."""
THREE_EIGHTHS = 3
"""What libjpeg has to be told to divide by, so that it decodes 3 x 3 of each 8 x 8 pixels: of 12 megapixels a view without resizing,
which costs nearly as much as decoding. Pillow's `draft` knows only 2, 4 and 8."""
LEAST_VIEW = 1400
"""What is decoded to this side or more is not decoded larger and resized."""
STRIP_PIXELS = 4_000_000
Pixels = np.ndarray[Any, Any]
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""By the EXIF orientation; any other number says nothing."""
ON_ITS_SIDE = (5, 6, 7, 8)
PLUGINS: dict[str, type[ImageFile.ImageFile]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
}
Image.MAX_IMAGE_PIXELS = None  # ours are by format
ImageFile.LOAD_TRUNCATED_IMAGES = False
pillow_heif.options.DECODE_THREADS = 1


class RefusedError(Exception):
    """We do not take this picture; the text is the word for why."""


@dataclass(frozen=True, slots=True)
class Picture:
    """`view` is upright, RGB, at most VIEW_SIDE; `width` and `height` are the whole picture's, upright."""

    view: Image.Image
    width: int
    height: int
    exif: bytes = b""
    xmp: bytes = b""


def open_picture(file: Path, kind: str) -> Picture:
    """Raises RefusedError with `too_many_pixels`, `too_small`, `cut_off` or `failed`."""
    with refusing():
        return open_heif(file) if kind == "HEIF" else open_other(file, kind)


@contextmanager
def refusing() -> Iterator[None]:
    try:
        yield
    except RefusedError:
        raise
    except MemoryError:
        raise RefusedError("too_many_pixels") from None
    except Exception as error:  # broken files raise whatever they like, also after they were opened
        raise RefusedError("too_many_pixels" if "memory" in str(error).lower() else "cut_off") from None


def open_other(file: Path, kind: str) -> Picture:
    with checked(file, kind) as image:
        whole = image.size
        exif = image.info.get("exif", b"")
        orientation = orientation_in(exif)
        pixels = jpeg_pixels(file, image) if kind == "JPEG" else image
        pixels.load()
        shrunk = shrink(pixels, fitted(pixels.size))
        xmp = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    return upright(shrunk, whole, orientation, exif, xmp)


def jpeg_pixels(file: Path, image: ImageFile.ImageFile) -> Image.Image:
    """No larger than the view needs."""
    size = -(-image.width * 3 // 8), -(-image.height * 3 // 8)
    if LEAST_VIEW <= max(size) <= VIEW_SIDE:
        layout = image.tile[0].args
        assert isinstance(layout, tuple)
        return Image.frombytes(image.mode, size, file.read_bytes(), "jpeg", *layout, THREE_EIGHTHS, 0)
    image.draft(None, fitted(image.size))  # shrinks while decoding, to no less than this
    return image


def checked(file: Path, kind: str) -> ImageFile.ImageFile:
    if kind == "WEBP":
        check_size(kind, webp_size(file))  # its library makes room for the picture as soon as it is opened
    if kind == "JPEG":
        check_outline(file)
    image = PLUGINS[kind](file)
    check_size(kind, image.size)
    return image


def open_heif(file: Path) -> Picture:
    image = checked_heif(file)
    pixels = np.asarray(image)  # libheif's own memory: Pillow would copy it, at four bytes a pixel
    height, width = pixels.shape[:2]
    shrunk = shrink(pixels, fitted((width, height)))
    info: dict[str, Any] = image.info
    return upright(shrunk, (width, height), 1, info.get("exif") or b"", info.get("xmp") or b"")  # libheif has turned it


def checked_heif(file: Path) -> pillow_heif.HeifImage:
    opened = pillow_heif.open_heif(file, convert_hdr_to_8bit=True)
    image = opened[opened.primary_index]
    check_size("HEIF", image.size)
    if "tiling" not in image.info and image.size[0] * image.size[1] > MOST_UNTILED_HEIF:
        raise RefusedError("too_many_pixels")
    return image


def open_whole(file: Path, kind: str) -> Image.Image:
    """All its pixels in grey, not turned: for bars, which a smaller picture has lost. Raises RefusedError."""
    with refusing():
        if kind == "HEIF":
            pixels = np.asarray(checked_heif(file))
            return in_grey(pixels, (pixels.shape[1], pixels.shape[0]))
        with checked(file, kind) as image:
            if kind == "JPEG":
                image.draft("L", image.size)  # the colours are not even decoded
            image.load()
            return image.copy() if image.mode == "L" else in_grey(image, image.size)


def check_size(kind: str, size: tuple[int, int]) -> None:
    if size[0] * size[1] > MOST_PIXELS[kind]:
        raise RefusedError("too_many_pixels")
    if min(size) < LEAST_SIDE:
        raise RefusedError("too_small")
    allow_for(size[0] * size[1])


def check_outline(file: Path) -> None:
    outline = outline_of(file)
    if outline.kept > MOST_COEFFICIENTS:
        raise RefusedError("too_many_pixels")
    if outline.scans > MOST_SCANS:
        raise RefusedError("failed")


def webp_size(file: Path) -> tuple[int, int]:
    """From the header (RFC 9649)."""
    with file.open("rb") as opened:
        start = opened.read(30)
    if len(start) < 30:
        raise RefusedError("cut_off")
    match start[12:16]:
        case b"VP8X":
            return 1 + int.from_bytes(start[24:27], "little"), 1 + int.from_bytes(start[27:30], "little")
        case b"VP8L":
            bits = int.from_bytes(start[21:25], "little")
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        case b"VP8 ":
            return int.from_bytes(start[26:28], "little") & 0x3FFF, int.from_bytes(start[28:30], "little") & 0x3FFF
    raise RefusedError("cut_off")


def orientation_in(exif: bytes) -> int:
    """1 to 8; 1 when nothing sensible is said."""
    try:
        said = Image.Exif()
        said.load(exif)
        return int(said.get(0x0112, 1))
    except Exception:  # the picture itself may be whole
        return 1


def fitted(size: tuple[int, int], side: int = VIEW_SIDE) -> tuple[int, int]:
    """The same shape with no side longer than this; never larger than it was."""
    scale = min(1.0, side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def shrink(source: Image.Image | Pixels, size: tuple[int, int]) -> Image.Image:
    """To this size, as RGB on white. In strips, because a second whole picture would not fit into memory."""
    width, height = size_of(source)
    by = max(1, min(width // size[0], height // size[1]))
    out = Image.new("RGB", (-(-width // by), -(-height // by)))
    for top, strip in strips(source, by):
        rgb = as_rgb(strip)
        if by == 1 and strip is source:
            return rgb.resize(size, FILTER) if rgb.size != size else rgb
        out.paste(rgb.reduce(by), (0, top // by))
    return out.resize(size, FILTER) if out.size != size else out


def in_grey(source: Image.Image | Pixels, size: tuple[int, int]) -> Image.Image:
    out = Image.new("L", size)
    for top, strip in strips(source, 1):
        out.paste(strip.convert("L"), (0, top))
    return out


def strips(source: Image.Image | Pixels, by: int) -> Iterator[tuple[int, Image.Image]]:
    """With where each begins; their heights are multiples of `by`."""
    width, height = size_of(source)
    rows = max(1, STRIP_PIXELS // width // by) * by
    if isinstance(source, Image.Image) and rows >= height:
        yield 0, source
        return
    for top in range(0, height, rows):
        if isinstance(source, Image.Image):
            yield top, source.crop((0, top, width, min(height, top + rows)))
        else:
            yield top, Image.fromarray(np.ascontiguousarray(source[top : top + rows]))


def size_of(source: Image.Image | Pixels) -> tuple[int, int]:
    return source.size if isinstance(source, Image.Image) else (source.shape[1], source.shape[0])


def as_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits a sample; Pillow would cut them off at 255
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if "transparency" not in image.info and image.mode in ("RGB", "L", "P", "CMYK", "1"):
        return image if image.mode == "RGB" else image.convert("RGB")
    clear = image.convert("RGBA")
    flat = Image.new("RGB", clear.size, "white")
    flat.paste(clear, mask=clear.getchannel("A"))
    return flat


def upright(view: Image.Image, whole: tuple[int, int], orientation: int, exif: bytes, xmp: bytes) -> Picture:
    turned = view.transpose(UPRIGHT[orientation]) if orientation in UPRIGHT else view
    width, height = reversed(whole) if orientation in ON_ITS_SIDE else whole
    bare = Image.frombytes("RGB", turned.size, turned.tobytes()) if turned.info else turned
    return Picture(bare, width, height, exif, xmp)
