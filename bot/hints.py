"""Hints for agents about a file: what its own data says of when and with what it was made. Devices may be wrong, data can be forged."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from bot.model.evidence import Evidence
from bot.workdays import day_in_shanghai

CLOCKS_DIFFER = timedelta(days=1)
"""A camera's time has no zone more often than not."""


def hints_about(one: Evidence, more: Mapping[str, str]) -> list[str]:
    """`more` is what the case's customer told (`Case.more`): the day on which they signed stands for the order's until the shop's own
    data is at hand.
    """
    found = []
    if taken_at := str(one.found.get("taken_at", "")):
        found.append(f"taken {taken_at.replace('T', ' ')} (device-reported)")
        found += doubts_about(taken_at, one, more)
    if edited_with := one.found.get("edited_with"):
        found.append(f"saved by {edited_with} (says the file)")
    return found


def doubts_about(taken_at: str, one: Evidence, more: Mapping[str, str]) -> list[str]:
    try:
        taken_on = datetime.fromisoformat(taken_at).date()
    except ValueError:
        return []
    received = date.fromisoformat(more["received"]) if more.get("received") else None
    if received and taken_on < received - CLOCKS_DIFFER:
        return [f"that is {(received - taken_on).days} days before the customer signed for it ({received})"]
    if taken_on > day_in_shanghai(one.received_at) + CLOCKS_DIFFER:
        return ["that is after it was sent to us: the device's clock is wrong"]
    return []
