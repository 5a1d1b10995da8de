"""Photos: each is fetched and looked at beside the conversation, and gets a receipt; an album gets one for all.

Videos, voice messages and documents are kept as evidence too. They are nobody's shot.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.forms import ask_again, go_on, options_now, put
from bot.model.case import Case
from bot.model.events import Due, ErrandDone, Upload
from bot.model.evidence import Evidence, EvidenceState
from bot.model.reasons import MOST_PHOTOS, REASONS
from bot.router import Router
from bot.turn import Option, Turn
from handlers.cases import add_photos, case_button
from handlers.refund import REFUND
from handlers.shots import missing_shots

ASKS_WHOSE = ("refund", "photo_for:")
ALBUM_SETTLES = timedelta(seconds=1.5)
"""After the last photo of an album has come: nothing says that it is the last."""
FETCHED_WITHIN = 15
"""Seconds that an album's receipt waits for photos on their way; later ones get their own."""

router = Router("photos")


@router.upload
def keep_photo(turn: Turn) -> None:
    assert isinstance(turn.event.body, Upload)
    assert turn.heard
    assert turn.heard.photo
    turn.form_was_asked = True  # its receipt goes on with the form
    body, id_ = turn.event.body, turn.heard.photo.id
    if len(turn.evidence.unassigned()) >= MOST_PHOTOS:
        turn.say("photos.too_many", options=("status", "human"), most=str(MOST_PHOTOS))
        return
    if body.is_shrunk and turn.conversation.form and not turn.evidence.unassigned():
        turn.say("photos.better_as_file")
    turn.evidence.add(
        Evidence(
            id=id_,
            address=turn.conversation.address,
            case_number=None,
            name=body.media.name,
            caption=body.caption,
            state=EvidenceState.FETCHING,
            received_at=turn.event.at,
            album=body.album,
        )
    )
    if body.album:
        turn.remind_at(turn.now + ALBUM_SETTLES, "album", f"{id_} 0")
    turn.send_for("intake", id_, media=body.media.id, name=body.media.name)


@router.errand("intake")
def tell_what_came(turn: Turn) -> None:
    assert isinstance(turn.body, ErrandDone)
    one = turn.evidence.find(turn.body.subject)
    if one is None or one.state is not EvidenceState.FETCHING:
        return  # the draft that it came for is gone
    result = turn.body.result
    if "refused" in result or "failed" in result:
        refuse(turn, one, result.get("refused", "failed"))
        return
    kept = replace(one, state=EvidenceState.KEPT, **result)
    turn.evidence.save(kept)
    if kept.case_number:
        fulfil(turn, turn.cases.by_number[kept.case_number], kept)
        return
    if kept.album:
        return  # one receipt for all of it, when it has settled
    receive(turn, [kept])


@router.due("album")
def answer_album(turn: Turn) -> None:
    """Each photo of an album asks for this; the last one's is the one that answers."""
    assert isinstance(turn.body, Due)
    last, _, tries = turn.body.subject.partition(" ")
    album = [one for one in turn.evidence.unassigned() if one.album]
    if any(one.id > last for one in album):
        return
    if any(one.state is EvidenceState.FETCHING for one in album) and int(tries) < FETCHED_WITHIN:
        turn.remind_at(turn.now + timedelta(seconds=1), "album", f"{last} {int(tries) + 1}")
        return
    for one in album:
        turn.evidence.save(replace(one, album=""))
    receive(turn, [one for one in album if one.state is EvidenceState.KEPT])


def receive(turn: Turn, come: Sequence[Evidence]) -> None:
    """Files that have come belong to the open form, or to a case."""
    others = {one.sort: one.name for one in come if not one.is_picture}
    for sort, name in others.items():
        turn.say(f"photos.kept-{sort}", name=name)
    form = turn.conversation.form
    if not come:
        return
    if not form or form.is_paused or form.name != REFUND.name:
        find_its_case(turn)
    elif any(one.is_picture for one in come):
        receive_for_form(turn, form.answers, form.asking)
    else:
        ask_again(turn, REFUND)


def refuse(turn: Turn, one: Evidence, why: str) -> None:
    turn.evidence.save(replace(one, state=EvidenceState.REFUSED, kind=why))
    if one.case_number:
        case = turn.cases.by_number[one.case_number]
        turn.record(replace(case, photos=case.photos - 1), "photo_refused", "bot", evidence=one.id, why=why)
    form = turn.conversation.form
    options: list[Option] = ["status", "human"]
    if form and not form.is_paused:
        options = options_now(turn, REFUND)
    turn.say(f"photos.refused-{why}", options=options, name=one.name)
    if form and form.asking == "photos" and not form.is_paused and is_complete(turn, form.answers):
        put(turn, REFUND, "photos", "done")
        go_on(turn, REFUND)


def fulfil(turn: Turn, case: Case, one: Evidence) -> None:
    """A photo whose case was submitted before its bytes had come."""
    turn.record(case, "photo_stored", "bot", evidence=one.id, sha256=one.sha256)
    turn.say("photos.received_for_case", options=("status", "human"), name=one.name, number=case.number)


def receive_for_form(turn: Turn, answers: Mapping[str, Any], asking: str) -> None:
    wanted = len(REASONS[answers.get("reason", "other")].shots)
    count = len(turn.evidence.pictures())
    if asking != "photos":
        turn.say("photos.received_for_form", options=options_now(turn, REFUND), count=str(count))
        return
    missing = missing_shots(turn, answers)
    if is_more_coming(turn):
        turn.say("photos.received", options=options_now(turn, REFUND), count=str(count))  # the last to come sums up
        return
    if not missing:
        turn.say("photos.received_all" if count == wanted else "photos.received", count=str(count), wanted=str(wanted))
        put(turn, REFUND, "photos", "done")
        go_on(turn, REFUND)
        return
    turn.say(
        "photos.received_more_wanted",
        options=options_now(turn, REFUND),
        count=str(count),
        wanted=str(wanted),
        next=turn.text(f"reasons.shot-{missing[0]}"),
    )


def is_complete(turn: Turn, answers: Mapping[str, Any]) -> bool:
    """All shots are there and nothing is on its way."""
    return not missing_shots(turn, answers) and not is_more_coming(turn)


def is_more_coming(turn: Turn) -> bool:
    return len(turn.evidence.unassigned()) > len(turn.evidence.kept())


def find_its_case(turn: Turn) -> None:
    """A photo outside the form: whose is it?"""
    cases = turn.cases.taking_evidence()
    opened = [case for case in cases if case.is_open] or cases
    kept = turn.evidence.kept()
    if len(opened) == 1 and not turn.conversation.form:
        add_photos(turn, opened[0], kept)
    elif len(kept) > 1 and turn.conversation.offered and turn.conversation.offered[0].id.startswith(ASKS_WHOSE):
        turn.say("photos.received", options=turn.conversation.offered, count=str(len(kept)))  # it was asked already
    elif opened:
        which = [case_button(turn, "photo_for", case) for case in opened[-4:]]
        turn.say("photos.which_case", options=(*which, "refund"))
    else:
        key = "photos.what_for" if any(one.is_picture for one in kept) else "photos.what_for_file"
        turn.say(key, options=("refund", "ask", "human"))
