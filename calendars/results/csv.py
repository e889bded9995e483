"""Analytics as CSV: sums, and the measurements as they can be taken in again."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from calendars.models import KpiEvent
from calendars.results.measurements import COLUMNS as MEASURED
from calendars.results.services import NUMBERS
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


def measurement_lines(events: Iterable[KpiEvent]) -> Iterator[list[Any]]:
    """A header and a line each, under the columns that a file of measurements has."""
    yield list(MEASURED)
    for event in events:
        values = _measurement(event)
        yield [safe(values[name]) for name in MEASURED]


def _measurement(event: KpiEvent) -> dict[str, Any]:
    """One measurement under the names of its import; of when the post went out the hour
    is known.
    """
    zone = ZoneInfo(event.account.zone)
    went_out = datetime.combine(event.posted_date, time(event.posted_hour), zone)
    numbers = {name: getattr(event, name) for name in NUMBERS}
    return numbers | {
        "event_id": event.event_id,
        "event_time": event.event_time.isoformat(),
        "post_id": event.post_id,
        "channel_account_id": event.account_id,
        "video_job_id": "" if event.post_id else event.content_key,
        "posted_at": went_out.isoformat(),
    }
