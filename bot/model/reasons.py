"""Why a customer wants something put right, and which shots show it: data, in reasons.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

WISHES = ("refund", "return_refund", "exchange", "resend", "repair")


@dataclass(frozen=True, slots=True)
class Reason:
    """`shots` are asked for one by one, in order; `asks` are the questions that only this reason needs; `at_once` hands the customer
    to a person before anything else; `wish` is the only thing that makes sense to wish for, None when there are several;
    `is_trouble`: something went wrong for the customer, which deserves a kind word.
    """

    id: str
    shots: tuple[str, ...]
    asks: tuple[str, ...]
    at_once: bool
    wish: str | None
    is_trouble: bool


def read_reasons(path: Path) -> Mapping[str, Reason]:
    """By id, in the file's order. Raises ValueError naming the reason and the field that is wrong."""
    reasons = {}
    for id_, fields in tomllib.loads(path.read_text("utf-8")).items():
        unknown = set(fields) - {"shots", "asks", "at_once", "wish", "trouble"}
        if unknown:
            raise ValueError(f"{path}: reason '{id_}' has unknown fields {sorted(unknown)}")
        shots = fields.get("shots")
        if not isinstance(shots, list) or not all(isinstance(shot, str) for shot in shots):
            raise ValueError(f"{path}: reason '{id_}' needs shots = [\"…\"], a list of shot names")
        wish = fields.get("wish")
        if wish is not None and wish not in WISHES:
            raise ValueError(f"{path}: the wish of reason '{id_}' is one of {', '.join(WISHES)}")
        at_once = bool(fields.get("at_once", False))
        reasons[id_] = Reason(
            id_, tuple(shots), tuple(fields.get("asks", ())), at_once, wish, bool(fields.get("trouble", False))
        )
    return reasons


REASONS = read_reasons(Path(__file__).with_name("reasons.toml"))
