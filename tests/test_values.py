"""How values are written for the hashes that others check."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.store.values import canonical_json, canonical_list

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
"""Halves of characters are in no message: the database takes none."""
PARTS: Any = TEXTS | st.integers(-(2**63), 2**63 - 1) | st.none()


@given(st.lists(PARTS | st.lists(PARTS | st.lists(TEXTS))))
def test_a_list_is_spelled_as_every_value_is(values: list[Any]) -> None:
    assert canonical_list(values) == canonical_json(values)


def test_characters_that_some_escape_are_spelled_as_they_always_were() -> None:
    odd = '\x00\x1f\x7f\u2028\u00a0\\"/<>&\U0001f600\r\n\t\b\f'

    assert canonical_list([odd]) == canonical_json([odd])
