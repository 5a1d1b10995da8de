"""What agents are told about a file's own data."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.hints import hints_about
from bot.model.evidence import Evidence, EvidenceState

SENT_AT = datetime(2026, 11, 23, 10, 43, tzinfo=UTC)


def evidence(**found: Any) -> Evidence:
    return Evidence("1", "phone:anna", "KS-1", "a.jpg", "", EvidenceState.KEPT, SENT_AT, found=found)


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
    hints = hints_about(evidence(taken_at=taken_at), more)

    assert hints[0].endswith("(device-reported)")
    assert len(hints) == (2 if doubt else 1)
    assert doubt is None or doubt in hints[1]


def test_a_program_that_names_itself_is_named() -> None:
    assert hints_about(evidence(edited_with="Photo Shop 9"), {}) == ["saved by Photo Shop 9 (says the file)"]


def test_a_file_that_says_nothing_gives_no_hint() -> None:
    assert hints_about(evidence(), {"received": "2026-11-21"}) == []
