"""Whole numbers in texts from outside."""

from __future__ import annotations

import pytest

from common.numbers import whole_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("12", 12),
        ("007", 7),
        ("9" * 18, 10**18 - 1),
        ("9" * 19, None),
        ("9" * 5000, None),
        ("", None),
        ("-1", None),
        ("+1", None),
        ("1.5", None),
        ("1_000", None),
        (" 1", None),
        ("١٢", None),
        ("²", None),
    ],
)
def test_only_digits_are_a_number(text: str, number: int | None) -> None:
    assert whole_number(text) == number


def test_how_many_digits_are_taken_can_be_said() -> None:
    assert (whole_number("1234", 4), whole_number("12345", 4)) == (1234, None)
