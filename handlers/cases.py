"""A customer's own changes to a case: withdraw it, add a photo or an explanation."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from bot.answers import MOST_BUTTONS
from bot.model.case import MOVES, Case, CaseStatus
from bot.model.events import Pressed
from bot.model.evidence import Evidence
from bot.model.messages import Button
from bot.model.numbers import Kind, without_private
from bot.router import Router
from bot.turn import Turn
from bot.workdays import day_in_shanghai, end_of, workday_after, workdays_between

router = Router("cases")


@router.button("withdraw")
@router.command("withdraw")
def ask_whether_to_withdraw(turn: Turn) -> None:
    opened = [case for case in turn.cases.open() if case.can("withdraw")]
    case = named_case(turn, opened)
    if case is None and len(opened) > 1 and not names_one(turn):
        ask_which(turn, "withdraw", opened)
        return
    if case is None or not case.can("withdraw"):
        turn.say("cases.nothing_to_withdraw", options=("status", "human"))
        return
    turn.say("cases.withdraw", options=(f"withdraw_now:{case.number}", "status"), number=case.number)


@router.meaning("act.withdraw")
def find_what_to_withdraw(turn: Turn) -> None:
    if turn.conversation.form and not turn.cases.open():
        turn.say("cases.not_submitted_yet", options=("cancel", "refund"))
        return
    ask_whether_to_withdraw(turn)


@router.button("withdraw_now")
def withdraw(turn: Turn) -> None:
    case = named_case(turn)
    if case and case.status is CaseStatus.WITHDRAWN:
        turn.say("cases.withdrawn_already", options=("refund", "status"), number=case.number)
        return
    if case is None or not case.can("withdraw"):
        turn.say("cases.nothing_to_withdraw", options=("status", "human"))
        return
    turn.record(replace(case, status=MOVES["withdraw"][1]), "withdrawn", "customer", step=True)
    turn.say("cases.withdrawn", options=("refund", "help"), number=case.number)


@router.button("add")
@router.command("add")
def ask_for_photos(turn: Turn) -> None:
    taking = turn.cases.taking_evidence()
    case = named_case(turn, taking)
    if case is None and len(taking) > 1 and not names_one(turn):
        ask_which(turn, "add", taking)
        return
    if case is None or not case.takes_evidence:
        turn.say("cases.takes_nothing", options=("status", "human"))
        return
    waiting = loose_files(turn)
    if waiting and not turn.conversation.form:
        add_files(turn, case, waiting)
        return
    turn.update(files_for=case.number)
    turn.say("cases.send_photos", options=("status", "human"), number=case.number)


@router.button("photo_for")
def assign_waiting_photos(turn: Turn) -> None:
    case = named_case(turn)
    waiting = loose_files(turn)
    if case is None or not case.takes_evidence or not waiting:
        turn.say("cases.takes_nothing", options=("status", "human"))
        return
    add_files(turn, case, waiting)


def ask_whose(turn: Turn, opened: Sequence[Case], count: int) -> None:
    which = [case_button(turn, "photo_for", case) for case in opened[-4:]]
    turn.say("photos.which_case", options=(*which, "refund"), count=count)


def loose_files(turn: Turn) -> list[Evidence]:
    """What belongs to no case and is no part of a draft."""
    return [one for one in turn.evidence.kept() if not is_of_draft(turn, one)]


def gets_files(turn: Turn, case: Case) -> bool:
    """Files of which nobody has said whose they are, and those still on their way, are for the case that is named now.

    Where a platform has no captions, the words come as a message of their own.
    """
    coming, waiting = turn.evidence.coming(), loose_files(turn)
    if not case.takes_evidence or turn.conversation.form or not (coming or waiting):
        return False
    for one in coming:
        turn.evidence.save(replace(one, found={**one.found, "for": case.number}))
    if waiting:
        add_files(turn, case, waiting)
    return True


def is_of_draft(turn: Turn, one: Evidence) -> bool:
    """Whether it was sent for the request that is being filled in or put aside, or was taken for one of its shots."""
    form = turn.conversation.form
    return form is not None and (bool(one.shot) or one.found.get("draft") == form.intake)


def add_files(turn: Turn, case: Case, files: Sequence[Evidence]) -> None:
    """Files that have come become the case's."""
    turn.evidence.assign(files, case.number)
    photos = [one for one in files if one.is_picture]
    case = replace(case, photos=case.photos + len(files), evidence_count=case.evidence_count + len(files))
    what = "photos_added" if len(photos) == len(files) else "files_added"
    case = turn.record(case, what, "customer", step=True, photos=len(files))
    case = look_again(turn, case)
    say_added(turn, case, "cases.photos_added" if photos else "cases.file_added", count=len(files))


def take_explanation(turn: Turn, number: str) -> None:
    """Words that answer what the agents asked for, which may have been a telephone number."""
    case = turn.cases.by_number[number]
    case = replace(case, evidence_count=case.evidence_count + 1)
    words = without_private(turn.event.words, (Kind.IDENTITY, Kind.BANK))
    case = turn.record(case, "explained", "customer", step=True, words=words)
    case = look_again(turn, case)
    say_added(turn, case, "cases.explanation_added")


def say_added(turn: Turn, case: Case, key: str, count: int = 1) -> None:
    options = ("status", f"add:{case.number}", "human")
    key = "cases.added_after_approval" if case.status is CaseStatus.APPROVED else key
    turn.say(key, options=options, number=case.number, day=case.promised_on, count=count)


def look_again(turn: Turn, case: Case) -> Case:
    """Return the case, back in review: a paused clock goes on with the working days left, a rejected case gets a new clock."""
    if not case.can("supplement"):
        return case
    days = turn.settings.promise.review_workdays
    if case.status is CaseStatus.NEED_MORE and case.paused_on:
        days = workdays_left(case, case.paused_on, days)
    deadline = workday_after(day_in_shanghai(turn.now), days)
    case = replace(
        case,
        status=MOVES["supplement"][1],
        promised_on=deadline.day,
        is_estimate=deadline.is_estimate,
        paused_on=None,
    )
    turn.remind_at(end_of(deadline.day), "review_due", case.number)
    return turn.record(case, "review_resumed", "clock")


def workdays_left(case: Case, paused_on: date, budget: int) -> int:
    """Return how many of the clock's working days were left when it paused, at least 1.

    They are counted from the promise that stood then, never from the submission: every earlier pause is in that promise, so
    that asking again takes nothing from it.
    """
    due = review_due_before_pause(case)
    if due is None:  # the pause began before its entry kept the promise
        return max(1, budget - workdays_between(day_in_shanghai(case.submitted_at), paused_on))
    return max(1, workdays_between(paused_on, due))


def review_due_before_pause(case: Case) -> date | None:
    """Return the day by which a decision was promised when agents last asked for more; None if that was not noted."""
    noted = [step.facts.get("review_due") for step in case.steps if step.what == "asked_for_more"]
    return date.fromisoformat(noted[-1]) if noted and noted[-1] else None


def named_case(turn: Turn, several: Sequence[Case] = ()) -> Case | None:
    """The case that the button or command names; without a number, the only one of several."""
    if isinstance(turn.body, Pressed) and turn.body.argument:
        return turn.cases.find(turn.body.argument)
    return several[0] if len(several) == 1 else None


def names_one(turn: Turn) -> bool:
    return isinstance(turn.body, Pressed) and bool(turn.body.argument)


def ask_which(turn: Turn, action: str, several: Sequence[Case]) -> None:
    options = [case_button(turn, action, case) for case in several[-MOST_BUTTONS + 1 :]]
    turn.say("cases.which", options=[*options, "human"])


def case_button(turn: Turn, action: str, case: Case) -> Button:
    return Button(f"{action}:{case.number}", f"{case.number} {turn.text(f'reasons.reason-{case.reason}')}")
