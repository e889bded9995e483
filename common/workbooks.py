"""Excel workbooks: a visible sheet is chosen and read row by row. Files that are none, or
mean harm, are refused in words before anything of them is unpacked.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from xml.etree.ElementTree import ParseError

from common.cells import Row, TableError, cell_text, is_blank, listed, width_of

ZIP = b"PK\x03\x04"
OLD_OFFICE = b"\xd0\xcf\x11\xe0"
# A workbook of 100,000 lots with all columns unpacks to about 40 MB. Parts other than
# sheets and their texts are read as a whole and take many times their size.
MOST_UNPACKED = 64 * 1024 * 1024
MOST_WHOLE = 4 * 1024 * 1024
MOST_PARTS = 1000
MOST_RATIO = 200
READ_IN_PIECES = ("xl/worksheets/sheet", "xl/sharedstrings")
# A sheet whose first rows are all blank is taken for empty: few bytes can say a million.
LAST_HEADER = 10_000
LAST_ROW = 1_048_576
# How workbooks write control characters, a carriage return before all.
ESCAPED = re.compile(r"_x00([01][0-9A-Fa-f])_")
# What in the format of a date has no hours in it.
NO_CLOCK = re.compile(r'\[[^\]]*\]|"[^"]*"|\\.')
DAMAGED = "The workbook is damaged or not an .xlsx file. Save it again, or as CSV."
PACKED_WRONG = "The workbook cannot be unpacked. Save it again, or as CSV."


def is_workbook(data: bytes) -> bool:
    """Whether the bytes begin as those of a workbook do, new or old."""
    return data.startswith((ZIP, OLD_OFFICE))


@dataclass(frozen=True)
class Sheet:
    """A sheet that is read: its name, its first row that holds something (number 0
    without one), those below it, and the names of all sheets that could be read.
    """

    name: str
    header: Row
    rows: Iterator[Row]
    names: tuple[str, ...]


def open_sheet(data: bytes, name: str, most_columns: int) -> Sheet:
    """The sheet of this name, else the first that is visible and holds something. Of
    formulas it has what they last came to. Raises TableError, also while rows are read.

    name: whatever its case; blank for the first.
    most_columns: of a wider header one column more is read than this.
    """
    # See `common.cells.column_name`.
    from openpyxl import load_workbook  # noqa: PLC0415

    check_parts(data)
    with _damage_in_words():
        book = load_workbook(
            io.BytesIO(data), read_only=True, data_only=True, keep_links=False
        )
        headers = _headers(book, most_columns + 1)
        chosen = _chosen(headers, name)
        header = headers.get(chosen, Row(0, []))
        rows = _rows(book[chosen], header) if chosen else iter(())
    return Sheet(chosen, header, rows, tuple(headers))


def _headers(book: Any, width: int) -> dict[str, Row]:
    """The first row that holds something, by the name of each visible sheet with one."""
    headers = {}
    for sheet in book.worksheets:
        if sheet.sheet_state == "visible":
            # What a sheet says of its own size is not to be believed.
            sheet.reset_dimensions()
            header = _header(sheet, width)
            if header is not None:
                headers[sheet.title] = header
    return headers


def _header(sheet: Any, width: int) -> Row | None:
    blank = (None,) * width
    rows = sheet.iter_rows(max_row=LAST_HEADER, max_col=width, values_only=True)
    for number, row in enumerate(rows, start=1):
        # Comparing is quick, and most rows before a header are missing ones.
        if row != blank and (filled := width_of(row)):
            return Row(number, [_cleaned(value) for value in row[:filled]])
    return None


def _chosen(headers: Mapping[str, Row], name: str) -> str:
    """The sheet of this name, the first without one, blank where there is none. Raises
    TableError for a name that cannot be chosen.
    """
    if not name:
        return next(iter(headers), "")
    for title in headers:
        if title.strip().casefold() == name.casefold():
            return title
    there = f"It has {listed(list(headers))}." if headers else "All of it is empty."
    raise TableError(
        f"The workbook has no visible sheet “{name[:60]}” with rows. {there}"
    )


def _rows(sheet: Any, header: Row) -> Iterator[Row]:
    """The rows below the header and as wide: what stands beside it are remarks."""
    from openpyxl.cell.read_only import EMPTY_CELL  # noqa: PLC0415

    first = header.number + 1
    with _damage_in_words():
        rows = sheet.iter_rows(
            min_row=first, max_row=LAST_ROW, max_col=len(header.cells)
        )
        previous = None
        for number, row in enumerate(rows, start=first):
            # A stray cell far below makes a million missing rows, which are one object.
            if row is previous or all(cell is EMPTY_CELL for cell in row):
                previous = row
                continue
            cells = [_value(cell) for cell in row]
            if not all(is_blank(cell) for cell in cells):
                yield Row(number, cells)


def _value(cell: Any) -> Any:
    """What people see in the cell: numbers to 15 digits, days without a time."""
    value = _cleaned(cell.value)
    if isinstance(value, float):
        return float(format(value, ".15g"))
    if isinstance(value, datetime) and value.time() == time(0):
        shows_clock = "h" in NO_CLOCK.sub("", cell.number_format).lower()
        return value if shows_clock else value.date()
    return value


def _cleaned(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return cell_text(ESCAPED.sub(lambda code: chr(int(code[1], 16)), value))


@contextmanager
def _damage_in_words() -> Iterator[None]:
    """A damaged workbook breaks openpyxl in many ways."""
    try:
        yield
    except (
        ValueError,
        KeyError,
        IndexError,
        TypeError,
        AttributeError,
        OverflowError,
        ParseError,
    ) as error:
        raise TableError(DAMAGED) from error
    except (
        zipfile.BadZipFile,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OSError,
    ) as error:
        raise TableError(PACKED_WRONG) from error


def check_parts(data: bytes) -> None:
    """Refuse what is no plain workbook before anything of it is unpacked. Raises TableError."""
    if data.startswith(OLD_OFFICE):
        raise TableError(
            "This is an old .xls workbook or one with a password. Save it as .xlsx "
            "without a password, or as CSV."
        )
    try:
        parts = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise TableError(PACKED_WRONG) from error
    names = {part.filename.lower() for part in parts}
    if "xl/workbook.xml" not in names:
        raise TableError("This is not an .xlsx workbook. Save it as .xlsx or CSV.")
    if any(
        name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets")
        for name in names
    ):
        raise TableError(
            "The workbook has macros. Save it as .xlsx without them, or as CSV."
        )
    if len(parts) > MOST_PARTS or is_bomb(parts, len(data)):
        raise TableError(
            "The workbook unpacks to more than can be read. Save the sheet you need "
            "as a workbook of its own, or as CSV."
        )


def is_bomb(parts: list[zipfile.ZipInfo], size: int) -> bool:
    """Whether the parts unpack to too much; reading a part stops at the size that it states."""
    read = [part for part in parts if part.filename.lower().endswith((".xml", ".rels"))]
    unpacked = sum(part.file_size for part in read)
    whole = [
        part.file_size
        for part in read
        if not part.filename.lower().startswith(READ_IN_PIECES)
    ]
    return (
        unpacked > min(MOST_UNPACKED, MOST_RATIO * size + MOST_WHOLE)
        or sum(whole) > MOST_WHOLE
    )
