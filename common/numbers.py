"""Whole numbers in texts from outside."""

from __future__ import annotations

# What a row's key can have.
DIGITS = 18


def whole_number(text: str, digits: int = DIGITS) -> int | None:
    """The number that a text is, from 0; None for any other text.

    digits: how many it may have.
    """
    is_number = text.isascii() and text.isdigit() and len(text) <= digits
    return int(text) if is_number else None
