"""Photos and other files: each is fetched and looked at beside the conversation; what was sent together gets one receipt.

In a request they find their shots; later they find their case.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.answers import order_in
from bot.forms import ask_again, go_on, options_now, put, step_options
from bot.model.case import Case, CaseStatus, case_number_in
from bot.model.conversation import OpenForm
from bot.model.events import Due, ErrandDone, Upload
from bot.model.evidence import MOST_FILES, Evidence, EvidenceState, is_same_picture
from bot.model.messages import Button
from bot.router import Router
from bot.turn import Option, Turn
from handlers.cases import add_files, ask_for_photos, ask_whose, is_of_draft, loose_files
from handlers.photo_answers import show_list
from handlers.readings import read_words
from handlers.refund import REFUND, request_now
from handlers.shots import (
    advice_for,
    all_there,
    erase_objects,
    listed,
    next_request,
    number_of,
    open_shots,
    place,
    ref_of,
    wanted_shots,
    was_asked,
    words_for,
)

ASKS_WHOSE = ("refund", "photo_for")
RECEIPT = "photos"
"""What a receipt is about that tells how many of the photos are there: the newest is true."""
ALONE = "-"
"""In place of an album's name: until it was answered."""
SETTLES = timedelta(seconds=1.5)
"""After the last photo of an album has come: nothing says that it is the last. So long a receipt waits for others on their way, too."""
ASKS_AGAIN = timedelta(minutes=10)
"""After it was asked whose a file is, and no answer came."""
FETCHED_WITHIN = 15
"""Seconds that an album's receipt waits for photos on their way; later ones get their own."""

router = Router("photos")


@router.upload
def keep_file(turn: Turn) -> None:
    body = turn.event.body
    assert isinstance(body, Upload)
    assert turn.heard
    assert turn.heard.photo
    turn.form_was_asked = True  # its receipt goes on with the form
    id_, form = turn.heard.photo.id, request_now(turn)
    case = case_meant(turn, body)
    turn.words_are_used = case is not None
    if len(turn.evidence.without_case()) >= MOST_FILES and not was_asked(turn, "keep"):
        listing = Button("refund.photos:list.0", turn.text("photos.do-list"))
        turn.say("photos.too_many", options=(listing, "human") if form else ("status", "human"), most=str(MOST_FILES))
        return
    if body.is_shrunk and form and not turn.evidence.unassigned():
        turn.say("photos.better_as_file", quiet=True)
    turn.evidence.add(
        Evidence(
            id=id_,
            address=turn.conversation.address,
            case_number=None,
            name=body.media.name,
            caption=body.caption,
            state=EvidenceState.FETCHING,
            received_at=turn.event.at,
            album=body.album or ALONE,
            source=turn.event.id,
            found={"for": case.number} if case else {"draft": form.intake} if form else {},
        )
    )
    turn.remind_at(turn.now + SETTLES, "album" if body.album else "receipt", f"{id_} 0")
    reason = case.reason if case else form.answers.get("reason") if form else None
    documents = reason is None or turn.shared.checklist.takes_documents(reason)
    turn.send_for("intake", id_, media=body.media.id, name=body.media.name, documents=documents)


def case_meant(turn: Turn, body: Upload) -> Case | None:
    """The case that a file is for, as far as it was said: in its caption, in the message it replies to, by a button before."""
    taking = {case.number: case for case in turn.cases.taking_evidence()}
    for words in (body.caption, body.quoted):
        if found := taking.get(case_number_in(words) or ""):
            return found
        of_order = [case for case in taking.values() if case.order_number and case.order_number == order_in(words)]
        if len(of_order) == 1:
            return of_order[0]
    return taking.get(turn.conversation.files_for)


@router.errand("intake")
def take_in(turn: Turn) -> None:
    assert isinstance(turn.body, ErrandDone)
    one = turn.evidence.find(turn.body.subject)
    result = turn.body.result
    if one is None or one.state is not EvidenceState.FETCHING:  # the draft that it came for is gone
        erase_objects(
            turn, turn.body.subject, [result.get(name, "") for name in ("sha256", "view_sha256", "thumb_sha256")]
        )
        return
    if "refused" in result or "failed" in result:
        refuse(turn, one, result.get("refused", "failed"))
    else:
        found = {**one.found, **result.get("found", {})}
        kept = replace(one, **{**result, "state": EvidenceState.KEPT, "found": found})
        if came_before(turn, kept):
            found["advice"] = [*found.get("advice", ()), "again"]
        turn.evidence.save(kept)
        if kept.case_number:
            fulfil(turn, kept)
    if one.album in ("", ALONE):
        answer_when_all_came(turn, one)


def came_before(turn: Turn, one: Evidence) -> bool:
    """The same photo, or one that cannot be told from it, in the request or in a case that is still open."""
    return any(
        other.id != one.id
        and other.state is EvidenceState.KEPT
        and (other.sha256 == one.sha256 or is_same_picture(other.dhash, one.dhash))
        for other in turn.evidence.by_id.values()
    )


def answer_when_all_came(turn: Turn, last: Evidence) -> None:
    """Photos sent one after the other get one receipt: that of the last one still on its way. Nobody waits long for others."""
    alone = [one for one in turn.evidence.without_case() if one.album == ALONE]
    kept = [one for one in alone if one.state is EvidenceState.KEPT]
    if len(kept) == len(alone) or turn.now >= last.received_at + SETTLES:
        receive(turn, kept)


@router.due("receipt")
def answer_in_time(turn: Turn) -> None:
    """Nobody waits longer for the receipt of what has come because something else is still on its way."""
    waiting = [one for one in turn.evidence.without_case() if one.album == ALONE]
    receive(turn, [one for one in waiting if one.state is EvidenceState.KEPT])


@router.due("album")
def answer_album(turn: Turn) -> None:
    """Each photo of an album asks for this; the last one's is the one that answers."""
    assert isinstance(turn.body, Due)
    last, _, tries = turn.body.subject.partition(" ")
    album = [one for one in turn.evidence.without_case() if one.album not in ("", ALONE)]
    if any(one.id > last for one in album):
        return
    if any(one.state is EvidenceState.FETCHING for one in album) and int(tries) < FETCHED_WITHIN:
        turn.remind_at(turn.now + timedelta(seconds=1), "album", f"{last} {int(tries) + 1}")
        return
    receive(turn, [one for one in album if one.state is EvidenceState.KEPT])
    for one in album:
        if one.state is EvidenceState.FETCHING:
            turn.evidence.save(replace(one, album=ALONE))  # one that is late gets a receipt of its own


def receive(turn: Turn, come: Sequence[Evidence]) -> None:
    """Files that have come belong to a case, to the open request, or nobody knows yet to what."""
    for one in come:
        turn.evidence.save(replace(one, album=""))
    come = [turn.evidence.by_id[one.id] for one in come]
    read_words(turn, come)
    for number in dict.fromkeys(one.found.get("for", "") for one in come):
        several = [one for one in come if one.found.get("for", "") == number]
        case = turn.cases.by_number.get(number)
        form = request_now(turn)
        lead_with_sorts(turn, several)
        if case and case.takes_evidence:
            add_to_case(turn, case, several)
            continue
        for one in several:
            turn.evidence.save(replace(one, found={**one.found, "for": ""}))
        several = kept_of(turn, several)
        if form:
            receive_for_form(turn, form, several)
        elif all(is_of_draft(turn, one) for one in several):
            count = str(len(turn.evidence.pictures()))
            turn.say(
                "photos.received_for_form",
                options=("draft_resume", "draft_drop"),
                about=RECEIPT,
                count=count,
                quiet=True,
            )
        else:
            find_its_case(turn, several)


def lead_with_sorts(turn: Turn, come: Sequence[Evidence]) -> None:
    """What is no picture has a sentence of its own, in the same message as what follows from it."""
    has_pictures = any(one.is_picture for one in come)
    for sort, name in {one.sort: one.name for one in come if not one.is_picture}.items():
        key = "photos.kept-video_alone" if sort == "video" and not has_pictures else f"photos.kept-{sort}"
        turn.lead(turn.text(key, name=name))


def receive_for_form(turn: Turn, form: OpenForm, come: Sequence[Evidence]) -> None:
    taken: list[Evidence] = []
    if "reason" in form.answers:  # else they are placed when it is known
        taken = place(turn, form.answers, [one for one in come if one.sort != "voice"])
    can_be_shots = any(one.sort != "voice" for one in come)
    if form.asking not in ("photos", "") or "reason" not in form.answers or not can_be_shots:
        if any(one.is_picture for one in come):
            count = str(len(turn.evidence.pictures()))
            turn.say(
                "photos.received_for_form", options=options_now(turn, REFUND), about=RECEIPT, count=count, quiet=True
            )
        else:
            ask_again(turn, REFUND)
        return
    receipt, about = receipt_for(turn, form, taken, come), RECEIPT if taken else ""
    if all_there(turn, form.answers):
        if receipt:
            turn.say_text(receipt, about=about)
        put(turn, REFUND, "photos", "done")
        go_on(turn, REFUND)
        return
    turn.update(form=replace(turn.conversation.form or form, asking="photos"))
    ask, files = next_request(turn, form.answers, is_answer=True)
    is_told = all(one.advice == "again" for one in kept_of(turn, come))  # it has been received before
    options = [*other_one(turn, form, taken), *options_of(turn)]
    text = ask if is_told or not receipt else f"{receipt}\n{ask}"
    turn.say_text(text, options=options, files=files, quiet=True, question=ask, about=about)


def other_one(turn: Turn, form: OpenForm, taken: Sequence[Evidence]) -> list[Option]:
    """Whoever did not heed the advice sent the next photo, not a better one: a button says so."""
    if len(taken) != 1 or not taken[0].found.get("instead_of") or not open_shots(turn, form.answers):
        return []
    return [Button(f"refund.photos:other.{ref_of(taken[0])}", turn.text("photos.do-other"))]


@router.meaning("act.photos")
def look_through(turn: Turn) -> None:
    """Somebody wants to change or delete a photo. What was submitted stays; more can be added."""
    if request_now(turn) and listed(turn):
        show_list(turn, 0)
        turn.form_was_asked = True
    else:
        ask_for_photos(turn)


def kept_of(turn: Turn, come: Sequence[Evidence]) -> list[Evidence]:
    return [turn.evidence.by_id[one.id] for one in come]


def options_of(turn: Turn) -> list[Option]:
    """The buttons of the photo question as things are now."""
    step = REFUND.step("photos")
    assert step
    return step_options(turn, REFUND, step)


def receipt_for(turn: Turn, form: OpenForm, taken: Sequence[Evidence], come: Sequence[Evidence]) -> str:
    """Return how many of the shots are there, and what the new files were taken for; "" where their sorts have said it."""
    wanted = len(wanted_shots(turn, form.answers))
    waived = len({one.shot for one in turn.evidence.waived()})
    count, have = wanted - waived, wanted - waived - len(open_shots(turn, form.answers))
    if not taken:
        pictures = [one for one in come if one.is_picture]
        return turn.text("photos.received_extra", count=len(pictures)) if pictures else ""
    shots = turn.text("photos.and").join(words_for(turn, one.shot) for one in taken)
    before = turn.evidence.find(taken[0].found.get("instead_of", "")) if len(taken) == 1 else None
    if all_there(turn, form.answers):
        return turn.text("photos.received_all", have=str(have), count=str(count), shots=shots)
    if before:
        return turn.text(
            "photos.received_instead", have=str(have), count=str(count), shots=shots, number=number_of(turn, before)
        )
    return turn.text("photos.received_shots", have=str(have), count=str(count), shots=shots)


@router.errand("erase")
def note_erased(turn: Turn) -> None:
    """The customer took it out; nothing is said a second time."""


def refuse(turn: Turn, one: Evidence, why: str) -> None:
    turn.evidence.save(replace(one, state=EvidenceState.REFUSED, album="", found={**one.found, "refused": why}))
    case = turn.cases.by_number.get(one.case_number or "")
    if case:
        turn.record(replace(case, photos=case.photos - 1), "photo_refused", "bot", evidence=one.id, why=why)
    form = request_now(turn)
    options: list[Option] = list(options_now(turn, REFUND)) if form else ["status", "human"]
    turn.say(f"photos.refused-{why}", options=options, name=one.name)
    if case:
        tell_when_all_is_there(turn, case)
    if form and form.asking == "photos" and all_there(turn, form.answers) and not to_be_answered(turn):
        put(turn, REFUND, "photos", "done")
        go_on(turn, REFUND)


def to_be_answered(turn: Turn) -> bool:
    return any(one.album for one in turn.evidence.kept())


def fulfil(turn: Turn, one: Evidence) -> None:
    """A file whose case was submitted before its bytes had come."""
    case = turn.cases.by_number.get(one.case_number or "")
    if case is None:
        return  # the chat was unlinked meanwhile: the case is somebody's who does not write here
    turn.record(case, "photo_stored", "bot", id=one.id)
    read_words(turn, [one])
    tell_when_all_is_there(turn, case)


def tell_when_all_is_there(turn: Turn, case: Case) -> None:
    files = turn.evidence.of_case(case.number)
    is_any_kept = any(one.state is EvidenceState.KEPT for one in files)
    if is_any_kept and not any(one.state is EvidenceState.FETCHING for one in files):
        turn.say("photos.received_for_case", options=("status", "human"), number=case.number, quiet=True)


def add_to_case(turn: Turn, case: Case, come: Sequence[Evidence]) -> None:
    """People look at every photo; what could be better is said in a sentence, and nothing waits for it."""
    words = [word for one in come if (word := advice_for(one, None)) and word != "screenshot"]
    add_files(turn, case, come)
    if words:
        turn.say(f"photos.later-{words[0]}", options=(f"add:{case.number}", "status", "human"))


def find_its_case(turn: Turn, come: Sequence[Evidence]) -> None:
    """Files outside the form: whose are they?"""
    opened = turn.cases.open() or turn.cases.taking_evidence()
    waiting = loose_files(turn)
    if not come:
        return
    asked_for = [case for case in opened if case.status is CaseStatus.NEED_MORE]
    meant = asked_for if len(asked_for) == 1 else opened
    if len(meant) == 1 and meant[0].status is not CaseStatus.APPROVED and not turn.conversation.form:
        add_to_case(turn, meant[0], waiting)
    elif len(waiting) > len(come) and asks_whose(turn):
        count = str(len(waiting))  # it was asked already
        turn.say("photos.received", options=turn.conversation.offered, about=RECEIPT, count=count, quiet=True)
    elif opened:
        ask_whose(turn, opened, len(come))
        turn.remind_at(turn.now + ASKS_AGAIN, "whose", come[-1].id)
    else:
        pictures = [one for one in come if one.is_picture]
        key = "photos.what_for" if pictures else "photos.what_for_file"
        turn.say(key, options=("refund", "ask", "human"), count=len(pictures))


@router.due("whose")
def ask_whose_again(turn: Turn) -> None:
    """Something else came between: files that are in no case are nothing to the agents."""
    assert isinstance(turn.body, Due)
    opened, waiting = turn.cases.open(), loose_files(turn)
    is_loose = any(one.id == turn.body.subject for one in waiting)
    if opened and is_loose and not turn.conversation.form and not asks_whose(turn):
        ask_whose(turn, opened, len(waiting))


def asks_whose(turn: Turn) -> bool:
    """The buttons offered last are those of the question whose a file is."""
    return bool(turn.conversation.offered) and turn.conversation.offered[0].id.partition(":")[0] in ASKS_WHOSE
