"""Lots as a table that people edit in a page: text that was pasted, a JSON document or
a plan's lots to cells, and the cells back to the CSV that everything else reads. Pure.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any, Protocol

from common.cells import TableError, plain
from common.mappings import Record
from common.spreadsheets import safe
from common.tables import read_table
from fillplanner.planning.intake import LIMITS, fields_of
from fillplanner.wall_clock import from_wall, to_wall

FIELDS = {
    "lot_id": "Lot ID",
    "lot_type": "Type",
    "vials": "Vials",
    "fill_hours": "Fill Hours",
    "target_start": "Target Start",
    "target_end": "Target End",
    "priority": "Priority",
}
NEEDED = 3
MOMENTS = [list(FIELDS).index(name) for name in ("target_start", "target_end")]
MOST_ROWS = 500
SPARE_ROWS = 3
MORE_ROWS = 10
# The header is row 1 of the CSV.
FIRST_ROW = 2
Cells = list[str]


class Posted(Protocol):
    """What a form sent: every value of a name, in order."""

    def getlist(self, key: str) -> list[Any]:
        """All values that were sent under a name."""


def cells_posted(data: Posted) -> list[Cells]:
    """The rows of the table that a form sent, whatever their lengths."""
    columns = [data.getlist(f"row_{name}") for name in FIELDS]
    return [[str(cell) for cell in row] for row in zip_longest(*columns, fillvalue="")]


def with_offsets(rows: Iterable[Cells], zone: str) -> list[Cells]:
    """The rows with target times, typed on the clock of the IANA `zone`, as ISO moments
    with their offsets.
    """
    return [
        [from_wall(cell, zone) if i in MOMENTS else cell for i, cell in enumerate(row)]
        for row in rows
    ]


def on_clock(rows: Iterable[Cells], zone: str) -> list[Cells]:
    """The rows with target times on the clock of the IANA `zone`; without an offset
    they are UTC.
    """
    return [
        [
            to_wall(from_wall(cell, "UTC"), zone) if i in MOMENTS else cell
            for i, cell in enumerate(row)
        ]
        for row in rows
    ]


def csv_of(rows: Iterable[Sequence[str]]) -> str:
    """CSV with a header; a blank row stays one, so that numbers of rows hold. Columns
    that nobody needs and nobody filled are left out.
    """
    filled = [list(row) for row in rows]
    while filled and not any(cell.strip() for cell in filled[-1]):
        filled.pop()
    used = [
        i
        for i in range(len(FIELDS))
        if i < NEEDED or any(row[i].strip() for row in filled)
    ]
    text = io.StringIO(newline="")
    titles = list(FIELDS.values())
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([titles[i] for i in used])
    writer.writerows([_one_line(row[i]) for i in used] for row in filled)
    return text.getvalue()


def _one_line(cell: str) -> str:
    """The cell as a table reads it back: a line end would move the numbers of rows."""
    return str(safe(" ".join(cell.split("\n")).strip()))


def cells_of_text(text: str) -> list[Cells] | None:
    """The table in a CSV text; None where its header names none of the columns, or
    there are too many rows.
    """
    try:
        table = read_table(text.encode(), LIMITS)
        rows = [cells for _, cells in table.rows]
    except TableError:
        return None
    names = fields_of(table.titles)
    if names and not any(names):
        return None
    return cells_of(
        {name: cell for name, cell in zip(names, row, strict=False) if name}
        for row in rows
    )


def cells_of(rows: Iterable[Mapping[Any, Any]]) -> list[Cells] | None:
    """Rows under the wire's names as cells; None for too many."""
    cells = [[plain(row.get(name)) for name in FIELDS] for row in rows]
    return cells if len(cells) <= MOST_ROWS else None


def spare(rows: list[Cells], more: int = SPARE_ROWS) -> list[Cells]:
    """The rows and some blank ones."""
    return rows + [
        [""] * len(FIELDS) for _ in range(max(0, min(more, MOST_ROWS - len(rows))))
    ]


def csv_of_lots(lots: Iterable[Record], start: datetime, rate: float) -> str:
    """A plan's lots as they could be typed; target times, kept as hours from `start`
    (aware), as moments. Fill hours that follow from the vials at `rate` (vials an hour)
    are left out: they are to follow changed vials too.

    lots: as a plan keeps them.
    start: of the plan, aware.
    rate: vials an hour.
    """
    rows = [
        {
            **lot,
            **{
                name: moment(lot, name, start)
                for name in ("target_start", "target_end")
            },
        }
        for lot in lots
    ]
    for row in rows:
        if row["fill_hours"] == row["vials"] / rate:
            row["fill_hours"] = None
    return csv_of([[plain(row.get(name)) for name in FIELDS] for row in rows])


def moment(lot: Record, name: str, start: datetime) -> str | None:
    """A target time, kept in hours from `start`, as an ISO moment; None for none."""
    hours = lot.get(name)
    return None if hours is None else (start + timedelta(hours=hours)).isoformat()
