"""A plan as a workbook: Summary, Activities, Configuration. Numbers are numbers, times
are times, texts stay texts.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from common.mappings import Record
from common.spreadsheets import FORMULA_STARTS
from fillplanner.exports.report import KINDS, Report

HEADER = (
    "Start (h)",
    "End (h)",
    "Starts (UTC)",
    "Ends (UTC)",
    "Kind",
    "Lot ID",
    "Lot Type",
    "Note",
    "Duration (h)",
)
WIDTHS = (12, 12, 18, 18, 13, 24, 18, 34, 13)
HOURS = "#,##0.00"
MOMENT = "yyyy-mm-dd hh:mm"
LONGEST_CELL = 32_767
# The calendar of spreadsheets ends before a plan's must.
LAST_YEAR = 9998


class Sheet:
    """Writes rows one after the other; nothing written is kept in memory."""

    def __init__(self, book: Workbook, title: str, widths: Iterable[float]) -> None:
        self.sheet = book.create_sheet(title)
        for number, width in enumerate(widths, start=1):
            letter = get_column_letter(number)
            self.sheet.column_dimensions[letter].width = width

    def cell(self, value: Any, bold: bool = False) -> Any:
        """A cell as its value is to be read."""
        cell = WriteOnlyCell(self.sheet)
        if isinstance(value, datetime):
            cell.value = naive(value)
            cell.number_format = MOMENT
        elif isinstance(value, str):
            # Set past the guess that would make a formula of what begins like one.
            cell._value = printable(value)
            cell.data_type = "s"
            cell.quotePrefix = value.startswith(FORMULA_STARTS)
        elif isinstance(value, float):
            cell.value = value
            cell.number_format = HOURS
        else:
            cell.value = value
        if bold:
            cell.font = Font(bold=True)
        return cell

    def add(self, *values: Any) -> None:
        """A row of values; None for a cell that is blank."""
        cells = [None if value is None else self.cell(value) for value in values]
        self.sheet.append(cells)

    def head(self, *titles: str) -> None:
        """A row of titles."""
        cells = [self.cell(title, bold=True) for title in titles]
        for cell in cells:
            cell.fill = PatternFill("solid", fgColor="E3EAF2")
        self.sheet.append(cells)

    def subhead(self, *titles: str) -> None:
        """A blank row, and titles of what follows."""
        self.sheet.append([])
        self.sheet.append([self.cell(title, bold=True) for title in titles])


def to_xlsx(report: Report, charts: bool = True) -> bytes:
    """The workbook's bytes. `charts` adds the breakdown of hours as a chart."""
    book = Workbook(write_only=True)
    book.properties.title = printable(report.name)
    book.properties.creator = "Slotline"
    summary(book, report, charts)
    activities(book, report)
    configuration(book, report)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def summary(book: Workbook, report: Report, charts: bool) -> None:
    """The figures, and what the hours go into."""
    sheet = Sheet(book, "Summary", (26, 26, 14))
    sheet.sheet.freeze_panes = "A2"
    sheet.head("Figure", "Value", "Share (%)")
    rows = [*report.facts(), *report.figures()]
    for name, value in rows:
        sheet.add(name, value)
    sheet.subhead("Hours", "Hours in all", "Share (%)")
    total = report.result["makespan"] or 1.0
    for kind in KINDS:
        hours = report.hours(kind)
        sheet.add(kind.capitalize(), hours, 100 * hours / total)
    if charts:
        sheet.sheet.add_chart(breakdown(sheet.sheet, len(rows) + 3), "E2")


def breakdown(sheet: Any, head: int) -> BarChart:
    """Hours of each kind; `head` is the row of their titles."""
    chart = BarChart()
    chart.type = "bar"
    chart.legend = None
    chart.title = "Hours of each kind"
    chart.y_axis.title = "Hours"
    # Without this, recent Excel hides both axes.
    chart.x_axis.delete = chart.y_axis.delete = False
    last = head + len(KINDS)
    hours = Reference(sheet, min_col=2, min_row=head, max_row=last)
    kinds = Reference(sheet, min_col=1, min_row=head + 1, max_row=last)
    chart.add_data(hours, titles_from_data=True)
    chart.set_categories(kinds)
    return chart


def activities(book: Workbook, report: Report) -> None:
    """Every activity, a row each."""
    sheet = Sheet(book, "Activities", WIDTHS)
    sheet.sheet.freeze_panes = "A2"
    sheet.head(*HEADER)
    for row in report.activities:
        sheet.add(*columns(report, row))


def columns(report: Report, row: Record) -> tuple[Any, ...]:
    """An activity under the titles of HEADER."""
    start = float(row["start"])
    end = float(row["end"])
    return (
        start,
        end,
        report.at(start),
        report.at(end),
        row["kind"],
        row["lot_id"],
        row["lot_type"],
        row["note"],
        float(row["duration_hours"]),
    )


def configuration(book: Workbook, report: Report) -> None:
    """Every rule, a row each."""
    sheet = Sheet(book, "Configuration", (40, 20))
    sheet.sheet.freeze_panes = "A2"
    sheet.head("Rule", "Value")
    for name, value in report.rules():
        sheet.add(name, value if isinstance(value, int | float | str) else str(value))


def naive(moment: datetime) -> datetime | str:
    """Spreadsheets know no zones: UTC, to the second; a text where their calendar has ended."""
    plain = moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    return plain if plain.year <= LAST_YEAR else f"{plain:%Y-%m-%d %H:%M}"


def printable(text: str) -> str:
    """Without the characters that XML cannot hold, and not longer than a cell."""
    whole = text.encode("utf-8", "replace").decode()
    legal: str = ILLEGAL_CHARACTERS_RE.sub("", whole)
    return legal[:LONGEST_CELL]
