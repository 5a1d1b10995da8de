"""Drafts: a request that is put aside is kept for some days, offered again, and goes with its photos."""

from dataclasses import replace
from datetime import timedelta

from bot.forms import back, pause, resume
from bot.model.events import Due
from bot.model.evidence import EvidenceState
from bot.router import Router
from bot.turn import Turn
from handlers.refund import REFUND, begin, kept_until
from handlers.shots import erase

router = Router("drafts")


@router.button("draft_resume")
def resume_draft(turn: Turn) -> None:
    if turn.conversation.form is None:
        turn.say("refund.draft_gone")
        begin(turn, "")
        return
    resume(turn, REFUND)


@router.button("draft_new")
def start_over(turn: Turn) -> None:
    remove_photos(turn)
    begin(turn, "")


@router.command("back")
@router.meaning("act.back")
def go_back(turn: Turn) -> None:
    opened = turn.conversation.form
    if opened is None or opened.is_paused or opened.version != REFUND.version:
        turn.say("refund.nothing_open", options=("refund", "status"))
        return
    back(turn, REFUND)


@router.command("cancel")
@router.button("cancel")
@router.meaning("act.cancel")
def put_aside(turn: Turn) -> None:
    opened = turn.conversation.form
    if opened is None:
        turn.say("refund.nothing_open", options=("refund", "status"))
        return
    if not opened.answers and not turn.evidence.unassigned():
        turn.update(form=None)
        turn.say("refund.stopped", options=("status", "help"))
        return
    pause(turn)
    turn.say("refund.put_aside", options=("draft_resume", "draft_drop"), **kept_until(turn))


@router.meaning("act.found")
def be_glad(turn: Turn) -> None:
    """The parcel turned up: what was being filled in may no longer be needed."""
    if turn.conversation.form is None:
        turn.say("start.thanks", options=("status", "help"))
        return
    pause(turn)
    turn.say("refund.found", options=("draft_drop", "draft_resume"), **kept_until(turn))


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
    for one in (*turn.evidence.unassigned(), *turn.evidence.waived()):
        turn.evidence.save(replace(one, state=EvidenceState.REMOVED))
        erase(turn, one)
