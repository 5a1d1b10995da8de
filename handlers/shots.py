"""Shots: the photos that a reason wants, and what is still missing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.answers import SHORT, Again, Answer, Done, Labelled, is_question
from bot.language import ONE_SCRIPT
from bot.model.reasons import REASONS
from bot.turn import Turn
from bot.wording import Value

NO_MORE = re.compile(
    r"就这(些|几张|一张)(了|吧)?|没有?(别的|更多的?|其他的?)?(照片)?了|(都)?发(完|好)了|传完了"
    r"|done|finished|that.?s (all|it|everything)|no more( photos)?"
)
CANNOT_SEND = re.compile(
    r"(发|拍|传|提供)不(了|出|上)|没(有)?(拍|照片|图|箱子|包装|面单)|(包装|箱子?|盒子?|面单).{0,4}(扔|丢)|没法(拍|发|传)|无法(拍|提供|上传)|不方便(拍|发)"
    r"|\b(can.?t|cannot|unable to|(don.?t|do not) have|have no|no)\b.{0,20}\b(photos?|pictures?|pics?|camera|box|label|packaging)\b"
    r"|\bthrew (it|the \w+) away\b"
)


@dataclass(frozen=True, slots=True)
class photos(Labelled):  # noqa: N801 - reads as a word where forms are declared
    """The shots that the reason wants. Photos come as uploads; what is read here is that no more will come."""

    def read_text(self, turn: Turn, text: str, answers: Mapping[str, Any]) -> Answer:
        plain = text.translate(ONE_SCRIPT).strip(" 。.!！~～").lower()
        if (
            len(plain) <= SHORT
            and (NO_MORE.fullmatch(plain) or CANNOT_SEND.search(plain))
            and not is_question(turn, text)
        ):
            return Done("waived" if missing_shots(turn, answers) else "done")
        return Again()

    def read_button(self, turn: Turn, argument: str, answers: Mapping[str, Any]) -> Answer:
        return Done(argument) if argument in ("done", "waived") else Again()

    def options(self, turn: Turn, answers: Mapping[str, Any]) -> tuple[str, ...]:
        return ("waived",) if missing_shots(turn, answers) else ("done",)

    def volunteered(self, turn: Turn, text: str) -> None:
        return None


def needs_photos(answers: Mapping[str, Any]) -> bool:
    return bool(REASONS[answers.get("reason", "other")].shots)


def all_there(turn: Turn, answers: Mapping[str, Any]) -> str | None:
    return None if missing_shots(turn, answers) else "done"


def missing_shots(turn: Turn, answers: Mapping[str, Any]) -> tuple[str, ...]:
    """Photos are taken for the shots in the order they came; people look at what they really show."""
    return REASONS[answers.get("reason", "other")].shots[len(turn.evidence.pictures()) :]


def show_missing(turn: Turn, answers: Mapping[str, Any]) -> dict[str, Value]:
    """Photos that came before they were asked for may be of anything: then all shots are named, and the customer sees what lacks."""
    missing, wanted = missing_shots(turn, answers), REASONS[answers.get("reason", "other")].shots
    have = len(turn.evidence.pictures()) if missing else 0
    lines = [f"· {turn.text(f'reasons.shot-{shot}')}" for shot in (wanted if have else missing)]
    why = turn.text(f"reasons.why-{missing[0]}") if missing else ""
    return {"count": len(missing), "shots": "\n".join(lines), "why": why, "have": have, "wanted": len(wanted)}
