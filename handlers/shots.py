"""Shots: which photos a reason wants, which of them are there, and which file is taken for which."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.model.checklist import Shot
from bot.model.evidence import ADVICE, Evidence, EvidenceState
from bot.model.messages import File
from bot.shot_words import shot_words
from bot.turn import Turn
from bot.wording import Value

EXTRA = "extra"
"""In place of a shot: a file that is kept beside them."""
ABOUT_PRIVACY = ("card",)
ANSWERS = "refund.photos"
ERASED_AFTER = timedelta(hours=1)


def wanted_shots(turn: Turn, answers: Mapping[str, Any]) -> tuple[Shot, ...]:
    return turn.shared.checklist.of(answers.get("reason", "other"))


def open_shots(turn: Turn, answers: Mapping[str, Any]) -> tuple[Shot, ...]:
    """Those that have no file yet and were not waived."""
    there = {one.shot for one in (*turn.evidence.kept(), *turn.evidence.waived())}
    return tuple(shot for shot in wanted_shots(turn, answers) if shot.id not in there)


def pending_advice(turn: Turn) -> Evidence | None:
    """Return the first file whose advice waits for an answer. A version before this one could give other advice: that is let go."""
    return next((one for one in listed(turn) if one.advice in ADVICE), None)


def listed(turn: Turn) -> list[Evidence]:
    """The files that can be a shot, in the order they came."""
    return [one for one in turn.evidence.kept() if one.sort != "voice"]


def all_there(turn: Turn, answers: Mapping[str, Any]) -> str | None:
    loose = [one for one in listed(turn) if not one.shot and not one.album]
    if loose and "reason" in answers:  # they came while the request was put aside
        place(turn, answers, loose)
    is_open = open_shots(turn, answers) or pending_advice(turn) or turn.evidence.coming()
    return None if is_open else "done"


def words_for(turn: Turn, shot: str) -> str:
    """Return what the shot shows, as customers read it; of a file that is none, that it goes along."""
    shared = turn.shared
    return shot_words(shared.wording, shared.checklist, turn.language, shot) or turn.text("photos.extra")


def why_of(turn: Turn, shot: Shot) -> str:
    return shot.why.get(turn.language) or turn.text(f"reasons.why-{shot.id}")


def ref_of(one: Evidence) -> str:
    """Short, because platforms allow few bytes for a button."""
    return one.id[-8:]


def number_of(turn: Turn, one: Evidence) -> str:
    return str(1 + [each.id for each in listed(turn)].index(one.id))


def was_asked(turn: Turn, what: str) -> str:
    """The id of the first button that was offered last, if it is one of these: then an answer to that is awaited."""
    return next(
        (one.id for one in turn.conversation.offered[:1] if one.id.startswith(f"{ANSWERS}:{what}.")),
        "",
    )


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
        found = dict(one.found)
        if told or advice:
            found["told"] = sorted({*told, advice} - {""})
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
    return tuple(word for word in one.found.get("advice", ()) if word in ADVICE)


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
