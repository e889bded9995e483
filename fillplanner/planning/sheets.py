"""Reading tables out of files: text as spreadsheets write it, and workbooks. Each row
comes with the number that a person sees beside it.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook

Row = tuple[int, Sequence[Any]]
ZIP, OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
# A workbook of 100,000 lots with all columns unpacks to about 40 MB. Parts other than
# sheets and their texts are read as a whole and take many times their size.
MOST_UNPACKED, MOST_WHOLE, MOST_PARTS, MOST_RATIO = (
    64 * 1024 * 1024,
    4 * 1024 * 1024,
    1000,
    200,
)
READ_IN_PIECES = ("xl/worksheets/sheet", "xl/sharedstrings")
MOST_COLUMNS, LAST_ROW = 50, 1_048_576
# The first line of Excel's own that names the separator.
SEPARATOR_LINE = re.compile(r"\s*\"?sep=(.)\"?[\t;,]*\r?\n", re.IGNORECASE)


class SheetError(ValueError):
    """The file cannot be read; the text says why and what to do."""


def is_workbook(data: bytes) -> bool:
    """Whether the bytes begin as those of a workbook do, new or old."""
    return data.startswith((ZIP, OLD_OFFICE))


def text_table(data: bytes) -> tuple[Iterator[Row], bool]:
    """Rows that are not blank, and whether a comma may mean a decimal point. Raises
    SheetError, also on the way.

    Reads UTF-8 and UTF-16, with or without byte order mark. The separator is the one
    that a first line `sep=` names, else the header's commonest of comma, semicolon and
    tab; where it is not the comma, a comma in a number is a decimal one.
    """
    try:
        text = decode(data)
    except UnicodeDecodeError as error:
        raise SheetError(f"The file cannot be read as CSV: {error}") from error
    named = SEPARATOR_LINE.match(text)
    if named:
        text = "\n" + text[named.end() :]
    first = text.lstrip().split("\n", 1)[0]
    separator = named[1] if named else max(",;\t", key=first.count)
    return lines_of(text, separator), separator != ","


def lines_of(text: str, separator: str) -> Iterator[Row]:
    """Rows of a text that are not blank. Raises SheetError on the way."""
    try:
        reader = csv.reader(
            io.StringIO(text, newline=""), delimiter=separator, strict=True
        )
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells
    # A TypeError or ValueError is a separator that can be none.
    except (csv.Error, TypeError, ValueError) as error:
        raise SheetError(f"The file cannot be read as CSV: {error}") from error


def decode(data: bytes) -> str:
    """Text of a file as spreadsheets write them. Raises UnicodeDecodeError."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    if b"\x00" in data[:200]:
        return data.decode("utf-16-le" if data[1:2] == b"\x00" else "utf-16-be")
    return data.decode("utf-8-sig")


def book_table(data: bytes) -> Iterator[Row]:
    """Rows of the first sheet that are not blank; of formulas, what they last came to.

    Raises SheetError, also while rows are read.
    """
    check_parts(data)
    try:
        book = load_workbook(
            io.BytesIO(data), read_only=True, data_only=True, keep_links=False
        )
        yield from rows_of(book)
    # A damaged workbook breaks openpyxl in many ways.
    except (
        ValueError,
        KeyError,
        IndexError,
        TypeError,
        AttributeError,
        OverflowError,
        ParseError,
    ) as error:
        raise SheetError(
            "The workbook is damaged or not an .xlsx file; save it anew, or as CSV."
        ) from error
    except (
        zipfile.BadZipFile,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OSError,
    ) as error:
        raise SheetError(
            "The workbook cannot be unpacked; save it anew, or as CSV."
        ) from error


def rows_of(book: Any) -> Iterator[Row]:
    """As wide as the header: what stands beside it are remarks."""
    for sheet in book.worksheets[:1]:
        # What a sheet says of its own size is not to be believed.
        sheet.reset_dimensions()
        cells = sheet.iter_rows(
            max_row=LAST_ROW, max_col=MOST_COLUMNS, values_only=True
        )
        width = 0
        for number, row in enumerate(cells, start=1):
            width = width or width_of(row)
            if not all(is_blank(value) for value in row[:width]):
                yield number, row[:width]


def width_of(row: Sequence[Any]) -> int:
    """Up to the last cell that holds something."""
    return max(
        (place for place, value in enumerate(row, start=1) if not is_blank(value)),
        default=0,
    )


def is_blank(value: Any) -> bool:
    """Whether a cell holds nothing."""
    return value is None or (isinstance(value, str) and not value.strip())


def check_parts(data: bytes) -> None:
    """Refuse what is no plain workbook before anything of it is unpacked. Raises SheetError."""
    if data.startswith(OLD_OFFICE):
        raise SheetError(
            "This is an old .xls workbook or one with a password; save it as "
            ".xlsx without, or as CSV."
        )
    try:
        parts = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise SheetError(
            "The workbook cannot be unpacked; save it anew, or as CSV."
        ) from error
    names = {part.filename.lower() for part in parts}
    if "xl/workbook.xml" not in names:
        raise SheetError("This is not an .xlsx workbook; save it as .xlsx or CSV.")
    if any(
        name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets")
        for name in names
    ):
        raise SheetError(
            "The workbook has macros; save it as .xlsx without them, or as CSV."
        )
    if len(parts) > MOST_PARTS or is_bomb(parts, len(data)):
        raise SheetError(
            "The workbook unpacks to more than this door takes; save the sheet with the lots alone."
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


def text_of_table(rows: Iterable[Row]) -> str:
    """A workbook's rows as CSV, for people to mend."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(
        ["" if value is None else plain(value) for value in cells] for _, cells in rows
    )
    return text.getvalue()


def plain(value: Any) -> str:
    """A cell as text: whole numbers without a point, times as ISO has them."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return (
        value.isoformat(sep=" ")
        if hasattr(value, "hour") and hasattr(value, "year")
        else str(value)
    )
