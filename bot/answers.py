"""Readers of answers: each reads one kind of answer and returns a value; none raises."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.days import day_in
from bot.language import ONE_SCRIPT
from bot.model.numbers import order_numbers, without_private
from bot.turn import Turn
from bot.workdays import day_in_shanghai


@dataclass(frozen=True, slots=True)
class Done:
    """Accepted. The value is JSON."""

    value: Any


@dataclass(frozen=True, slots=True)
class More:
    """Good so far, more is expected; what there was to say was said. `goes_on`: the form asks what it needs next."""

    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Again:
    """Not an answer. `say` is the sentence to ask with again; None: perhaps it was meant for something else."""

    say: str | None = None


@dataclass(frozen=True, slots=True)
class Turned:
    """Other buttons of the same question were asked for."""

    options: tuple[str, ...]


Answer = Done | More | Again | Turned
MOST_BUTTONS = 5
MORE = "more-"
LONGEST_NOTE = 300

NO_ORDER_NUMBER = re.compile(
    r"(没有|没|找不到|不知道|不清楚|不记得|忘了|忘记|查不到|丢了).{0,6}(单号|订单|号|日期)|^(没有|不知道|不清楚|不记得|忘了|找不到|只有一张|就一单)[了啊呀哦的]?$"
    r"|\b(no|without|don.?t (have|know|remember)|can.?t find|cannot find|lost|forgot)\b.{0,16}\b(order|number|it)\b"
    r"|^(no|none|don.?t know|no idea|i forgot)$",
    re.I,
)
CONFIRMED = re.compile(
    r"(好的?[，, ]*)?(确认)?(提交|送出)(申请|吧|了)?|确认(无误|没错)?|没问题|没错|对的?|是的|可以|好的?|行"
    r"|ok|okay|yes|y|yep|sure|correct|looks good"
    r"|(yes[, ]*)?(please )?submit( it| now)?|confirm(ed)?|go ahead",
    re.I,
)
"""Said of the answers that are shown before submitting."""
BEGINS_WITH_YES = re.compile(
    r"(行[，, 吧啊的]|就这样|嗯|好|对|是的|没错|没问题|可以|确认|提交|送出"
    r"|yes|yep|yeah|ok|okay|sure|right|correct|submit|send it)(\b|[^a-z])",
    re.I,
)
BUT = re.compile(
    r"[?？]|不|但|换|改|别|等|错|还有|另外|\b(but|not|no|don.?t|wait|change|instead|except|also|wrong)\b", re.I
)
SHORT = 30
"""Characters: a longer text tells something, whatever it may resemble."""
LETTER = re.compile(r"[^\W\d_]")
QUESTION = re.compile(
    r"[?？]|[吗呢么不][啊呀哦]?\s*$|谁|多少|哪|几天|能不能|要不要|是不是|可不可以|^(how|what|when|where|why|who|can|do|does|is|are|will)\b|怎么|多久|哪里|什么",
    re.I,
)


class Labelled:
    """Buttons whose labels are sentences of the form. `reads_numbers`: a number in an answer is the answer, not another order."""

    reads_numbers = False

    def label(self, turn: Turn, form: str, step: str, argument: str) -> str:
        return turn.text(f"{form}.{step}-{argument}")


@dataclass(frozen=True, slots=True)
class order_number(Labelled):  # noqa: N801 - reads as a word where forms are declared
    """10 to 24 digits, wherever they stand in the text, in full width too; or the button that there is none at hand ("")."""

    def read_text(self, turn: Turn, text: str, answers: Mapping[str, Any]) -> Answer:
        found = self.volunteered(turn, text)
        if found is not None:
            return Done(found)
        if has_none(text):
            return Done("")
        return Again("refund.order_again" if any(char.isdigit() for char in without_private(text)) else None)

    def read_button(self, turn: Turn, argument: str, answers: Mapping[str, Any]) -> Answer:
        if argument == "none":
            return Done("")
        return Done(argument) if order_alone(argument) == argument else Again()

    def options(self, turn: Turn, answers: Mapping[str, Any]) -> Sequence[str]:
        """What was read in the customer's photos is offered."""
        read = [str(one.found["order"]) for one in turn.evidence.kept() if order_alone(str(one.found.get("order", "")))]
        return (*tuple(dict.fromkeys(read))[-2:], "none")

    def label(self, turn: Turn, form: str, step: str, argument: str) -> str:
        if argument.isdecimal():
            return turn.text(f"{form}.order-read", order=argument)
        return Labelled.label(self, turn, form, step, argument)

    def volunteered(self, turn: Turn, text: str) -> str | None:
        return order_in(text)


@dataclass(frozen=True, slots=True)
class other_order_number(order_number):  # noqa: N801
    """Another one than the answer to `order`, or that there is only one ("")."""

    reads_numbers = True

    def read_text(self, turn: Turn, text: str, answers: Mapping[str, Any]) -> Answer:
        found = other_order_in(text, answers.get("order"))
        return (
            Done(found)
            if found
            else order_number.read_text(self, turn, text.replace(answers.get("order") or " ", ""), answers)
        )

    def volunteered(self, turn: Turn, text: str) -> str | None:
        opened = turn.conversation.form
        return other_order_in(text, opened.answers.get("order")) if opened else None


@dataclass(frozen=True, slots=True)
class day(Labelled):  # noqa: N801
    """A day in words, or one of the last `buttons` days, or that it is not known (""). The value is ISO text."""

    buttons: int = 0
    reads_numbers = True

    def read_text(self, turn: Turn, text: str, answers: Mapping[str, Any]) -> Answer:
        found = day_in(text, day_in_shanghai(turn.now))
        if found:
            return Done(found.isoformat())
        return (
            Done("") if has_none(text) else Again("refund.day_again" if any(char.isdigit() for char in text) else None)
        )

    def read_button(self, turn: Turn, argument: str, answers: Mapping[str, Any]) -> Answer:
        if argument == "none":
            return Done("")
        if argument in self._days():
            return Done((day_in_shanghai(turn.now) - timedelta(days=int(argument))).isoformat())
        return Again()

    def options(self, turn: Turn, answers: Mapping[str, Any]) -> Sequence[str]:
        return (*self._days(), "none")

    def volunteered(self, turn: Turn, text: str) -> str | None:
        return None

    def _days(self) -> tuple[str, ...]:
        return tuple(str(ago) for ago in range(self.buttons))


@dataclass(frozen=True, slots=True)
class pressed(Labelled):  # noqa: N801
    """One button to go on with; a text that says as much in other words is kept as it is."""

    argument: str

    def read_text(self, turn: Turn, text: str, answers: Mapping[str, Any]) -> Answer:
        return Again() if is_question(turn, text.strip()) else Done(text.strip()[:LONGEST_NOTE])

    def read_button(self, turn: Turn, argument: str, answers: Mapping[str, Any]) -> Answer:
        return Done(argument) if argument == self.argument else Again()

    def options(self, turn: Turn, answers: Mapping[str, Any]) -> Sequence[str]:
        return (self.argument,)

    def volunteered(self, turn: Turn, text: str) -> None:
        return None


def has_none(text: str) -> bool:
    """Somebody says in a few words that they do not have or know it."""
    return len(text) <= SHORT and NO_ORDER_NUMBER.search(text.translate(ONE_SCRIPT).strip(" 。.!！,，")) is not None


def is_confirmed(text: str) -> bool:
    """A yes, alone or at the beginning of a few words in which nothing is taken back."""
    plain = text.translate(ONE_SCRIPT).strip(" 。.!！~～")
    if CONFIRMED.fullmatch(plain):
        return True
    return len(plain) <= SHORT + SHORT and BEGINS_WITH_YES.match(plain) is not None and not BUT.search(plain)


def other_order_in(text: str, known: str | None) -> str | None:
    """Return an order number that is not the one we know already."""
    return next((found for found in order_numbers(text) if found != known), None) if known else None


def order_in(text: str) -> str | None:
    """Return the first order number of a text; a phone, a card or a day is none."""
    return next(iter(order_numbers(text)), None)


def order_alone(text: str) -> str | None:
    """Return the order number that is the whole text."""
    found = order_numbers(text)
    return found[0] if len(found) == 1 and not LETTER.search(text) else None


@dataclass(frozen=True, slots=True)
class choice(Labelled):  # noqa: N801
    """One of several, a few buttons at a time. `means` finds the chosen one in a text; labels are the sentences LABELS-ONE.

    `likely` puts the more probable ones first.
    """

    several: tuple[str, ...]
    labels: str
    means: Callable[[Turn, str], str | None]
    hints: Callable[[Turn, str], str | None]
    likely: Callable[[Turn], tuple[str, ...]] = lambda _turn: ()

    def read_text(self, turn: Turn, text: str, answers: Mapping[str, Any]) -> Answer:
        chosen = self.means(turn, text)
        return Done(chosen) if chosen else Again()

    def read_button(self, turn: Turn, argument: str, answers: Mapping[str, Any]) -> Answer:
        if argument.startswith(MORE) and argument.removeprefix(MORE) in self.several:
            return Turned(self._page(self.several.index(argument.removeprefix(MORE))))
        return Done(argument) if argument in self.several else Again()

    def options(self, turn: Turn, answers: Mapping[str, Any]) -> Sequence[str]:
        likely = self.likely(turn)
        if not likely or len(self.several) <= MOST_BUTTONS:
            return self._page(0)
        ranked = tuple(dict.fromkeys((*likely, *self.several)))
        return (*ranked[: MOST_BUTTONS - 1], MORE + self.several[0])

    def _page(self, start: int) -> tuple[str, ...]:
        """What fits from here on; the last button leads on to the next, and from the end to the beginning."""
        if len(self.several) <= MOST_BUTTONS:
            return self.several
        after = start + MOST_BUTTONS - 1
        following = self.several[after] if after < len(self.several) else self.several[0]
        return (*self.several[start:after], MORE + following)

    def label(self, turn: Turn, form: str, step: str, argument: str) -> str:
        if argument.startswith(MORE):
            return turn.text("buttons.more")
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
        if len(stripped) < self.at_least or order_alone(stripped):  # a number tells nothing
            return Again("refund.details_short")
        if len(stripped) > self.at_most:
            return Again("refund.details_long")
        return Done(without_private(stripped))

    def read_button(self, turn: Turn, argument: str, answers: Mapping[str, Any]) -> Answer:
        return Again()

    def options(self, turn: Turn, answers: Mapping[str, Any]) -> Sequence[str]:
        return ()

    def volunteered(self, turn: Turn, text: str) -> str | None:
        return self.hints(turn, text)


@dataclass(frozen=True, slots=True)
class words_or_none(Labelled):  # noqa: N801
    """Free text, or the button that there is nothing to say ("")."""

    at_least: int
    at_most: int
    reads_numbers = True

    def read_text(self, turn: Turn, text: str, answers: Mapping[str, Any]) -> Answer:
        return words(self.at_least, self.at_most, lambda _turn, _text: None).read_text(turn, text, answers)

    def read_button(self, turn: Turn, argument: str, answers: Mapping[str, Any]) -> Answer:
        return Done("") if argument == "none" else Again()

    def options(self, turn: Turn, answers: Mapping[str, Any]) -> Sequence[str]:
        return ("none",)

    def volunteered(self, turn: Turn, text: str) -> None:
        return None


def is_question(turn: Turn, text: str) -> bool:
    """Or something else that wants an answer before the form goes on: a person, thanks, another language."""
    label = turn.event.reading.sure or ""
    asks = label.startswith("knowledge.") and QUESTION.search(text.translate(ONE_SCRIPT)) is not None
    acts = label.startswith("act.") and label != "act.refund" and len(text) <= SHORT
    return asks or acts or label in ("act.human", "act.status", "act.complain", "act.evidence", "act.photos")
