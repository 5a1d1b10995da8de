"""Shots: the photos that a reason wants, and what is still missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.answers import Again, Answer, Done, Labelled
from bot.model.reasons import REASONS
from bot.turn import Turn
from bot.wording import Value


@dataclass(frozen=True, slots=True)
class photos(Labelled):  # noqa: N801 - reads as a word where forms are declared
    """The shots that the reason wants. Photos come as uploads, so only the buttons are read here."""

    def read_text(self, turn: Turn, text: str, answers: Mapping[str, Any]) -> Answer:
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
    missing = missing_shots(turn, answers)
    lines = [f"· {turn.text(f'reasons.shot-{shot}')}" for shot in missing]
    why = turn.text(f"reasons.why-{missing[0]}") if missing else ""
    return {"count": len(missing), "shots": "\n".join(lines), "why": why}
