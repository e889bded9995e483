"""The activity table as CSV: UTF-8, with a byte order mark only for those who ask, so
that plain clients read the first header cell.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from common.mappings import Record
from common.spreadsheets import safe
from fillplanner.exports.table import HEADER, rows

# Figures of the whole plan, repeated in every row: the table stays one that programs can read.
FIGURES = {
    "lower_bound": "Lower Bound (h)",
    "gap_percent": "Gap (%)",
    "solver": "Solver",
    "solver_status": "Solver Status",
    "runtime_seconds": "Runtime (s)",
}


def to_csv(activities: Iterable[Record], figures: Record | None = None) -> str:
    """Header and one line an activity; times in hours from the plan's start. `figures`
    adds columns with them.
    """
    more = [safe(figures[name]) for name in FIGURES] if figures else []
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*HEADER, *(FIGURES.values() if figures else ())])
    writer.writerows([*row, *more] for row in rows(activities))
    return text.getvalue()
