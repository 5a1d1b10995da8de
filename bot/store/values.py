"""Python values to what the tables hold, and back."""

import json
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import orjson

# json.dumps would make one for each value; orjson writes some numbers otherwise than those who check our hashes
CANONICAL = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)
PLAIN = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
"""What has no spelling in JSON is an error, as everywhere else."""


@lru_cache(maxsize=256)  # all that a batch does is done at the same time
def time_text(at: datetime) -> str:
    """UTC, one width: such texts sort like the times they stand for."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def as_time(stored: str) -> datetime:
    return datetime.fromisoformat(stored)


def as_day(stored: str | None) -> date | None:
    return date.fromisoformat(stored) if stored else None


def json_text(value: Any) -> str:
    return orjson.dumps(value, option=PLAIN).decode()


def json_value(stored: str) -> Any:
    return orjson.loads(stored)


def canonical_json(value: Any) -> bytes:
    """The one spelling of a value that hashes are taken of."""
    return CANONICAL.encode(value).encode()


def canonical_list(values: list[Any]) -> bytes:
    """The same spelling, in a twentieth of the time, of texts, whole numbers, None and lists of these: each message is hashed so."""
    return orjson.dumps(values)
