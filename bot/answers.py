"""Readers of answers: each reads one kind of answer and returns a value; none raises."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.knowledge import SURE
from bot.turn import Turn


@dataclass(frozen=True, slots=True)
class Done:
    """Accepted. The value is JSON."""

    value: Any


@dataclass(frozen=True, slots=True)
class More:
    """Good so far, more is expected; what there was to say was said."""


@dataclass(frozen=True, slots=True)
class Again:
    """Not an answer. `say` is the sentence to ask with again; None: perhaps it was meant for something else."""

    say: str | None = None


Answer = Done | More | Again

ORDER_NUMBER = re.compile(r"(?<![\dA-Za-z])\d{10,24}(?![\dA-Za-z])")
QUESTION = re.compile(r"[?？]\s*$|[吗呢么]\s*$|^(how|what|when|where|why|who|can|do|does|is|are|will)\b|怎么|多久|哪里|什么", re.I)


class Labelled:
    """Buttons whose labels are sentences of the form."""

    def label(self, turn: Turn, form: str, step: str, argument: str) -> str:
        return turn.text(f"{form}.{step}-{argument}")


@dataclass(frozen=True, slots=True)
class order_number(Labelled):  # noqa: N801 - reads as a word where forms are declared
    """10 to 24 digits, wherever they stand in the text, in full width too; or the button that there is none at hand ("")."""

    def read_text(self, turn: Turn, text: str, answers: Mapping[str, Any]) -> Answer:
        found = self.volunteered(turn, text)
        if found is not None:
            return Done(found)
        return Again("refund.order_again" if any(char.isdigit() for char in text) else None)

    def read_button(self, turn: Turn, argument: str, answers: Mapping[str, Any]) -> Answer:
        return Done("") if argument == "none" else Again()

    def options(self, turn: Turn, answers: Mapping[str, Any]) -> Sequence[str]:
        return ("none",)

    def volunteered(self, turn: Turn, text: str) -> str | None:
        plain = unicodedata.normalize("NFKC", text)
        found = ORDER_NUMBER.search(plain) or ORDER_NUMBER.search(re.sub(r"(?<=\d)[ -](?=\d)", "", plain))
        return found.group() if found else None


@dataclass(frozen=True, slots=True)
class choice:  # noqa: N801
    """One of a few. `means` finds the chosen one in a text; labels are the sentences LABELS-ONE."""

    several: tuple[str, ...]
    labels: str
    means: Callable[[Turn, str], str | None]
    hints: Callable[[Turn, str], str | None]

    def read_text(self, turn: Turn, text: str, answers: Mapping[str, Any]) -> Answer:
        chosen = self.means(turn, text)
        return Done(chosen) if chosen else Again()

    def read_button(self, turn: Turn, argument: str, answers: Mapping[str, Any]) -> Answer:
        return Done(argument) if argument in self.several else Again()

    def options(self, turn: Turn, answers: Mapping[str, Any]) -> Sequence[str]:
        return self.several

    def label(self, turn: Turn, form: str, step: str, argument: str) -> str:
        return turn.text(f"{self.labels}-{argument}")

    def volunteered(self, turn: Turn, text: str) -> str | None:
        return self.hints(turn, text)


@dataclass(frozen=True, slots=True)
class words(Labelled):  # noqa: N801
    """Free text of some length. A question that we know the answer of is not taken for one."""

    at_least: int
    at_most: int
    hints: Callable[[Turn, str], str | None]

    def read_text(self, turn: Turn, text: str, answers: Mapping[str, Any]) -> Answer:
        stripped = text.strip()
        if is_question(turn, stripped):
            return Again()
        if len(stripped) < self.at_least:
            return Again("refund.details_short")
        if len(stripped) > self.at_most:
            return Again("refund.details_long")
        return Done(stripped)

    def read_button(self, turn: Turn, argument: str, answers: Mapping[str, Any]) -> Answer:
        return Again()

    def options(self, turn: Turn, answers: Mapping[str, Any]) -> Sequence[str]:
        return ()

    def volunteered(self, turn: Turn, text: str) -> str | None:
        return self.hints(turn, text)


def is_question(turn: Turn, text: str) -> bool:
    label, score = next(iter(turn.event.reading.candidates), ("", 0.0))
    asks = label.startswith("knowledge.") and QUESTION.search(text) is not None
    return score >= SURE and (asks or label in ("act.human", "act.status", "act.complain"))
