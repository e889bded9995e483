"""Cells that a spreadsheet takes as what they are."""

from __future__ import annotations

from typing import Any

# What a spreadsheet would take for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def safe(value: Any) -> Any:
    """Texts that begin like a formula get an apostrophe, as spreadsheets ask for; None
    becomes blank.
    """
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return "" if value is None else value
