"""A person: a customer wants one, or complains. No questions asked, no persuasion (GB/T 47746-2026)."""

from bot.router import Router
from bot.turn import Turn

router = Router("human")


@router.command("human")
@router.button("human")
@router.meaning("act.human")
def call_a_person(turn: Turn) -> None:
    call(turn, "human.called")


@router.command("complain")
@router.meaning("act.complain")
def take_complaint(turn: Turn) -> None:
    call(turn, "human.complaint")


def call(turn: Turn, key: str) -> None:
    turn.update(person_asked_at=turn.conversation.person_asked_at or turn.now)
    case = turn.cases.latest()
    if case:
        turn.record(case, "person_asked_for", "customer")
    turn.say(key, options=("status", "help"))
