"""What agents are told about a file's own data."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.hints import hints_about
from bot.model.case import Case, CaseStatus
from bot.model.evidence import ADVICE, Evidence, EvidenceState

SENT_AT = datetime(2026, 11, 23, 10, 43, tzinfo=UTC)


def evidence(**found: Any) -> Evidence:
    return Evidence("1", "phone:anna", "KS-1", "a.jpg", "", EvidenceState.KEPT, SENT_AT, found=found)


def case(**more: str) -> Case:
    return Case(
        "KS-1", "anna", "phone:anna", "1", "2100000000001", "damaged", "a crack", "refund", CaseStatus.UNDER_REVIEW, SENT_AT,
        1, 1, 1, date(2026, 12, 2), is_estimate=False, more=more,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("taken_at", "more", "doubt"),
    [
        ("2026-11-22T09:00:00", {}, None),
        ("2026-11-22T09:00:00", {"received": "2026-11-21"}, None),
        ("2026-11-20T23:00:00", {"received": "2026-11-21"}, None),
        (
            "2026-11-12T09:00:00+08:00",
            {"received": "2026-11-21"},
            "9 days before the customer signed for it (2026-11-21)",
        ),
        ("2027-01-01T00:00:00", {}, "after it was sent to us"),
        ("no time at all", {"received": "2026-11-21"}, None),
        ("2026-11-22T09:00:00", {"received": ""}, None),
    ],
)
def test_a_time_is_held_against_the_days_that_are_known(taken_at: str, more: dict[str, str], doubt: str | None) -> None:
    hints = hints_about(evidence(taken_at=taken_at), case(**more))

    assert hints[0].endswith("(device-reported)")
    assert len(hints) == (2 if doubt else 1)
    assert doubt is None or doubt in hints[1]


def test_a_program_that_names_itself_is_named() -> None:
    assert hints_about(evidence(edited_with="Photo Shop 9"), case()) == ["saved by Photo Shop 9 (says the file)"]


def test_a_file_that_says_nothing_gives_no_hint() -> None:
    assert hints_about(evidence(), case(received="2026-11-21")) == []


def test_all_that_may_be_advised_of_a_photo_is_told_in_words() -> None:
    hints = hints_about(evidence(advice=[*ADVICE, "blurred"]), case())

    assert hints[:4] == ["looks blurred", "is dark", "is small", "looks like a screenshot"]
    assert len(hints) == len(ADVICE)
    assert not set(hints) & set(ADVICE)


@pytest.mark.parametrize(
    ("read", "more", "is_told"),
    [
        ("2100000000009", {}, True),
        ("2100000000001", {}, False),
        ("2100000000009", {"other_order": "2100000000009"}, False),
    ],
)
def test_another_order_than_the_cases_is_told(read: str, more: dict[str, str], is_told: bool) -> None:
    hints = hints_about(evidence(order=read), case(**more))

    assert len(hints) == is_told
    assert all(read in hint and "2100000000001" in hint for hint in hints)


def test_what_an_order_is_held_against_must_be_known() -> None:
    assert hints_about(evidence(order="2100000000009"), replace(case(), order_number="")) == []


def test_what_the_device_says_of_itself_and_of_its_place_is_told() -> None:
    hints = hints_about(evidence(device="Phone 7", has_place=True), case())

    assert hints == ["made with Phone 7 (says the file)", "the original tells where it was taken"]
