"""Agents' decisions: each changes one case and tells its customer."""

from dataclasses import replace
from datetime import timedelta

from bot.model.case import MOVES, Case
from bot.model.events import AgentAction
from bot.model.messages import Author
from bot.router import Router
from bot.turn import Turn
from bot.wording import Money
from bot.workdays import day_in_shanghai, end_of, workday_after
from handlers.amounts import fen_of
from handlers.cases import review_due_before_pause

MOST_FEN = 100_000_00
"""A refund over CN¥100,000 is a slip of the finger."""

router = Router("agents")


@router.agent("view")
def note_view(turn: Turn) -> None:
    action, case = found(turn)
    if case:
        # What was read, not what may have come since.
        seen = case.evidence_count if action.seen is None else action.seen
        turn.record(case, "viewed", by(action), seen=seen)


@router.agent("approve")
def approve(turn: Turn) -> None:
    action, case = decidable(turn, "approve")
    if case is None:
        return
    amount = action.fields["amount"]
    if not 0 < amount <= MOST_FEN:
        turn.refuse("the amount is more than 0 and at most 100000.00 yuan")
        return
    paid = case.more.get("paid")
    if paid and amount > fen_of(paid) and not action.fields.get("anyway"):
        turn.refuse(
            f"{case.number}: the customer paid {paid} yuan, by their own words, and {amount / 100:.2f} is more: "
            "mend the amount, or add --anyway"
        )
        return
    deadline = workday_after(day_in_shanghai(turn.now), turn.settings.promise.refund_workdays)
    case = moved(case, "approve")
    case = replace(case, amount=amount, promised_on=deadline.day, is_estimate=deadline.is_estimate)
    turn.record(case, "approved", by(action), step=True, amount=amount)
    turn.remind_at(end_of(deadline.day), "refund_due", case.number)
    key = "agents.approved_estimate" if deadline.is_estimate else "agents.approved"
    turn.say(key, options=("status", "human"), number=case.number, amount=Money(amount), day=deadline.day)


@router.agent("reject")
def reject(turn: Turn) -> None:
    action, case = decidable(turn, "reject")
    if case is None:
        return
    why, next_step = action.fields["reason"].strip(), action.fields["next"].strip()
    if not why or not next_step:
        turn.refuse("a rejection needs --reason and --next: what the customer can do now")
        return
    turn.record(moved(case, "reject"), "rejected", by(action), step=True, reason=why, next=next_step)
    options = (f"add:{case.number}", "human")
    turn.say("agents.rejected", options=options, number=case.number, reason=why, next=next_step)


@router.agent("ask")
def ask_for_more(turn: Turn) -> None:
    action, case = decidable(turn, "ask")
    if case is None:
        return
    what = action.fields["text"].strip()
    if not what:
        turn.refuse("say what is still needed")
        return
    today = day_in_shanghai(turn.now)
    until = today + timedelta(days=turn.settings.promise.supplement_days)
    # Asking twice is one pause: it began with the first asking, and what was promised before it still stands.
    review_due = review_due_before_pause(case) if case.paused_on else case.promised_on
    case = replace(moved(case, "ask"), paused_on=case.paused_on or today, promised_on=until, is_estimate=False)
    due = {"review_due": review_due.isoformat()} if review_due else {}
    turn.record(case, "asked_for_more", by(action), step=True, what=what, **due)
    options = (f"add:{case.number}", "human")
    turn.say("agents.asked", options=options, number=case.number, what=what, day=until)


@router.agent("refunded")
def note_refund(turn: Turn) -> None:
    action, case = decidable(turn, "refunded")
    if case is None:
        return
    assert case.amount is not None
    turn.record(moved(case, "refunded"), "refunded", by(action), step=True, amount=case.amount)
    options = ("human", "help")
    turn.say("agents.refunded", options=options, number=case.number, amount=Money(case.amount), at=turn.now)


@router.agent("reply")
def reply(turn: Turn) -> None:
    action, case = found(turn)
    words = action.fields["text"].strip()
    if not words:
        turn.refuse("the reply is empty")
        return
    if case:
        turn.record(case, "replied", by(action), words=words)
    turn.update(person_asked_at=None)
    turn.say_text(words, options=("status", "human"), author=Author.AGENT)


def found(turn: Turn) -> tuple[AgentAction, Case | None]:
    action = turn.body
    assert isinstance(action, AgentAction)
    return action, turn.cases.by_number.get(action.case_number)


def decidable(turn: Turn, move: str) -> tuple[AgentAction, Case | None]:
    """The case, if it is in a state for this and the agent has seen all its evidence; else the action is refused."""
    action, case = found(turn)
    if case is None:
        turn.refuse("there is no such case")
        return action, None
    if not case.can(move):
        turn.refuse(f"{case.number} is {case.status}: '{move}' is for {', '.join(sorted(MOVES[move][0]))}")
        return action, None
    if action.seen is not None and action.seen < case.evidence_count:
        new = case.evidence_count - action.seen
        turn.refuse(
            f"{new} new piece(s) of evidence came to {case.number} since you looked: "
            f"see them with `shouhou case show {case.number}`, then decide again"
        )
        return action, None
    return action, case


def moved(case: Case, move: str) -> Case:
    return replace(case, status=MOVES[move][1])


def by(action: AgentAction) -> str:
    return f"agent:{action.agent}"
