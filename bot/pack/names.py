"""Names of files in packs and folders: ours, made of the shot and the hash. What a customer called it is text and never a path."""

from collections.abc import Sequence

from bot.model.evidence import Evidence, EvidenceState

TYPES = {
    "JPEG": ("jpg", "image/jpeg"),
    "PNG": ("png", "image/png"),
    "WEBP": ("webp", "image/webp"),
    "GIF": ("gif", "image/gif"),
    "HEIF": ("heic", "image/heic"),
    "HEIC": ("heic", "image/heic"),
    "MP4": ("mp4", "video/mp4"),
    "MOV": ("mov", "video/quicktime"),
    "WEBM": ("webm", "video/webm"),
    "OGG": ("ogg", "audio/ogg"),
    "MP3": ("mp3", "audio/mpeg"),
    "PDF": ("pdf", "application/pdf"),
}
UNKNOWN = ("bin", "application/octet-stream")


def names(evidence: Sequence[Evidence]) -> dict[str, str]:
    """By the evidence's id, for those whose files we have: `01-whole-1f0a2b3c.jpg`."""
    kept = [one for one in evidence if one.state is EvidenceState.KEPT]
    return {one.id: name_of(index, one) for index, one in enumerate(kept, 1)}


def name_of(index: int, one: Evidence) -> str:
    shot = one.shot if one.shot.isidentifier() and one.shot.isascii() else one.sort
    return f"{index:02d}-{shot}-{one.sha256[:8]}.{TYPES.get(one.kind, UNKNOWN)[0]}"


def media_type(one: Evidence) -> str:
    return TYPES.get(one.kind, UNKNOWN)[1]
