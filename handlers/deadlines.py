"""Deadlines: a promised day has ended. Kept promises need no word; a missed one is said before the customer asks."""

from dataclasses import replace

import structlog

from bot.model.case import Case, CaseStatus
from bot.model.events import Due
from bot.router import Router
from bot.turn import Turn
from bot.workdays import day_in_shanghai, end_of, workday_after

logger = structlog.get_logger()

router = Router("deadlines")


@router.due("review_due")
def tell_review_is_late(turn: Turn) -> None:
    tell_if_late(turn, CaseStatus.UNDER_REVIEW, "review_due", "deadlines.review_missed")


@router.due("refund_due")
def tell_refund_is_late(turn: Turn) -> None:
    tell_if_late(turn, CaseStatus.APPROVED, "refund_due", "deadlines.refund_missed")


def tell_if_late(turn: Turn, status: CaseStatus, kind: str, key: str) -> None:
    assert isinstance(turn.body, Due)
    case = turn.cases.by_number.get(turn.body.subject)
    if case is None or not is_late(case, status, turn):
        return
    missed = case.promised_on
    deadline = workday_after(day_in_shanghai(turn.now), 1)
    case = replace(case, promised_on=deadline.day, is_estimate=deadline.is_estimate)
    turn.record(case, "promise_missed", "clock", step=True)
    turn.remind_at(end_of(deadline.day), kind, case.number)
    turn.say(key, options=("human", "status"), number=case.number, missed=missed, day=deadline.day)
    logger.error("promise_missed", case=case.number, kind=kind)


def is_late(case: Case, status: CaseStatus, turn: Turn) -> bool:
    """A reminder may come for a promise that was moved since: that day has its own."""
    return case.status is status and turn.now >= end_of(case.promised_on)
