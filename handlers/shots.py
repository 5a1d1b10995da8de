"""Shots: which photos a reason wants, which of them are there, and what becomes of those that the customer cannot send."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from bot.answers import (
    LONGEST_NOTE,
    MOST_BUTTONS,
    QUESTION,
    SHORT,
    Again,
    Answer,
    Done,
    Labelled,
    More,
    is_question,
)
from bot.forms import forget
from bot.language import ONE_SCRIPT
from bot.model.checklist import Shot
from bot.model.events import Upload
from bot.model.evidence import Evidence, EvidenceState
from bot.model.messages import Button, File
from bot.turn import Turn, new_id
from bot.wording import Value

EXTRA = "extra"
"""In place of a shot: a file that is kept beside them."""
ABOUT_PRIVACY = ("card", "face")
WHY_NOT = ("gone", "away", "all")
NO_MORE = re.compile(
    r"就这(些|几张|一张)(了|吧)?|没有?(别的|更多的?|其他的?)?(照片)?了|(都)?发(完|好)了|传完了"
    r"|done|finished|that.?s (all|it|everything)|no more( photos)?"
)
LATER = re.compile(
    r"还没|再(发|拍|传)|待会|等(下|会|我)|晚(点|上)|明天|\b(later|tonight|tomorrow|in a (minute|moment|bit)|not yet|haven.?t yet)\b"
)
"""Said of photos that will come."""
CANNOT_SEND = re.compile(
    r"(发|拍|传|提供)不(了|出|上)|(?<!还)没(有)?(拍|照片|图|箱子|包装|面单)|(包装|箱子?|盒子?|面单).{0,4}(扔|丢)|没法(拍|发|传)|无法(拍|提供|上传)|不方便(拍|发)"
    r"|\b(can.?t|cannot|unable to|(don.?t|do not) have|have no|no)\b.{0,20}\b(photos?|pictures?|pics?|camera|box|label|packaging)\b"
    r"|\bthrew (it|the \w+) away\b"
)
BOX_GONE = re.compile(
    r"(包装|箱子?|盒子?|面单).{0,4}(扔|丢|没)|没(有)?(箱子|包装|盒子|面单)|\bthrew\b"
    r"|\b(no|have no|don.?t have)\b.{0,12}\b(box|packaging|label)\b"
)
NO_PHOTOS_AT_ALL = re.compile(r"照片|图|\b(photos|pictures|pics|camera)\b")
THIS_ONE = re.compile(r"[这那](一?张|个)|\b(this|that)\b")
ANSWERS = "refund.photos"
ERASED_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class photos(Labelled):  # noqa: N801 - reads as a word where forms are declared
    """The shots that the reason wants. Photos come as uploads; what is read here is which one is what, and which will not come."""

    def read_text(self, turn: Turn, text: str, answers: Mapping[str, Any]) -> Answer:
        plain = text.translate(ONE_SCRIPT).strip(" 。.!！~～").lower()
        still_open = open_shots(turn, answers)
        if isinstance(turn.event.body, Upload):  # words under a photo are about the photo
            return More() if NO_MORE.fullmatch(plain) else Again()
        if is_question(turn, text) or QUESTION.search(plain) or LATER.search(plain):
            return Again()
        if was_asked(turn, "because"):
            return waive(turn, answers, still_open[:1], text)
        if len(plain) > SHORT:
            return Again()
        if NO_MORE.fullmatch(plain) and turn.evidence.is_more_coming():
            turn.say("photos.still_coming", options=("cancel",))
            return More()
        if NO_MORE.fullmatch(plain):
            accept_all(turn)
            return waive(turn, answers, still_open, text)
        if CANNOT_SEND.search(plain):
            return waive(turn, answers, those_meant(plain, still_open), text)
        return Again()

    def read_button(self, turn: Turn, argument: str, answers: Mapping[str, Any]) -> Answer:
        """done, cannot, because.WHY, list.START; and of one file, named by the end of its id: one.REF, other.REF, else.REF,
        is.REF.SHOT, again.REF, keep.REF, drop.REF, fine.REF.
        """
        what, _, rest = argument.partition(".")
        if what == "done":
            return More(goes_on=True) if open_shots(turn, answers) else Done("done")
        if what == "cannot":
            return ask_why_not(turn, answers)
        if what == "because" and rest in WHY_NOT:
            still_open = open_shots(turn, answers)
            several = still_open if rest == "all" else still_open[:1]
            if rest == "gone" and several and several[0].box:
                several = tuple(shot for shot in still_open if shot.box)
            return waive(turn, answers, several, turn.text(f"photos.because-{rest}"))
        if what == "list":
            return show_list(turn, int(rest) if rest.isdecimal() else 0)
        ref, _, shot = rest.partition(".")
        one = next((one for one in listed(turn) if ref and one.id.endswith(ref)), None)
        do = {
            "one": show_one,
            "other": take_as_the_next,
            "else": ask_what_it_is,
            "again": ask_for_a_new_one,
            "drop": drop,
            "fine": accept_as_is,
        }
        if what == "keep":
            if rest == "list":
                accept_all(turn)
            return More(goes_on=True)
        if one is None:
            turn.say("photos.not_there")
            return More(goes_on=True)
        if what == "is":
            return take_as(turn, answers, one, shot)
        return do[what](turn, answers, one) if what in do else Again()

    def options(self, turn: Turn, answers: Mapping[str, Any]) -> tuple[str, ...]:
        advised = pending_advice(turn)
        if advised:
            first = ("drop", "fine") if advised.advice in ABOUT_PRIVACY else ("fine",)
            return (*(f"{what}.{ref_of(advised)}" for what in first), "list.0")
        first = ("cannot",) if open_shots(turn, answers) else ("done",)
        return (*first, "list.0") if listed(turn) else first

    def label(self, turn: Turn, form: str, step: str, argument: str) -> str:
        return turn.text(f"photos.do-{argument.partition('.')[0]}")

    def volunteered(self, turn: Turn, text: str) -> None:
        return None


# What is there


def wanted_shots(turn: Turn, answers: Mapping[str, Any]) -> tuple[Shot, ...]:
    return turn.shared.checklist.of(answers.get("reason", "other"))


def open_shots(turn: Turn, answers: Mapping[str, Any]) -> tuple[Shot, ...]:
    """Those that have no file yet and were not waived."""
    there = {one.shot for one in (*turn.evidence.kept(), *turn.evidence.waived())}
    return tuple(shot for shot in wanted_shots(turn, answers) if shot.id not in there)


def pending_advice(turn: Turn) -> Evidence | None:
    return next((one for one in listed(turn) if one.advice), None)


def listed(turn: Turn) -> list[Evidence]:
    """The files that can be a shot, in the order they came."""
    return [one for one in turn.evidence.kept() if one.sort != "voice"]


def all_there(turn: Turn, answers: Mapping[str, Any]) -> str | None:
    loose = [one for one in listed(turn) if not one.shot and not one.album]
    if loose and "reason" in answers:  # they came while the request was put aside
        place(turn, answers, loose)
    is_open = open_shots(turn, answers) or pending_advice(turn) or turn.evidence.is_more_coming()
    return None if is_open else "done"


def words_for(turn: Turn, shot: str) -> str:
    """What the shot shows, as customers read it."""
    if shot in ("", EXTRA):
        return turn.text("photos.extra")
    own = turn.shared.checklist.shots[shot].label if shot in turn.shared.checklist.shots else {}
    return own.get(turn.language) or turn.text(f"reasons.shot-{shot}")


def why_of(turn: Turn, shot: Shot) -> str:
    return shot.why.get(turn.language) or turn.text(f"reasons.why-{shot.id}")


def ref_of(one: Evidence) -> str:
    """Short, because platforms allow few bytes for a button."""
    return one.id[-8:]


# Files find their shots


def place(turn: Turn, answers: Mapping[str, Any], come: Sequence[Evidence]) -> list[Evidence]:
    """New files take the open shots in the order they came; people look at what they really show. Returns those that took one.

    A photo that somebody was advised about gives its shot to a single new one, and is kept beside it. Nobody is told the same of a
    shot twice.
    """
    taken: list[Evidence] = []
    for one in come:
        one = turn.evidence.find(one.id) or one
        if "again" in advice_on(one) and not (len(come) == 1 and takes_a_place(turn)):
            turn.evidence.save(replace(one, shot=EXTRA, advice="again" if open_shots(turn, answers) else ""))
            continue
        shot, before = shot_for(turn, answers, one, alone=len(come) == 1)
        told = {*one.found.get("told", ()), *(before.found.get("told", ()) if before else ())}
        advice = advice_for(one, shot) if shot or one.is_picture else ""
        advice = "" if advice in told or (before and advice == "again") else advice
        found = {**one.found, "told": sorted({*told, advice} - {""})}
        if before and before.state is EvidenceState.KEPT:
            found["instead_of"] = before.id
        placed = replace(one, shot=shot.id if shot else EXTRA, advice=advice, found=found)
        turn.evidence.save(placed)
        if shot:
            taken.append(placed)
    return taken


def shot_for(
    turn: Turn, answers: Mapping[str, Any], one: Evidence, *, alone: bool
) -> tuple[Shot | None, Evidence | None]:
    """And the file in whose place it comes."""
    shots = {shot.id: shot for shot in wanted_shots(turn, answers)}
    named = was_asked(turn, "keep")
    before = next((each for each in listed(turn) if named and named.endswith(ref_of(each))), None)
    if before and alone and before.id != one.id:
        removed = replace(before, state=EvidenceState.REMOVED, advice="")
        turn.evidence.save(removed)
        erase(turn, before)
        return shots.get(before.shot), removed
    advised = pending_advice(turn)
    if advised and advised.advice == "again":
        turn.evidence.save(replace(advised, advice=""))  # this is the other one that was meant
    elif advised and alone and one.is_picture and advised.shot in shots and advised.advice not in ABOUT_PRIVACY:
        turn.evidence.save(replace(advised, shot=EXTRA, advice=""))
        return shots[advised.shot], advised
    fitting = [shot for shot in open_shots(turn, answers) if one.is_picture or (shot.document and one.sort == "file")]
    return (fitting[0] if fitting else None), None


def takes_a_place(turn: Turn) -> bool:
    """Whether the next photo comes instead of another: then it may well look the same."""
    advised = pending_advice(turn)
    could_be_better = advised is not None and advised.advice not in (*ABOUT_PRIVACY, "again")
    return bool(was_asked(turn, "keep")) or could_be_better


def advice_on(one: Evidence) -> Sequence[str]:
    return tuple(one.found.get("advice", ()))


def advice_for(one: Evidence, shot: Shot | None) -> str:
    """The weightiest; what is about privacy first. A screenshot is fine where one is wanted, and is never blurred or dark."""
    is_screen = shot is not None and shot.screenshot
    said = advice_on(one)
    useless = {"screenshot", "blurred", "dark", "small"} if is_screen or "screenshot" in said else set()
    useless -= set() if is_screen or shot is None else {"screenshot"}
    left = [word for word in said if word not in useless]
    return next((word for word in left if word in ABOUT_PRIVACY), next(iter(left), ""))


def place_anew(turn: Turn, answers: Mapping[str, Any]) -> None:
    """For another reason, which wants other shots."""
    for one in turn.evidence.waived():
        turn.evidence.save(replace(one, state=EvidenceState.REMOVED))
    for one in listed(turn):
        turn.evidence.save(replace(one, shot="", advice=""))
    place(turn, answers, listed(turn))


def accept_all(turn: Turn) -> None:
    for one in listed(turn):
        if one.advice:
            turn.evidence.save(replace(one, advice=""))


def erase(turn: Turn, one: Evidence) -> None:
    """Its bytes go too, unless another file is the same. Not at once: who deletes a photo may send it again."""
    erase_objects(turn, one.id, (one.sha256, one.view_sha256, one.thumb_sha256))


def erase_objects(turn: Turn, id_: str, digests: Sequence[str]) -> None:
    objects = [one for one in digests if one]
    if objects:
        turn.send_for("erase", id_, after=ERASED_AFTER, objects=objects)


def read_codes(turn: Turn, files: Sequence[Evidence]) -> None:
    """For agents, so when the request is theirs: the waybill's number, where a shot shows it."""
    for one in files:
        shot = turn.shared.checklist.shots.get(one.shot)
        if one.is_picture and shot and shot.codes:
            turn.send_for("read", one.id, sha256=one.sha256, codes=True, text=False)


# Shots that cannot be sent


def ask_why_not(turn: Turn, answers: Mapping[str, Any]) -> Answer:
    still_open = open_shots(turn, answers)
    if not still_open:
        return More(goes_on=True)
    options = [Button(f"{ANSWERS}:because.{why}", turn.text(f"photos.because-{why}")) for why in WHY_NOT]
    if len(still_open) == 1:
        options.pop()
    turn.say("photos.why_not", options=[*options, "cancel"], shot=words_for(turn, still_open[0].id))
    return More()


def waive(turn: Turn, answers: Mapping[str, Any], several: Sequence[Shot], why: str) -> Answer:
    """Kept with the reason, for people to weigh."""
    for shot in several:
        turn.evidence.add(
            Evidence(
                id=new_id(),
                address=turn.conversation.address,
                case_number=None,
                name="",
                caption=why.strip()[:LONGEST_NOTE],
                state=EvidenceState.WAIVED,
                received_at=turn.event.at,
                shot=shot.id,
                source=turn.event.id,
            )
        )
    if several:
        turn.say("photos.waived", shots=turn.text("photos.and").join(words_for(turn, shot.id) for shot in several))
    return Done("done") if all_there(turn, answers) else More(goes_on=True)


def those_meant(plain: str, still_open: Sequence[Shot]) -> Sequence[Shot]:
    """Who threw the box away can send no shot of it, and who cannot take photos none at all; else it is the one just asked for."""
    if BOX_GONE.search(plain) and any(shot.box for shot in still_open):
        return [shot for shot in still_open if shot.box]
    if NO_PHOTOS_AT_ALL.search(plain) and not THIS_ONE.search(plain):
        return still_open
    return still_open[:1]


# Looking through what was sent


def show_list(turn: Turn, start: int) -> Answer:
    files = listed(turn)
    if not files:
        return More(goes_on=True)
    lines = [
        turn.text("photos.list-one", number=str(number), name=one.name, shot=words_for(turn, one.shot))
        for number, one in enumerate(files, start=1)
    ]
    lines += [
        turn.text("photos.list-waived", shot=words_for(turn, one.shot), why=one.caption)
        for one in turn.evidence.waived()
    ]
    first = start if 0 < start < len(files) else 0
    most = MOST_BUTTONS if len(files) <= MOST_BUTTONS else MOST_BUTTONS - 1
    shown = list(enumerate(files))[first : first + most]
    options = [
        Button(f"{ANSWERS}:one.{ref_of(one)}", turn.text("photos.do-number", number=str(index + 1)))
        for index, one in shown
    ]
    if len(shown) < len(files):
        options.append(Button(f"{ANSWERS}:list.{(first + most) % len(files)}", turn.text("buttons.more")))
    options.append(Button(f"{ANSWERS}:keep.list", turn.text("photos.do-keep_all")))
    turn.say("photos.list", options=options, files_listed="\n".join(lines))
    return More()


def number_of(turn: Turn, one: Evidence) -> str:
    return str(1 + [each.id for each in listed(turn)].index(one.id))


def show_one(turn: Turn, _answers: Mapping[str, Any], one: Evidence) -> Answer:
    options = [
        Button(f"{ANSWERS}:{what}.{ref_of(one)}", turn.text(f"photos.do-{what}")) for what in ("else", "again", "drop")
    ]
    options.append(Button(f"{ANSWERS}:list.0", turn.text("photos.do-back")))
    turn.say("photos.one", options=options, number=number_of(turn, one), name=one.name, shot=words_for(turn, one.shot))
    return More()


def ask_what_it_is(turn: Turn, answers: Mapping[str, Any], one: Evidence) -> Answer:
    others = [shot.id for shot in wanted_shots(turn, answers) if shot.id != one.shot]
    others += [EXTRA] if one.shot != EXTRA else []
    options = [Button(f"{ANSWERS}:is.{ref_of(one)}.{shot}", words_for(turn, shot)) for shot in others[:MOST_BUTTONS]]
    options.append(Button(f"{ANSWERS}:list.0", turn.text("photos.do-back")))
    turn.say("photos.which_shot", options=options, number=number_of(turn, one), name=one.name)
    return More()


def take_as(turn: Turn, answers: Mapping[str, Any], one: Evidence, shot: str) -> Answer:
    """Whatever was taken for that shot before changes places with it."""
    if shot not in {EXTRA, *(each.id for each in wanted_shots(turn, answers))}:
        return Again()
    if shot != EXTRA:
        for each in (*listed(turn), *turn.evidence.waived()):
            if each.shot == shot and each.id != one.id:
                is_waived = each.state is EvidenceState.WAIVED
                turn.evidence.save(
                    replace(each, state=EvidenceState.REMOVED) if is_waived else replace(each, shot=one.shot or EXTRA)
                )
    turn.evidence.save(replace(one, shot=shot, advice=""))
    turn.say("photos.moved", number=number_of(turn, one), shot=words_for(turn, shot))
    forget(turn, "photos")
    return More(goes_on=True)


def take_as_the_next(turn: Turn, answers: Mapping[str, Any], one: Evidence) -> Answer:
    """It was taken for a better one of the photo before, and is of the next shot: each gets its own."""
    before = turn.evidence.find(one.found.get("instead_of", ""))
    still_open = open_shots(turn, answers)
    if before and before.state is EvidenceState.KEPT and still_open:
        turn.evidence.save(replace(before, shot=one.shot))
        turn.evidence.save(replace(one, shot=still_open[0].id, found={**one.found, "instead_of": ""}))
        turn.say("photos.moved", number=number_of(turn, one), shot=words_for(turn, still_open[0].id))
    return More(goes_on=True)


def ask_for_a_new_one(turn: Turn, _answers: Mapping[str, Any], one: Evidence) -> Answer:
    keep = Button(f"{ANSWERS}:keep.{ref_of(one)}", turn.text("photos.do-keep"))
    turn.say("photos.send_new", options=(keep, "cancel"), number=number_of(turn, one), shot=words_for(turn, one.shot))
    return More()


def drop(turn: Turn, _answers: Mapping[str, Any], one: Evidence) -> Answer:
    turn.say("photos.dropped", name=one.name)
    turn.evidence.save(replace(one, state=EvidenceState.REMOVED, advice=""))
    erase(turn, one)
    forget(turn, "photos")
    return More(goes_on=True)


def accept_as_is(turn: Turn, answers: Mapping[str, Any], one: Evidence) -> Answer:
    still_open = open_shots(turn, answers)
    takes = one.advice == "again" and one.is_picture and still_open
    turn.evidence.save(replace(one, advice="", shot=still_open[0].id if takes else one.shot))
    return More(goes_on=True)


def was_asked(turn: Turn, what: str) -> str:
    """The id of the first button that was offered last, if it is one of these: then an answer to that is awaited."""
    return next(
        (one.id for one in turn.conversation.offered[:1] if one.id.startswith(f"{ANSWERS}:{what}.")),
        "",
    )


# What is said


def show_missing(turn: Turn, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The next shot, why it is needed, and a drawing of a good one when it is asked for first."""
    ask, files = next_request(turn, answers)
    return {"ask": ask, "files": files}


def next_request(turn: Turn, answers: Mapping[str, Any], *, is_answer: bool = False) -> tuple[str, tuple[File, ...]]:
    """`is_answer`: it stands under a receipt, which has said what came."""
    advised, still_open = pending_advice(turn), open_shots(turn, answers)
    if advised:
        shot = words_for(turn, advised.shot)
        advice = turn.text(f"photos.advice-{advised.advice}", number=number_of(turn, advised), shot=shot)
        return "\n".join((advice, *then(turn, still_open))), ()
    if not still_open:
        return turn.text("photos.ask_any"), ()
    first, rest = still_open[0], still_open[1:]
    values: dict[str, Value] = {"shot": words_for(turn, first.id), "why": why_of(turn, first)}
    lines = []
    is_first = not asked_before(turn)
    have = len(listed(turn))
    if is_first and have:
        taken = "\n".join(
            turn.text("photos.list-one", number=str(number), name=one.name, shot=words_for(turn, one.shot))
            for number, one in enumerate(listed(turn), start=1)
        )
        lines.append(turn.text("photos.ask_taken", taken=taken))
        lines.append(turn.text("photos.ask_next", **values))
    elif is_first and len(still_open) == 1 and not is_answer:
        lines.append(turn.text("photos.ask_one", **values))
    elif is_first and not is_answer:
        lines.append(turn.text("photos.ask_first", count=len(still_open), **values))
    else:
        lines.append(turn.text("photos.ask_next", **values))
    return "\n".join((*lines, *then(turn, rest))), example_once(turn, first)


def then(turn: Turn, rest: Sequence[Shot]) -> list[str]:
    """The line that names what is wanted after this, if there is anything."""
    shots = turn.text("photos.and").join(words_for(turn, shot.id) for shot in rest)
    return [turn.text("photos.ask_then", shots=shots)] if rest else []


def asked_before(turn: Turn) -> Sequence[str]:
    """The shots that were asked for in this form, each with its drawing."""
    opened = turn.conversation.form
    return tuple(opened.answers.get("examples", ())) if opened else ()


def example_once(turn: Turn, shot: Shot) -> tuple[File, ...]:
    opened, shown = turn.conversation.form, asked_before(turn)
    if opened is None or shot.id in shown:
        return ()
    turn.update(form=replace(opened, answers={**opened.answers, "examples": [*shown, shot.id]}))
    if shot.label:
        return ()  # a shop's own shot has no drawing
    return (File(f"example/{shot.id}", turn.text("photos.example", shot=words_for(turn, shot.id)), "image/png"),)
