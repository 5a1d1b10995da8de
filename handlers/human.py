"""A person: a customer wants one, or complains. No questions asked, no persuasion (GB/T 47746-2026)."""

from bot.forms import pause
from bot.router import Router
from bot.turn import Turn

router = Router("human")


@router.command("human")
@router.button("human")
@router.meaning("act.human")
def call_a_person(turn: Turn) -> None:
    """And no more questions until the customer wants to go on."""
    pause(turn)
    call(turn, "human.called")


@router.command("complain")
@router.meaning("act.complain")
def take_complaint(turn: Turn) -> None:
    pause(turn)
    call(turn, "human.complaint", "complained")


@router.meaning("act.no_person")
def call_nobody(turn: Turn) -> None:
    turn.update(person_asked_at=None)
    turn.say("human.called_off", options=("status", "human"))


def call(turn: Turn, key: str, what: str = "person_asked_for") -> None:
    turn.update(person_asked_at=turn.conversation.person_asked_at or turn.now)
    case = turn.cases.latest()
    if case:
        turn.record(case, what, "customer")
    say_with_hours(turn, key)


def say_with_hours(turn: Turn, key: str) -> None:
    hours = turn.settings.shop.hours
    when = "\n" + turn.text("human.hours", hours=hours) if hours else ""
    turn.say_text(turn.text(key) + when, options=("draft_resume" if is_paused(turn) else "status", "help"))


def is_paused(turn: Turn) -> bool:
    return turn.conversation.form is not None and turn.conversation.form.is_paused
