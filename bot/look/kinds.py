"""What a file is, by its first bytes. Names and what a platform says of it count for nothing."""

PICTURES = ("JPEG", "PNG", "WEBP", "GIF", "HEIF")
VIDEOS = {"MP4": "mov", "MOV": "mov", "WEBM": "matroska"}
"""With the one FFmpeg reader that may open it."""
STARTS = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"%PDF-", "PDF"),
    (b"\x1aE\xdf\xa3", "WEBM"),
    (b"OggS", "OGG"),
    (b"#!AMR", "AMR"),
    (b"ID3", "MP3"),
    (b"\xff\xfb", "MP3"),
    (b"\xff\xf3", "MP3"),
    (b"\xff\xf2", "MP3"),
)
BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), "HEIF"),
    **dict.fromkeys((b"avif", b"avis", b"jxl ", b"crx "), ""),
    b"qt  ": "MOV",
    b"M4A ": "M4A",
}
"""Of the box `ftyp` (ISO/IEC 14496-12); every other brand is a video."""
ENOUGH = 16


def kind_of(start: bytes) -> str:
    """Of a file's first bytes, at least ENOUGH of them; "" for what we do not take."""
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "WEBP"
    if start[4:8] == b"ftyp":
        return BRANDS.get(start[8:12], "MP4")
    return next((kind for begin, kind in STARTS if start.startswith(begin)), "")
