"""Days in people's words: `11月20日`, `昨天`, `上周三`, `20 Nov`, `3 days ago`."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from bot.language import ONE_SCRIPT

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
AGO = {
    "今天": 0, "today": 0, "昨天": 1, "昨晚": 1, "yesterday": 1, "前天": 2, "大前天": 3,
    "明天": -1, "tomorrow": -1, "后天": -2,
}  # fmt: skip
NUMBERS = {char: value for value, char in enumerate("零一二三四五六七八九十")} | {"两": 2}

Read = Callable[[re.Match[str], date], date | None]


def day_in(text: str, today: date) -> date | None:
    """The day that the text names. A day without a year, or a weekday, is the one nearest to today, or the last one."""
    plain = unicodedata.normalize("NFKC", text).lower().translate(ONE_SCRIPT)
    for pattern, read in PATTERNS:
        found = pattern.search(plain)
        if found:
            try:
                day = read(found, today)
            except ValueError:  # the 31st of a month that has none
                continue
            if day:
                return day
    return None


def whole(found: re.Match[str], _today: date) -> date:
    return date(*(int(part) for part in found.groups()))


def without_year(found: re.Match[str], today: date) -> date | None:
    return nearest(today, int(found[1]), int(found[2]))


def english(found: re.Match[str], today: date) -> date | None:
    parts = [part for part in found.groups() if part]
    name = next(part for part in parts if not part.isdecimal())
    number = next(part for part in parts if part.isdecimal())
    return nearest(today, MONTHS.index(name[:3]) + 1, int(number))


def named(found: re.Match[str], today: date) -> date:
    return today - timedelta(days=AGO[found.group()])


def days_ago(found: re.Match[str], today: date) -> date:
    return today - timedelta(days=NUMBERS[found[1]] if found[1] in NUMBERS else int(found[1]))


def weekday(found: re.Match[str], today: date) -> date:
    """The last such day; with `last week` that of the week before."""
    which = WEEKDAYS.index(found[2]) if found[2].isascii() else "一二三四五六日".index(found[2].replace("天", "日"))
    if found[1] and "上" in found[1]:
        return today - timedelta(days=today.weekday() + 7 - which)
    return today - timedelta(days=(today.weekday() - which) % 7)


def of_this_month(found: re.Match[str], today: date) -> date | None:
    days = (today + timedelta(days=offset) for offset in nearby())
    return next((day for day in days if day.day == int(found[1])), None)


def nearest(today: date, month: int, day: int) -> date | None:
    days = [date(year, month, day) for year in (today.year - 1, today.year, today.year + 1) if exists(year, month, day)]
    return min(days, key=lambda one: abs(one - today), default=None)


def exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def nearby() -> Sequence[int]:
    """Days from today, nearest first, the past first."""
    return [step for distance in range(16) for step in (-distance, distance)]


PATTERNS: Sequence[tuple[re.Pattern[str], Read]] = (
    (re.compile(r"(20\d\d)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})"), whole),
    (re.compile(r"(?<!\d)(\d{1,2})\s*月\s*(\d{1,2})(?!\d)"), without_year),
    (re.compile(r"大前天|今天|昨天|昨晚|前天|明天|后天|\b(?:today|yesterday|tomorrow)\b"), named),
    (re.compile(r"(?<!\d)(\d{1,2}|[一二两三四五六七八九十])\s*(?:天前|天以前|days? ago)"), days_ago),
    (re.compile(rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)?\s*(?:of\s+)?\b({'|'.join(MONTHS)})[a-z]*"), english),
    (re.compile(rf"\b({'|'.join(MONTHS)})[a-z]*\.?\s+(\d{{1,2}})(?!\d)"), english),
    (re.compile(r"(上)?(?:周|星期|礼拜)([一二三四五六日天])"), weekday),
    (re.compile(rf"\b(on |last )?({'|'.join(WEEKDAYS)})(?:day|sday|nesday|rsday|urday)?\b"), weekday),
    (re.compile(r"(?<![\d./-])(\d{1,2})[/.-](\d{1,2})(?![\d./-])"), without_year),
    (re.compile(r"(?<![\d月])(\d{1,2})\s*[日号]"), of_this_month),
)
