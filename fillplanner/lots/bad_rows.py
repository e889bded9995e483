"""The rows of lots with something wrong in them, cell by cell, for a page that marks
the places. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common.cells import TableError, plain
from common.tables import read_table
from fillplanner.lots.lot_table import FIELDS
from fillplanner.planning.intake import LIMITS, IntakeReport, fields_of
from fillplanner.planning.lot_reader import Fault

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
    report: IntakeReport,
    rows: Sequence[Any] | None,
    data: bytes | None,
    sheet: str = "",
) -> list[BadRow]:
    """The first fifty, in order; `rows` of JSON objects, or the bytes of a file in
    `data`, of a workbook the `sheet` of that name.
    """
    faults_of: dict[int, list[Fault]] = {}
    for fault in report.faults:
        faults_of.setdefault(fault.row, []).append(fault)
    numbers = sorted(faults_of)[:MOST_SHOWN]
    if rows is not None:
        values = values_of(rows, set(numbers))
    else:
        values = values_in(data or b"", sheet, set(numbers))
    return [
        bad_row(number, values.get(number, {}), faults_of[number]) for number in numbers
    ]


def bad_row(number: int, values: Mapping[Any, Any], faults: Sequence[Fault]) -> BadRow:
    """One row, with what is wrong in each of its cells."""
    messages: dict[str | None, list[str]] = {}
    for fault in faults:
        messages.setdefault(fault.field, []).append(fault.message)

    def message(field: str | None) -> str:
        return "; ".join(messages.get(field, []))

    cells = [
        BadCell(name, cell_text(values.get(name)), message(name)) for name in FIELDS
    ]
    return BadRow(number, cells, message(None))


def cell_text(value: Any) -> str:
    """A cell as the page shows it, cut where it is long; blank for none."""
    return plain(value)[:80]


def values_of(rows: Sequence[Any], numbers: set[int]) -> dict[int, Mapping[Any, Any]]:
    """The rows with these numbers that are objects."""
    return {
        number: row
        for number, row in enumerate(rows)
        if number in numbers and isinstance(row, Mapping)
    }


def values_in(
    data: bytes, sheet: str, numbers: set[int]
) -> dict[int, Mapping[Any, Any]]:
    """Cells under the wire's names; none where the file cannot be read."""
    try:
        table = read_table(data, LIMITS, sheet)
        names = fields_of(table.titles)
        return {
            number: dict(zip(names, cells, strict=False))
            for number, cells in table.rows
            if number in numbers
        }
    except TableError:
        return {}
