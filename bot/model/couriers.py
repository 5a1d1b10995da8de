"""Couriers: whose a waybill number may be, and where its parcel can be looked up. Data, in couriers.toml."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

MOST_SUGGESTED = 4
WAYBILL = re.compile(r"(?<![0-9A-Z])(?=[0-9A-Z-]*\d{6})[A-Z]{0,4}\d[0-9A-Z-]{5,33}(?![0-9A-Z])")
"""Anything in a text that may be one: letters, then digits."""
ANY_FORM = re.compile(r"(?=.*\d)[0-9A-Z][0-9A-Z-]{3,34}")


@dataclass(frozen=True, slots=True)
class Courier:
    id: str
    words: tuple[str, ...]
    auto: re.Pattern[str]
    suggest: re.Pattern[str]
    site: str
    hotline: str


def read_couriers(path: Path) -> Mapping[str, Courier]:
    """By id, in the file's order."""
    return {
        id_: Courier(
            id_,
            tuple(fields["words"]),
            any_of(fields["auto"]),
            any_of(fields["suggest"]),
            fields["site"],
            fields["hotline"],
        )
        for id_, fields in tomllib.loads(path.read_text("utf-8")).items()
    }


def any_of(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(patterns) if patterns else r"(?!)")


COURIERS = read_couriers(Path(__file__).with_name("couriers.toml"))


def waybill_in(text: str) -> str | None:
    """The waybill number somewhere in a text, in its standard form: full width, spaces and small letters are read too."""
    plain = unicodedata.normalize("NFKC", text).upper()
    found = WAYBILL.search(plain) or WAYBILL.search(re.sub(r"(?<=[0-9A-Z])[ -](?=\d)", "", plain))
    return found.group() if found else None


def waybill_alone(text: str) -> str | None:
    """The whole text, when a waybill number was asked for: couriers use anything of 4 to 35 letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    return plain if ANY_FORM.fullmatch(plain) else None


def sure_courier(number: str) -> str | None:
    """The one courier whose distinctive form the number has."""
    named = [one.id for one in COURIERS.values() if one.auto.fullmatch(number)]
    return named[0] if len(named) == 1 else None


def possible_couriers(number: str) -> tuple[str, ...]:
    """Those that use numbers of this form, at most four."""
    named = (one.id for one in COURIERS.values() if one.auto.fullmatch(number) or one.suggest.fullmatch(number))
    return tuple(named)[:MOST_SUGGESTED]


def courier_named(text: str) -> str | None:
    """The courier whose name stands in the text (simplified Chinese or Latin letters)."""
    plain = unicodedata.normalize("NFKC", text).lower()
    for one in COURIERS.values():
        for word in one.words:
            if re.search(rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word), plain):
                return one.id
    return None
