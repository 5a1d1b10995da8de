"""Questions: answered from the knowledge entries; unsure, the customer is asked; with nothing found, offered a person."""

import re

from bot.answers import order_in
from bot.days import day_in
from bot.knowledge import MAYBE
from bot.language import ONE_SCRIPT
from bot.model.case import CaseStatus, case_number_in
from bot.model.events import Pressed
from bot.model.messages import Button
from bot.model.numbers import private_kinds
from bot.router import Router
from bot.turn import Option, Turn
from bot.workdays import day_in_shanghai
from handlers.case_status import show, show_one
from handlers.cases import gets_files, take_explanation
from handlers.claims import is_claim, reason_in, sounds_wrong
from handlers.human import say_with_hours
from handlers.parcels import say_last_day
from handlers.refund import correct, note, start_refund

FIRST_TOPICS = ("how_to_apply", "time_limits", "evidence", "where_the_money_goes", "no_reason_7d")
MOST_MISSES = 3
"""After so many texts in a row that were not understood, a person is called."""

ASK_FOR_THE_LAST_DAY = ("knowledge.no_reason_7d", "knowledge.no_reason_last_day")
ASK_FOR_DATES = ("knowledge.time_limits", "knowledge.after_submitting", "knowledge.refund_not_arrived")
"""Whoever has a case and asks this wants its dates, not the rule."""
RECEIVED = re.compile(r"(?<![没未])(签收|收到|收货|到货)|\b(received|signed|arrived|was delivered)\b")

PARCEL = re.compile(
    r"发货|出货|快递|物流|配送|派送|包裹|送(到|来|达|货)|到货|收到|揽收|\b(ship\w*|parcel|package|deliver\w*|arriv\w*|courier)\b"
)
"""What waits is on its way to the customer, not with us."""

router = Router("questions")


@router.meaning("knowledge.*")
def answer(turn: Turn) -> None:
    if is_claim(turn, turn.event.words):
        start_refund(turn)
        return
    assert turn.event.reading.sure
    if correct(turn) or (turn.event.reading.sure in ASK_FOR_THE_LAST_DAY and told_last_day(turn)):
        return
    if turn.event.reading.sure == "knowledge.reach_a_person" and turn.conversation.person_asked_at:
        say_with_hours(turn, "human.waiting")
        return
    opened = turn.cases.open()
    if turn.event.reading.sure in ASK_FOR_DATES and opened and not turn.conversation.form:
        for case in opened:
            show(turn, case)
        return
    tell(turn, turn.event.reading.sure.removeprefix("knowledge."))


@router.meaning("reason.late")
def hear_of_waiting(turn: Turn) -> None:
    """Who waits for us is told what was promised; a parcel that is late is another trouble."""
    plain = turn.event.words.lower().translate(ONE_SCRIPT)
    opened = turn.cases.open()
    if not opened or turn.conversation.form or order_in(plain) or PARCEL.search(plain):
        start_refund(turn)
        return
    for case in opened:
        show(turn, case)
    turn.say("questions.waits_for_us", options=("human", "refund"))


@router.button("answer")
def answer_chosen(turn: Turn) -> None:
    assert isinstance(turn.body, Pressed)
    if turn.body.argument in turn.shared.knowledge.ids(turn.language):
        tell(turn, turn.body.argument)
    else:
        offer_topics(turn)


@router.command("ask")
@router.button("ask")
def offer_topics(turn: Turn) -> None:
    turn.say("questions.topics", options=[topic(turn, id_) for id_ in FIRST_TOPICS])


@router.meaning("none")
def decline(turn: Turn) -> None:
    turn.say("questions.not_ours", options=("ask", "refund", "human"))


@router.otherwise
def admit_not_knowing(turn: Turn) -> None:
    number, form = order_in(turn.event.words), turn.conversation.form
    if number and (form is None or form.is_paused):
        show_or_start(turn, number)
        return
    if form and number and number == form.answers.get("order"):
        return  # said again: the form asks on
    if (case_number := case_number_in(turn.event.words)) and turn.cases.find(case_number) and not form:
        show_named(turn, case_number)
        return
    if correct(turn) or note(turn, turn.event.words) or told_last_day(turn):
        return
    case = waiting_case(turn)
    if case:
        take_explanation(turn, case)
        return
    if not turn.conversation.form and not turn.cases.open() and sounds_wrong(turn):
        if reason_in(turn, turn.event.words) is None:
            turn.say("refund.sounds_wrong")
        start_refund(turn)
        return
    if private_kinds(turn.event.words):
        return  # what there is to say of it was said
    guesses = [label for label, score in turn.event.reading.candidates if score >= MAYBE and label != "none"]
    options = [turn.button(option) for label in guesses[:3] if (option := guess(turn, label))]
    if options:
        turn.update(misses=0)
        by_label = {button.label: button for button in (*options, turn.button("human"))}
        turn.say("questions.unsure", options=tuple(by_label.values()))
        return
    turn.update(misses=turn.conversation.misses + 1)
    if turn.conversation.misses >= MOST_MISSES:
        turn.update(misses=0, person_asked_at=turn.conversation.person_asked_at or turn.now)
        turn.say("questions.person_called", options=("status", "ask"))
        return
    turn.say("questions.unknown", options=("ask", "refund", "human"))


@router.case_number
def show_case(turn: Turn) -> None:
    """Who types a case's number wants to know how it stands; never its evidence, a withdrawal or an answer to the form."""
    show_named(turn, turn.event.words)


def show_named(turn: Turn, number: str) -> None:
    """Files that wait for their case may be meant for the one that is named."""
    case = turn.cases.find(number)
    if case is None or not gets_files(turn, case):
        show_one(turn, number)


def told_last_day(turn: Turn) -> bool:
    """Somebody names the day on which they signed: the last day of a return without a reason can be worked out."""
    text = turn.event.words
    plain = text.lower().translate(ONE_SCRIPT)
    received = RECEIVED.search(plain) and day_in(text, day_in_shanghai(turn.now))
    if turn.conversation.form or not received or sounds_wrong(turn):
        return False
    say_last_day(turn, received, options=("refund", "human"))
    return True


def show_or_start(turn: Turn, order: str) -> None:
    """An order that a case is about is asked for its progress; any other has something to put right."""
    cases = [case for case in turn.cases.all() if case.order_number == order]
    if cases and not is_claim(turn, turn.event.words):
        if len(cases) == 1 and gets_files(turn, cases[0]):
            return
        for case in cases:
            show(turn, case)
    else:
        start_refund(turn)


@router.command("contact")
def tell_contacts(turn: Turn) -> None:
    tell(turn, "contacts")


@router.command("tips")
def tell_tips(turn: Turn) -> None:
    tell(turn, "avoid_trouble")


@router.command("policy")
def tell_policy(turn: Turn) -> None:
    tell(turn, "return_refund_policy")


def tell(turn: Turn, id_: str) -> None:
    entry = turn.shared.knowledge.entry(turn.language, id_)
    promise = turn.settings.promise
    said = entry.answer.replace("{review}", str(promise.review_workdays)).replace(
        "{refund}", str(promise.refund_workdays)
    )
    lines = [said, *(contact_lines(turn) if id_ == "contacts" else ())]
    options = [
        topic(turn, argument) if (argument := one.removeprefix("answer:")) != one else one for one in entry.buttons
    ]
    turn.say_text("\n".join(lines), options)


def contact_lines(turn: Turn) -> list[str]:
    """The shop's own contacts. One that nobody has checked is told as such."""
    return [
        turn.text(
            "questions.contact" if one.verified_on else "questions.contact_unverified",
            label=one.label,
            value=one.value,
            hours=f" {one.hours}" if one.hours else "",
            **({"day": one.verified_on} if one.verified_on else {}),
        )
        for one in turn.settings.contacts
    ]


def topic(turn: Turn, id_: str) -> Button:
    return Button(f"answer:{id_}", turn.shared.knowledge.entry(turn.language, id_).title)


def guess(turn: Turn, label: str) -> Option | None:
    """What might have been meant, as a button."""
    family, _, name = label.partition(".")
    if family == "knowledge":
        return topic(turn, name) if name in turn.shared.knowledge.ids(turn.language) else None
    if family == "reason":
        return "refund"
    return {"refund": "refund", "status": "status", "human": "human", "complain": "human", "withdraw": "status"}.get(
        name
    )


def waiting_case(turn: Turn) -> str | None:
    """The one case in which we wait for the customer's words, if it is clear which."""
    waiting = [case for case in turn.cases.open() if case.status is CaseStatus.NEED_MORE]
    return waiting[0].number if len(waiting) == 1 else None
