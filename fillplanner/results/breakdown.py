"""What a plan's hours go into, by kind, lot type, block, line and changeover. All times
are hours. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from common.mappings import Record
from fillplanner.drawings.gantt import KINDS, Activity, blocks

BINS = 10
TOLERANCE = 1e-6


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
        """Whether the wish is not met."""
        return self.early > TOLERANCE or self.late > TOLERANCE


def shares(
    activities: Sequence[Activity], makespan: float, lines: int = 1
) -> list[Share]:
    """Fill, clean and changeover, and where lines stand idle that; of the makespan of all lines.

    activities: as the wire has them, in hours.
    makespan: of the plan, in hours.
    lines: how many lines share it.
    """
    total = makespan * lines or 1.0
    hours = dict.fromkeys(KINDS, 0.0)
    counts = dict.fromkeys(KINDS, 0)
    for row in activities:
        kind = row["kind"]
        hours[kind] += row["duration_hours"]
        counts[kind] += 1
    idle = total - sum(hours.values())
    if idle > TOLERANCE * total:
        hours["idle"] = idle
    parts = []
    x = 0.0
    for name, amount in hours.items():
        percent = 100 * amount / total
        share = Share(
            name=name,
            hours=amount,
            percent=percent,
            x=round(x, 3),
            count=counts.get(name, 0),
        )
        parts.append(share)
        x += percent
    return parts


def by_type(lots: Sequence[Record]) -> list[TypeRow]:
    """Lots, vials and fill hours of each type, the one with most hours first."""
    groups: dict[str, list[Record]] = {}
    for lot in lots:
        groups.setdefault(lot["lot_type"], []).append(lot)
    rows = [
        TypeRow(
            lot_type=lot_type,
            lots=len(group),
            vials=sum(lot["vials"] for lot in group),
            hours=sum(lot["fill_hours"] for lot in group),
        )
        for lot_type, group in groups.items()
    ]
    return sorted(rows, key=lambda row: (-row.hours, row.lot_type))


def changeovers(activities: Sequence[Activity]) -> list[Pair]:
    """Changeovers by what they lead from and to, those that take most hours first."""
    hours_of: dict[str, list[float]] = {}
    for row in activities:
        if row["kind"] == "changeover":
            _, _, types = row["note"].partition(": ")
            hours = hours_of.setdefault(types or row["note"], [])
            hours.append(row["duration_hours"])
    pairs = [
        Pair(named=named, count=len(hours), hours=sum(hours))
        for named, hours in hours_of.items()
    ]
    return sorted(pairs, key=lambda pair: (-pair.hours, pair.named))


def fullness(activities: Sequence[Activity], window: float) -> Fullness:
    """Blocks without their clean against the window, which is in hours.

    activities: as the wire has them, in hours.
    window: hours of a full block.
    """
    percents = [100 * used_hours(block) / window for block in blocks(activities)]
    percents = percents or [0.0]
    counts = [0] * BINS
    for percent in percents:
        counts[min(BINS - 1, int(percent / (100 / BINS)))] += 1
    most = max(counts) or 1
    bins = [
        (f"{n * 10}–{n * 10 + 10} %", count, round(100 * count / most, 1))
        for n, count in enumerate(counts)
    ]
    return Fullness(
        least=min(percents),
        mean=sum(percents) / len(percents),
        most=max(percents),
        bins=bins,
    )


def used_hours(block: Sequence[Activity]) -> float:
    """What a block uses of its window."""
    hours = (row["duration_hours"] for row in block if row["kind"] != "clean")
    return float(sum(hours))


def by_line(activities: Sequence[Activity], makespan: float) -> list[Share]:
    """Fill hours of each line; none where there is only one."""
    hours: dict[int, float] = {}
    for row in activities:
        line = row.get("line")
        if line:
            more = row["duration_hours"] if row["kind"] == "fill" else 0
            hours[line] = hours.get(line, 0.0) + more
    total = makespan or 1.0
    return [
        Share(name=f"Line {line}", hours=amount, percent=100 * amount / total)
        for line, amount in sorted(hours.items())
    ]


def targets(activities: Sequence[Activity], lots: Sequence[Record]) -> list[Target]:
    """Lots with target times, those that miss them most first."""
    wishes: dict[str, tuple[float | None, float | None]] = {}
    for lot in lots:
        start = lot.get("target_start")
        end = lot.get("target_end")
        if start is not None or end is not None:
            wishes[lot["lot_id"]] = start, end
    rows = [
        target(row, *wishes[row["lot_id"]])
        for row in activities
        if row["lot_id"] in wishes
    ]
    return sorted(rows, key=lambda row: (-(row.early + row.late), row.start))


def target(row: Activity, start: float | None, end: float | None) -> Target:
    """A fill against its lot's wish, in hours from the plan's start."""
    early = max(0.0, start - row["start"]) if start is not None else 0.0
    late = max(0.0, row["end"] - end) if end is not None else 0.0
    return Target(
        lot_id=row["lot_id"],
        start=row["start"],
        end=row["end"],
        target_start=start,
        target_end=end,
        early=early,
        late=late,
    )
