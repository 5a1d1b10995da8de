"""Readings: what stands in a photo, read beside the conversation: bar codes, and words where that is installed.

What was read is offered to the customer to confirm, never taken by itself; agents see it.
"""

from collections.abc import Sequence
from dataclasses import replace

from bot.answers import order_alone
from bot.forms import ask_again, forget
from bot.model.events import ErrandDone
from bot.model.evidence import Evidence, EvidenceState
from bot.model.messages import Button
from bot.router import Router
from bot.turn import Turn
from handlers.refund import REFUND, request_now
from handlers.shots import ABOUT_PRIVACY

router = Router("readings")


def read_words(turn: Turn, files: Sequence[Evidence]) -> None:
    """At once: they may answer what is asked next, or be a card's."""
    for one in files:
        if one.is_picture and turn.shared.reads_text:
            turn.send_for("read", one.id, sha256=one.sha256, codes=False, text=True)


@router.errand("read")
def note_what_was_read(turn: Turn) -> None:
    assert isinstance(turn.body, ErrandDone)
    one = turn.evidence.find(turn.body.subject)
    if one is None or one.state is not EvidenceState.KEPT:
        return
    read = turn.body.result.get("found", {})
    warnings = [word for word in read.get("advice", ()) if word in ABOUT_PRIVACY]
    found = {**one.found, **{name: value for name, value in read.items() if name != "advice"}}
    if warnings:
        found["advice"] = [*found.get("advice", ()), *warnings]
    form = request_now(turn)
    is_free = one.case_number is None and form is not None
    turn.evidence.save(replace(one, found=found, advice=warnings[0] if warnings and is_free else one.advice))
    if warnings and form and is_free:
        forget(turn, "photos")
        turn.update(form=replace(turn.conversation.form or form, asking="photos"))
        ask_again(turn, REFUND)
    elif warnings:
        turn.say(f"photos.later-{warnings[0]}", options=("human", "status"))
    elif form and is_free and (order := order_alone(str(found.get("order", "")))) and not form.answers.get("order"):
        ask_whether_it_is(turn, order)
    elif form and is_free and "amount" in found and form.asking == "paid":
        ask_again(turn, REFUND)


def ask_whether_it_is(turn: Turn, order: str) -> None:
    yes = Button(f"refund.order:{order}", turn.text("photos.do-order", order=order))
    no = Button("refund.do:go_on", turn.text("photos.do-no"))
    turn.say("photos.read_order", options=(yes, no, "cancel"), order=order)
