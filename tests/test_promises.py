"""Promises: asking for more pauses the review clock, and never shortens what was promised."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.app import words
from bot.model.case import Case, CaseStatus
from bot.model.conversation import Conversation
from bot.model.events import Address, AgentAction, Body, Due, Event, Text
from bot.settings import Settings
from bot.turn import Shared, State, Turn
from bot.workdays import day_in_shanghai, end_of, work_on, workday_after
from handlers.agents import ask_for_more, reject
from handlers.cases import take_explanation
from handlers.deadlines import tell_review_is_late

ADDRESS = Address("phone", "anna")
NUMBER = "KS-222-333-444"
DAYS = 7


class Review:
    """One case and its clock, moved by the program's own handlers; each act happens on the day that the test is at."""

    def __init__(self, submitted: date) -> None:
        self.now = datetime(submitted.year, submitted.month, submitted.day, 10, tzinfo=UTC)
        wording, knowledge = words()
        self.shared = Shared(wording, knowledge, Settings())
        due = workday_after(submitted, DAYS)
        self.case = Case(
            NUMBER, "c", str(ADDRESS), "i", "2100000000001", "quality", "it broke", "refund", CaseStatus.UNDER_REVIEW,
            self.now, 0, 0, 0, due.day, due.is_estimate,
        )  # fmt: skip
        self.pauses: list[tuple[date, date]] = []

    @property
    def today(self) -> date:
        return day_in_shanghai(self.now)

    def wait(self, days: int) -> None:
        """A promise that is missed meanwhile is replaced by the next one, as reminders do it."""
        until = self.now + timedelta(days=days)
        while self.case.status is CaseStatus.UNDER_REVIEW and end_of(self.case.promised_on) <= until:
            self.now = end_of(self.case.promised_on)
            self._turn(Due("1", "review_due", NUMBER), tell_review_is_late)
        self.now = until

    def ask(self) -> None:
        self._turn(AgentAction("ask", "li", NUMBER, None, {"text": "a photo of the label"}), ask_for_more)

    def answer(self) -> None:
        self._turn(Text("the label is gone"), lambda turn: take_explanation(turn, NUMBER))

    def reject(self) -> None:
        self._turn(AgentAction("reject", "li", NUMBER, None, {"reason": "blurred", "next": "send another"}), reject)

    def _turn(self, body: Body, handler: object) -> None:
        conversation = Conversation(str(ADDRESS), "c", "en", self.now)
        state = State(conversation, {NUMBER: self.case}, {})
        turn = Turn(Event("e", ADDRESS, self.now, body), self.now, state, self.shared)
        handler(turn)  # type: ignore[operator]
        assert turn.refusal is None
        self.case = turn.cases.by_number[NUMBER]


def due_by_counting(submitted: date, pauses: list[tuple[date, date]]) -> date:
    """The first day by which DAYS working days have counted; one counts unless it is after an asking and not after its answer."""
    day, counted = submitted, 0
    while counted < DAYS:
        day += timedelta(days=1)
        counted += work_on(day)[0] and not any(asked < day <= answered for asked, answered in pauses)
    return day


def test_a_second_asking_does_not_drop_what_the_first_one_added() -> None:
    review = Review(date(2026, 11, 23))
    review.ask()
    review.wait(9)
    review.answer()
    assert review.case.promised_on == date(2026, 12, 11)

    review.ask()
    review.answer()

    assert review.case.promised_on == date(2026, 12, 11)


def test_asking_after_a_rejection_pauses_the_new_clock() -> None:
    review = Review(date(2026, 11, 23))
    review.reject()
    review.case = replace(review.case, promised_on=date(2026, 11, 23))
    review.wait(20)
    review._turn(Text("look again"), lambda turn: take_explanation(turn, NUMBER))
    before = review.case.promised_on
    assert before == workday_after(review.today, DAYS).day

    review.ask()
    review.answer()

    assert review.case.promised_on == before


def test_a_shop_that_promises_less_from_now_on_keeps_what_it_promised() -> None:
    review = Review(date(2026, 11, 23))
    review.ask()
    review.shared = replace(review.shared, settings=Settings(promise={"review_workdays": 3}))
    review.answer()

    assert review.case.promised_on == date(2026, 12, 2)


@pytest.mark.parametrize("asked", [1, 2, 3])
def test_asking_more_than_once_in_one_pause_counts_once(asked: int) -> None:
    review = Review(date(2026, 11, 23))
    for _ in range(asked):
        review.wait(1)
        review.ask()
    review.wait(9 - asked)
    review.answer()

    assert review.case.promised_on == due_by_counting(date(2026, 11, 23), [(date(2026, 11, 24), date(2026, 12, 2))])


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    submitted=st.dates(date(2026, 1, 1), date(2026, 8, 1)),
    rounds=st.lists(st.tuples(st.integers(0, 12), st.integers(0, 20), st.integers(0, 2)), min_size=1, max_size=4),
)
def test_asking_never_shortens_a_promise(submitted: date, rounds: list[tuple[int, int, int]]) -> None:
    review, pauses, is_missed = Review(submitted), [], False
    for until_asked, until_answered, asked_again in rounds:
        review.wait(until_asked)
        stood, asked_on = review.case.promised_on, review.today
        is_missed = is_missed or any(step.what == "promise_missed" for step in review.case.steps)
        review.ask()
        review.wait(until_answered)
        for _ in range(asked_again):
            review.ask()
        review.answer()
        pauses.append((asked_on, review.today))

        assert review.case.promised_on >= stood, "never earlier than what stood before the asking"
        assert review.case.promised_on >= due_by_counting(submitted, []), "nor than without any asking"
        assert review.today == asked_on or review.case.promised_on > review.today
        if not is_missed and due_by_counting(submitted, pauses) > review.today:
            assert review.case.promised_on == due_by_counting(submitted, pauses)
