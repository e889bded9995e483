"""Activities as a table, for files and for people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from common.mappings import Record
from common.spreadsheets import safe

HEADER = ("Start", "End", "Kind", "Lot ID", "Lot Type", "Note", "Duration (h)")
FIELDS = ("start", "end", "kind", "lot_id", "lot_type", "note", "duration_hours")


def rows(activities: Iterable[Record]) -> Iterable[list[Any]]:
    """One row an activity, cells safe to open in a spreadsheet; nothing where there is no lot."""
    for activity in activities:
        yield [safe(activity[name]) for name in FIELDS]
