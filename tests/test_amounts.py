"""Amounts in words: what was paid, and never a guess."""

import pytest

from handlers.amounts import amount_in
from tests.scripts import in_both_scripts


@pytest.mark.parametrize(
    ("text", "yuan"),
    in_both_scripts(
        [
            ("59", "59.00"),
            ("59.9", "59.90"),
            ("¥1,299.50", "1299.50"),
            ("５９元", "59.00"),
            ("11 月 20 日晚上付的，实付 80 元", "80.00"),
            ("I paid 12.34 on the 20th", "12.34"),
            ("1234567", None),
            ("59.999", None),
            ("59 or 60", None),
            ("2100000000001", None),
            ("free", None),
        ]
    ),
)
def test_amount(text: str, yuan: str | None) -> None:
    assert amount_in(text) == yuan
