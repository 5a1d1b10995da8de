"""Unusable: a customer sends what we can do nothing with, and is told what we can use instead."""

from bot.model.events import Unusable
from bot.router import Router
from bot.turn import Option, Turn

router = Router("unusable")


@router.unusable
def say_what_helps(turn: Turn) -> None:
    assert isinstance(turn.body, Unusable)
    form = turn.conversation.form
    is_asked_again = (form and not form.is_paused) or turn.body.kind == "group"  # nobody's own buttons in a group
    options: tuple[Option, ...] = () if is_asked_again else ("ask", "refund", "human")
    turn.say(f"unusable.{turn.body.kind}", options=options)
