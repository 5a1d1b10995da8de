"""Answers about photos: which file is what, which one goes, and which shots the customer cannot send."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.answers import LONGEST_NOTE, MOST_BUTTONS, QUESTION, SHORT, Again, Answer, Done, Labelled, More, is_question
from bot.forms import forget
from bot.language import ONE_SCRIPT
from bot.model.checklist import Shot
from bot.model.events import Upload
from bot.model.evidence import Evidence, EvidenceState
from bot.model.messages import Button
from bot.turn import Turn, new_id
from handlers.shots import (
    ABOUT_PRIVACY,
    ANSWERS,
    EXTRA,
    accept_all,
    all_there,
    erase,
    lines_of_files,
    listed,
    number_of,
    open_shots,
    pending_advice,
    ref_of,
    wanted_shots,
    was_asked,
    words_for,
)

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
        if NO_MORE.fullmatch(plain) and turn.evidence.coming():
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
    lines = lines_of_files(turn)
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


def show_one(turn: Turn, _answers: Mapping[str, Any], one: Evidence) -> Answer:
    options = [
        Button(f"{ANSWERS}:{what}.{ref_of(one)}", turn.text(f"photos.do-{what}")) for what in ("else", "again", "drop")
    ]
    options.append(Button(f"{ANSWERS}:list.0", turn.text("photos.do-back")))
    shot = words_for(turn, one.shot)
    turn.say("photos.one", options=options, number=number_of(turn, one), at=one.received_at, shot=shot)
    return More()


def ask_what_it_is(turn: Turn, answers: Mapping[str, Any], one: Evidence) -> Answer:
    others = [shot.id for shot in wanted_shots(turn, answers) if shot.id != one.shot]
    others += [EXTRA] if one.shot != EXTRA else []
    options = [Button(f"{ANSWERS}:is.{ref_of(one)}.{shot}", words_for(turn, shot)) for shot in others[:MOST_BUTTONS]]
    options.append(Button(f"{ANSWERS}:list.0", turn.text("photos.do-back")))
    turn.say("photos.which_shot", options=options, number=number_of(turn, one), at=one.received_at)
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
    turn.say("photos.dropped", number=number_of(turn, one), shot=words_for(turn, one.shot))
    turn.evidence.save(replace(one, state=EvidenceState.REMOVED, advice=""))
    erase(turn, one)
    forget(turn, "photos")
    return More(goes_on=True)


def accept_as_is(turn: Turn, answers: Mapping[str, Any], one: Evidence) -> Answer:
    still_open = open_shots(turn, answers)
    takes = one.advice == "again" and one.is_picture and still_open
    turn.evidence.save(replace(one, advice="", shot=still_open[0].id if takes else one.shot))
    return More(goes_on=True)
