"""Reading lots from people and programs: JSON rows, and tables as `common.tables` reads
them, with a complaint for every row that is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from common.cells import TableError, decimal_point, is_blank, listed
from common.mappings import JsonObject, Record
from common.tables import Table, TableLimits, guess_columns, read_table, unused_note
from fillplanner.planning.lot_reader import Fault, RowReader, RowReport
from fillplanner.planning.problem import LineConfig, Lot, doubled

MOST_LOTS = 100_000
LONGEST_NAMED = 60
# Lots are counted here, as JSON has none of a table's limits.
LIMITS = TableLimits(10 * 1024 * 1024)
# What people call the columns, by field.
COLUMNS = {
    "lot_id": ("lot id", "lotid", "id"),
    "lot_type": ("type", "lot type"),
    "vials": ("vials",),
    "fill_hours": ("fill hours",),
    "target_start": ("target start",),
    "target_end": ("target end",),
    "priority": ("priority",),
}
NEEDED_COLUMNS = {"lot_id": "Lot ID", "lot_type": "Type", "vials": "Vials"}


@dataclass
class IntakeReport:
    """Lots that can be used, and everything that is wrong: as messages in order of
    rows, and by row and field. `sheet_note` says which sheet was read, where there are
    several.
    """

    lots: list[Lot] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    sheet_note: str = ""

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
    are measured from. Members that mean nothing here are a warning, and values of
    another type than the wire's are wrong.

    rows: what JSON made of a list of objects.
    config: the line's rules; hours follow from vials at its fill rate.
    """
    if not isinstance(rows, list | tuple):
        return IntakeReport(errors=["The lots must be a list of objects"])
    report = _read("Lot", enumerate(rows), config, plan_start, typed=True)
    unused = _unused_names(rows)
    if unused:
        report.warnings.insert(0, f"Not used: {listed(unused)}.")
    return report


def read_kept_lots(
    rows: Sequence[Record], config: LineConfig, plan_start: datetime
) -> IntakeReport:
    """As `read_lots`, of lots as a plan keeps them: target times in hours from its
    start.
    """
    return _read("Lot", enumerate(rows), config, plan_start)


def _unused_names(rows: Iterable[Any]) -> list[str]:
    """The names of members that say nothing of a lot, sorted."""
    names: set[str] = set()
    for row in rows:
        if isinstance(row, Mapping):
            names |= row.keys() - COLUMNS.keys()
    return sorted(str(name)[:LONGEST_NAMED] for name in names)


def read_lots_file(
    data: bytes, config: LineConfig, plan_start: datetime, sheet: str = ""
) -> IntakeReport:
    """Lots from the bytes of a CSV file or a workbook with the columns `Lot ID, Type,
    Vials`, counted as a spreadsheet does. Columns that mean nothing here are a warning.

    Hours are vials over the line's fill rate unless a column `Fill Hours` gives them;
    in it a point is always the decimal point, and a comma too where it does not
    separate cells. Vials are whole and written without thousands separators.

    data: the file's bytes.
    config: the line's rules.
    plan_start: aware; what target times are measured from.
    sheet: of a workbook, by its name; blank for the first that holds something.
    """
    try:
        table = read_table(data, LIMITS, sheet)
        report = _read_table(table, config, plan_start)
    except TableError as error:
        return IntakeReport(errors=[error.message])
    report.sheet_note = table.sheet_note
    return report


def _read_table(table: Table, config: LineConfig, plan_start: datetime) -> IntakeReport:
    """Lots from the rows of a table. Raises TableError."""
    if not table.titles:
        return IntakeReport(errors=["No lots provided"])
    columns = guess_columns(table.titles, COLUMNS)
    note = unused_note(table.titles, columns.places.values())
    warnings = [note] if note else []
    missing = [
        title for name, title in NEEDED_COLUMNS.items() if name not in columns.places
    ]
    if missing:
        return IntakeReport(
            errors=[f"Missing columns: {', '.join(missing)}"], warnings=warnings
        )
    if columns.repeated:
        error = f"Columns given twice: {', '.join(columns.repeated)}"
        return IntakeReport(errors=[error])
    header = fields_of(table.titles)
    rows = (
        (number, _cells(header, cells, config, table.decimal_comma))
        for number, cells in table.rows
    )
    report = _read("Row", rows, config, plan_start)
    report.warnings = warnings + report.warnings
    return report


def fields_of(titles: Sequence[str]) -> list[str]:
    """The field that each column's title names; blank for none."""
    places = guess_columns(titles, COLUMNS).places
    names = {place: name for name, place in places.items()}
    return [names.get(place, "") for place in range(len(titles))]


def _read(
    word: str,
    rows: Iterable[tuple[int, Any]],
    config: LineConfig,
    plan_start: datetime,
    *,
    typed: bool = False,
) -> IntakeReport:
    """Row by row: of those that are in order only the lot is kept, since what is kept
    of many rows costs time.
    """
    report = IntakeReport()
    count = 0
    ids: list[tuple[int, str]] = []
    for count, (number, row) in enumerate(rows, start=1):
        if count > MOST_LOTS:
            continue
        told = RowReport(word, number)
        reader = RowReader(told, config, plan_start, typed=typed)
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


def _cells(
    header: list[str], cells: Sequence[Any], config: LineConfig, decimal_comma: bool
) -> dict[str | None, Any]:
    """One row under the names of the wire; blank cells are missing, hours follow from vials.

    Cells beyond the header stand under None: they tell of a comma that was no separator.
    """
    row: dict[str | None, Any] = {}
    for name, cell in zip(header, cells, strict=False):
        if name and not is_blank(cell):
            row[name] = cell
    beyond = cells[len(header) :]
    surplus = [cell for cell in beyond if not is_blank(cell)]
    if surplus:
        row[None] = surplus
    for name in ("lot_id", "lot_type"):
        # A workbook's 1001 is often 1001.0 inside.
        value = row.get(name)
        if isinstance(value, float) and value.is_integer():
            row[name] = int(value)
    hours = row.get("fill_hours")
    if decimal_comma and isinstance(hours, str):
        row["fill_hours"] = decimal_point(hours)
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


def request_from_json(payload: Any) -> tuple[list[Any], JsonObject, str | None]:
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
