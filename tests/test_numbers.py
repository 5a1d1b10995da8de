"""Long numbers: an order's is told from phones, cards, waybills and days."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers import order_alone, order_in, other_order_in
from bot.look.written import Line
from bot.look.written import order_in as order_in_lines
from bot.model.case import case_number_in
from bot.model.couriers import waybill_in
from bot.model.numbers import Kind, numbers_in, order_numbers, private_kinds, without_private
from bot.router import case_number_beside
from tests.scripts import in_both_scripts

CARDS = ("4111111111111111", "5500 0055 5555 5559", "6222021234567890128", "6228480402564890018", "6212-3456-7890-1232")


@pytest.mark.parametrize(
    ("text", "order"),
    in_both_scripts(
        [
            ("2100000000001", "2100000000001"),
            ("订单2230012345678901坏了", "2230012345678901"),
            ("訂單編號：2100000000001", "2100000000001"),
            ("order no. 201560025620985, it broke", "201560025620985"),
            ("２１０００００００００００１", "21000000000001"),
            ("2100 0000 0000 01", "21000000000001"),
            ("2100-0000-0000-01", "21000000000001"),
            ("13800138000 是我电话，订单 2100000000001", "2100000000001"),
            ("2026-11-05 18:43 下的单 2100000000001", "2100000000001"),
            ("快递单号 77316523125896，订单号 2100000000001", "2100000000001"),
            ("买的手机2100000000001坏了", "2100000000001"),
            ("订单号 77316523125896", "77316523125896"),
            ("卡住了，订单 2100000000001", "2100000000001"),
        ]
    ),
)
def test_order_number_in_a_text(text: str, order: str) -> None:
    assert order_in(text) == order


@pytest.mark.parametrize(
    ("text", "kinds"),
    in_both_scripts(
        [
            ("13800138000", [Kind.PHONE]),
            ("138 0013 8000", [Kind.PHONE]),
            ("138-0013-8000", [Kind.PHONE]),
            ("+86 138 0013 8000", [Kind.PHONE]),
            ("+8619912345678", [Kind.PHONE]),
            ("008613800138000", [Kind.PHONE]),
            ("１３８００１３８０００", [Kind.PHONE]),
            ("订单号 13800138000", [Kind.PHONE]),
            ("my phone is 13800138000, call me", [Kind.PHONE]),
            ("手机号：1380013800", [Kind.PHONE]),
            ("110101199003077758", [Kind.IDENTITY]),
            ("11010119900307775X", [Kind.IDENTITY]),
            ("11010119900307775x", [Kind.IDENTITY]),
            ("110101 19900307 7758", [Kind.IDENTITY]),
            ("身份证号是 110101900307775", [Kind.IDENTITY]),
            ("身分證 110101199003077758", [Kind.IDENTITY]),
            ("银行卡 1234567890123456", [Kind.BANK]),
            ("my card number is 1234567890123", [Kind.BANK]),
            ("我的身份证是110101199003077758 银行卡6222020200112233445", [Kind.IDENTITY, Kind.BANK]),
            *((card, [Kind.BANK]) for card in CARDS),
        ]
    ),
)
def test_private_number_is_no_order_number(text: str, kinds: list[Kind]) -> None:
    assert private_kinds(text) == kinds
    assert order_in(text) is None
    assert order_alone(text) is None
    assert other_order_in(text, "2100000000001") is None
    assert order_in_lines([Line(f"订单编号 {text}", 0, 0, 100, 20)]) == ""
    assert not any(char.isdigit() for char in without_private(text))


@pytest.mark.parametrize(
    "text",
    in_both_scripts(
        [
            "20261105",
            "2026-11-05 18:43:22",
            "2026年11月5日 18:43",
            "202611051843",
            "20261105184322",
            "2026-11-20 2026-11-25",
            "400-102-6363",
            "0755-12345678",
            "快递单号 77316523125896",
            "运单号：435123456789012",
            "tracking number 771234567890123",
            "SF1234567890123",
            "59.00",
            "123456789",
            "1234567890123456789012345",
            "ＡＢ2100000000001",
        ]
    ),
)
def test_day_hotline_or_waybill_is_no_order_number(text: str) -> None:
    assert order_in(text) is None
    assert private_kinds(text) == []


def test_phone_or_day_beside_the_label_in_a_screenshot_is_passed_over() -> None:
    label, phone = Line("订单编号", 0, 0, 80, 20), Line("138 0013 8000", 90, 0, 200, 20)
    paid_at, order = Line("2026-11-05 18:43:22", 0, 22, 150, 40), Line("2100000000001", 0, 24, 150, 42)

    assert order_in_lines([label, phone, paid_at]) == ""
    assert order_in_lines([label, phone, paid_at, order]) == "2100000000001"


def test_phone_is_no_waybill() -> None:
    assert waybill_in(without_private("电话 13800138000")) is None
    assert waybill_in(without_private("SF1234567890123 电话 13800138000")) == "SF1234567890123"


def test_only_the_number_is_masked() -> None:
    assert without_private("杯子碎了，打我电话 138-0013-8000！订单 2100000000001。") == (
        "杯子碎了，打我电话 •••！订单 2100000000001。"
    )
    assert without_private("手机号１３８００１３８０００，谢谢") == "手机号•••，谢谢"


@given(st.text(alphabet="0123456789 -Xx+号卡订单phone:.年月日２", max_size=80))
def test_numbers_stand_where_they_say(text: str) -> None:
    for number in numbers_in(text):
        assert 0 <= number.start < number.end <= len(text)
        assert number.digits
    assert private_kinds(without_private(text)) == []


@given(st.integers(2_000_000_000_000, 2_999_999_999_999_999))
def test_every_number_of_the_form_of_a_kuaishou_order_is_one(number: int) -> None:
    digits = str(number)

    assert order_numbers(f"订单{digits}") == [digits]
    assert digits.startswith("20") or order_numbers(digits) == [digits]


@pytest.mark.parametrize(
    "typed",
    [
        "KS-7R4-M2X-H9F",
        "ks7r4m2xh9f",
        "KS 7R4 M2X H9F",
        "ＫＳ-7R4-M2X-H9F",
        "ＫＳ－７Ｒ４－Ｍ２Ｘ－Ｈ９Ｆ",
        "KS—7R4—M2X—H9F",
        "ks——7r4——m2x——h9f",
        "ｋｓ　７ｒ４　ｍ２ｘ　ｈ９ｆ",
    ],
)
def test_a_case_number_is_read_as_chinese_keyboards_write_it(typed: str) -> None:
    assert case_number_in(f"查一下{typed}，谢谢") == "KS-7R4-M2X-H9F"
    assert case_number_beside(typed, 0) == "KS-7R4-M2X-H9F"


@pytest.mark.parametrize("text", ["KS--------", "KS 很好", "kiss the girl now ok", "KS-7R4-M2X"])
def test_other_words_are_no_case_number(text: str) -> None:
    assert case_number_in(text) is None
