"""Days in people's words."""

from datetime import date

import pytest

from bot.days import day_in

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-20", date(2026, 11, 20)),
        ("2026年11月3号", date(2026, 11, 3)),
        ("11月20日说好到的", date(2026, 11, 20)),
        ("11/20", date(2026, 11, 20)),
        ("11.20", date(2026, 11, 20)),
        ("12月30日", date(2026, 12, 30)),
        ("1月5日", date(2027, 1, 5)),
        ("昨天", date(2026, 11, 22)),
        ("大前天签收的", date(2026, 11, 20)),
        ("後天", date(2026, 11, 25)),
        ("三天前", date(2026, 11, 20)),
        ("10 days ago", date(2026, 11, 13)),
        ("上周三", date(2026, 11, 18)),
        ("周日", date(2026, 11, 22)),
        ("上週日", date(2026, 11, 22)),
        ("禮拜六", date(2026, 11, 21)),
        ("20号", date(2026, 11, 20)),
        ("30號", date(2026, 11, 30)),
        ("20 Nov", date(2026, 11, 20)),
        ("Nov. 20", date(2026, 11, 20)),
        ("on the 20th of November", date(2026, 11, 20)),
        ("last Friday", date(2026, 11, 20)),
        ("yesterday", date(2026, 11, 22)),
        ("１１月２０日", date(2026, 11, 20)),
        ("不记得了", None),
        ("31.2.", None),
        ("order 2100000000001", None),
        ("2月30日", None),
    ],
)
def test_day_in_words(text: str, day: date | None) -> None:
    assert day_in(text, MONDAY) == day
