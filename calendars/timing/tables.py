"""The timing tables that a fresh installation begins with, and weights of a week from rows."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from calendars.timing.learning import CELLS, Array, cell_of

TABLE = Path(__file__).with_name("tables.toml")
ELSEWHERE = 0.1
WEEKDAYS = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)


@dataclass(frozen=True)
class Hours:
    """Local hours [first, last) of a weekday (Monday 0) and what they are worth (0..1);
    a blank format is every one.
    """

    platform: str
    format: str
    weekday: int
    first: int
    last: int
    weight: float


@dataclass(frozen=True)
class Rhythm:
    """Posts a week accounts do well with, and the least hours between two."""

    platform: str
    format: str
    least: int
    most: int
    gap_hours: int


@dataclass(frozen=True)
class Tables:
    hours: tuple[Hours, ...]
    rhythms: tuple[Rhythm, ...]
    source: str
    valid_from: date


def tables() -> Tables:
    """What `tables.toml` says."""
    read = tomllib.loads(TABLE.read_text())
    hours = tuple(
        Hours(*_key(name), WEEKDAYS.index(day), row["from"], row["to"], row["weight"])
        for name, days in read["weights"].items()
        for day, rows in days.items()
        for row in rows
    )
    rhythms = tuple(
        Rhythm(
            row["platform"],
            row.get("format", ""),
            row["per_week"][0],
            row["per_week"][1],
            row["gap_hours"],
        )
        for row in read["rhythms"]
    )
    return Tables(hours, rhythms, read["source"], read["valid_from"])


def _key(name: str) -> tuple[str, str]:
    platform, _, format_ = name.partition("-")
    return platform, format_


def week_of(rows: Iterable[Hours]) -> Array:
    """The weights of a week's 168 hours; where rows overlap the greatest holds."""
    weights = np.zeros(CELLS)
    for row in rows:
        cells = slice(cell_of(row.weekday, row.first), cell_of(row.weekday, row.last))
        weights[cells] = np.maximum(weights[cells], row.weight)
    return np.where(weights > 0, weights, ELSEWHERE)
