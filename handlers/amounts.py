"""Amounts: what the customer paid, in words or as it was read in their screenshot. Nothing here decides about money."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.answers import SHORT, Again, Answer, Done, Labelled, has_none
from bot.turn import Turn
from bot.wording import Money

PAID = re.compile(r"(?:实付|實付|付了|付款|支付了?|\bpaid)\s*¥?\s*\d[\d,.]*", re.I)
MARKED = re.compile(rf"{PAID.pattern}|¥\s*\d[\d,.]*|\d[\d,.]*\s*(?:元|块|塊|yuan\b|rmb\b)", re.I)
YUAN = re.compile(r"(?<![\d.])(\d{1,3}(?:,\d{3})+|\d{1,6})(?:\.(\d{1,2}))?(?![\d.]\d)")


@dataclass(frozen=True, slots=True)
class amount(Labelled):  # noqa: N801 - reads as a word where forms are declared
    """Yuan with two decimals, "59.00", or that it is not known (""). What was read in a photo is offered, never taken by itself."""

    def read_text(self, turn: Turn, text: str, answers: Mapping[str, Any]) -> Answer:
        found = amount_in(text)
        if found:
            return Done(found)
        if has_none(text):
            return Done("")
        return Again("refund.paid_again" if len(text) <= SHORT and any(char.isdigit() for char in text) else None)

    def read_button(self, turn: Turn, argument: str, answers: Mapping[str, Any]) -> Answer:
        if argument == "none":
            return Done("")
        return Done(argument) if re.fullmatch(r"\d{1,6}\.\d{2}", argument) else Again()

    def options(self, turn: Turn, answers: Mapping[str, Any]) -> tuple[str, ...]:
        return (*amounts_read(turn), "none")

    def label(self, turn: Turn, form: str, step: str, argument: str) -> str:
        if argument == "none":
            return turn.text("refund.paid-none")
        return turn.text("refund.paid-read", amount=Money(fen_of(argument)))

    def volunteered(self, turn: Turn, text: str) -> str | None:
        found = PAID.findall(unicodedata.normalize("NFKC", text))
        return amount_in(found[0]) if len(found) == 1 else None


def amount_in(text: str) -> str | None:
    """The only one, or the only one that is told as an amount."""
    plain = unicodedata.normalize("NFKC", text)
    found = YUAN.findall(" ".join(MARKED.findall(plain)) or plain)
    if len(found) != 1:
        return None
    yuan, cents = found[0]
    return f"{int(yuan.replace(',', ''))}.{cents.ljust(2, '0')}"


def fen_of(yuan: str) -> int:
    return int(yuan.replace(".", ""))


def amounts_read(turn: Turn) -> list[str]:
    """Those that stand in the customer's photos, the newest first."""
    read = [one.found["amount"] for one in reversed(turn.evidence.kept()) if "amount" in one.found]
    return [f"{fen // 100}.{fen % 100:02}" for fen in dict.fromkeys(read)][:2]
