"""Reading one row as a lot, and saying what is wrong with it and where."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from datetime import time as clock
from typing import Any

from common.mappings import Record
from fillplanner.planning.problem import TOLERANCE, LineConfig, Lot

REQUIRED = ("lot_id", "lot_type", "vials", "fill_hours")
LARGE_HOURS = 100.0
MOST_VIALS = 10**9
LONGEST_TEXT = 200
# Of a value that is no text, as a complaint repeats it.
LONGEST_TOLD = 60
# Digits in groups of three: 19.000 is nineteen thousand to one reader and nineteen to another.
GROUPED = re.compile(r"\s*[+-]?\d{1,3}(?:[.,' _\u00a0\u2019\u202f]\d{3})+\s*")


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: the row as people or programs count it, the field or
    None for the row, and why.
    """

    row: int
    field: str | None
    message: str


@dataclass
class RowReport:
    """What is said of one row; `word` and `number` are how it is called in messages
    (`Lot 0`, `Row 2`).
    """

    word: str
    number: int
    lot_id: str | None = None
    faults: list[Fault] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        """How the row is called in messages."""
        return f"{self.word} {self.number}"

    @property
    def errors(self) -> list[str]:
        """What is wrong with the row, under its name."""
        return [f"{self.label}: {fault.message}" for fault in self.faults]


def parsed_number(value: Any) -> float:
    """A value as a number, digits in a text too; not a number for what is none."""
    if isinstance(value, bool) or "_" in str(value):
        return math.nan
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def is_hours(value: Any) -> bool:
    """Whether a target is given as a number. Raises OverflowError for one too large."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and math.isfinite(value)


class RowReader:
    """Reads one row and collects what is wrong with it.

    typed: whether texts, numbers and times must be given as such. Tables cannot, and
    lots that a plan keeps have target times in hours.
    """

    def __init__(
        self,
        report: RowReport,
        config: LineConfig,
        plan_start: datetime,
        *,
        typed: bool = False,
    ) -> None:
        self.report = report
        self.config = config
        self.plan_start = plan_start
        self.typed = typed

    def complain(self, text: str, name: str | None = None) -> None:
        """Note what is wrong with a field, or with the row."""
        self.report.faults.append(Fault(self.report.number, name, text))

    def read(self, row: Any) -> Lot | None:
        """The lot, or None when something is wrong with the row."""
        if not isinstance(row, Mapping):
            self.complain("must be an object")
            return None
        if row.get(None):
            self.complain("has more cells than the header")
        for name in REQUIRED:
            if row.get(name) is None:
                self.complain(f"Missing required field '{name}'", name)
        lot_id = self.report.lot_id = self.text(row, "lot_id")
        lot_type = self.text(row, "lot_type")
        vials = self.vials(row)
        hours = self.hours(row)
        start = self.target(row, "target_start")
        end = self.target(row, "target_end")
        if start is not None and end is not None and start > end:
            self.complain("'target_start' is after 'target_end'", "target_start")
        priority = self.priority(row)
        if self.report.faults:
            return None
        # What is missing was complained of.
        if lot_id is None or lot_type is None or vials is None or hours is None:
            return None
        return Lot(
            lot_id=lot_id,
            lot_type=lot_type,
            vials=vials,
            fill_hours=hours,
            target_start=start,
            target_end=end,
            priority=priority,
        )

    def text(self, row: Record, name: str) -> str | None:
        """A short text that is not blank."""
        value = row.get(name)
        if value is None:
            return None
        text = str(value).strip()
        if self.typed and not isinstance(value, str):
            fault = f"must be a text (got {text[:LONGEST_TOLD]})"
        elif isinstance(value, date | clock):
            fault = "is a date or time; format its column as text"
        elif isinstance(value, Mapping | list | bool) or not text:
            fault = "must not be blank"
        elif len(text) > LONGEST_TEXT or not text.isprintable():
            fault = f"must be at most {LONGEST_TEXT} printable characters"
        else:
            return text
        self.complain(f"'{name}' {fault}", name)
        return None

    def number(self, row: Record, name: str) -> float | None:
        """A positive finite number; digits in a text count."""
        value = row.get(name)
        if value is None:
            return None
        parsed = parsed_number(value)
        if not math.isfinite(parsed):
            self.complain(f"'{name}' must be a number (got {value})", name)
            return None
        if parsed <= 0:
            self.complain(f"'{name}' must be positive (got {value})", name)
            return None
        if self.typed and isinstance(value, str):
            self.complain(f"'{name}' must be a number, not a text (got {value})", name)
            return None
        return parsed

    def vials(self, row: Record) -> int | None:
        """A whole number of vials, not too many."""
        value = row.get("vials")
        if isinstance(value, str) and GROUPED.fullmatch(value):
            written = f"(got {value.strip()})"
            fault = f"'vials' must be written without thousands separators {written}"
            self.complain(fault, "vials")
            return None
        count = self.number(row, "vials")
        if count is None:
            return None
        if count != int(count):
            self.complain(f"'vials' must be a whole number (got {value})", "vials")
            return None
        if count > MOST_VIALS:
            self.complain(
                f"'vials' must be at most {MOST_VIALS} (got {value})", "vials"
            )
            return None
        return int(count)

    def hours(self, row: Record) -> float | None:
        """Fill hours that the window has room for."""
        hours = self.number(row, "fill_hours")
        if hours is None:
            return None
        window = self.config.window_hours
        if hours > window + TOLERANCE:
            most = f"{window:g} hours, {self.config.largest_lot_vials} vials"
            fault = f"'fill_hours' must be at most the window of {most} (got {hours:g})"
            self.complain(fault, "fill_hours")
            return None
        if hours > LARGE_HOURS:
            warning = f"{self.report.label}: fill_hours is very large ({hours:g})"
            self.report.warnings.append(warning)
        return hours

    def priority(self, row: Record) -> str | None:
        """One of the names in `priority_levels`, whatever the case; None for none."""
        value = row.get("priority")
        if value is None or str(value).strip() == "":
            return None
        if self.typed:
            value = self.text(row, "priority")
        known = {name.lower(): name for name in self.config.priority_levels}
        named = known.get(str(value).strip().lower())
        if named is None and value is not None:
            self.complain(
                f"'priority' must be one of {', '.join(known.values())} (got {value})",
                "priority",
            )
        return named

    def target(self, row: Record, name: str) -> float | None:
        """Hours from the plan's start: given as such where types do not matter, or as an
        ISO time, which without offset is UTC.
        """
        value = row.get(name)
        if value is None or value == "":
            return None
        try:
            if is_hours(value) and not self.typed:
                return float(value)
            moment = datetime.fromisoformat(str(value))
        except (ValueError, OverflowError):
            self.complain(f"'{name}' must be an ISO date and time (got {value})", name)
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return (moment - self.plan_start).total_seconds() / 3600
