"""Case status: a customer asks how their cases are doing."""

from datetime import timedelta

from bot.model.case import OPEN, Case, CaseStatus, Step
from bot.model.conversation import OpenForm
from bot.model.events import Pressed
from bot.model.messages import Button
from bot.router import Router
from bot.turn import Option, Turn
from bot.wording import Money
from bot.workdays import day_in_shanghai, workday_after
from handlers.cases import ask_whose, loose_files

MOST_SHOWN = 8

router = Router("case_status")


@router.command("status")
@router.button("status")
@router.meaning("act.status")
def show_cases(turn: Turn) -> None:
    number = turn.body.argument if isinstance(turn.body, Pressed) else ""
    if number:
        show_one(turn, number)
        return
    if turn.conversation.person_asked_at:
        turn.say("human.waiting")  # first: the buttons of what follows are the last that are offered
    cases = turn.cases.all()
    if not cases and not turn.conversation.form:
        turn.say("case_status.none", options=("refund", "ask"))
    shown = sorted(cases, key=lambda case: case.is_open)[-MOST_SHOWN:]
    if len(shown) < len(cases):
        turn.say("case_status.more", shown=str(len(shown)), count=str(len(cases)))
    for case in shown:
        show(turn, case)
    opened, waiting = turn.cases.open(), loose_files(turn)
    if turn.conversation.form:
        say_draft(turn, turn.conversation.form)
    elif opened and waiting:
        ask_whose(turn, opened, len(waiting))


def say_draft(turn: Turn, form: OpenForm) -> None:
    until = form.changed_at + timedelta(days=turn.settings.promise.draft_days)
    options = ("draft_resume", "draft_drop") if form.is_paused else ("draft_resume", "cancel")
    turn.say("case_status.draft", options=options, day=day_in_shanghai(until))
    turn.form_was_asked = True


def show_one(turn: Turn, number: str) -> None:
    case = turn.cases.find(number)
    if case is None:
        turn.say("case_status.not_found", options=("status", "human"))
        return
    show(turn, case)


def show(turn: Turn, case: Case) -> None:
    lines = [head(turn, case), *(done(turn, step) for step in case.steps), *to_come(turn, case)]
    refresh = Button(f"status:{case.number}", turn.text("case_status.refresh", at=turn.now))
    turn.say_text("\n".join(lines), actions(case), refresh=refresh)


def head(turn: Turn, case: Case) -> str:
    return turn.text("case_status.head", number=case.number, reason=turn.text(f"reasons.reason-{case.reason}"))


def done(turn: Turn, step: Step) -> str:
    values = {name: Money(value) if name == "amount" else value for name, value in step.facts.items()}
    return turn.text(f"case_status.did-{step.what}", at=step.at, **values)


def to_come(turn: Turn, case: Case) -> list[str]:
    """Where it stands and what follows."""
    if case.status is CaseStatus.REJECTED:
        return [turn.text("case_status.then-review")]
    if case.status not in OPEN:
        return []
    key = f"case_status.now-{case.status}" + ("-estimate" if case.is_estimate else "")
    lines = [turn.text(key, day=case.promised_on)]
    if case.status is not CaseStatus.APPROVED:
        lines.append(then(turn, case))
    return lines


def then(turn: Turn, case: Case) -> str:
    """What follows an approval, and for money the last day of both clocks together."""
    if "refund" not in case.wish:
        return turn.text(f"case_status.then-{case.wish}")
    days = turn.settings.promise.refund_workdays
    latest = workday_after(case.promised_on, days)
    if latest.is_estimate or case.is_estimate or case.status is CaseStatus.NEED_MORE:
        return turn.text(f"case_status.then-{case.wish}-estimate", days=days)
    return turn.text(f"case_status.then-{case.wish}", days=days, day=latest.day)


def actions(case: Case) -> list[Option]:
    options: list[Option] = []
    if case.takes_evidence and case.status is not CaseStatus.APPROVED:
        options.append(f"add:{case.number}")
    if case.can("withdraw"):
        options.append(f"withdraw:{case.number}")
    return [*options, f"pack:{case.number}", "human"] if options else [f"pack:{case.number}", "human", "refund"]
