"""What the long numbers in a text are: an order's, or somebody's phone, identity card or bank card, a waybill, a day.

An order's number is 10 to 24 digits (Kuaishou's `oid` is an int64), and so are the others: what is one of them by its own form, or
is told as one, is never taken for an order's. Private numbers are nothing that a request needs; they are not kept in it.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    ORDER = "order"
    PHONE = "phone"
    IDENTITY = "identity"
    BANK = "bank"
    WAYBILL = "waybill"
    DAY = "day"
    HOTLINE = "hotline"


PRIVATE = (Kind.PHONE, Kind.IDENTITY, Kind.BANK)

SHORTEST, LONGEST = 10, 24
"""Digits of an order's number."""
DAY_AND_TIME = re.compile(
    r"(?<!\d)20\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}日?(?:[ T]{0,2}\d{1,2}[:：]\d{2}(?:[:：]\d{2})?)?(?!\d)"
)
NUMBER = re.compile(r"(?<![0-9A-Za-z])\+?(?:\d{10,}|\d{1,9}(?:[ -]\d{1,9}(?!\d)){0,12})[Xx]?(?![0-9A-Za-z])")
"""A long run of digits is a number by itself; shorter ones with single spaces or hyphens between them are one together."""
SEPARATORS = re.compile(r"[^0-9X]")

MOBILE = re.compile(r"(?:0{0,2}86)?(1[3-9]\d{9})")
HOTLINE = re.compile(r"[48]00\d{7}|0\d{9,11}")
"""400 and 800 numbers, and lines with an area code; shops' and couriers' more often than the customer's."""
REGION_AND_BIRTH = re.compile(
    r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])\d{4}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[0-9X]"
)
"""An identity card's 18 places (GB 11643). Its check digit is not asked for: a mistyped one is as private."""
CARD = re.compile(r"(?:62|4|5[1-5]|35|60|65|9558)\d+")
"""Beginnings of UnionPay, Visa, Mastercard, JCB, Discover, ICBC. None is that of a Kuaishou order, which begins with 2."""
CARD_LENGTHS = range(16, 20)
UNIONPAY = re.compile(r"62\d{17}")
"""A debit card, also when it is mistyped: no order's number is this high."""
TIMESTAMP = re.compile(r"20[12]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])(?:[0-5]\d(?:[0-5]\d)?)?")

FILLING = r"(?:号码|號碼|号|號|码|碼|number|no\.?|是|为|為|is|[:：#\s]){0,8}$"
TOLD = {
    Kind.ORDER: re.compile(rf"(?:订单|訂單|订单编|訂單編|\border(?: id)?){FILLING}", re.I),
    Kind.WAYBILL: re.compile(
        rf"(?:快递|快遞|运单|運單|物流|货运|貨運|快件|面单|面單|\bwaybill|\btracking)(?:单|單)?{FILLING}", re.I
    ),
    Kind.IDENTITY: re.compile(rf"(?:身份证|身份證|身分證|身分证|\bid card|\bidentity card){FILLING}", re.I),
    Kind.BANK: re.compile(rf"(?:银行卡|銀行卡|信用卡|储蓄卡|儲蓄卡|卡|\bcard|\baccount){FILLING}", re.I),
    Kind.PHONE: re.compile(
        rf"(?:手机|手機|电话|電話|联系方式|聯絡方式|微信|\bphone|\bmobile|\bcell|\btel|\bwhatsapp){FILLING}", re.I
    ),
}
"""Words just before a number that say what it is."""
TOLD_LENGTHS = {Kind.IDENTITY: range(15, 19), Kind.BANK: range(12, 20), Kind.PHONE: range(7, 13)}
"""Of what is private by the words alone: "买的手机 2100000000001 坏了" tells of no telephone."""
MASK = "•••"


@dataclass(frozen=True, slots=True)
class Number:
    """`digits` are without spaces and hyphens; it stands in the text from `start` to `end`."""

    kind: Kind
    digits: str
    start: int
    end: int


WIDE = {0xFF01 + offset: 0x21 + offset for offset in range(0x5E)} | {0x3000: 0x20}
"""Characters of full width to the same of half width: a text keeps its length."""


def numbers_in(text: str) -> Iterator[Number]:
    """Yield the long numbers of a text in order, in full width too."""
    text = text.translate(WIDE)
    days = [found.span() for found in DAY_AND_TIME.finditer(text)]
    for found in NUMBER.finditer(text):
        start, end = found.span()
        if any(start < day_end and day_start < end for day_start, day_end in days):
            continue
        digits = SEPARATORS.sub("", found.group().upper())
        kind = kind_of(digits, text[max(0, start - 16) : start])
        if kind:
            yield Number(kind, digits, start, end)


def kind_of(digits: str, before: str = "") -> Kind | None:
    """Return what a number is, by its form first and then by the words before it; None: too short or too long for any."""
    if MOBILE.fullmatch(digits):
        return Kind.PHONE
    if REGION_AND_BIRTH.fullmatch(digits):
        return Kind.IDENTITY
    if is_bank_card(digits):
        return Kind.BANK
    if HOTLINE.fullmatch(digits):
        return Kind.HOTLINE
    told = next((kind for kind, words in TOLD.items() if words.search(before)), None)
    if told is None and TIMESTAMP.fullmatch(digits) and len(digits) % 2 == 0:
        return Kind.DAY
    if told in TOLD_LENGTHS and len(digits) in TOLD_LENGTHS[told]:
        return told
    if not SHORTEST <= len(digits) <= LONGEST or not digits.isdecimal():
        return None
    return Kind.WAYBILL if told is Kind.WAYBILL else Kind.ORDER


def is_bank_card(digits: str) -> bool:
    """By its beginning and its check digit (ISO/IEC 7812, Luhn)."""
    if UNIONPAY.fullmatch(digits):
        return True
    if len(digits) not in CARD_LENGTHS or not digits.isdecimal() or not CARD.fullmatch(digits):
        return False
    values = [int(digit) for digit in reversed(digits)]
    doubled = [value * 2 - 9 * (value > 4) for value in values[1::2]]
    return (sum(values[::2]) + sum(doubled)) % 10 == 0


def order_numbers(text: str) -> list[str]:
    return [number.digits for number in numbers_in(text) if number.kind is Kind.ORDER]


def private_kinds(text: str) -> list[Kind]:
    """Return which private numbers are in a text, each kind once."""
    return list(dict.fromkeys(number.kind for number in numbers_in(text) if number.kind in PRIVATE))


def without_private(text: str, kinds: Collection[Kind] = PRIVATE) -> str:
    """Return the text with its private numbers masked."""
    for number in reversed(list(numbers_in(text))):
        if number.kind in kinds:
            text = text[: number.start] + MASK + text[number.end :]
    return text
