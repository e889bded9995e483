"""Cells that a spreadsheet takes as what they are."""

from __future__ import annotations

from typing import Any

# What a spreadsheet would take for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
MARK = "'"


def safe(value: Any) -> Any:
    """Texts that begin like a formula get an apostrophe, as spreadsheets ask for; None
    becomes blank.

    So do texts that begin like one behind apostrophes: `unsafe` gives back each text.
    """
    if isinstance(value, str) and _begins_like_a_formula(value):
        return f"{MARK}{value}"
    return "" if value is None else value


def unsafe(text: str) -> str:
    """A cell's text without the apostrophe that `safe` has put before it."""
    is_marked = text.startswith(MARK) and _begins_like_a_formula(text)
    return text.removeprefix(MARK) if is_marked else text


def _begins_like_a_formula(text: str) -> bool:
    return text.lstrip(MARK).startswith(FORMULA_STARTS)
