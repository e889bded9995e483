"""Tables as people have them: text in every encoding, workbooks, and files that mean harm."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.styles import numbers
from workbooks import workbook

from calendars.results.measurements import table_rows
from calendars.video_batches.rows import job_in
from common.cells import TableError, cell_text, plain
from common.tables import (
    TableLimits,
    bytes_of,
    csv_text,
    guess_columns,
    read_table,
    records,
    unused_note,
)
from common.workbooks import MOST_UNPACKED, MOST_WHOLE
from fillplanner.planning.intake import LIMITS as LOTS
from fillplanner.planning.intake import read_lots_file
from fillplanner.planning.problem import LineConfig
from scheduling.imports.table import COLUMNS as POST_COLUMNS
from scheduling.imports.table import LIMITS as POSTS
from scheduling.imports.table import check_rows

SMALL = TableLimits(2_000_000, 5)
HEADER = ["Name", "Größe", "Note"]
ENCODINGS = (
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "cp1252",
)
NOW = datetime(2026, 1, 1, 8, tzinfo=UTC)
Read = tuple[str, int]


def lots(data: bytes) -> Read:
    report = read_lots_file(data, LineConfig(), NOW)
    return report.lots[0].lot_id, report.faults[0].row


def posts(data: bytes) -> Read:
    table = read_table(data, POSTS)
    places = guess_columns(table.titles, POST_COLUMNS).places
    first, second = check_rows(table.rows, places, [], "UTC", NOW)
    return first.title, second.number


def measurements(data: bytes) -> Read:
    [(_, first), (number, _)], _ = table_rows(data)
    return first["event_id"], number


def videos(data: bytes) -> Read:
    [(_, first), (number, _)] = job_in(data).rows
    return first["video_job_id"], number


DOORS = {
    lots: ["Lot ID", "Type", "Vials"],
    posts: ["Title", "Text", "Day"],
    measurements: ["Event ID", "Größe", "views"],
    videos: ["Video ID", "Title", "Länge"],
}


def rows_of(data: bytes, sheet: str = "") -> list[tuple[int, list[str]]]:
    """Header and rows as texts, with their numbers."""
    table = read_table(data, TableLimits(10_000_000), sheet)
    return [
        (number, [plain(cell) for cell in cells])
        for number, cells in [table.header, *table.rows]
    ]


def error_of(data: bytes, sheet: str = "", limits: TableLimits = LOTS) -> str:
    with pytest.raises(TableError) as error:
        list(read_table(data, limits, sheet).rows)
    return error.value.message


def written(rows: list[list[str]], separator: str, ends: str = "\r\n") -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, lineterminator=ends).writerows(rows)
    return text.getvalue()


# --- text


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_door_reads_every_encoding_with_every_separator(
    door: Callable[[bytes], Read], encoding: str, separator: str
) -> None:
    rows = [DOORS[door], ["größer", "a, b; c | d", "5"], [], ["x", 'say "x"', "y"]]
    data = written(rows, separator).encode(encoding)
    assert door(data) == ("größer", 4)
    table = read_table(data, LOTS)
    assert [list(cells) for _, cells in table.rows] == [rows[1], rows[3]]
    assert table.decimal_comma == (separator != ",")


@pytest.mark.parametrize("door", DOORS)
def test_every_door_reads_the_first_visible_sheet_of_a_workbook(
    door: Callable[[bytes], Read],
) -> None:
    rows = [[], DOORS[door], ["größer", "a", 5], [], ["x", "b", "y"]]
    data = workbook({"A": [["no"]], "B": rows, "C": rows}, {"A": "hidden"})
    assert door(data) == ("größer", 5)


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("line", ["sep=;", "SEP=;", '"sep=;"', "sep=;;;"])
def test_a_first_line_that_names_the_separator_is_used_and_has_no_number(
    line: str, ends: str
) -> None:
    text = f"{line}{ends}A,B;C{ends}{ends}1,5;2{ends}"
    assert rows_of(text.encode()) == [(1, ["A,B", "C"]), (3, ["1,5", "2"])]


def test_a_row_of_several_lines_is_one_row_as_in_a_spreadsheet() -> None:
    text = '\n\nA,B\n"one\r\ntwo\rthree\u2028four",x\n,\n y ,z\n'
    assert rows_of(text.encode()) == [
        (3, ["A", "B"]),
        (4, ["one\ntwo\nthree\nfour", "x"]),
        (6, ["y", "z"]),
    ]


def test_separators_within_quotes_of_the_header_do_not_count() -> None:
    assert rows_of(b'"a, b, c";D\n1;2\n') == [(1, ["a, b, c", "D"]), (2, ["1", "2"])]
    assert rows_of(b';;\n"A";"B"\n1;2\n')[0] == (2, ["A", "B"])


def test_what_nobody_sees_is_left_out_of_cells() -> None:
    assert cell_text("\ufeff a\x07b\tc\x7f\u00a0") == "ab\tc"
    assert rows_of(b"A\nx\x1f\x0by\n")[1] == (2, ["x\ny"])


def test_chinese_without_a_mark_is_no_riddle() -> None:
    text = "标题,日期\n第一,二〇二七\n"
    for encoding in ("utf-16-le", "utf-16-be"):
        assert rows_of(text.encode(encoding))[1] == (2, ["第一", "二〇二七"])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"A,B\nx\x00y,z\n", "not text in UTF-8, UTF-16 or Windows-1252"),
        (b"\xff\xfe\x00", "not text"),
        (b"A\n\x81\x8d\n", "not text"),
        (b"A\n\xff\x01\n", "not text"),
        ("A\nüüü\nü".encode()[:-1] + b"x\n", "line 3 has a damaged character"),
        (b'A,B\n\n"x,5\n', "in row 3, a quotation mark is opened and never closed"),
        (b'A,B\n"x"y,5\n', "in row 2, there is text after a closing quotation mark"),
        (b"A\n" + b"a" * 200_000, "in row 2, a cell has more than 131,072 characters"),
        (b"A," * 251 + b"\n", "more than 250 columns"),
    ],
)
def test_text_that_cannot_be_used_says_why(data: bytes, words: str) -> None:
    assert words in error_of(data)


def test_each_door_takes_so_much_and_no_more() -> None:
    assert "larger than 2 MB" in error_of(b"x" * 2_000_001, limits=SMALL)
    assert "at most 5 at once" in error_of(b"A\n" + b"x\n" * 6, limits=SMALL)
    assert len(list(read_table(b"A\n" + b"x\n" * 5, SMALL).rows)) == 5
    file = io.BytesIO(b"x" * 9_000_000)
    assert len(bytes_of(file, SMALL)) == 2_000_001
    assert "larger than 10 MB" in error_of(b"x" * 10_500_000)


def test_an_empty_file_is_an_empty_table() -> None:
    for data in (b"", b"\n , \n", workbook({"A": [], "B": [[None, " "]]})):
        table = read_table(data, LOTS)
        assert (table.titles, list(table.rows)) == ([], [])


# --- workbooks

TWO = {"Secret": [["no"]], "Notes": [], "One": [["A"], [1]], "Two": [["B"], [2]]}


def test_the_first_visible_sheet_that_holds_something_is_read() -> None:
    data = workbook(TWO, {"Secret": "hidden"})
    table = read_table(data, LOTS)
    assert (table.sheet, table.sheets, table.titles) == ("One", ("One", "Two"), ["A"])
    assert table.sheet_note == "Read from sheet “One”. Other sheets: Two."
    assert rows_of(data, " two ") == [(1, ["B"]), (2, ["2"])]


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
@pytest.mark.parametrize("name", ["Secret", "Notes", "Three"])
def test_sheets_that_are_hidden_empty_or_not_there_cannot_be_chosen(
    name: str, state: str
) -> None:
    message = error_of(workbook(TWO, {"Secret": state}), name)
    assert message == (
        f"The workbook has no visible sheet “{name}” with rows. It has One, Two."
    )


def test_text_has_no_sheets() -> None:
    assert "have sheets" in error_of(b"A\n1\n", "One")
    assert read_table(b"A\n1\n", LOTS).sheet_note == ""


def test_cells_of_a_workbook_read_as_people_see_them() -> None:
    book, file = Workbook(), io.BytesIO()
    values = [
        ("n", 1001.0, "General", "1001"),
        ("sum", 0.1 + 0.2, "General", "0.3"),
        ("day", datetime(2027, 1, 5), numbers.FORMAT_DATE_DDMMYY, "2027-01-05"),
        ("midnight", datetime(2027, 1, 5), "yyyy-mm-dd h:mm", "2027-01-05 00:00"),
        ("moment", datetime(2027, 1, 5, 9, 5), "d.m.yy h:mm", "2027-01-05 09:05"),
        ("second", datetime(2027, 1, 5, 9, 5, 7), "h:mm:ss", "2027-01-05 09:05:07"),
        ("clock", time(9, 5), "h:mm", "09:05"),
        ("long", timedelta(hours=26, minutes=5), "[h]:mm", "26:05"),
        ("text", " a_x000D_\nb_x0007_ ", "@", "a\nb"),
        ("yes", True, "General", "True"),
        ("formula", "=1+1", "General", ""),
    ]
    book.active.append([name for name, *_ in values])
    for column, (_, value, style, _) in enumerate(values, start=1):
        cell = book.active.cell(3, column, value)
        cell.number_format = style
    book.save(file)
    [_, row] = rows_of(file.getvalue())
    assert row == (3, [text for *_, text in values])


def test_dates_alone_have_no_time() -> None:
    assert [plain(value) for value in (date(2027, 1, 5), None, "x", 2.5)] == [
        "2027-01-05",
        "",
        "x",
        "2.5",
    ]
    assert plain(timedelta(seconds=65)) == "00:01:05"


def bomb(size: int, name: str = "xl/worksheets/sheet9.xml") -> bytes:
    return workbook({"A": [["x"]]}, parts={name: b" " * size})


def entities() -> bytes:
    text = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'
    plain_book = zipfile.ZipFile(io.BytesIO(workbook({"A": [["x"]]})))
    out, first = io.BytesIO(), "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(out, "w") as parts:
        for name in plain_book.namelist():
            parts.writestr(name, text if name == first else plain_book.read(name))
    return out.getvalue()


def other_zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as parts:
        parts.writestr("word/document.xml", "<x/>")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\x03\x04\xff\xfe\x00", "cannot be unpacked"),
        (b"\xd0\xcf\x11\xe0\xa1" + b"\x00" * 600, "old .xls workbook or one with a"),
        (workbook({"A": []}, parts={"xl/vbaProject.bin": b"x"}), "has macros"),
        (workbook({"A": [["x"]]})[:-400], "cannot be unpacked"),
        (bomb(MOST_UNPACKED + 1), "unpacks to more"),
        (bomb(MOST_WHOLE + 1, "xl/comments.xml"), "unpacks to more"),
        (entities(), "damaged"),
        (other_zip(), "not an .xlsx workbook"),
        (workbook({"A": [["x"] * 251]}), "more than 250 columns"),
    ],
    ids=["cut", "xls", "macros", "short", "bomb", "whole", "entities", "zip", "wide"],
)
def test_workbooks_that_cannot_be_used_say_why(data: bytes, words: str) -> None:
    assert words in error_of(data)


def test_a_workbook_can_be_mended_as_text_whose_lines_have_the_same_numbers() -> None:
    rows: list[list[Any]] = [["Lot ID", "Type"], [], ["L,1", 5.0], ["L2", None]]
    text = csv_text(read_table(workbook({"A": rows}), LOTS))
    assert text == 'Lot ID,Type\n\n"L,1",5\nL2,\n'


# --- any table

LETTERS = st.characters(codec="cp1252", exclude_characters="\x00")
CELLS = st.text(LETTERS | st.sampled_from('",;\t|\r\n='), max_size=8)
TABLES = st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=6)


def expected_of(rows: list[list[str]]) -> list[tuple[int, list[str]]]:
    cleaned = [
        (number, [cell_text(cell) for cell in row])
        for number, row in enumerate(rows, 1)
    ]
    return [row for row in cleaned if any(row[1])]


@settings(max_examples=examples(60))
@given(TABLES, st.sampled_from(ENCODINGS), st.sampled_from(",;\t|"), st.booleans())
def test_any_table_of_texts_is_read_back_the_same_from_text(
    rows: list[list[str]], encoding: str, separator: str, line: bool
) -> None:
    table = [HEADER, *rows]
    # A control character tells that a file in no Unicode encoding is no text.
    if encoding == "cp1252":
        table = [[cell_text(cell) for cell in row] for row in table]
    first = f"sep={separator}\r\n" if line else ""
    data = (first + written(table, separator)).encode(encoding)
    assert rows_of(data) == expected_of(table)


@settings(max_examples=examples(15))
@given(TABLES)
def test_any_table_of_texts_is_read_back_the_same_from_a_workbook(
    rows: list[list[str]],
) -> None:
    # Workbooks hold no control characters; a text that begins with = is a formula.
    table = [
        HEADER,
        *[[cell_text(cell).lstrip("= \n") for cell in row] for row in rows],
    ]
    assert rows_of(workbook({"A": table})) == expected_of(table)


# --- columns

WORDS = {"title": ("title", "name"), "day": ("date", "publish date"), "more": ("x",)}


def test_columns_are_known_by_what_people_call_them() -> None:
    titles = ["PUBLISH_DATE:", "Name", "Likes", "", "Title ", "", ""]
    columns = guess_columns(titles, WORDS)
    assert (columns.places, columns.repeated) == ({"title": 4, "day": 0}, ["title"])
    note = unused_note(titles, columns.places.values())
    assert note == "Columns not used: Name (column B), Likes (column C), column D."
    assert unused_note(["Date"], [0]) == ""
    assert unused_note(["Date", "Z"], [0]) == "Column not used: Z (column B)."


def test_records_have_texts_by_meaning_and_what_stands_beyond_the_header() -> None:
    table = read_table(b"Date,Odd,Title\n1,2,\n\n,,a,b c,d\n4\n", LOTS)
    columns = guess_columns(table.titles, WORDS)
    assert list(records(table, columns)) == [
        (2, {"day": "1"}),
        (4, {"title": "a", None: "b c d"}),
        (5, {"day": "4"}),
    ]


def test_many_names_are_cut_short() -> None:
    note = unused_note([f"C{n}" for n in range(25)], [])
    assert note.endswith("C19 (column T) and 5 more.")
