"""Refund: a customer wants something put right. One form for every reason."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from bot.answers import choice, order_number, words
from bot.forms import Ask, Form, forget, names_another, open_form, pause, resume, volunteer
from bot.model.case import Case, CaseStatus
from bot.model.events import Due, Pressed
from bot.model.evidence import EvidenceState
from bot.model.reasons import REASONS, WISHES
from bot.router import Router
from bot.turn import Turn
from bot.workdays import day_in_shanghai, end_of, workday_after
from handlers.claims import likely_reasons, reason_in, reason_said, story_in, wish_in
from handlers.human import call
from handlers.shots import all_there, needs_photos, photos, show_missing

router = Router("refund")


@dataclass(frozen=True, slots=True)
class Refund:
    """The answers. `photos` is `done`, or `waived` when the customer could not give all; None when none were wanted."""

    order: str
    reason: str
    details: str
    wish: str
    photos: str | None


def review(turn: Turn, answers: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "order": answers["order"] or turn.text("refund.order-none"),
        "reason": turn.text(f"reasons.reason-{answers['reason']}"),
        "details": answers["details"],
        "wish": turn.text(f"reasons.wish-{answers['wish']}"),
        "photos": str(len(turn.evidence.unassigned())),
        "day": deadline(turn).day,
    }


def deadline(turn: Turn) -> Any:
    return workday_after(day_in_shanghai(turn.now), turn.settings.promise.review_workdays)


def open_case(turn: Turn, answers: Refund, intake: str) -> None:
    due = deadline(turn)
    pictures = turn.evidence.unassigned()
    case = Case(
        number=turn.shared.new_case_number(),
        customer=turn.conversation.customer,
        address=turn.conversation.address,
        intake=intake,
        order_number=answers.order,
        reason=answers.reason,
        details=answers.details,
        wish=answers.wish,
        status=CaseStatus.UNDER_REVIEW,
        submitted_at=turn.now,
        photos=len(pictures),
        evidence_count=len(pictures),
        submitted_evidence=len(pictures),
        promised_on=due.day,
        is_estimate=due.is_estimate,
    )
    turn.cases.add(case)
    turn.evidence.assign(pictures, case.number)
    facts: dict[str, Any] = {
        "evidence": [[one.id, one.sha256] for one in pictures],
        "order": answers.order,
        "reason": answers.reason,
    }
    case = turn.record(case, "opened", "customer", **facts, wish=answers.wish, details=answers.details)
    if answers.photos == "waived":
        missing = REASONS[answers.reason].shots[len(pictures) :]
        case = turn.record(case, "shots_waived", "customer", shots=list(missing))
    turn.record(case, "submitted", "customer", step=True, photos=len(pictures))
    turn.remind_at(end_of(due.day), "review_due", case.number)
    key = "refund.submitted_estimate" if due.is_estimate else "refund.submitted"
    turn.say(key, options=(f"status:{case.number}", f"add:{case.number}", "human"), number=case.number, day=due.day)
    if turn.conversation.person_asked_at:
        turn.record(turn.cases.by_number[case.number], "person_asked_for", "customer")


def follow_reason(turn: Turn, reason: str) -> None:
    """Another reason wants other photos; and a danger goes to a person before anything else is asked."""
    forget(turn, "photos")
    if REASONS[reason].at_once:
        call(turn, "human.danger")


REFUND = router.form(
    Form(
        "refund",
        version=1,
        steps=(
            Ask("order", order_number(), subject=True),
            Ask(
                "reason",
                choice(tuple(REASONS), "reasons.reason", reason_said, reason_in, likely_reasons),
                taken=follow_reason,
            ),
            Ask("details", words(at_least=4, at_most=1000, hints=story_in)),
            Ask("wish", choice(WISHES, "reasons.wish", wish_in, wish_in)),
            Ask("photos", photos(), when=needs_photos, shows=show_missing, found=all_there),
        ),
        into=Refund,
        finish=open_case,
        review=review,
    )
)


@router.command("refund")
@router.button("refund")
@router.meaning("act.refund")
@router.meaning("reason.*")
def start_refund(turn: Turn) -> None:
    text = "" if isinstance(turn.event.body, Pressed) else turn.event.words
    opened = turn.conversation.form
    if opened and opened.is_paused and reason_in(turn, text) is None:
        turn.say("refund.draft", options=("draft_resume", "draft_new"), **kept_until(turn))
        return
    if opened and not opened.is_paused:
        if names_another(turn, REFUND, opened, text):
            return
        volunteer(turn, REFUND, text)
        resume(turn, REFUND)
        return
    begin(turn, text)


@router.button("draft_resume")
def resume_draft(turn: Turn) -> None:
    resume(turn, REFUND)


@router.button("draft_new")
def start_over(turn: Turn) -> None:
    remove_photos(turn)
    begin(turn, "")


@router.command("cancel")
@router.button("cancel")
@router.meaning("act.cancel")
def put_aside(turn: Turn) -> None:
    opened = turn.conversation.form
    if opened is None:
        turn.say("refund.nothing_open", options=("refund", "status"))
        return
    pause(turn)
    turn.say("refund.put_aside", options=("draft_resume", "draft_drop"), **kept_until(turn))


@router.button("draft_drop")
def drop_draft(turn: Turn) -> None:
    remove_photos(turn)
    turn.update(form=None)
    turn.say("refund.dropped", options=("refund", "help"))


@router.due("draft_waits")
def remind_of_draft(turn: Turn) -> None:
    opened = turn.conversation.form
    assert isinstance(turn.body, Due)
    if opened and opened.intake == turn.body.subject:
        turn.say("refund.draft_waits", options=("draft_resume", "draft_drop"), **kept_until(turn))


@router.due("draft_ends")
def end_draft(turn: Turn) -> None:
    opened = turn.conversation.form
    assert isinstance(turn.body, Due)
    if opened is None or opened.intake != turn.body.subject:
        return
    ends_at = opened.changed_at + timedelta(days=turn.settings.promise.draft_days)
    if turn.now < ends_at:
        turn.remind_at(ends_at, "draft_ends", opened.intake)
        return
    remove_photos(turn)
    turn.update(form=None)


def remove_photos(turn: Turn) -> None:
    """What came for a draft goes with it."""
    for one in turn.evidence.unassigned():
        turn.evidence.save(replace(one, state=EvidenceState.REMOVED))


def begin(turn: Turn, text: str) -> None:
    open_form(turn, REFUND, text)
    opened = turn.conversation.form
    assert opened
    turn.remind_at(by_day(turn, timedelta(days=1)), "draft_waits", opened.intake)
    turn.remind_at(turn.now + timedelta(days=turn.settings.promise.draft_days), "draft_ends", opened.intake)


def by_day(turn: Turn, after: timedelta) -> Any:
    """A reminder is not urgent: none between 22:00 and 8:00 in Shanghai (UTC+8)."""
    at = turn.now + after
    hour = (at.hour + 8) % 24
    return at + timedelta(hours=(32 - hour) % 24) if hour >= 22 or hour < 8 else at


def kept_until(turn: Turn) -> dict[str, Any]:
    opened = turn.conversation.form
    assert opened
    until = opened.changed_at + timedelta(days=turn.settings.promise.draft_days)
    return {"day": day_in_shanghai(until)}
