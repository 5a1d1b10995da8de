"""The ZIP of a pack: the same files give the same bytes, on every machine and at every time."""

import hashlib
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

MADE_AT = (1980, 1, 1, 0, 0, 0)
"""ZIP's earliest time: when the pack was made is in the manifest."""
CHUNK_BYTES = 1 << 20


def write(archive: Path, contents: Mapping[str, bytes], files: Iterable[tuple[str, Path]]) -> None:
    """Stored, not packed: photos and videos do not shrink, and packers differ."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as opened:
        for name, content in sorted(contents.items()):
            opened.writestr(entry(name), content)
        for name, file in files:
            info = entry(name)
            info.file_size = file.stat().st_size
            with file.open("rb") as source, opened.open(info, "w") as target:
                while chunk := source.read(CHUNK_BYTES):
                    target.write(chunk)


def entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, MADE_AT)
    info.create_system = 3
    info.external_attr = 0o644 << 16
    return info


def measure(content: bytes) -> dict[str, str | int]:
    return {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
