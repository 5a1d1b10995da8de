"""Each requirement names what shows it, and that is there."""

import re
from pathlib import Path

from bot.app import LOCALES
from bot.wording import DEFAULT_LANGUAGE

ROOT = Path(__file__).parent.parent
ROW = re.compile(r"^\| (R-[\w.-]+) \| .* \| (.+) \|$", re.M)


def test_every_requirement_is_shown_by_something_that_exists() -> None:
    rows = ROW.findall((ROOT / "docs" / "requirements.md").read_text("utf-8"))
    assert len(rows) == 43

    missing = [f"{id_}: {one}" for id_, shown in rows for one in shown.split(", ") if not place_of(one).exists()]

    assert missing == []


def place_of(shown: str) -> Path:
    if shown.startswith("entry "):
        return LOCALES / DEFAULT_LANGUAGE / "knowledge" / f"{shown.removeprefix('entry ')}.md"
    return ROOT / shown if shown.startswith("tests/") else ROOT / "tests" / "conversations" / shown
