"""PNG without what is packed in it beside its pixels: texts and colour profiles, which may unpack to any size.

Pillow refuses a picture when one of them unpacks to more than 1 MB, and the picture may be sound. Only XMP is of use to us.
"""

from contextlib import suppress

from PIL import ImageFile, PngImagePlugin

XMP = b"XML:com.adobe.xmp\x00"


class Chunks(PngImagePlugin.PngStream):
    """Reads the chunks of a PNG (ISO/IEC 15948). A chunk that is passed over counts in its checksum all the same."""

    def pass_over(self, pos: int, length: int) -> bytes:
        assert self.fp
        return ImageFile._safe_read(self.fp, length)

    chunk_iCCP = chunk_zTXt = pass_over  # noqa: N815 - Pillow looks for these names

    def chunk_iTXt(self, pos: int, length: int) -> bytes:  # noqa: N802
        content = self.pass_over(pos, length)
        if content.startswith(XMP):
            assert self.fp
            self.fp.seek(pos)
            with suppress(ValueError):  # more than 1 MB
                super().chunk_iTXt(pos, length)
        return content


PngImagePlugin.PngStream = Chunks  # type: ignore[misc] # PngImageFile offers no other way to choose it
PngImageFile = PngImagePlugin.PngImageFile
