"""Edits: a customer changes words that they had sent before."""

from bot.router import Router
from bot.turn import Turn

router = Router("edits")


@router.edited
def note_edit(turn: Turn) -> None:
    """Keep it in the conversation, which agents read. Nothing is answered again, and no answer of a form is changed by it: whoever
    is filling one in is told so.
    """
    form = turn.conversation.form
    if form and not form.is_paused:
        turn.say("conversation.edited")
