"""Reading lots from people and programs: JSON rows, CSV files and workbooks, with a
complaint for every row that is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fillplanner.planning.lot_reader import Fault, RowReader, RowReport
from fillplanner.planning.problem import LineConfig, Lot, doubled
from fillplanner.planning.sheets import (
    Row,
    SheetError,
    book_table,
    is_workbook,
    text_table,
)

MOST_LOTS = 100_000
COLUMNS = {
    "lot id": "lot_id",
    "lot_id": "lot_id",
    "lotid": "lot_id",
    "id": "lot_id",
    "type": "lot_type",
    "lot type": "lot_type",
    "lot_type": "lot_type",
    "vials": "vials",
    "fill hours": "fill_hours",
    "fill_hours": "fill_hours",
    "target start": "target_start",
    "target_start": "target_start",
    "target end": "target_end",
    "target_end": "target_end",
    "priority": "priority",
}
NEEDED_COLUMNS = {"lot_id": "Lot ID", "lot_type": "Type", "vials": "Vials"}


@dataclass
class IntakeReport:
    """Lots that can be used, and everything that is wrong: as messages in order of
    rows, and by row and field.
    """

    lots: list[Lot] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def valid(self) -> bool:
        """Whether nothing is wrong."""
        return not self.errors

    def keep(self, row: RowReport, lot: Lot | None) -> None:
        """What a row came to."""
        if lot is not None:
            self.lots.append(lot)
        if row.faults:
            self.errors += row.errors
            self.faults += row.faults
        if row.warnings:
            self.warnings += row.warnings


def read_lots(rows: object, config: LineConfig, plan_start: datetime) -> IntakeReport:
    """Lots from JSON objects, counted from 0. `plan_start` (aware) is what target times
    are measured from.

    rows: what JSON made of a list of objects.
    config: the line's rules; hours follow from vials at its fill rate.
    """
    if not isinstance(rows, list | tuple):
        return IntakeReport(errors=["The lots must be a list of objects"])
    return _read("Lot", enumerate(rows), config, plan_start)


def read_lots_file(
    data: bytes, config: LineConfig, plan_start: datetime
) -> IntakeReport:
    """Lots from the bytes of a workbook or a CSV file, told apart by how they begin.

    data: the file's bytes.
    config: the line's rules.
    plan_start: aware; what target times are measured from.
    """
    read = read_lots_book if is_workbook(data) else read_lots_csv
    return read(data, config, plan_start)


def read_lots_csv(
    data: bytes, config: LineConfig, plan_start: datetime
) -> IntakeReport:
    """Lots from a CSV file with the columns `Lot ID, Type, Vials`, counted as a person
    does: the header is row 1.

    Reads what `sheets.text_table` reads. Hours are vials over the line's fill rate
    unless a column `Fill Hours` gives them; in it a point is always the decimal point,
    and a comma too where it does not separate cells. Vials are whole and written
    without thousands separators.
    """
    try:
        table, decimal_comma = text_table(data)
        return _read_table(table, config, plan_start, decimal_comma)
    except SheetError as error:
        return IntakeReport(errors=[str(error)])


def read_lots_book(
    data: bytes, config: LineConfig, plan_start: datetime
) -> IntakeReport:
    """Lots from the first sheet of an .xlsx workbook, with the same columns as a CSV file."""
    try:
        return _read_table(book_table(data), config, plan_start, decimal_comma=True)
    except SheetError as error:
        return IntakeReport(errors=[str(error)])


def _read_table(
    table: Iterator[Row], config: LineConfig, plan_start: datetime, decimal_comma: bool
) -> IntakeReport:
    """Lots from rows of cells, the first of them the header."""
    first = next(table, None)
    if first is None:
        return IntakeReport(errors=["No lots provided"])
    _, titles = first
    header = [field_of(title) for title in titles]
    wrong = header_fault(header)
    if wrong:
        return IntakeReport(errors=[wrong])
    rows = (
        (number, _cells(header, cells, config, decimal_comma))
        for number, cells in table
    )
    return _read("Row", rows, config, plan_start)


def field_of(title: Any) -> str:
    """The field that a column's title names; blank for none."""
    return COLUMNS.get(" ".join(str(title or "").lower().split()), "")


def header_fault(header: Sequence[str]) -> str:
    """What is wrong with the fields of a header; blank for nothing."""
    missing = [title for name, title in NEEDED_COLUMNS.items() if name not in header]
    if missing:
        return f"Missing columns: {', '.join(missing)}"
    twice = doubled([name for name in header if name])
    return f"Columns given twice: {', '.join(twice)}" if twice else ""


def _read(
    word: str, rows: Iterable[tuple[int, Any]], config: LineConfig, plan_start: datetime
) -> IntakeReport:
    """Row by row: of those that are in order only the lot is kept, since what is kept
    of many rows costs time.
    """
    report, count = IntakeReport(), 0
    ids: list[tuple[int, str]] = []
    for count, (number, row) in enumerate(rows, start=1):
        if count > MOST_LOTS:
            continue
        reader = RowReader(RowReport(word, number), config, plan_start)
        lot = reader.read(row)
        report.keep(reader.report, lot)
        if reader.report.lot_id:
            ids.append((number, reader.report.lot_id))
    if not count:
        report.errors.append("No lots provided")
    if count > MOST_LOTS:
        error = f"At most {MOST_LOTS} lots in one plan (got {count})"
        return IntakeReport(errors=[error])
    twice = doubled([lot_id for _, lot_id in ids])
    if twice:
        report.errors.append(f"Duplicate lot_ids found: {twice}")
        report.faults += repeats(ids, set(twice))
    return report


def repeats(ids: Iterable[tuple[int, str]], again: set[str]) -> Iterator[Fault]:
    """The rows that repeat an id; the messages have them as one error."""
    seen: set[str] = set()
    for number, lot_id in ids:
        if lot_id in seen:
            yield Fault(number, "lot_id", f"'lot_id' is given before ({lot_id})")
        elif lot_id in again:
            seen.add(lot_id)


def _decimal_point(cell: str) -> str:
    """`2,5` as `2.5`; other texts stay as they are."""
    digits = cell.replace(",", "", 1).strip()
    return cell.replace(",", ".") if digits.isdigit() else cell


def _cells(
    header: list[str], cells: Sequence[Any], config: LineConfig, decimal_comma: bool
) -> dict[str | None, Any]:
    """One row under the names of the wire; blank cells are missing, hours follow from vials.

    Cells beyond the header stand under None: they tell of a comma that was no separator.
    """
    row: dict[str | None, Any] = {}
    for name, cell in zip(header, cells, strict=False):
        value = cell.strip() if isinstance(cell, str) else cell
        if name and value not in (None, ""):
            row[name] = value
    beyond = cells[len(header) :]
    surplus = [cell for cell in beyond if cell is not None and str(cell).strip()]
    if surplus:
        row[None] = surplus
    for name in ("lot_id", "lot_type"):
        # A workbook's 1001 is often 1001.0 inside.
        value = row.get(name)
        if isinstance(value, float) and value.is_integer():
            row[name] = int(value)
    hours = row.get("fill_hours")
    if decimal_comma and isinstance(hours, str):
        row["fill_hours"] = _decimal_point(hours)
    if "fill_hours" not in row and "vials" in row:
        row["fill_hours"] = _hours_of(row["vials"], config)
    return row


def _hours_of(vials: Any, config: LineConfig) -> float:
    """Fill hours of a number of vials; 1 for what is none, so that only vials are complained of."""
    try:
        hours = float(vials) / config.fill_rate_vph
    except (TypeError, ValueError, OverflowError):
        return 1.0
    return hours if math.isfinite(hours) and hours > 0 else 1.0


def request_from_json(payload: Any) -> tuple[list[Any], dict[str, Any], str | None]:
    """Rows, config and start time of a JSON document: a request body (`lots_data`),
    `{lots, config}`, or a list.

    Raises ValueError for anything else.
    """
    if isinstance(payload, list):
        return payload, {}, None
    if isinstance(payload, Mapping):
        rows = payload.get("lots_data", payload.get("lots"))
        config = payload.get("config") or {}
        if isinstance(rows, list) and isinstance(config, Mapping):
            return rows, dict(config), payload.get("start_time")
    raise ValueError(
        "give a list of lots, or an object with 'lots_data' (or 'lots') and "
        "maybe 'config', 'start_time'"
    )
