"""The rows of lots with something wrong in them, cell by cell, for a page that marks
the places. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fillplanner.lot_table import FIELDS
from fillplanner.planning.intake import COLUMNS, IntakeReport
from fillplanner.planning.lot_reader import Fault
from fillplanner.planning.sheets import (
    SheetError,
    book_table,
    is_workbook,
    plain,
    text_table,
)

MOST_SHOWN = 50


@dataclass(frozen=True)
class BadCell:
    """`message` is blank where nothing is wrong."""

    field: str
    value: str
    message: str


@dataclass(frozen=True)
class BadRow:
    """`message` is what is wrong with the row as a whole."""

    number: int
    cells: list[BadCell]
    message: str


def bad_rows(
    report: IntakeReport, rows: Sequence[Any] | None, data: bytes | None
) -> list[BadRow]:
    """The first fifty, in order; `rows` of JSON objects, or the bytes of a file in `data`."""
    found: dict[int, list[Fault]] = {}
    for fault in report.faults:
        found.setdefault(fault.row, []).append(fault)
    numbers = sorted(found)[:MOST_SHOWN]
    values = (
        values_of(rows, set(numbers))
        if rows is not None
        else values_in(data or b"", set(numbers))
    )
    return [
        bad_row(number, values.get(number, {}), found[number]) for number in numbers
    ]


def bad_row(number: int, values: Mapping[Any, Any], faults: Sequence[Fault]) -> BadRow:
    said: dict[str | None, str] = {}
    for fault in faults:
        said[fault.field] = (
            f"{said[fault.field]}; {fault.message}"
            if fault.field in said
            else fault.message
        )
    cells = [
        BadCell(
            name,
            "" if values.get(name) is None else plain(values[name])[:80],
            said.get(name, ""),
        )
        for name in FIELDS
    ]
    return BadRow(number, cells, said.get(None, ""))


def values_of(rows: Sequence[Any], numbers: set[int]) -> dict[int, Mapping[Any, Any]]:
    return {
        number: row
        for number, row in enumerate(rows)
        if number in numbers and isinstance(row, Mapping)
    }


def values_in(data: bytes, numbers: set[int]) -> dict[int, Mapping[Any, Any]]:
    """Cells under the wire's names; none where the file cannot be read."""
    try:
        table = book_table(data) if is_workbook(data) else text_table(data)[0]
        _, header = next(table, (0, ()))
        names = [
            COLUMNS.get(" ".join(str(cell or "").lower().split()), "")
            for cell in header
        ]
        return {
            n: dict(zip(names, cells, strict=False))
            for n, cells in table
            if n in numbers
        }
    except SheetError:
        return {}
