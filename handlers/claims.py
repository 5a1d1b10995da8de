"""What a claim in the customer's own words says: the reason, the story, the wish."""

import re

from bot.answers import QUESTION, is_question, order_in
from bot.language import ONE_SCRIPT, is_chinese
from bot.model.numbers import without_private
from bot.model.reasons import REASONS
from bot.turn import Turn

GUESSED_REASON = 0.3
SOUNDS_WRONG = 0.2
LONG_NUMBER = re.compile(r"\d{10,}")
SHORTEST_STORY = 6
"""Characters in Chinese; twice as many in other scripts."""
LONGEST_STORY = 1000

WISHES = (
    ("exchange", re.compile(r"换货|换一|换个|调换|更换|\bexchange|\breplace", re.I)),
    ("resend", re.compile(r"补发|补寄|重发|重新发|\bresend|send (it |one |me )*(again|another)|send a new", re.I)),
    ("repair", re.compile(r"维修|修理|修一|修好|\brepair|\bfix", re.I)),
    (
        "return_refund",
        re.compile(r"退货(?!运费|邮费|的运费|地址)|\breturn(?! address| label| postage)", re.I),
    ),
    ("refund", re.compile(r"退款|退费|退钱|退我钱|仅退|退了|退给我|退我|钱退|\brefund|money back", re.I)),
)

DENIED = re.compile(
    r"(不想|不要|不用|不需要|不打算|不是要?|没说要?|没要|别)(再|办|给我|帮我)?(退货|寄回|换货|补寄|补发|退款|维修)"
    r"|\b(don.?t|didn.?t|do not|did not|not) (want|need|ask|mean)( for| to| an?| any)* (return|refund|exchange|repair|resend)\w*",
    re.I,
)
"""A wish that somebody does not have."""


def reason_said(turn: Turn, text: str) -> str | None:
    """The likeliest reason; it is shown again before it counts."""
    return next((reason for reason, score in reasons_of(turn) if score >= GUESSED_REASON), None)


def reason_in(turn: Turn, text: str) -> str | None:
    """Only from a text that says more than a wish: a bare wish is asked for its reason, never guessed. What is told after a reason
    was given does not change it: a button does.
    """
    if answer_to(turn, "reason"):
        return None
    return reason_said(turn, text) if turn.event.reading.tells and not is_question(turn, text) else None


def likely_reasons(turn: Turn) -> tuple[str, ...]:
    return tuple(reason for reason, _ in reasons_of(turn))


def reasons_of(turn: Turn) -> list[tuple[str, float]]:
    named = [(label.removeprefix("reason."), score) for label, score in turn.event.reading.candidates]
    return [(reason, score) for reason, score in named if reason in REASONS]


def story_in(turn: Turn, text: str) -> str | None:
    """Return the whole text, when it tells what happened, after what was told before; not a bare wish, number or question.

    Private numbers in it are masked: they are not kept with the request and not read back.
    """
    text = without_private(text)
    story = LONG_NUMBER.sub("", text).strip()
    enough = len(story) >= (SHORTEST_STORY if is_chinese(story) else 2 * SHORTEST_STORY)
    if not turn.event.reading.tells or not enough or is_question(turn, text):
        return None
    told = answer_to(turn, "details") or ""
    whole = told if text.strip() in told else f"{told}\n{text}".strip()
    return whole if len(whole) <= LONGEST_STORY else None


def sounds_wrong(turn: Turn) -> bool:
    """Somebody tells of a trouble that we cannot name for sure: it is asked in the form, and what was told is kept."""
    first = next(iter(turn.event.reading.candidates), ("", 0.0))
    tells = story_in(turn, turn.event.words) is not None and not QUESTION.search(turn.event.words)
    return first[0].startswith("reason.") and first[1] >= SOUNDS_WRONG and tells


def answer_to(turn: Turn, question: str) -> str | None:
    """What was answered in the form that is open."""
    opened = turn.conversation.form
    return opened.answers.get(question) if opened and not opened.is_paused else None


def is_claim(turn: Turn, text: str) -> bool:
    """Somebody who names an order and says more than that has something to put right."""
    return order_in(text) is not None and turn.event.reading.tells and not is_question(turn, text)


def wish_in(turn: Turn, text: str) -> str | None:
    plain = DENIED.sub(" ", text.translate(ONE_SCRIPT))
    return next((wish for wish, pattern in WISHES if pattern.search(plain)), None)


def wish_said(turn: Turn, text: str) -> str | None:
    """The answer to what they would like: "can I exchange it?" is one, a question about something else is not."""
    asks_else = is_question(turn, text) and turn.event.reading.sure != "knowledge.repair_exchange_resend"
    return None if asks_else else wish_in(turn, text)


def wish_told(turn: Turn, text: str) -> str | None:
    """One that nobody asked for: "how long does a refund take?" is a question and no wish."""
    return None if is_question(turn, text) else wish_in(turn, text)
