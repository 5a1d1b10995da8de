"""Waybill numbers: recognised when their form is distinctive, asked about otherwise, never refused."""

import pytest

from bot.model.couriers import courier_named, possible_couriers, sure_courier, waybill_alone, waybill_in
from tests.scripts import in_both_scripts


@pytest.mark.parametrize(
    ("number", "courier"),
    [
        ("SF1234567890123", "sf"),
        ("JT0006968326954", "jt"),
        ("DPK364112047425", "deppon"),
        ("DPK364112047425-1-2", "deppon"),
        ("JDVA11408814483", "jd"),
        ("YT1234567890123", "yto"),
        ("EA123456789CN", "ems"),
        ("YT1234567890123456", None),
        ("77316523125896", None),
        ("462598779470531", None),
    ],
)
def test_distinctive_number_names_its_courier(number: str, courier: str | None) -> None:
    assert sure_courier(number) == courier


@pytest.mark.parametrize(
    ("number", "couriers"),
    [
        ("77316523125896", ("zto", "sto")),
        ("462598779470531", ("yunda",)),
        ("1240921381750", ("yunda", "ems")),
        ("123456789012", ("sf", "zto")),
        ("ABC123456", ()),
    ],
)
def test_other_numbers_suggest_some(number: str, couriers: tuple[str, ...]) -> None:
    assert possible_couriers(number) == couriers


@pytest.mark.parametrize(
    ("text", "number"),
    in_both_scripts(
        [
            ("单号 sf1234567890123 谢谢", "SF1234567890123"),
            ("ＳＦ１２３４５６７８９０１２３", "SF1234567890123"),
            ("7731 6523 1258 96", "77316523125896"),
            ("中通77316523125896", "77316523125896"),
            ("没有单号", None),
            ("iPhone 15", None),
        ]
    ),
)
def test_number_is_found_in_a_text(text: str, number: str | None) -> None:
    assert waybill_in(text) == number


@pytest.mark.parametrize(
    ("text", "courier"), [("是中通的", "zto"), ("J&T I think", "jt"), ("SF", "sf"), ("safe", None), ("邮政EMS", "ems")]
)
def test_courier_is_known_by_name(text: str, courier: str | None) -> None:
    assert courier_named(text) == courier


@pytest.mark.parametrize(
    ("text", "number"),
    [("a123", "A123"), (" xy-99-1 ", "XY-99-1"), ("a12", None), ("no idea", None), ("nothing", None)],
)
def test_free_form_is_taken_when_it_was_asked_for(text: str, number: str | None) -> None:
    assert waybill_alone(text) == number
