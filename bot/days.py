"""Days in people's words: `11月20日`, `十一月五号`, `上周三`, `十月底`, `20 Nov`, `a week ago`."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from bot.language import ONE_SCRIPT

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
AGO = {
    "今天": 0, "今日": 0, "今早": 0, "今晚": 0, "刚刚": 0, "刚才": 0, "today": 0, "tonight": 0, "this morning": 0, "just now": 0,
    "昨天": 1, "昨日": 1, "昨晚": 1, "昨儿": 1, "yesterday": 1, "last night": 1, "前天": 2, "前日": 2, "前晚": 2, "大前天": 3,
    "the day before yesterday": 2, "day before yesterday": 2, "明天": -1, "明日": -1, "tomorrow": -1, "后天": -2,
}  # fmt: skip
SALES = {"11": (11, 11), "12": (12, 12)}
"""双十一 and 双十二, the days on which people buy."""
PARTS_OF_A_MONTH = {
    "初": 1,
    "beginning": 1,
    "start": 1,
    "early": 1,
    "中": 15,
    "mid": 15,
    "middle": 15,
    "底": 31,
    "末": 31,
    "end": 31,
}
"""What is said so roughly is read as one day: the first, the 15th or the last."""

MOST_CHARS = 1000
"""Of a text are looked through: nobody names a day further on."""
DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
TENS = {"十": 1, "廿": 2, "卅": 3}
NUMERALS = "〇零一二三四五六七八九十廿卅两"
UNIT = "年|月|日|号|天|个|周|星期|礼拜|小时|分钟"
NUMERAL = re.compile(
    rf"(?<![周期拜{NUMERALS}])[{NUMERALS}]{{1,4}}(?=\s*(?:{UNIT}))|(?<=月)[{NUMERALS}]{{1,3}}|(?<=双)[{NUMERALS}]{{1,2}}"
)
ENGLISH_NUMBERS = {
    name: number
    for number, name in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"), start=1
    )
} | {"a couple of": 2, "couple of": 2, "a": 1, "an": 1}
NO_DAY_AFTER = "(?!电池|楼|线|店|柜|门|机|色|款|店铺|仓)"
"""Behind 五号 these are no day: 五号电池 are batteries."""
MONTH = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?"
    "|dec(?:ember)?"
)
DAY_NUMBER = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
CHINESE_SPAN = "天|日|周|星期|礼拜|月|年|小时|分钟"
COUNT = "|".join(sorted(ENGLISH_NUMBERS, key=len, reverse=True))

Read = Callable[[re.Match[str], date], Sequence[date]]
"""Return the days that may be meant, the likeliest first."""


def day_in(text: str, today: date, *, is_past: bool = False) -> date | None:
    """Return the day that the text names, or None.

    A day without a year or a month is the one nearest to today; with `is_past`, for what has happened, it is the last one, and no
    day after today is meant at all.
    """
    return day_and_rest(text, today, is_past=is_past)[0]


def day_and_rest(text: str, today: date, *, is_past: bool = False) -> tuple[date | None, str]:
    """Return the day that the text names, and the text without it, in small letters and simplified Chinese."""
    plain = with_digits(unicodedata.normalize("NFKC", text[:MOST_CHARS]).lower().translate(ONE_SCRIPT))
    for pattern, read in PATTERNS:
        for found in pattern.finditer(plain):
            days = [day for day in read(found, today) if day <= today or not is_past]
            if days:
                return days[0], plain[: found.start()] + plain[found.end() :]
    return None, plain


def with_digits(text: str) -> str:
    """Return the text with the Chinese numerals of its days in digits: 十一月廿五号 is 11月25号."""
    return NUMERAL.sub(lambda found: str(number_of(found.group())), text)


def number_of(numeral: str) -> int:
    """三十一, 廿五, 二〇二六."""
    for sign, tens in TENS.items():
        before, ten, after = numeral.partition(sign)
        if ten:
            return (number_of(before) if before else 1) * tens * 10 + (number_of(after) if after else 0)
    return int("".join(str(DIGITS[char]) for char in numeral))


def day_of(year: int, month: int, day: int) -> list[date]:
    """Return the day; nothing when there is none, as on the 31st of November."""
    try:
        return [date(year + 2000 if year < 100 else year, month, day)]
    except ValueError:
        return []


def with_year(found: re.Match[str], _today: date) -> list[date]:
    return day_of(*(int(part) for part in found.groups()))


def with_year_last(found: re.Match[str], _today: date) -> list[date]:
    """11/20/2026 and 20/11/2026: what can be no month is the day."""
    first, second, year = (int(part) for part in found.groups())
    return day_of(year, first, second) or day_of(year, second, first)


def without_year(found: re.Match[str], today: date) -> list[date]:
    return nearest(today, int(found[1]), int(found[2]))


def month_and_day(found: re.Match[str], today: date) -> list[date]:
    """11/20, and 20/11 too."""
    first, second = int(found[1]), int(found[2])
    return nearest(today, first, second) or nearest(today, second, first)


def english(found: re.Match[str], today: date) -> list[date]:
    parts = found.groupdict()
    month = MONTHS.index(parts["month"][:3]) + 1
    return (
        day_of(int(parts["year"]), month, int(parts["day"]))
        if parts["year"]
        else nearest(today, month, int(parts["day"]))
    )


def named(found: re.Match[str], today: date) -> list[date]:
    return [today - timedelta(days=AGO[found.group()])]


def some_time_ago(found: re.Match[str], today: date) -> list[date]:
    count, unit = found[1], found[2]
    number = 0.5 if count == "半" else ENGLISH_NUMBERS.get(count) or float(count)
    if unit in ("小时", "分钟") or unit.startswith(("hour", "minute")):
        return [today]
    if unit in ("月", "month"):
        return [today - timedelta(days=15)] if count == "半" else months_before(today, int(number))
    days = {"天": 1, "日": 1, "day": 1, "年": 365, "year": 365}.get(unit, 7)
    return [today - timedelta(days=int(days * number))]


def months_before(today: date, months: int) -> list[date]:
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    return day_of(year, month + 1, min(today.day, monthrange(year, month + 1)[1])) if year > 0 else []


def weekday(found: re.Match[str], today: date) -> list[date]:
    """周三 is the last one, today too; 上周三 that of the week before, 下周三 that of the next week."""
    which = "一二三四五六日".index(found[2].replace("天", "日"))
    of_this_week = today + timedelta(days=which - today.weekday())
    weeks = found[1].count("上") - found[1].count("下") if found[1] else None
    if weeks:
        return [of_this_week - timedelta(weeks=weeks)]
    return [of_this_week - timedelta(weeks=of_this_week > today)]


def english_weekday(found: re.Match[str], today: date) -> list[date]:
    """Friday is the last one, today too; last Friday is one before today."""
    which = WEEKDAYS.index(found[2])
    days = (today.weekday() - which) % 7
    return [today - timedelta(days=days or (7 if found[1] == "last " else 0))]


def short_weekday(found: re.Match[str], today: date) -> list[date]:
    name = found[2] or found[0].strip(" .,!?")
    return [today - timedelta(days=(today.weekday() - WEEKDAYS.index(name)) % 7 or (7 if found[1] == "last " else 0))]


def of_a_month(found: re.Match[str], today: date) -> list[date]:
    """The 5th, 5号: of this month or of those beside it; 上个月5号: of the last month."""
    before, number = found["before"] or "", int(found["day"])
    months = {"上": (1,), "last": (1,), "上上": (2,), "这": (0,), "本": (0,), "this": (0,), "下": (-1,)}.get(
        before, (0, 1, -1, 2)
    )
    first = [today.replace(day=1)]
    days = [
        day
        for month in months
        for start in (months_before(first[0], month))
        for day in day_of(start.year, start.month, number)
    ]
    return sorted(days, key=lambda day: (abs(day - today), day > today))


def part_of_a_month(found: re.Match[str], today: date) -> list[date]:
    """十月底, 上个月底, the end of October."""
    number = PARTS_OF_A_MONTH[found["part"]]
    name = found["month"]
    if name[:3] in MONTHS or name.isdecimal():
        month = int(name) if name.isdecimal() else MONTHS.index(name[:3]) + 1
        if not 1 <= month <= 12:
            return []
        years = (today.year, today.year - 1)
        days = [date(year, month, min(number, monthrange(year, month)[1])) for year in years]
        return sorted(days, key=lambda day: abs(day - today))
    start = months_before(today.replace(day=1), {"上": 1, "last month": 1}.get(name, 0))[0]
    return [start.replace(day=min(number, monthrange(start.year, start.month)[1]))]


def sale(found: re.Match[str], today: date) -> list[date]:
    return nearest(today, *SALES[found[1]])


def nearest(today: date, month: int, day: int) -> list[date]:
    """Return this day of the years around today, the nearest first."""
    days = [one for year in (today.year - 1, today.year, today.year + 1) for one in day_of(year, month, day)]
    return sorted(days, key=lambda one: abs(one - today))


PATTERNS: Sequence[tuple[re.Pattern[str], Read]] = (
    (re.compile(r"(?<!\d)((?:20)?\d\d)\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})(?!\d)"), with_year),
    (re.compile(r"(?<!\d)(20\d\d)\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{1,2})(?!\d)"), with_year),
    (re.compile(r"(?<!\d)(20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)"), with_year),
    (re.compile(r"(?<![\d./-])(\d{1,2})[/.-](\d{1,2})[/.-]((?:20)?\d\d)(?![\d./-])"), with_year_last),
    (re.compile(r"(?P<before>上上|上|这|本|下)个?月\s*(?P<day>\d{1,2})\s*[日号]?"), of_a_month),
    (re.compile(r"(?<!\d)(\d{1,2})\s*月\s*(?:份的?)?(\d{1,2})(?!\d)"), without_year),
    (re.compile(r"(?P<month>上|这|本|(?<!\d)\d{1,2})\s*个?月份?(?P<part>[初中底末])"), part_of_a_month),
    (re.compile("|".join(sorted(AGO, key=len, reverse=True))), named),
    (re.compile(rf"(?<!\d)(\d{{1,3}}|半)\s*个?多?({CHINESE_SPAN})(?:之|以)?前"), some_time_ago),
    (re.compile(rf"\b(\d{{1,3}}|{COUNT})\s+(day|week|month|year|hour|minute)s?\s+(?:ago|back|earlier)"), some_time_ago),
    (re.compile(rf"(?<!\d){DAY_NUMBER}\s*(?:of\s+)?\b(?P<month>{MONTH})\b\.?(?:,?\s*(?P<year>20\d\d))?"), english),
    (re.compile(rf"\b(?P<month>{MONTH})\b\.?\s+(?:the\s+)?{DAY_NUMBER}(?![\d:])(?:,?\s*(?P<year>20\d\d))?"), english),
    (
        re.compile(
            rf"\b(?P<part>end|beginning|start|middle|early|mid)[ -](?:of\s+)?(?:the\s+)?(?P<month>last month|this month|{MONTH})\b"
        ),
        part_of_a_month,
    ),
    (re.compile(r"(上+个?|下+个?|这个?|本)?(?:周|星期|礼拜)([一二三四五六日天])"), weekday),
    (re.compile(rf"\b(on |last |this )?({'|'.join(WEEKDAYS)})(?:day|sday|nesday|rsday|urday|s|rs)\b"), english_weekday),
    (re.compile(rf"\b(on |last |this )({'|'.join(WEEKDAYS)})\b|^\W*(?:{'|'.join(WEEKDAYS)})\W*$"), short_weekday),
    (re.compile(r"双\s*(11|12)(?!\d)"), sale),
    (re.compile(r"(?<![\d./-])(\d{1,2})[/.-](\d{1,2})(?![\d./-])"), month_and_day),
    (re.compile(rf"(?P<before>)(?<![\d月第])(?P<day>\d{{1,2}})\s*[日号]{NO_DAY_AFTER}"), of_a_month),
    (re.compile(r"\b(?P<before>)(?:on|since|by)?\s*the\s+(?P<day>\d{1,2})(?:st|nd|rd|th)\b"), of_a_month),
)
