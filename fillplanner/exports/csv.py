"""The activity table as CSV: UTF-8 without byte order mark, so that plain clients read the first header cell."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from fillplanner.exports.table import HEADER, rows


def to_csv(activities: Iterable[Mapping[str, Any]]) -> str:
    """Header and one line an activity; times in hours from the plan's start."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(rows(activities))
    return text.getvalue()
