"""Packs: customers get the evidence of their own cases as one file; what agents take out is in the case's log."""

from bot.answers import MOST_BUTTONS
from bot.model.case import Case
from bot.model.events import ErrandDone, Pressed
from bot.model.messages import File
from bot.router import Router
from bot.turn import Turn
from handlers.agents import by, found
from handlers.cases import case_button, named_case

MEGABYTE = 1_000_000

router = Router("packs")


@router.command("evidence")
@router.button("pack")
@router.meaning("act.evidence")
def get_evidence(turn: Turn) -> None:
    cases = turn.cases.all()
    case = named_case(turn, cases)
    if case:
        have_made(turn, case)
    elif isinstance(turn.body, Pressed) and turn.body.argument:
        turn.say("packs.not_found", options=("status", "human"))
    elif cases:
        which = [case_button(turn, "pack", one) for one in cases[-MOST_BUTTONS + 1 :]]
        turn.say("packs.which", options=(*which, "human"))
    else:
        turn.say("packs.none", options=("refund", "ask"))


def have_made(turn: Turn, case: Case) -> None:
    """It is in the log before it is made, so that the log in it says so."""
    turn.record(case, "downloaded", "customer", files="pack", originals=True)
    turn.send_for("pack", case.number)
    turn.say("packs.making", options=("status", "human"), number=case.number)


@router.errand("pack")
def bring_evidence(turn: Turn) -> None:
    assert isinstance(turn.body, ErrandDone)
    case, result = turn.cases.find(turn.body.subject), turn.body.result
    if case is None or "failed" in result:
        turn.say("packs.failed", options=("human", "status"))
        return
    if "too_large" in result:
        turn.say("packs.too_large", options=("human", "status"), number=case.number, size=size(result["too_large"]))
        return
    turn.record(case, "packed", "bot", **result)
    pack = File(f"object/{result['sha256']}", f"{case.number}.zip", "application/zip")
    options = (f"status:{case.number}", "human")
    turn.say("packs.ready", options=options, files=(pack,), number=case.number, size=size(result["size"]))


@router.agent("download")
def note_download(turn: Turn) -> None:
    """What cannot be noted is not handed out."""
    action, case = found(turn)
    if case is None:
        turn.refuse("there is no such case")
        return
    turn.record(case, "downloaded", by(action), **action.fields)


@router.agent("packed")
def note_pack(turn: Turn) -> None:
    action, case = found(turn)
    if case:
        turn.record(case, "packed", by(action), **action.fields)


def size(count: int) -> str:
    return f"{max(count / MEGABYTE, 0.1):.1f} MB"
