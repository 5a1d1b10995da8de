"""Why a customer wants something put right, and which shots show it: data, in reasons.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Reason:
    """`shots` are asked for one by one, in order; `asks` are the questions that only this reason needs; `at_once` hands the customer
    to a person before anything else.
    """

    id: str
    shots: tuple[str, ...]
    asks: tuple[str, ...]
    at_once: bool


def read_reasons(path: Path) -> Mapping[str, Reason]:
    """By id, in the file's order. Raises ValueError naming the reason and the field that is wrong."""
    reasons = {}
    for id_, fields in tomllib.loads(path.read_text("utf-8")).items():
        unknown = set(fields) - {"shots", "asks", "at_once"}
        if unknown:
            raise ValueError(f"{path}: reason '{id_}' has unknown fields {sorted(unknown)}")
        shots = fields.get("shots")
        if not isinstance(shots, list) or not all(isinstance(shot, str) for shot in shots):
            raise ValueError(f"{path}: reason '{id_}' needs shots = [\"…\"], a list of shot names")
        reasons[id_] = Reason(id_, tuple(shots), tuple(fields.get("asks", ())), bool(fields.get("at_once", False)))
    return reasons


REASONS = read_reasons(Path(__file__).with_name("reasons.toml"))
WISHES = ("refund", "return_refund", "exchange", "resend", "repair")
MOST_PHOTOS = 9
"""A case's photos; the platform's own entry takes fewer."""
