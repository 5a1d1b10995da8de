"""Files that somebody made to do harm, made here from scratch: small, and asking for much."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import cache

from PIL import Image

from tests.pictures import coloured, heic, jpeg, png, saved

SCRIPT = b"<html><script>alert(1)</script></html>"
PHP = b"<?php system($_GET['c']); ?>"


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_of(width: int, height: int, *between: bytes) -> bytes:
    """All there, one bit a pixel, all black; `between` are chunks before the pixels."""
    packer = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(between) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@cache
def zeros(megabytes: int) -> bytes:
    """So many, packed."""
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(megabytes)) + packer.flush()


def heic_declaring(width: int, height: int) -> bytes:
    """A small one, with other numbers in its boxes `ispe`."""
    content, place = bytearray(heic("declares", (640, 480))), 0
    while (place := content.find(b"ispe", place) + 4) > 3:
        content[place + 4 : place + 12] = struct.pack(">II", width, height)
    return bytes(content)


def webp_declaring(width: int, height: int) -> bytes:
    content = bytearray(saved(coloured("webp", (640, 480)), "WEBP", lossless=True))
    content[21:25] = ((width - 1) | (height - 1) << 14).to_bytes(4, "little")
    return bytes(content)


def blp() -> bytes:
    """284 bytes that ask Pillow for 654 MiB where it may open every format that it knows."""
    return (b"BLP2" + struct.pack("<IBBBBII", 1, 1, 0, 0, 0, 8192, 8192)).ljust(284, b"\x01")


def gif_of_frames(count: int) -> bytes:
    """A picture of 1000 by 1000, changed so many times."""
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1000, 1000, 0) + b"\x02" + bytes((2, 0x4C, 0x01)) + b"\x00"
    picture = saved(Image.new("P", (1000, 1000)), "GIF")[:-1]
    return picture + b"\x21\xf9\x04\x00\x01\x00\x00\x00" + frame * count + b"\x3b"


def progressive_of_scans(count: int, size: tuple[int, int]) -> bytes:
    """Its last scan over and over: each is another walk through the whole picture."""
    content = saved(Image.new("L", size, 128), "JPEG", progressive=True)
    last = content.rindex(b"\xff\xda")
    return content[:last] + content[last:-2] * count + content[-2:]


def full_progressive(size: tuple[int, int]) -> bytes:
    """No colour is shared between pixels, and nothing can be shown before all of it is read."""
    return saved(Image.new("RGB", size, (200, 30, 90)), "JPEG", progressive=True, subsampling=0)


def segment(code: int, content: bytes) -> bytes:
    return bytes((0xFF, code)) + struct.pack(">H", len(content) + 2) + content


def with_segments(picture: bytes, *segments: bytes) -> bytes:
    return picture[:2] + b"".join(segments) + picture[2:]


def entry(tag: int, kind: int, count: int, value: int) -> bytes:
    return struct.pack("<HHII", tag, kind, count, value)


def exif(*entries: bytes, tail: bytes = b"") -> bytes:
    """Entries as they are given, true or not."""
    sheet = b"II*\x00" + struct.pack("<IH", 8, len(entries)) + b"".join(entries) + struct.pack("<I", 0) + tail
    return segment(0xE1, b"Exif\x00\x00" + sheet)


@cache
def lying() -> dict[str, bytes]:
    """Whole pictures whose EXIF lies."""
    photo = jpeg("lies", (640, 480))
    past = 0x7FFFFFF0
    return {
        "orientation_99": with_segments(photo, exif(entry(0x0112, 3, 1, 99))),
        "orientation_negative": with_segments(photo, exif(entry(0x0112, 9, 1, 0xFFFFFFFF))),
        "orientation_is_text": with_segments(photo, exif(entry(0x0112, 2, 4, 0x414141))),
        "sizes": with_segments(photo, exif(entry(0x0100, 4, 1, 4_000_000), entry(0x0101, 4, 1, 4_000_000))),
        "offsets_past_the_end": with_segments(
            photo, exif(entry(0x8769, 4, 1, past), entry(0x8825, 4, 1, past), entry(0x010F, 2, 90, past))
        ),
        "a_billion_values": with_segments(photo, exif(entry(0x010E, 2, 1_000_000_000, 8))),
        "loops": with_segments(photo, exif(entry(0x8769, 4, 1, 8), entry(0x8825, 4, 1, 8))),
        "sixty_thousand_entries": with_segments(photo, segment(0xE1, b"Exif\x00\x00II*\x00\x08\x00\x00\x00\xff\xff")),
        "no_date": with_segments(photo, dated(b"9999:99:99 99:99:99\x00")),
        "date_of_letters": with_segments(photo, dated("二〇二六年十一月".encode()[:19] + b"\x00")),
        "only_a_head": with_segments(photo, segment(0xE1, b"Exif\x00\x00")),
        "noise": with_segments(photo, segment(0xE1, b"Exif\x00\x00" + bytes(range(256)) * 200)),
        "multi_picture_noise": with_segments(photo, segment(0xE2, b"MPF\x00" + bytes(range(256)))),
        "profile_noise": with_segments(photo, segment(0xE2, b"ICC_PROFILE\x00\x01\x01" + bytes(range(256)) * 100)),
        "xmp_noise": with_segments(photo, segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00" + b"<" * 60_000)),
    }


def dated(date: bytes) -> bytes:
    """DateTimeOriginal in the sheet that 0x8769 points at."""
    inner = (
        struct.pack("<H", 1) + entry(0x9003, 2, len(date), 8 + 2 + 12 + 4 + 2 + 12 + 4) + struct.pack("<I", 0) + date
    )
    return exif(entry(0x8769, 4, 1, 8 + 2 + 12 + 4), tail=inner)


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("run.sh", "#!/bin/sh\n")
    return file.getvalue()


@cache
def polyglots() -> dict[str, bytes]:
    """Real pictures that are something else, too."""
    photo = jpeg("both", (640, 480))
    return {
        "zip_behind": photo + zipped(),
        "html_behind": photo + SCRIPT,
        "php_in_comment": with_segments(photo, segment(0xFE, PHP)),
        "html_in_comment": with_segments(photo, segment(0xFE, SCRIPT)),
        "html_in_exif": with_segments(photo, exif(entry(0x010E, 2, len(SCRIPT), 26), tail=SCRIPT)),
        "svg_in_xmp": with_segments(photo, segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00<svg onload='alert(1)'/>")),
        "php_in_png": png("both", (640, 480))[:33]
        + chunk(b"tEXt", b"Comment\x00" + PHP)
        + png("both", (640, 480))[33:],
        "zip_behind_png": png("both", (640, 480)) + zipped(),
        "script_in_gif": saved(Image.new("P", (640, 480)), "GIF")[:-1]
        + b"\x21\xfe"
        + bytes((len(SCRIPT),))
        + SCRIPT
        + b"\x00\x3b",
        "html_behind_webp": saved(coloured("both", (640, 480)), "WEBP") + SCRIPT,
        "html_behind_heic": heic("both", (640, 480)) + SCRIPT,
    }


def no_pictures() -> dict[str, bytes]:
    return {
        "one_byte": b"\xff",
        "blp": blp(),
        "html": SCRIPT,
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        "php": PHP,
        "zip": zipped(),
        "program": b"MZ" + bytes(500),
        "wave": b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(20),
        "playlist": b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/secret\n",
        "avif": b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1",
        "tiff": b"II*\x00\x08\x00\x00\x00" + bytes(100),
        "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n",
    }


def too_much() -> dict[str, Callable[[], bytes]]:
    """With what they are refused for."""
    return {
        "png_30000_too_many_pixels": lambda: png_of(30_000, 30_000),
        "png_wide_too_many_pixels": lambda: png_of(200_000, 400),
        "heic_200_megapixels_too_many_pixels": lambda: heic_declaring(20_000, 10_000),
        "heic_huge_too_many_pixels": lambda: heic_declaring(60_000, 60_000),
        "webp_too_many_pixels": lambda: webp_declaring(16_383, 16_383),
        "progressive_full_too_many_pixels": lambda: full_progressive((8000, 6000)),
        "scans_failed": lambda: progressive_of_scans(2000, (6000, 4000)),
        "heic_says_more_than_it_has_cut_off": lambda: heic_declaring(6000, 6000),
        "webp_says_more_than_it_has_cut_off": lambda: webp_declaring(3000, 3000),
        "gif_head_cut_off": lambda: b"GIF89a/*" + SCRIPT,
        "png_head_cut_off": lambda: b"\x89PNG\r\n\x1a\n" + SCRIPT,
        "jpeg_head_cut_off": lambda: b"\xff\xd8\xff" + PHP,
    }


def much() -> dict[str, Callable[[], bytes]]:
    """Odd, and whole: these are taken."""
    xmp = b"XML:com.adobe.xmp\x00\x01\x00\x00\x00"
    return {
        "gif_3000_frames": lambda: gif_of_frames(3000),
        "text_of_a_gigabyte": lambda: png_of(640, 480, chunk(b"zTXt", b"Comment\x00\x00" + zeros(1024))),
        "international_text_of_a_gigabyte": lambda: png_of(
            640, 480, chunk(b"iTXt", b"Note\x00\x01\x00\x00\x00" + zeros(1024))
        ),
        "xmp_of_a_gigabyte": lambda: png_of(640, 480, chunk(b"iTXt", xmp + zeros(1024))),
        "profile_of_a_gigabyte": lambda: png_of(640, 480, chunk(b"iCCP", b"x\x00\x00" + zeros(1024))),
        "seventy_texts_of_a_megabyte": lambda: png_of(640, 480, *[chunk(b"iTXt", xmp + zeros(1))] * 70),
        "long_and_thin": lambda: png_of(1080, 30_000),
    }
