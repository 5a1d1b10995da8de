"""Hints for agents about a file: what was noticed in it, and what its own data says. Devices may be wrong, data can be forged."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from bot.model.case import Case
from bot.model.evidence import Evidence
from bot.workdays import day_in_shanghai

CLOCKS_DIFFER = timedelta(days=1)
"""A camera's time has no zone more often than not."""
NOTICED = {
    "blurred": "looks blurred",
    "dark": "is dark",
    "small": "is small",
    "screenshot": "looks like a screenshot",
    "again": "came before: in this request, or in another open one of this customer",
    "card": "shows an identity or bank card",
}


def hints_about(one: Evidence, case: Case) -> list[str]:
    """In sentences, the first words left out. The day on which the customer says they signed stands for the order's until the shop's
    own data is at hand.
    """
    found = [NOTICED[word] for word in dict.fromkeys(one.found.get("advice", ())) if word in NOTICED]
    if other := another_order(one, case):
        found.append(f"another order's number was read in it: {other}, the case is about {case.order_number}")
    if taken_at := str(one.found.get("taken_at", "")):
        found.append(f"taken {taken_at.replace('T', ' ')} (device-reported)")
        found += doubts_about(taken_at, one, case.more)
    if device := one.found.get("device"):
        found.append(f"made with {device} (says the file)")
    if edited_with := one.found.get("edited_with"):
        found.append(f"saved by {edited_with} (says the file)")
    if one.found.get("has_place"):
        found.append("the original tells where it was taken")
    return found


def another_order(one: Evidence, case: Case) -> str:
    """The order number that was read in it, if it is neither the case's nor the other one that the customer told."""
    read = str(one.found.get("order", ""))
    known = {case.order_number, case.more.get("other_order", "")}
    return read if case.order_number and read not in known else ""


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
