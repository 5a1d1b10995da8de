"""Parcels: waybill numbers, whose they are, and what follows from the days that a customer names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bot.answers import Again, Answer, Done, Labelled, has_none
from bot.model.couriers import COURIERS, courier_named, possible_couriers, sure_courier, waybill_alone, waybill_in
from bot.model.numbers import without_private
from bot.model.reasons import REASONS
from bot.turn import Turn
from bot.workdays import day_in_shanghai, work_on

NO_REASON_DAYS = 7
"""From the day after signing (消费者权益保护法 art. 25; 网络购买商品七日无理由退货暂行办法)."""
CATEGORIES = ("clothes", "electronics", "cosmetics", "food", "custom", "digital", "other")
EXCEPTIONS = frozenset({"cosmetics", "food", "custom", "digital"})
"""Categories in which seven-day returns have exceptions by law or by what the buyer confirmed."""


@dataclass(frozen=True, slots=True)
class waybill(Labelled):  # noqa: N801 - reads as a word where forms are declared
    """A waybill number of any form, in its standard spelling, or that there is none ("")."""

    reads_numbers = True

    def read_text(self, turn: Turn, text: str, answers: Mapping[str, Any]) -> Answer:
        public = without_private(text)
        found = waybill_in(public) or waybill_alone(public)
        if found:
            return Done(found)
        if has_none(text):
            return Done("")
        return Again("refund.waybill_again" if any(char.isdigit() for char in text) else None)

    def read_button(self, turn: Turn, argument: str, answers: Mapping[str, Any]) -> Answer:
        return Done("") if argument == "none" else Again()

    def options(self, turn: Turn, answers: Mapping[str, Any]) -> tuple[str, ...]:
        return ("none",)

    def volunteered(self, turn: Turn, text: str) -> str | None:
        """Only one whose form is distinctive: other numbers may be the order's."""
        found = waybill_in(text)
        return found if found and sure_courier(found) else None


@dataclass(frozen=True, slots=True)
class courier(Labelled):  # noqa: N801
    """One of the couriers that a waybill number may belong to."""

    def read_text(self, turn: Turn, text: str, answers: Mapping[str, Any]) -> Answer:
        named = courier_named(text)
        return Done(named) if named else Again()

    def read_button(self, turn: Turn, argument: str, answers: Mapping[str, Any]) -> Answer:
        return Done(argument) if argument in COURIERS or argument == "other" else Again()

    def options(self, turn: Turn, answers: Mapping[str, Any]) -> tuple[str, ...]:
        return (*(possible_couriers(answers["waybill"]) or tuple(COURIERS)[:4]), "other")

    def label(self, turn: Turn, form: str, step: str, argument: str) -> str:
        return turn.text(f"couriers.name-{argument}")

    def volunteered(self, turn: Turn, text: str) -> str | None:
        return courier_named(text)


def asks(name: str) -> Callable[[Mapping[str, Any]], bool]:
    """Is this question one of the reason's own?"""
    return lambda answers: name in REASONS[answers.get("reason", "other")].asks


def needs_courier(answers: Mapping[str, Any]) -> bool:
    number = answers.get("waybill")
    return bool(asks("waybill")(answers) and number and sure_courier(number) is None)


def courier_of(answers: Mapping[str, Any]) -> str | None:
    number = answers.get("waybill")
    return (sure_courier(number) or answers.get("courier")) if number else None


def tell_where_to_track(turn: Turn, _value: Any) -> None:
    """As soon as the courier is known: where the parcel can be looked up, before anything else is asked."""
    opened = turn.conversation.form
    assert opened
    known = COURIERS.get(courier_of(opened.answers) or "")
    if known and known.site:
        name = turn.text(f"couriers.name-{known.id}")
        turn.say("refund.track", name=name, site=known.site, hotline=known.hotline)


def compare_promise(turn: Turn, value: str) -> None:
    """A promised day that has not come yet is said; whether it counts is for a person to decide."""
    if value and date.fromisoformat(value) >= day_in_shanghai(turn.now):
        turn.say("refund.promise_ahead", day=date.fromisoformat(value))


def tell_last_day(turn: Turn, value: str) -> None:
    if value:
        say_last_day(turn, date.fromisoformat(value))


def say_last_day(turn: Turn, received: date, options: tuple[str, ...] = ()) -> None:
    last = last_day_to_return(received)
    key = "refund.last_day" if last >= day_in_shanghai(turn.now) else "refund.last_day_past"
    turn.say(key, options=options, day=last)


def tell_exception(turn: Turn, value: str) -> None:
    if value in EXCEPTIONS:
        turn.say(f"refund.exception-{value}")


def last_day_to_return(received: date) -> date:
    """The seventh day after signing; one that is no working day gives way to the next (民法典 art. 203)."""
    last = received + timedelta(days=NO_REASON_DAYS)
    while not work_on(last)[0]:
        last += timedelta(days=1)
    return last
