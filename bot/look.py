"""Looks at one picture; run as a child process: `python -m bot.look ORIGINAL VIEW` prints JSON and writes the small copy;
`unwritten` is for a copy that could not be written just now.

Width and height are the upright ones. The copy is a JPEG without any metadata. Videos, sounds and documents have neither.
"""

import io
import json
import resource
import sys
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError
from pillow_heif import register_heif_opener

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "HEIF")
MOST_PIXELS = 60_000_000
"""Checked before decoding: a small file can declare a huge picture."""
PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"RIFF")
HEIF = (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftyphevc")
OTHERS = ((b"\x1aE\xdf\xa3", "WEBM"), (b"OggS", "OGG"), (b"ID3", "MP3"), (b"\xff\xfb", "MP3"), (b"%PDF", "PDF"))
LEAST_SIDE = 16
VIEW_SIDE = 1600
MEMORY_BYTES = 1 << 30
CPU_SECONDS = 20


def look(original: Path, view: Path) -> dict[str, Any]:
    try:
        image = Image.open(original, formats=FORMATS)
    except UnidentifiedImageError:
        return look_at_other(original)
    except (OSError, ValueError, SyntaxError):
        return {"refused": "cut_off"}
    if image.width * image.height > MOST_PIXELS:
        return {"refused": "too_many_pixels"}
    if min(image.size) < LEAST_SIDE:
        return {"refused": "too_small"}
    kind = image.format or ""
    try:
        image.load()  # the whole picture: a cut-off file shows only here
        upright = ImageOps.exif_transpose(image)
        width, height = upright.size
        upright.thumbnail((VIEW_SIDE, VIEW_SIDE))
        flat = Image.new("RGB", upright.size, "white")
        rgba = upright.convert("RGBA")
        flat.paste(rgba, mask=rgba.getchannel("A"))
        # Pillow carries a JPEG's comment through re-encoding unless told otherwise.
        copy = io.BytesIO()
        flat.save(copy, "JPEG", quality=85, exif=b"", comment=b"")
    except Exception:  # broken files raise whatever they like
        return {"refused": "cut_off"}
    view.write_bytes(copy.getvalue())  # a full disk is no fault of the picture's
    return {"kind": kind, "width": width, "height": height}


def look_at_other(original: Path) -> dict[str, Any]:
    """Not a whole picture: one cut off, or a film, a sound or a document, which are kept without being opened."""
    with original.open("rb") as file:
        start = file.read(12)
    if any(start.startswith(signature) for signature in PICTURES) or start[4:12] in HEIF:
        return {"refused": "cut_off"}
    kind = "MP4" if start[4:8] == b"ftyp" else next((name for begin, name in OTHERS if start.startswith(begin)), "")
    return {"kind": kind, "width": 0, "height": 0} if kind else {"refused": "not_image"}


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    register_heif_opener()
    try:
        seen = look(Path(sys.argv[1]), Path(sys.argv[2]))
    except OSError:
        seen = {"unwritten": True}
    sys.stdout.write(json.dumps(seen))
