"""What a claim in the customer's own words says: the reason, the story, the wish."""

import re

from bot.answers import ORDER_NUMBER, is_question
from bot.knowledge import SURE
from bot.model.reasons import REASONS
from bot.turn import Turn

SURE_OF_REASON = SURE
GUESSED_REASON = 0.36
"""When the reason is being asked for, less likeness is enough: the answer is shown again before it counts."""

WISHES = (
    ("exchange", re.compile(r"换货|换一|换个|调换|更换|\bexchange|\breplace", re.I)),
    ("resend", re.compile(r"补发|补寄|重发|重新发|\bresend|send (it )?again", re.I)),
    ("repair", re.compile(r"维修|修理|修一|修好|\brepair|\bfix", re.I)),
    ("return_refund", re.compile(r"退货|寄回|\breturn", re.I)),
    ("refund", re.compile(r"退款|退钱|退我钱|仅退|退了|\brefund|money back", re.I)),
)


def reason_in(turn: Turn, text: str) -> str | None:
    return best_reason(turn, SURE_OF_REASON)


def reason_said(turn: Turn, text: str) -> str | None:
    return best_reason(turn, GUESSED_REASON)


def best_reason(turn: Turn, at_least: float) -> str | None:
    label, score = next(iter(turn.event.reading.candidates), ("", 0.0))
    family, _, reason = label.partition(".")
    return reason if family == "reason" and score >= at_least and reason in REASONS else None


def story_in(turn: Turn, text: str) -> str | None:
    """The whole text, when it tells what happened; not a bare wish or number."""
    if reason_in(turn, text) is None or is_question(turn, text):
        return None
    story = ORDER_NUMBER.sub("", text).strip()
    return text.strip() if 4 <= len(story) and len(text) <= 1000 else None


def wish_in(turn: Turn, text: str) -> str | None:
    return next((wish for wish, pattern in WISHES if pattern.search(text)), None)
