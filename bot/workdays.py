"""Chinese working days and the days that we promise (民法典 art. 201, 203; the State Council's yearly holiday notice)."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from importlib.metadata import version
from zoneinfo import ZoneInfo

import chinese_calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Deadline:
    """Until 24:00 of `day` in Shanghai. An estimate: a year's holidays were not published yet, only weekends are counted."""

    day: date
    is_estimate: bool


def day_in_shanghai(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()


def workday_after(start: date, days: int) -> Deadline:
    """The `days`-th working day after `start`; `start` itself is not counted. Make-up Saturdays and Sundays count."""
    day, is_estimate = start, False
    while days > 0:
        day += A_DAY
        is_work, is_known = work_on(day)
        is_estimate = is_estimate or not is_known
        days -= is_work
    return Deadline(day, is_estimate)


@lru_cache(maxsize=4096)
def work_on(day: date) -> tuple[bool, bool]:
    """Is it a working day, and is that known? A year without published holidays is counted by its weekends."""
    try:
        return chinese_calendar.is_workday(day), True
    except NotImplementedError:
        return day.weekday() < 5, False


def workdays_between(start: date, end: date) -> int:
    """Working days after `start` up to and with `end`."""
    days = 0
    while start < end:
        start += A_DAY
        days += work_on(start)[0]
    return days


@dataclass(frozen=True, slots=True)
class UnusualDay:
    """A weekday on which nobody works, or a Saturday or Sunday on which people do (调休); `holiday` is which one it is for."""

    day: date
    is_workday: bool
    holiday: str


def unusual_days(start: date, end: date) -> list[UnusualDay]:
    """After `start` up to and with `end`. None are known in a year without published holidays."""
    found = []
    for offset in range(1, (end - start).days + 1):
        day = start + timedelta(days=offset)
        is_workday, is_known = work_on(day)
        if is_known and is_workday != (day.weekday() < 5):
            found.append(UnusualDay(day, is_workday, chinese_calendar.get_holiday_detail(day)[1] or ""))
    return found


def calendar_source() -> str:
    """Where the days come from, with its version."""
    return f"chinesecalendar {version('chinesecalendar')}"


def end_of(day: date) -> datetime:
    """24:00 of the day in Shanghai."""
    return datetime.combine(day + A_DAY, time(), SHANGHAI)
