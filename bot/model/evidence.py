"""Evidence: a photo, video or other file of a case, its original bytes untouched (凭证)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

SORTS = {"MP4": "video", "WEBM": "video", "OGG": "voice", "MP3": "voice"}
LARGEST_BYTES = 20 * 1024 * 1024


class EvidenceState(StrEnum):
    FETCHING = "fetching"  # known from the message; its bytes are not yet in our store
    KEPT = "kept"  # original stored write-once under its SHA-256
    REFUSED = "refused"  # not usable: empty, cut off, not an image, too large
    REMOVED = "removed"  # the customer took it out again before submitting


@dataclass(frozen=True, slots=True)
class Evidence:
    """One file. `case_number` is None as long as it belongs to a draft or to nothing yet; `shot` is what it shows."""

    id: str
    address: str
    case_number: str | None
    name: str
    caption: str
    state: EvidenceState
    received_at: datetime
    shot: str = ""
    sha256: str = ""
    size: int = 0
    kind: str = ""
    width: int = 0
    height: int = 0
    view_sha256: str = ""
    """The small copy without metadata, a separate object."""
    album: str = ""
    """Those of one album are answered together; "" once that is done."""

    @property
    def is_picture(self) -> bool:
        return self.width > 0

    @property
    def sort(self) -> str:
        """What customers call a kept file: photo, video, voice or file."""
        return "photo" if self.is_picture else SORTS.get(self.kind, "file")
