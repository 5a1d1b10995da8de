"""Refund: a customer wants something put right. One form for every reason."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from bot.answers import (
    QUESTION,
    SHORT,
    choice,
    day,
    order_in,
    order_number,
    other_order_number,
    pressed,
    words,
    words_or_none,
)
from bot.forms import Ask, Form, forget, names_another, open_form, put, resume, volunteer
from bot.knowledge import MAYBE
from bot.language import is_chinese
from bot.model.case import Case, CaseStatus
from bot.model.conversation import OpenForm
from bot.model.events import Pressed, Upload
from bot.model.evidence import Evidence, EvidenceState
from bot.model.numbers import MASK, without_private
from bot.model.reasons import REASONS, WISHES
from bot.router import Router
from bot.turn import Turn
from bot.wording import Money, Value
from bot.workdays import day_in_shanghai, end_of, workday_after
from handlers.amounts import amount, fen_of
from handlers.claims import (
    LONGEST_STORY,
    answer_to,
    likely_reasons,
    reason_in,
    reason_said,
    reasons_of,
    story_in,
    wish_said,
    wish_told,
)
from handlers.human import call
from handlers.parcels import (
    CATEGORIES,
    asks,
    compare_promise,
    courier,
    courier_of,
    needs_courier,
    tell_exception,
    tell_last_day,
    tell_where_to_track,
    waybill,
)
from handlers.photo_answers import photos
from handlers.shots import all_there, place_anew, read_codes, show_missing, words_for

MUCH = 12
"""Characters in Chinese, twice as many in other scripts: what is shorter and names no trouble is no part of the story."""

router = Router("refund")


@dataclass(frozen=True, slots=True)
class Refund:
    """The answers. Those to other reasons' questions are None, and "" is "I don't know".

    `photos` is `done`: which files and which waived shots there are is told by the evidence.
    """

    order: str
    reason: str
    other_order: str | None
    details: str
    looked: str | None
    promised: str | None
    received: str | None
    category: str | None
    waybill: str | None
    courier: str | None
    courier_said: str | None
    wish: str
    photos: str
    paid: str | None


def review(turn: Turn, answers: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "order": answers["order"] or turn.text("refund.review-no_order"),
        "reason": turn.text(f"reasons.reason-{answers['reason']}"),
        "details": answers["details"],
        "more": "".join(f"\n{line}" for line in own_answers(turn, answers)),
        "wish": turn.text(f"reasons.wish-{answers['wish']}"),
        "photos": len(turn.evidence.unassigned()) - len(others(turn)),
        "others": len(others(turn)),
        "waived": "".join(f"\n{line}" for line in waived_lines(turn)),
        "day": deadline(turn).day,
    }


def others(turn: Turn) -> list[Evidence]:
    """Kept files that are no photos: videos, voice messages."""
    return [one for one in turn.evidence.kept() if not one.is_picture]


def waived_lines(turn: Turn) -> list[str]:
    return [
        turn.text("refund.review-waived", shot=words_for(turn, one.shot), why=one.caption)
        for one in turn.evidence.waived()
    ]


OWN = ("other_order", "promised", "received", "category", "waybill", "courier_said", "paid")
"""The questions that only some reasons ask."""


def own_answers(turn: Turn, answers: Mapping[str, Any]) -> list[str]:
    """A line for each, as the customer reads it."""
    lines = []
    for name in OWN:
        value = answers.get(name)
        if value and asks(name)(answers):
            shown: Value = value
            if name in ("promised", "received"):
                shown = date.fromisoformat(value)
            elif name == "paid":
                shown = Money(fen_of(value))
            elif name == "category":
                shown = turn.text(f"refund.category-{value}")
            elif name == "waybill" and (known := courier_of(answers)):
                shown = f"{value} {turn.text(f'couriers.name-{known}')}"
            lines.append(turn.text(f"refund.own-{name}", value=shown))
    return lines


def deadline(turn: Turn) -> Any:
    return workday_after(day_in_shanghai(turn.now), turn.settings.promise.review_workdays)


def open_case(turn: Turn, answers: Refund, intake: str) -> None:
    due = deadline(turn)
    pictures, waived = turn.evidence.unassigned(), turn.evidence.waived()
    case = Case(
        number=turn.shared.new_case_number(),
        customer=turn.conversation.customer,
        address=turn.conversation.address,
        intake=intake,
        order_number=answers.order,
        reason=answers.reason,
        details=answers.details,
        wish=answers.wish,
        status=CaseStatus.UNDER_REVIEW,
        submitted_at=turn.now,
        photos=len(pictures),
        evidence_count=len(pictures),
        submitted_evidence=len(pictures),
        promised_on=due.day,
        is_estimate=due.is_estimate,
        more=own_facts(answers),
    )
    turn.cases.add(case)
    turn.evidence.assign((*pictures, *waived), case.number)
    read_codes(turn, pictures)
    facts: dict[str, Any] = {"order": answers.order, "reason": answers.reason, "wish": answers.wish}
    facts |= {"details": answers.details, "more": case.more}
    case = turn.record(case, "opened", "customer", **facts)
    photos = [one for one in pictures if one.is_picture or one.state is EvidenceState.FETCHING]
    turn.record(case, "submitted", "customer", step=True, photos=len(photos))
    turn.remind_at(end_of(due.day), "review_due", case.number)
    key = "refund.submitted_estimate" if due.is_estimate else "refund.submitted"
    turn.say(key, options=(f"status:{case.number}", f"add:{case.number}", "human"), number=case.number, day=due.day)
    if turn.conversation.person_asked_at:
        turn.record(turn.cases.by_number[case.number], "person_asked_for", "customer")


def own_facts(answers: Refund) -> dict[str, str]:
    given = {name: getattr(answers, name) for name in (*OWN, "looked")}
    facts = {name: value for name, value in given.items() if value}
    known = courier_of(asdict(answers))
    return facts | ({"courier": known} if known else {})


def follow_reason(turn: Turn, reason: str) -> None:
    """Another reason wants other photos; and a danger goes to a person before anything else is asked."""
    forget(turn, "photos")
    opened = turn.conversation.form
    place_anew(turn, opened.answers if opened else {"reason": reason})
    if REASONS[reason].at_once:
        call(turn, "human.danger")
    elif REASONS[reason].is_trouble and not isinstance(turn.body, Pressed):
        turn.say("refund.sorry")


def only_wish(_turn: Turn, answers: Mapping[str, Any]) -> str | None:
    """Some reasons leave one thing to wish for; it is shown before submitting and can be changed."""
    return REASONS[answers["reason"]].wish


def tell_of_its_case(turn: Turn, order: str) -> None:
    case = next((case for case in turn.cases.open() if order and case.order_number == order), None)
    if case:
        turn.say("refund.order_has_case", options=(f"status:{case.number}", "cancel"), order=order, number=case.number)


def nothing_meant(_turn: Turn, _text: str) -> None:
    return None


def show_waybill(_turn: Turn, answers: Mapping[str, Any]) -> dict[str, Value]:
    return {"number": answers["waybill"]}


def note(turn: Turn, text: str) -> bool:
    """What a customer tells beside the questions belongs to what happened. False: it tells nothing that is not there already."""
    opened = turn.conversation.form
    story = None if QUESTION.search(text) else story_in(turn, text)
    public = without_private(text).replace(MASK, "")
    says_much = any(score >= MAYBE for _, score in reasons_of(turn)) or len(public) >= MUCH * (
        1 if is_chinese(text) else 2
    )
    if opened is None or opened.is_paused or not says_much or story is None or story == opened.answers.get("details"):
        return False
    put(turn, REFUND, "details", story)
    if not isinstance(turn.body, Upload):  # the receipt of what was sent says enough
        turn.say("refund.noted")
    return True


REFUND = router.form(
    Form(
        "refund",
        version=3,
        steps=(
            Ask("order", order_number(), subject=True, taken=tell_of_its_case),
            Ask(
                "reason",
                choice(tuple(REASONS), "reasons.reason", reason_said, reason_in, likely_reasons),
                taken=follow_reason,
            ),
            Ask("other_order", other_order_number(), when=asks("other_order")),
            Ask("details", words(at_least=4, at_most=LONGEST_STORY, hints=story_in)),
            Ask("looked", pressed("nobody"), when=asks("looked")),
            Ask("promised", day(), when=asks("promised"), taken=compare_promise),
            Ask("received", day(buttons=3), when=asks("received"), taken=tell_last_day),
            Ask(
                "category",
                choice(CATEGORIES, "refund.category", nothing_meant, nothing_meant),
                when=asks("category"),
                taken=tell_exception,
            ),
            Ask("waybill", waybill(), when=asks("waybill"), taken=tell_where_to_track),
            Ask("courier", courier(), when=needs_courier, shows=show_waybill, taken=tell_where_to_track),
            Ask("courier_said", words_or_none(2, 300), when=asks("courier_said")),
            Ask("wish", choice(WISHES, "reasons.wish", wish_said, wish_told), found=only_wish),
            Ask("photos", photos(), shows=show_missing, found=all_there),
            Ask("paid", amount(), when=asks("paid")),
        ),
        into=Refund,
        finish=open_case,
        review=review,
        note=note,
    )
)


def request_now(turn: Turn) -> OpenForm | None:
    """The request that is being filled in."""
    form = turn.conversation.form
    return form if form and not form.is_paused and form.name == REFUND.name else None


@router.command("refund")
@router.button("refund")
@router.meaning("act.refund")
@router.meaning("reason.*")
def start_refund(turn: Turn) -> None:
    text = turn.body.argument if isinstance(turn.body, Pressed) else turn.event.words
    opened = turn.conversation.form
    if opened and opened.is_paused and reason_in(turn, text) is None:
        if names_order_of(opened, text):
            resume(turn, REFUND, text)
            return
        turn.say("refund.draft", options=("draft_resume", "draft_new"), **kept_until(turn))
        return
    if opened and not opened.is_paused:
        if names_another(turn, REFUND, opened, text):
            return
        if correct(turn):
            return
        told_before = "details" in opened.answers
        volunteer(turn, REFUND, text)
        if told_before:
            note(turn, text)
        resume(turn, REFUND)
        return
    begin(turn, text)


def names_order_of(draft: OpenForm, text: str) -> bool:
    """Whether the text has the draft's order number, or the one that the draft lacks: who sends it goes on with the draft."""
    order = order_in(text)
    return order is not None and draft.answers.get("order") in (None, "", order)


def correct(turn: Turn) -> bool:
    """Another wish than before, in a few words that tell nothing else. False: it is none."""
    text, known = turn.event.words, answer_to(turn, "wish")
    if known is None or len(text) > SHORT or reason_said(turn, text):
        return False
    wish = wish_told(turn, text)
    if wish is None or wish == known:
        return False
    put(turn, REFUND, "wish", wish)
    turn.say("refund.wish_changed", wish=turn.text(f"reasons.wish-{wish}"))
    return True


def begin(turn: Turn, text: str) -> None:
    open_form(turn, REFUND, text)
    opened = turn.conversation.form
    assert opened
    turn.remind_at(by_day(turn, timedelta(days=1)), "draft_waits", opened.intake)
    turn.remind_at(turn.now + timedelta(days=turn.settings.promise.draft_days), "draft_ends", opened.intake)


def by_day(turn: Turn, after: timedelta) -> Any:
    """A reminder is not urgent: none between 22:00 and 8:00 in Shanghai (UTC+8)."""
    at = turn.now + after
    hour = (at.hour + 8) % 24
    return at + timedelta(hours=(32 - hour) % 24) if hour >= 22 or hour < 8 else at


def kept_until(turn: Turn) -> dict[str, Any]:
    opened = turn.conversation.form
    assert opened
    until = opened.changed_at + timedelta(days=turn.settings.promise.draft_days)
    return {"day": day_in_shanghai(until)}
