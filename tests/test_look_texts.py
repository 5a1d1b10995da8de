"""What is read in screenshots (the extra `ocr`): the order's number, the amount, and cards and portraits to warn of."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from bot.look import can_read_text
from bot.look.written import Line, amount_in, order_in, shows_card
from tests import scenes
from tests.looked import Child, Looked, child
from tests.pictures import saved

IDENTITY = "11010519491231002X"
CARD = "6222 0212 3456 7894"


@pytest.fixture(scope="module")
def one() -> Iterator[Child]:
    with child("texts") as ours:
        yield ours


@pytest.fixture
def read(one: Child, tmp_path: Path) -> Callable[[Image.Image], Looked]:
    def ask(picture: Image.Image) -> Looked:
        file = tmp_path / "original"
        file.write_bytes(saved(picture, "JPEG", quality=85))
        return one.ask(do="text", file=file)

    return ask


Read = Callable[[Image.Image], Looked]


def test_extra_is_installed_here() -> None:
    assert can_read_text()


def test_order_and_amount_are_read_in_a_screenshot(read: Read) -> None:
    picture = scenes.screenshot(
        ("订单编号", "2533 1234 5678 901"),
        ("商品金额", "¥69.00"),
        ("优惠合计", "-¥10.00"),
        ("实付款", "¥59.00"),
        ("下单时间", "2026-11-20 18:22:31"),
        ("快递单号", "SF1234567890123"),
    )

    looked = read(picture)

    assert looked.seen == {"found": {"order": "253312345678901", "amount": 5900}}
    assert looked.megabytes < 900


def test_order_and_amount_are_read_in_english_on_dark(read: Read) -> None:
    picture = scenes.screenshot(
        ("Order number", "2100000000001"),
        ("Subtotal", "¥1,069.50"),
        ("Total", "¥1,059.50"),
        ("Paid at", "2026-11-20 18:22:31"),
        is_dark=True,
    )

    assert read(picture).seen == {"found": {"order": "2100000000001", "amount": 105950}}


def test_identity_card_is_warned_of_and_its_number_kept_nowhere(read: Read) -> None:
    picture = scenes.screenshot(("姓名", "王小明"), ("公民身份号码", IDENTITY), size=(1000, 630))

    seen = read(picture).seen

    assert seen == {"found": {"advice": ["card"]}}


def test_bank_card_is_warned_of(read: Read) -> None:
    picture = scenes.screenshot(("招商银行", "储蓄卡"), ("", CARD), size=(1000, 630))

    assert read(picture).seen == {"found": {"advice": ["card"]}}


def test_things_without_words_are_warned_of_nothing(read: Read) -> None:
    assert read(scenes.scene()).seen == {"found": {}}


def rows(*texts: str) -> list[Line]:
    """`label | value` side by side, else one under the other."""
    lines = []
    for row, text in enumerate(texts):
        for column, part in enumerate(text.split("|")):
            lines.append(Line(part.strip(), 300 * column, 40 * row, 300 * column + 200, 40 * row + 30))
    return lines


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (("订单编号: 2533123456789",), "2533123456789"),
        (("訂單號 | 2533-1234-56789",), "2533123456789"),
        (("Order No.", "2533123456789"), "2533123456789"),
        (("快递单号 | 773123456789012",), ""),
        (("订单编号 | 12345",), ""),
        (("订单编号 | 1234567890123456789012345",), ""),
        (("订单详情", "", "", "13800138000"), ""),
        (("Border 2533123456789",), ""),
        ((), ""),
    ],
)
def test_order_number_stands_beside_its_name(texts: tuple[str, ...], order: str) -> None:
    assert order_in(rows(*texts)) == order


@pytest.mark.parametrize(
    ("texts", "amount"),
    [
        (("实付款 ¥59.00",), 5900),
        (("合计 | 59.9元",), 0),
        (("合计 | ¥59.9",), 5990),
        (("合计 | 1059.50",), 105950),
        (("合计 | ¥80.00", "实付款 | ¥59.00"), 5900),
        (("优惠合计 | ¥10.00",), 0),
        (("付款时间 | 2026-11-20 18:22:31",), 0),
        (("Subtotal | ¥69.00",), 0),
        (("Total | CN¥69",), 6900),
        (("实付 | ¥123456789.00",), 0),
        ((), 0),
    ],
)
def test_amount_stands_beside_its_name(texts: tuple[str, ...], amount: int) -> None:
    assert amount_in(rows(*texts)) == amount


@pytest.mark.parametrize(
    ("texts", "is_card"),
    [
        (("居民身份证", IDENTITY), True),
        (("居民身份证", "110105194912310021"), False),
        (("2533", IDENTITY), False),
        (("Bank", CARD), True),
        (("Bank", "6222 0212 3456 7890"), False),
        (("CARD", CARD), False),
        (("付款方式 | 招商银行", f"订单编号 | {CARD}"), False),
        (("付款方式 | 招商银行", f"交易单号 {CARD}"), False),
    ],
)
def test_card_is_words_and_a_number_with_the_right_check_digit(texts: tuple[str, ...], is_card: bool) -> None:
    assert shows_card(rows(*texts)) is is_card
