"""What the lines of text in a picture say that we know to read: an order's number, what was paid, and that a card is shown."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.model.numbers import order_numbers

ORDER = re.compile(r"订单编号|订单号|訂單編號|訂單號|\border(?:\s*(?:number|no|id|#))?\b", re.I)
PAID = (
    re.compile(r"实付款?|實付款?|实际付款|實際付款"),
    re.compile(r"合计|合計|总计|總計|\btotal\b", re.I),
    re.compile(r"付款|支付|\bpaid\b|\bpayment\b", re.I),
)
"""The surest first."""
NOT_PAID = re.compile(r"优惠|優惠|节省|節省|减|減|运费|運費|discount|saved|postage|shipping", re.I)
MONEY = re.compile(
    r"(?:CN)?[¥Y]\s*(\d{1,3}(?:,\d{3})+|\d{1,7})(?:\.(\d{1,2}))?(?![\d.-])|(?<![\d.-])(\d{1,7})\.(\d{2})(?![\d.-])(?:\s*元)?"
)
"""¥ is read as Y now and then."""
IDENTITY = re.compile(r"居民身份证|居民身份證|公民身[份分]号码|身份证|identity card", re.I)
IDENTITY_NUMBER = re.compile(r"(?<!\d)\d{17}[\dX](?![\dX])")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
"""GB 11643: the last of an identity card's 18 digits follows from the others."""
BANK = re.compile(
    r"银行|銀行|卡号|卡號|储蓄卡|儲蓄卡|信用卡|借记卡|银联|\bbank\b|unionpay|\bvisa\b|mastercard|debit|credit card",
    re.I,
)
CARD_NUMBER = re.compile(r"(?<!\d)[2-6]\d(?:[ -]?\d){11,17}(?!\d)")
ANOTHER_NUMBER = re.compile(r"单号|單號|编号|編號|流水|\border\b|\bno\b", re.I)
BELOW = 1.6
"""Heights of a line: what stands under a label and no further down belongs to it."""


@dataclass(frozen=True, slots=True)
class Line:
    """A text and the box around it."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def is_right_of(self, label: "Line") -> bool:
        return self.left > label.left and label.top < (self.top + self.bottom) / 2 < label.bottom

    def is_under(self, label: "Line") -> bool:
        reaches = label.bottom + BELOW * label.height
        return (
            label.bottom - label.height / 2 < self.top < reaches and self.left < label.right and label.left < self.right
        )


def plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def beside(label: Line, end: int, lines: Sequence[Line]) -> Iterator[str]:
    """Where a label's value may stand: after it, right of it, under it; the nearest first."""
    yield label.text[end:]
    yield from (one.text for one in sorted(lines, key=lambda one: one.left) if one.is_right_of(label))
    yield from (one.text for one in sorted(lines, key=lambda one: one.top) if one.is_under(label))


def order_in(lines: Sequence[Line]) -> str:
    """Return the digits beside a word for an order's number, or ""; a phone, a card or a day there is none."""
    for label in lines:
        named = ORDER.search(label.text)
        for text in beside(label, named.end(), lines) if named else ():
            if numbers := order_numbers(text):
                return numbers[0]
    return ""


def amount_in(lines: Sequence[Line]) -> int:
    """Fen beside a word for what was paid, or 0."""
    for words in PAID:
        for label in lines:
            named = words.search(label.text)
            for text in beside(label, named.end(), lines) if named and not NOT_PAID.search(label.text) else ():
                if (money := MONEY.search(text)) and (fen := fen_of(money)):
                    return fen
    return 0


def fen_of(money: re.Match[str]) -> int:
    whole, part = money.group(1) or money.group(3), money.group(2) or money.group(4) or ""
    return int(whole.replace(",", "")) * 100 + int(part.ljust(2, "0"))


def shows_card(lines: Sequence[Line]) -> bool:
    """An identity card or a bank card: words and a number with the right check digit."""
    texts = [one.text for one in lines]
    if any(IDENTITY.search(text) for text in texts) and any(is_identity(text) for text in texts):
        return True
    return any(BANK.search(text) for text in texts) and any(is_card(one, lines) for one in lines)


def is_identity(text: str) -> bool:
    found = IDENTITY_NUMBER.search(re.sub(r"\s", "", text.upper()))
    if not found:
        return False
    digits = found.group()
    return CHECKS[sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=False)) % 11] == digits[17]


def is_card(line: Line, lines: Sequence[Line]) -> bool:
    """By its check digit (ISO/IEC 7812, Luhn), which one number in ten has by chance: orders' numbers are left out."""
    found = CARD_NUMBER.search(line.text)
    named = [line, *(one for one in lines if line.is_right_of(one) or line.is_under(one))]
    if not found or any(ANOTHER_NUMBER.search(one.text) for one in named):
        return False
    digits = [int(digit) for digit in reversed(re.sub(r"\D", "", found.group()))]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
