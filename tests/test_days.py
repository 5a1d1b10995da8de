"""Days in people's words."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.days import day_in
from tests.scripts import in_both_scripts

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "day"),
    in_both_scripts(
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
        ]
    ),
)
def test_day_in_words(text: str, day: date | None) -> None:
    assert day_in(text, MONDAY) == day


@pytest.mark.parametrize(
    ("text", "day"),
    in_both_scripts(
        [
            ("十一月五号", date(2026, 11, 5)),
            ("十一月五號簽收", date(2026, 11, 5)),
            ("五号", date(2026, 11, 5)),
            ("廿五号", date(2026, 10, 25)),
            ("三十号收到的", date(2026, 10, 30)),
            ("11月25号签收", date(2025, 11, 25)),
            ("11月23日", date(2026, 11, 23)),
            ("十二月一日", date(2025, 12, 1)),
            ("二零二六年十一月五日", date(2026, 11, 5)),
            ("26年11月5号", date(2026, 11, 5)),
            ("20261105", date(2026, 11, 5)),
            ("20/11/2026", date(2026, 11, 20)),
            ("20/11", date(2026, 11, 20)),
            ("上个月三十号", date(2026, 10, 30)),
            ("上個月5號", date(2026, 10, 5)),
            ("十月底", date(2026, 10, 31)),
            ("上月底", date(2026, 10, 31)),
            ("11月初", date(2026, 11, 1)),
            ("月中", None),
            ("这个月中", date(2026, 11, 15)),
            ("前天晚上", date(2026, 11, 21)),
            ("昨日", date(2026, 11, 22)),
            ("刚刚签收的", date(2026, 11, 23)),
            ("三小时前", date(2026, 11, 23)),
            ("一周前", date(2026, 11, 16)),
            ("兩個禮拜前", date(2026, 11, 9)),
            ("半个月前", date(2026, 11, 8)),
            ("一个月前", date(2026, 10, 23)),
            ("十天以前", date(2026, 11, 13)),
            ("上周三", date(2026, 11, 18)),
            ("上上周五", date(2026, 11, 13)),
            ("上星期天", date(2026, 11, 22)),
            ("这周一", date(2026, 11, 23)),
            ("周二", date(2026, 11, 17)),
            ("双十一买的", date(2026, 11, 11)),
            ("a week ago", date(2026, 11, 16)),
            ("two weeks ago", date(2026, 11, 9)),
            ("a couple of days ago", date(2026, 11, 21)),
            ("about a month ago", date(2026, 10, 23)),
            ("three days back", date(2026, 11, 20)),
            ("the day before yesterday", date(2026, 11, 21)),
            ("last night", date(2026, 11, 22)),
            ("last Friday", date(2026, 11, 20)),
            ("last Monday", date(2026, 11, 16)),
            ("on Monday", date(2026, 11, 23)),
            ("the 5th", date(2026, 11, 5)),
            ("on the 30th", date(2026, 10, 30)),
            ("30 Nov", date(2025, 11, 30)),
            ("November 5th, 2026", date(2026, 11, 5)),
            ("end of October", date(2026, 10, 31)),
            ("early November", date(2026, 11, 1)),
            ("明天", None),
            ("tomorrow", None),
            ("下周三", None),
            ("五号电池", None),
            ("第五号", None),
            ("it sat there for days", None),
            ("3 novels", None),
            ("it may be 5", None),
            ("上周", None),
            ("三个杯子", None),
            ("31号电池", None),
        ]
    ),
)
def test_day_of_what_has_happened_is_past(text: str, day: date | None) -> None:
    assert day_in(text, MONDAY, is_past=True) == day


@given(
    st.text(alphabet="零〇一二三四五六七八九十廿卅两0123456789年月日号周上下前天底个半 -/.lastfridygoe", max_size=30),
    st.dates(date(2020, 1, 1)),
)
def test_no_words_are_read_as_a_day_to_come_where_it_is_past(text: str, today: date) -> None:
    day = day_in(text, today, is_past=True)

    assert day is None or day <= today
    day_in(text, today)


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.integers(0, 300))
def test_a_day_is_read_as_it_is_written(today: date, ago: int) -> None:
    day = today - timedelta(days=ago)

    assert day_in(f"{day.month}月{day.day}日", today, is_past=True) == day
    assert day_in(f"{chinese(day.month)}月{chinese(day.day)}号", today, is_past=True) == day
    assert day_in(f"{chinese(ago)}天前" if 0 < ago < 100 else f"{ago} days ago", today, is_past=True) == day
    assert day_in(f"{day:%d %B %Y}", today) == day


def chinese(number: int) -> str:
    """二十一, for 1 to 99."""
    tens, ones = divmod(number, 10)
    digits = "零一二三四五六七八九"
    return ("" if tens < 2 else digits[tens]) + ("十" if tens else "") + (digits[ones] if ones else "")


@pytest.mark.parametrize(
    "text", ["十" * 5000 + "月", "月" + "十" * 5000, "一" * 5000 + "号", "1" * 9000 + "月1日", "双" + "十" * 900]
)
def test_endless_numeral_is_no_day(text: str) -> None:
    assert day_in(text, MONDAY) is None
