"""The one reader of tables, for lots, posts, measurements and videos alike: CSV as
spreadsheets and programs write it, and Excel workbooks. Knows no framework.

In order: the size is checked; a workbook is told from text by its first bytes; text is
decoded and its separator recognised, of a workbook a visible sheet is chosen; then rows
come one by one.

Each row comes with the number that a spreadsheet shows beside it: blank rows count, a
row whose cells have line breaks is one row, and a first line `sep=` is not shown.

Cells of text come clean (`common.cells`): a line end is one `\\n`, and control characters
are removed. A text file with a NUL is refused: it is no text, and databases take none.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from common.cells import (
    Row,
    TableError,
    cell_text,
    column_name,
    listed,
    plain,
    width_of,
)
from common.texts import UNSEEN
from common.workbooks import is_workbook, open_sheet

MOST_COLUMNS = 250
SEPARATORS = ",;\t"
RARE_SEPARATOR = "|"
# The first line of Excel's own that names the separator.
SEPARATOR_LINE = re.compile(r'"?sep=([^\w\s"]|\t)"?[\t;,]*(\n|$)', re.IGNORECASE)
QUOTED = re.compile(r'"[^"]*"')
HEADER_WITHIN = 100_000
NO_TEXT = (
    "The file cannot be read as CSV: it is not text in UTF-8, UTF-16 or Windows-1252. "
    "Save it as “CSV UTF-8” or as .xlsx."
)
# What the csv module complains of, in words for people.
CSV_FAULTS = {
    "unexpected end": "a quotation mark is opened and never closed",
    "expected after": "there is text after a closing quotation mark",
    "field limit": "a cell has more than 131,072 characters",
}


@dataclass(frozen=True)
class TableLimits:
    """How much a door takes: bytes of the file, and rows below the header; None where
    the door counts them itself.
    """

    size: int
    rows: int | None = None


LARGEST = TableLimits(10 * 1024 * 1024)


@dataclass(frozen=True)
class Table:
    """A table as it was sent. `header` is the first row that is not blank, number 0 and
    no cells where there is none; `rows` are those below it that are not blank, read as
    they are asked for: they raise TableError, too.

    sheet: the name of the sheet that is read; blank for text.
    sheets: all sheets that could be: visible, and not empty.
    decimal_comma: whether a comma in a number may be a decimal point.
    """

    header: Row
    rows: Iterator[Row]
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    decimal_comma: bool = False

    @property
    def titles(self) -> list[str]:
        """The header as text."""
        return [plain(cell) for cell in self.header.cells]

    @property
    def sheet_note(self) -> str:
        """For people: which sheet was read and what else there is; blank without a choice."""
        others = [name for name in self.sheets if name != self.sheet]
        if not others:
            return ""
        return f"Read from sheet “{self.sheet}”. Other sheets: {listed(others)}."


class Readable(Protocol):
    """A file that was sent."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes, none at the end."""


def bytes_of(file: Readable, limits: TableLimits) -> bytes:
    """The bytes of a file, at most one more than the door takes: `read_table` refuses
    those, and a huge file costs no memory.
    """
    return file.read(limits.size + 1)


def read_table(data: bytes, limits: TableLimits, sheet: str = "") -> Table:
    """The table in a file's bytes. Raises TableError in words for people.

    data: CSV in UTF-8, UTF-16 (both with or without byte order mark) or Windows-1252,
        or an .xlsx workbook.
    sheet: the name of the sheet to read, whatever its case; blank for the first visible
        one that holds something.
    """
    check_size(data, limits)
    if is_workbook(data):
        table = _workbook_table(data, sheet.strip())
    elif sheet.strip():
        raise TableError(
            "Only Excel workbooks have sheets. Leave the sheet empty for other files."
        )
    else:
        table = _text_table(data)
    if len(table.header.cells) > MOST_COLUMNS:
        raise TableError(f"The table has more than {MOST_COLUMNS} columns.")
    if limits.rows is None:
        return table
    return replace(table, rows=_counted(table.rows, limits.rows))


def sheet_names(file: Readable) -> tuple[str, ...]:
    """The names of a workbook's sheets that could be read; none for other files, and
    for those that cannot be used.
    """
    data = bytes_of(file, LARGEST)
    if not is_workbook(data):
        return ()
    try:
        return read_table(data, LARGEST).sheets
    except TableError:
        return ()


def check_size(data: bytes, limits: TableLimits) -> None:
    """Raises TableError for more bytes than the door takes."""
    if len(data) > limits.size:
        raise TableError(f"The file is larger than {limits.size // 1_000_000} MB.")


def _counted(rows: Iterator[Row], most: int) -> Iterator[Row]:
    for count, row in enumerate(rows, start=1):
        if count > most:
            raise TableError(
                f"The file has too many rows. Send at most {most:,} at once."
            )
        yield row


# --- text


def _text_table(data: bytes) -> Table:
    text = text_in(data).replace("\r\n", "\n").replace("\r", "\n")
    line = SEPARATOR_LINE.match(text)
    if line:
        text = text[line.end() :]
    separator = line[1] if line else _separator_of(text)
    rows = _text_rows(text, separator)
    header = next(rows, Row(0, []))
    return Table(header, rows, decimal_comma=separator != ",")


def text_in(data: bytes) -> str:
    """A file's text, whatever spreadsheets encode it in. Raises TableError for none."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = _decoded(data, "utf-16")
    elif b"\x00" in data:
        text = _unmarked_utf16(data)
    else:
        text = _decoded(data, "utf-8-sig")
        text = _windows_text(data) if text is None else text
    if text is None or "\x00" in text:
        raise TableError(NO_TEXT)
    return text


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _unmarked_utf16(data: bytes) -> str | None:
    """UTF-16 without a byte order mark: read the right way round it has line ends."""
    texts = [_decoded(data, name) or "" for name in ("utf-16-le", "utf-16-be")]
    text = max(texts, key=_line_ends)
    return text if _line_ends(text) else None


def _line_ends(text: str) -> int:
    return text.count("\n") + text.count("\r")


def _windows_text(data: bytes) -> str | None:
    """Windows-1252, what Excel writes as plain CSV. Raises TableError for UTF-8 that was
    damaged on the way, which would be read as other letters.
    """
    text = _decoded(data, "cp1252")
    if text is None or UNSEEN.search(text):
        return None
    lenient = data.decode("utf-8-sig", errors="replace")
    broken = lenient.count("\ufffd")
    beyond_ascii = len(lenient) - len(lenient.encode("ascii", errors="ignore"))
    # Most of what is beyond ASCII is good UTF-8.
    if beyond_ascii > 2 * broken:
        line = lenient[: lenient.index("\ufffd")].count("\n") + 1
        raise TableError(
            f"The file cannot be read as CSV: line {line} has a damaged character. "
            "Save it again as “CSV UTF-8”."
        )
    return text


def _separator_of(text: str) -> str:
    """The separator that the header has most of, outside of quotes; the comma for none."""
    bare = QUOTED.sub("x", text[:HEADER_WITHIN])
    lines = (line for line in bare.split("\n") if line.strip(f"{SEPARATORS}| "))
    header = next(lines, "")
    commonest = max(SEPARATORS, key=header.count)
    if commonest not in header and RARE_SEPARATOR in header:
        return RARE_SEPARATOR
    return commonest


def _text_rows(text: str, separator: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 0
    try:
        for number, texts in enumerate(reader, start=1):
            cells = [cell_text(cell) for cell in texts]
            if any(cells):
                yield Row(number, cells)
    except csv.Error as error:
        faults = [words for part, words in CSV_FAULTS.items() if part in str(error)]
        fault = faults[0] if faults else str(error)
        raise TableError(
            f"The file cannot be read as CSV: in row {number + 1}, {fault}."
        ) from error


def _workbook_table(data: bytes, name: str) -> Table:
    sheet = open_sheet(data, name, MOST_COLUMNS)
    return Table(sheet.header, sheet.rows, sheet.name, sheet.names, decimal_comma=True)


# --- what is done with tables


def csv_text(table: Table) -> str:
    """The table as CSV for people to mend, every row on the line of its number."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    next_number = 1
    for number, cells in [table.header, *table.rows]:
        text.write("\n" * (number - next_number))
        writer.writerow([plain(cell) for cell in cells])
        next_number = number + 1
    return text.getvalue()


@dataclass(frozen=True)
class Columns:
    """Which column is what: places from 0 by meaning, and the meanings that more than
    one column has, of which the first of the best name counts.
    """

    places: dict[str, int]
    repeated: list[str]


def guess_columns(titles: Sequence[str], words: Mapping[str, Sequence[str]]) -> Columns:
    """Which column is what, by its title.

    words: the names that people give a column of each meaning, best first, in lower
        case and with single blanks; a title is compared without case and punctuation.
    """
    keys = [re.sub(r"[\W_]+", " ", title).strip().lower() for title in titles]
    places: dict[str, int] = {}
    repeated = []
    for meaning, names in words.items():
        matching = [
            place for name in names for place, key in enumerate(keys) if key == name
        ]
        if matching:
            places[meaning] = matching[0]
        if len(matching) > 1:
            repeated.append(meaning)
    return Columns(places, repeated)


def unused_note(titles: Sequence[str], used: Collection[int]) -> str:
    """For people: the columns that are not used, by title and letter; blank for none."""
    names = [
        column_name(titles, place)
        for place in range(width_of(titles))
        if place not in used
    ]
    if not names:
        return ""
    return f"{'Columns' if len(names) > 1 else 'Column'} not used: {listed(names)}."


def records(
    table: Table, columns: Columns
) -> Iterator[tuple[int, dict[str | None, str]]]:
    """Each row's number, and its texts by meaning without those that are blank. Cells
    beyond the header stand under None: they tell of a separator that was meant as text.
    """
    width = len(table.header.cells)
    for number, cells in table.rows:
        texts = [plain(cell) for cell in cells]
        values: dict[str | None, str] = {
            meaning: texts[place]
            for meaning, place in columns.places.items()
            if place < len(texts) and texts[place]
        }
        beyond = " ".join(texts[width:]).strip()
        yield number, values | ({None: beyond} if beyond else {})
