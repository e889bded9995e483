"""What cells of tables hold: rows of them, and values as the texts that people read.

Texts come clean (`common.texts`) and without blanks around them; a NUL is removed with
the other characters that nobody sees.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple

from common.errors import InvalidInput
from common.spreadsheets import unsafe
from common.texts import clean

MOST_NAMED = 20
NUL = "\x00"


class TableError(InvalidInput):
    """The file cannot be read; the message says why and what to do."""


class Row(NamedTuple):
    """The number that a spreadsheet shows beside it, and its cells from column A on:
    texts, and in workbooks also numbers, dates, times and None.
    """

    number: int
    cells: Sequence[Any]


def cell_text(text: str) -> str:
    """A cell's text as described above, without the mark of texts that are no formulas."""
    return unsafe(clean(text.replace(NUL, "")).strip())


def width_of(row: Sequence[Any]) -> int:
    """Up to the last cell that holds something."""
    return max(
        (place for place, value in enumerate(row, start=1) if not is_blank(value)),
        default=0,
    )


def decimal_point(text: str) -> str:
    """`2,5` as `2.5`; other texts stay as they are."""
    digits = text.replace(",", "", 1).strip()
    return text.replace(",", ".") if digits.isdigit() else text


def is_blank(value: Any) -> bool:
    """Whether a cell holds nothing."""
    return value is None or (isinstance(value, str) and not value.strip())


def plain(value: Any) -> str:
    """A cell as text: whole numbers without a point, days and times as ISO has them,
    without seconds where there are none, durations as hours and minutes.
    """
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec=_timespec(value))
    if isinstance(value, time):
        return value.isoformat(timespec=_timespec(value))
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        clock = f"{minutes // 60:02}:{minutes % 60:02}"
        return f"{clock}:{seconds:02}" if seconds else clock
    return str(value)


def _timespec(value: datetime | time) -> str:
    return "auto" if value.second or value.microsecond else "minutes"


def listed(names: Sequence[str]) -> str:
    """Names in a row, the first twenty of many."""
    rest = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def column_name(titles: Sequence[str], place: int) -> str:
    """A column as a spreadsheet shows it: its title, if it has one, and its letter."""
    # A third of a second that processes without a table to read need not spend.
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    letter = get_column_letter(place + 1)
    title = titles[place][:60]
    return f"{title} (column {letter})" if title else f"column {letter}"
