"""A case: one thing that a customer wants put right (售后单), and what may happen to it."""

import re
import secrets
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from unicodedata import normalize


class CaseStatus(StrEnum):
    UNDER_REVIEW = "under_review"
    NEED_MORE = "need_more"
    APPROVED = "approved"
    REFUNDED = "refunded"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


OPEN = frozenset({CaseStatus.UNDER_REVIEW, CaseStatus.NEED_MORE, CaseStatus.APPROVED})
TAKES_EVIDENCE = frozenset({*OPEN, CaseStatus.REJECTED})
"""A rejected case takes evidence too: new evidence is how a customer asks to look again."""

MOVES: dict[str, tuple[frozenset[CaseStatus], CaseStatus]] = {
    "approve": (frozenset({CaseStatus.UNDER_REVIEW, CaseStatus.NEED_MORE}), CaseStatus.APPROVED),
    "reject": (frozenset({CaseStatus.UNDER_REVIEW, CaseStatus.NEED_MORE}), CaseStatus.REJECTED),
    "ask": (frozenset({CaseStatus.UNDER_REVIEW, CaseStatus.NEED_MORE}), CaseStatus.NEED_MORE),
    "refunded": (frozenset({CaseStatus.APPROVED}), CaseStatus.REFUNDED),
    "withdraw": (frozenset({CaseStatus.UNDER_REVIEW, CaseStatus.NEED_MORE}), CaseStatus.WITHDRAWN),
    "supplement": (frozenset({CaseStatus.NEED_MORE, CaseStatus.REJECTED}), CaseStatus.UNDER_REVIEW),
}
"""What moves a case: from which states, to which one."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a case's history, as its customer sees it. `by` is customer, agents or clock."""

    at: datetime
    what: str
    by: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """One case. Amounts are in fen (1/100 yuan); dates are days in Asia/Shanghai and last until 24:00 there.

    `evidence_count` grows with everything the customer adds, and is what a decision names as seen. `promised_on` is the day
    by which the next thing is promised: a decision while under review, the money once approved. `paused_on` is the day the
    clock stopped because we wait for the customer.
    """

    number: str
    customer: str
    address: str
    intake: str
    order_number: str
    reason: str
    details: str
    wish: str
    status: CaseStatus
    submitted_at: datetime
    photos: int
    evidence_count: int
    submitted_evidence: int
    """What the agents first saw: the evidence count when the case was submitted."""
    promised_on: date
    is_estimate: bool
    paused_on: date | None = None
    amount: int | None = None
    steps: tuple[Step, ...] = ()
    more: dict[str, str] = field(default_factory=dict)
    """What only its reason asks for: waybill, courier, promised, received, category, other_order, courier_said."""
    log_length: int = 0
    log_head: str = ""

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def takes_evidence(self) -> bool:
        return self.status in TAKES_EVIDENCE

    def can(self, move: str) -> bool:
        return self.status in MOVES[move][0]


ALPHABET = "23456789ACEFHJKMNRTWXY"
"""22 symbols. Left out, because each looks or sounds like one that stays: 0, 1, B, D, G, I, L, O, P, Q, S, U, V, Z."""


def new_case_number() -> str:
    """Like KS-7R4-M2X-H9F: nine symbols of 22 are 40.1 random bits, in groups that can be read out."""
    symbols = "".join(secrets.choice(ALPHABET) for _ in range(9))
    return f"KS-{symbols[:3]}-{symbols[3:6]}-{symbols[6:]}"


APART = r"[- ‐-―−－　]{0,2}"
"""Between the groups of a number: a hyphen, a space, or a dash as a Chinese keyboard writes it."""
WRITTEN = re.compile(rf"[KＫ][SＳ]{APART}(?:[2-9A-Z２-９Ａ-Ｚ]{{3}}{APART}){{3}}", re.I)


def case_number_in(text: str) -> str | None:
    """The first one that stands in a text, in its standard form."""
    found = WRITTEN.search(text)
    return as_case_number(found.group()) if found else None


def as_case_number(text: str) -> str | None:
    """The case number that somebody typed, in its standard form, or None: `ks7r4 m2xh9f` is KS-7R4-M2X-H9F."""
    symbols = "".join(char for char in normalize("NFKC", text).upper() if char.isascii() and char.isalnum())
    if not symbols.startswith("KS") or len(symbols) != 11 or any(char not in ALPHABET for char in symbols[2:]):
        return None
    return f"KS-{symbols[2:5]}-{symbols[5:8]}-{symbols[8:]}"
