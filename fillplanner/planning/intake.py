"""Reading lots from people and programs: JSON rows and CSV files, with a complaint for every row that is wrong."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from fillplanner.planning.problem import TOLERANCE, LineConfig, Lot, doubled

REQUIRED = ("lot_id", "lot_type", "vials", "fill_hours")
LARGE_HOURS = 100.0
MOST_VIALS = 10**9
LONGEST_TEXT = 200
MOST_LOTS = 100_000
COLUMNS = {
    "lot id": "lot_id", "lot_id": "lot_id", "lotid": "lot_id", "id": "lot_id",
    "type": "lot_type", "lot type": "lot_type", "lot_type": "lot_type",
    "vials": "vials", "fill hours": "fill_hours", "fill_hours": "fill_hours",
    "target start": "target_start", "target_start": "target_start",
    "target end": "target_end", "target_end": "target_end",
}  # fmt: skip
# Digits in groups of three: 19.000 is nineteen thousand to one reader and nineteen to another.
GROUPED = re.compile(r"\s*[+-]?\d{1,3}(?:[.,' _\u00a0\u2019\u202f]\d{3})+\s*")
NEEDED_COLUMNS = {"lot_id": "Lot ID", "lot_type": "Type", "vials": "Vials"}


@dataclass
class RowReport:
    """What is said of one row; `label` is how it is called in messages (`Lot 0`, `Row 2`)."""

    label: str
    lot_id: str | None = None
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass
class IntakeReport:
    """Lots that can be used, and everything that is wrong, in order of rows; `rows` has one report a row."""

    lots: list[Lot] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    rows: list[RowReport] = field(default_factory=list)

    @property
    def valid(self) -> bool:
        return not self.errors


def read_lots(rows: object, config: LineConfig, plan_start: datetime) -> IntakeReport:
    """Lots from JSON objects, counted from 0. `plan_start` (aware) is what target times are measured from."""
    if not isinstance(rows, list | tuple):
        return IntakeReport(errors=["The lots must be a list of objects"])
    return _read([(f"Lot {i}", row) for i, row in enumerate(rows)], config, plan_start)


def read_lots_csv(data: bytes, config: LineConfig, plan_start: datetime) -> IntakeReport:
    """Lots from a CSV file with the columns `Lot ID, Type, Vials`, counted as a person does: the header is row 1.

    Reads UTF-8 and UTF-16, with or without byte order mark; commas, semicolons or tabs; decimal commas where the
    separator is not a comma. Hours are vials over the line's fill rate unless a column `Fill Hours` gives them.
    """
    try:
        table, decimal_comma = _table(_decode(data))
    except (UnicodeDecodeError, csv.Error) as error:
        return IntakeReport(errors=[f"The file cannot be read as CSV: {error}"])
    if not table:
        return IntakeReport(errors=["No lots provided"])
    header = [COLUMNS.get(" ".join(cell.lower().split()), "") for cell in table[0][1]]
    missing = [title for name, title in NEEDED_COLUMNS.items() if name not in header]
    if missing:
        return IntakeReport(errors=[f"Missing columns: {', '.join(missing)}"])
    twice = doubled([name for name in header if name])
    if twice:
        return IntakeReport(errors=[f"Columns given twice: {', '.join(twice)}"])
    rows = [(f"Row {number}", _cells(header, cells, config, decimal_comma)) for number, cells in table[1:]]
    return _read(rows, config, plan_start)


def _read(rows: Sequence[tuple[str, Any]], config: LineConfig, plan_start: datetime) -> IntakeReport:
    report = IntakeReport()
    if not rows:
        report.errors.append("No lots provided")
    if len(rows) > MOST_LOTS:
        report.errors.append(f"At most {MOST_LOTS} lots in one plan (got {len(rows)})")
        return report
    for label, row in rows:
        reader = RowReader(label, config, plan_start)
        lot = reader.read(row)
        report.rows.append(reader.report)
        report.errors += reader.report.errors
        report.warnings += reader.report.warnings
        if lot is not None:
            report.lots.append(lot)
    again = doubled([row.lot_id for row in report.rows if row.lot_id])
    if again:
        report.errors.append(f"Duplicate lot_ids found: {again}")
    return report


class RowReader:
    """Reads one row and collects what is wrong with it."""

    def __init__(self, label: str, config: LineConfig, plan_start: datetime) -> None:
        self.report = RowReport(label)
        self.config = config
        self.plan_start = plan_start

    def complain(self, text: str) -> None:
        self.report.errors.append(f"{self.report.label}: {text}")

    def read(self, row: Any) -> Lot | None:
        """The lot, or None when something is wrong with the row."""
        if not isinstance(row, Mapping):
            self.complain("must be an object")
            return None
        if row.get(None):
            self.complain("has more cells than the header")
        for name in REQUIRED:
            if row.get(name) is None:
                self.complain(f"Missing required field '{name}'")
        lot_id, lot_type = self.text(row, "lot_id"), self.text(row, "lot_type")
        self.report.lot_id = lot_id
        vials, hours = self.vials(row), self.hours(row)
        start, end = self.target(row, "target_start"), self.target(row, "target_end")
        if start is not None and end is not None and start > end:
            self.complain("'target_start' is after 'target_end'")
        if self.report.errors or lot_id is None or lot_type is None or vials is None or hours is None:
            return None
        return Lot(lot_id, lot_type, vials, hours, start, end)

    def text(self, row: Mapping[str, Any], name: str) -> str | None:
        value = row.get(name)
        if value is None:
            return None
        text = str(value).strip()
        if isinstance(value, Mapping | list | bool) or not text:
            self.complain(f"'{name}' must not be blank")
            return None
        if len(text) > LONGEST_TEXT or not text.isprintable():
            self.complain(f"'{name}' must be at most {LONGEST_TEXT} printable characters")
            return None
        return text

    def number(self, row: Mapping[str, Any], name: str) -> float | None:
        """A positive finite number; digits in a text count."""
        value = row.get(name)
        if value is None:
            return None
        try:
            made = math.nan if isinstance(value, bool) or "_" in str(value) else float(value)
        except (TypeError, ValueError, OverflowError):
            made = math.nan
        if not math.isfinite(made):
            self.complain(f"'{name}' must be a number (got {value})")
            return None
        if made <= 0:
            self.complain(f"'{name}' must be positive (got {value})")
            return None
        return made

    def vials(self, row: Mapping[str, Any]) -> int | None:
        value = row.get("vials")
        if isinstance(value, str) and GROUPED.fullmatch(value):
            self.complain(f"'vials' must be written without thousands separators (got {value.strip()})")
            return None
        made = self.number(row, "vials")
        if made is None:
            return None
        if made != int(made):
            self.complain(f"'vials' must be a whole number (got {row['vials']})")
            return None
        if made > MOST_VIALS:
            self.complain(f"'vials' must be at most {MOST_VIALS} (got {row['vials']})")
            return None
        return int(made)

    def hours(self, row: Mapping[str, Any]) -> float | None:
        made = self.number(row, "fill_hours")
        if made is None:
            return None
        window = self.config.window_hours
        if made > window + TOLERANCE:
            self.complain(
                f"'fill_hours' must be at most the window of {window:g} hours, "
                f"{self.config.largest_lot_vials} vials (got {made:g})"
            )
            return None
        if made > LARGE_HOURS:
            self.report.warnings.append(f"{self.report.label}: fill_hours is very large ({made:g})")
        return made

    def target(self, row: Mapping[str, Any], name: str) -> float | None:
        """Hours from the plan's start: given as such, or as an ISO time, which without offset is UTC."""
        value = row.get(name)
        if value is None or value == "":
            return None
        try:
            if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
                return float(value)
            moment = datetime.fromisoformat(str(value))
        except (ValueError, OverflowError):
            self.complain(f"'{name}' must be an ISO date and time (got {value})")
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return (moment - self.plan_start).total_seconds() / 3600


def _decode(data: bytes) -> str:
    """Text of a file as spreadsheets write them. Raises UnicodeDecodeError."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    if b"\x00" in data[:200]:
        return data.decode("utf-16-le" if data[1:2] == b"\x00" else "utf-16-be")
    return data.decode("utf-8-sig")


def _table(text: str) -> tuple[list[tuple[int, list[str]]], bool]:
    """Rows that are not blank, with the line numbers a person sees, and whether a comma may mean a decimal point.

    The separator is the header's commonest.
    """
    first = text.lstrip().split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    return rows, separator != ","


def _decimal_point(cell: str) -> str:
    """`2,5` as `2.5`; other texts stay as they are."""
    return cell.replace(",", ".") if cell.replace(",", "", 1).strip().isdigit() else cell


def _cells(header: list[str], cells: list[str], config: LineConfig, decimal_comma: bool) -> dict[str | None, Any]:
    """One row under the names of the wire; blank cells are missing, hours follow from vials.

    Cells beyond the header stand under None: they tell of a comma that was no separator.
    """
    pairs = zip(header, cells, strict=False)
    row: dict[str | None, Any] = {name: text.strip() for name, text in pairs if name and text.strip()}
    if surplus := [text for text in cells[len(header) :] if text.strip()]:
        row[None] = surplus
    if decimal_comma and "fill_hours" in row:
        row["fill_hours"] = _decimal_point(row["fill_hours"])
    if "fill_hours" not in row and "vials" in row:
        row["fill_hours"] = _hours_of(row["vials"], config)
    return row


def _hours_of(vials: str, config: LineConfig) -> float | None:
    """Fill hours of a text that is a number of vials; 1 for one that is not, so that only vials are complained of."""
    try:
        made = float(vials) / config.fill_rate_vph
    except ValueError:
        return 1.0
    return made if math.isfinite(made) and made > 0 else 1.0


def request_from_json(payload: Any) -> tuple[list[Any], dict[str, Any], str | None]:
    """Rows, config and start time of a JSON document: a request body (`lots_data`), `{lots, config}`, or a list.

    Raises ValueError for anything else.
    """
    if isinstance(payload, list):
        return payload, {}, None
    if isinstance(payload, Mapping):
        rows = payload.get("lots_data", payload.get("lots"))
        config = payload.get("config") or {}
        if isinstance(rows, list) and isinstance(config, Mapping):
            return rows, dict(config), payload.get("start_time")
    raise ValueError("give a list of lots, or an object with 'lots_data' (or 'lots') and maybe 'config', 'start_time'")
