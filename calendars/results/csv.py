"""Analytics as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from calendars.results.weekly_sums import COLUMNS, Results, Sums
from common.spreadsheets import safe

TABLES = {
    "days": ("day",),
    "hours": ("weekday", "hour"),
    "platforms": ("platform",),
    "formats": ("format",),
}


def to_csv(results: Results, table: str) -> str:
    """One of TABLES with a row for each key: the sums and the mean engagement rate,
    blank where none is known.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        [
            *TABLES[table],
            *(name for name in COLUMNS if name != "rate_sum"),
            "engagement_rate",
        ]
    )
    for key, sums in _parts(results, table):
        writer.writerow([safe(cell) for cell in (*key, *_cells(sums))])
    return text.getvalue()


def _parts(results: Results, table: str) -> Iterable[tuple[tuple[Any, ...], Sums]]:
    tables: Mapping[str, Mapping[Any, Sums]] = {
        "days": results.by_day,
        "hours": results.by_hour,
        "platforms": results.by_platform,
        "formats": results.by_format,
    }
    for key, sums in tables[table].items():
        yield key if isinstance(key, tuple) else (key,), sums


def _cells(sums: Sums) -> list[Any]:
    rate = None if sums.rate is None else round(sums.rate, 6)
    return [*(getattr(sums, name) for name in COLUMNS if name != "rate_sum"), rate]
