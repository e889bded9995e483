"""What a plan's hours go into, by kind, lot type, block, line and changeover. All times
are hours. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fillplanner.gantt import KINDS, Activity, blocks

BINS, TOLERANCE = 10, 1e-6


@dataclass(frozen=True)
class Share:
    """Hours of something, and how much of the whole they are in percent; `x` and
    `width` draw it on a bar of 100.
    """

    name: str
    hours: float
    percent: float
    x: float = 0.0
    count: int = 0


@dataclass(frozen=True)
class TypeRow:
    lot_type: str
    lots: int
    vials: int
    hours: float


@dataclass(frozen=True)
class Pair:
    """Changeovers from one type to another."""

    named: str
    count: int
    hours: float


@dataclass(frozen=True)
class Fullness:
    """How full blocks are, in percent of the window: least, mean, most, and how many of
    each tenth.
    """

    least: float
    mean: float
    most: float
    bins: list[tuple[str, int, float]]


@dataclass(frozen=True)
class Target:
    """A lot with a wish: when it is filled, when it should be, and by how much it
    misses (0 for kept).
    """

    lot_id: str
    start: float
    end: float
    target_start: float | None
    target_end: float | None
    early: float
    late: float

    @property
    def missed(self) -> bool:
        return self.early > TOLERANCE or self.late > TOLERANCE


def shares(
    activities: Sequence[Activity], makespan: float, lines: int = 1
) -> list[Share]:
    """Fill, clean and changeover, and where lines stand idle that; of the makespan of all lines."""
    total = makespan * lines or 1.0
    hours = dict.fromkeys(KINDS, 0.0)
    counts = dict.fromkeys(KINDS, 0)
    for row in activities:
        hours[row["kind"]] += row["duration_hours"]
        counts[row["kind"]] += 1
    idle = total - sum(hours.values())
    if idle > TOLERANCE * total:
        hours["idle"] = idle
    made, x = [], 0.0
    for name, amount in hours.items():
        percent = 100 * amount / total
        made.append(Share(name, amount, percent, round(x, 3), counts.get(name, 0)))
        x += percent
    return made


def by_type(lots: Sequence[Mapping[str, Any]]) -> list[TypeRow]:
    """Lots, vials and fill hours of each type, the one with most hours first."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for lot in lots:
        found.setdefault(lot["lot_type"], []).append(lot)
    rows = [
        TypeRow(
            name,
            len(own),
            sum(lot["vials"] for lot in own),
            sum(lot["fill_hours"] for lot in own),
        )
        for name, own in found.items()
    ]
    return sorted(rows, key=lambda row: (-row.hours, row.lot_type))


def changeovers(activities: Sequence[Activity]) -> list[Pair]:
    """Changeovers by what they lead from and to, those that take most hours first."""
    found: dict[str, list[float]] = {}
    for row in activities:
        if row["kind"] == "changeover":
            found.setdefault(row["note"].partition(": ")[2] or row["note"], []).append(
                row["duration_hours"]
            )
    pairs = [Pair(named, len(hours), sum(hours)) for named, hours in found.items()]
    return sorted(pairs, key=lambda pair: (-pair.hours, pair.named))


def fullness(activities: Sequence[Activity], window: float) -> Fullness:
    """Blocks without their clean against the window."""
    full = [
        100
        * sum(row["duration_hours"] for row in block if row["kind"] != "clean")
        / window
        for block in blocks(activities)
    ] or [0.0]
    counts = [0] * BINS
    for percent in full:
        counts[min(BINS - 1, int(percent / (100 / BINS)))] += 1
    most = max(counts) or 1
    bins = [
        (f"{n * 10}–{n * 10 + 10} %", count, round(100 * count / most, 1))
        for n, count in enumerate(counts)
    ]
    return Fullness(min(full), sum(full) / len(full), max(full), bins)


def by_line(activities: Sequence[Activity], makespan: float) -> list[Share]:
    """Fill hours of each line; none where there is only one."""
    hours: dict[int, float] = {}
    for row in activities:
        if row.get("line"):
            hours[row["line"]] = hours.get(row["line"], 0.0) + (
                row["duration_hours"] if row["kind"] == "fill" else 0
            )
    return [
        Share(f"Line {line}", amount, 100 * amount / (makespan or 1.0))
        for line, amount in sorted(hours.items())
    ]


def targets(
    activities: Sequence[Activity], lots: Sequence[Mapping[str, Any]]
) -> list[Target]:
    """Lots with target times, those that miss them most first."""
    wishes = {
        lot["lot_id"]: (lot.get("target_start"), lot.get("target_end"))
        for lot in lots
        if lot.get("target_start") is not None or lot.get("target_end") is not None
    }
    rows = [
        target(row, *wishes[row["lot_id"]])
        for row in activities
        if row["lot_id"] in wishes
    ]
    return sorted(rows, key=lambda row: (-(row.early + row.late), row.start))


def target(row: Activity, start: float | None, end: float | None) -> Target:
    early = max(0.0, start - row["start"]) if start is not None else 0.0
    late = max(0.0, row["end"] - end) if end is not None else 0.0
    return Target(row["lot_id"], row["start"], row["end"], start, end, early, late)
