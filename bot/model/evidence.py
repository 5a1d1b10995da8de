"""Evidence: a photo, video or other file of a case, its original bytes untouched (凭证)."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

SORTS = {
    "MP4": "video",
    "MOV": "video",
    "WEBM": "video",
    "OGG": "voice",
    "MP3": "voice",
    "M4A": "voice",
    "AMR": "voice",
}
LARGEST_BYTES = 20 * 1024 * 1024
MOST_FILES = 10
"""Of one request: nine photos and a film, say. The platform's own entry takes fewer."""
SAME_PICTURE_BITS = 6
"""Of 256: re-encoded, resized or turned and saved again, a picture differs in no more; two parcels in one hallway in 106."""

TELLING_BITS = 24
"""Set in the hash: the pages of an app are mostly one colour, have fewer, and look alike although they say something else."""
ADVICE = ("blurred", "dark", "small", "screenshot", "again", "card")
"""What may be said of a picture at once, and never more than said: people decide. The last two are about the customer's privacy."""


class EvidenceState(StrEnum):
    FETCHING = "fetching"  # known from the message; its bytes are not yet in our store
    KEPT = "kept"  # original stored write-once under its SHA-256
    REFUSED = "refused"  # not usable: empty, cut off, not an image, too large
    REMOVED = "removed"  # the customer took it out again before submitting
    WAIVED = "waived"  # no file: the customer cannot send this shot; `caption` is why, in their words


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
    source: str = ""
    """The id of the event that brought it: its platform and the message's id there."""
    thumb_sha256: str = ""
    """A smaller copy without metadata, for lists."""
    dhash: str = ""
    """256 bits in hex: pictures that look alike differ in few of them."""
    advice: str = ""
    """What the customer was advised of and has not answered yet: one of ADVICE, else ""."""
    found: dict[str, Any] = field(default_factory=dict)
    """What looking at it found, as JSON, for agents: see bot/look."""

    @property
    def is_picture(self) -> bool:
        return self.width > 0

    @property
    def sort(self) -> str:
        """What customers call a kept file: photo, video, voice or file."""
        return "photo" if self.is_picture else SORTS.get(self.kind, "file")

    @property
    def custody(self) -> dict[str, Any]:
        """What a case's log keeps of it, as JSON; what is empty is left out. A waived shot has why as its caption."""
        known = {
            "name": self.name,
            "caption": self.caption,
            "shot": self.shot,
            "sha256": self.sha256,
            "size": self.size,
            "kind": self.kind,
            "source": self.source,
            "received_at": self.received_at.astimezone(UTC).isoformat(timespec="microseconds"),
        }
        return {"id": self.id, "state": self.state.value} | {name: value for name, value in known.items() if value}


def is_same_picture(dhash: str, other: str) -> bool:
    """Whether these hashes are of one picture, perhaps saved again. A crop of a few percent is not recognised."""
    bits, others = int(dhash or "0", 16), int(other or "0", 16)
    if min(bits.bit_count(), others.bit_count()) < TELLING_BITS:
        return False
    return (bits ^ others).bit_count() <= SAME_PICTURE_BITS
