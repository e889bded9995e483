"""A plan: activities in order of time, and the figures that follow from them alone. All
times are hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from common.mappings import JsonObject
from fillplanner.planning.problem import TOLERANCE, LineConfig, Lot

CLEAN = "clean"
FILL = "fill"
CHANGEOVER = "changeover"
KINDS = (CLEAN, FILL, CHANGEOVER)
Block = Sequence[Lot]
# Of a layout's start, what is rounding and not a pause.
CLOSE = 1e-6


@dataclass(frozen=True)
class Activity:
    """Something the line does from `start` to `end`, in hours from the plan's start.

    kind: clean, fill or changeover.
    lot_id, lot_type: of a fill.
    note: what is said of a clean or a changeover.
    duration_hours: as the rules have it; `end` less `start` is rounded.
    line: from 1; None where there is only one.
    """

    start: float
    end: float
    kind: str
    lot_id: str | None
    lot_type: str | None
    note: str
    duration_hours: float
    line: int | None = None

    def to_wire(self) -> JsonObject:
        """The wire's object; `line` (from 1) only where there are several."""
        wire: JsonObject = {} if self.line is None else {"line": self.line}
        return wire | {
            "start": round(self.start, 9),
            "end": round(self.end, 9),
            "kind": self.kind,
            "lot_id": self.lot_id,
            "lot_type": self.lot_type,
            "note": self.note,
            "duration_hours": round(self.duration_hours, 9),
        }


@dataclass(frozen=True)
class LinePlan:
    """Activities in order of their blocks' starts, those of a block together; `lines`
    share them.
    """

    activities: tuple[Activity, ...]
    lines: int = 1

    def hours(self, kind: str) -> float:
        """Total hours of one kind of activity."""
        rows = [row for row in self.activities if row.kind == kind]
        return float(exact_hours(rows))

    def count(self, kind: str) -> int:
        """How many activities of one kind there are."""
        return sum(row.kind == kind for row in self.activities)

    @property
    def makespan(self) -> float:
        """End of the last activity minus start of the first, in hours."""
        first = min((row.start for row in self.activities), default=0.0)
        last = max((row.end for row in self.activities), default=0.0)
        return last - first

    @property
    def utilization(self) -> float:
        """Fill hours in percent of the makespan of all lines."""
        if not self.makespan:
            return 0.0
        return 100 * self.hours(FILL) / (self.makespan * self.lines)


def exact_hours(rows: Iterable[Activity]) -> Fraction:
    """What activities take together, without rounding."""
    return sum((Fraction(row.duration_hours) for row in rows), Fraction(0))


def build_plan(
    blocks: Iterable[Block],
    config: LineConfig,
    layout: Sequence[tuple[int, float]] = (),
) -> LinePlan:
    """Lay blocks of lots out in time: a clean, then the fills with changeovers between
    them.

    blocks: the lots of each block in order.
    config: the line's rules.
    layout: each block's line (from 0) and start in hours; without it they follow each
    other on one line.
    """
    plan: list[list[Activity]] = []
    clocks: dict[int, Fraction] = {}
    for i, block in enumerate(blocks):
        line, start = layout[i] if layout else (0, 0.0)
        clock = clocks.get(line, Fraction(0))
        if start > clock + Fraction(CLOSE):
            clock = Fraction(start)
        number = line + 1 if config.lines > 1 else None
        rows = list(laid_out(block, config, clock, number))
        clocks[line] = clock + exact_hours(rows)
        plan.append(rows)
    plan.sort(key=lambda rows: rows[0].start)
    return LinePlan(tuple(row for rows in plan for row in rows), config.lines)


def laid_out(
    block: Block, config: LineConfig, clock: Fraction, line: int | None
) -> Iterator[Activity]:
    """The activities of one block from a moment, in hours, on; `line` is its number
    from 1, where there are several.
    """
    for step in steps(block, config):
        start = clock
        clock = clock + Fraction(step.hours)
        yield Activity(
            start=float(start),
            end=float(clock),
            kind=step.kind,
            lot_id=step.lot.lot_id if step.lot else None,
            lot_type=step.lot.lot_type if step.lot else None,
            note=step.note,
            duration_hours=step.hours,
            line=line,
        )


class Step(NamedTuple):
    """An activity before it has its place in time; `lot` is that of a fill."""

    kind: str
    hours: float
    lot: Lot | None = None
    note: str = ""


def steps(block: Block, config: LineConfig) -> Iterator[Step]:
    """What the line does for a block, in order."""
    yield Step(CLEAN, config.clean_hours, note="Scheduled clean")
    for before, lot in zip([None, *block], block, strict=False):
        if before is not None:
            hours = config.changeover_hours(before.lot_type, lot.lot_type)
            yield Step(CHANGEOVER, hours, note=changeover_note(before, lot))
        yield Step(FILL, lot.fill_hours, lot)


def changeover_note(before: Lot, after: Lot) -> str:
    """What is said of the changeover between two lots."""
    if before.lot_type == after.lot_type:
        return f"Same type: {after.lot_type}"
    return f"Type change: {before.lot_type} → {after.lot_type}"


def kpis(plan: LinePlan) -> dict[str, float | int]:
    """The figures under their names on the wire, hours to two decimals.

    plan: what is looked at.
    """
    return {
        "Makespan (h)": round(plan.makespan, 2),
        "Total Clean (h)": round(plan.hours(CLEAN), 2),
        "Total Changeover (h)": round(plan.hours(CHANGEOVER), 2),
        "Total Fill (h)": round(plan.hours(FILL), 2),
        "Lots Scheduled": plan.count(FILL),
        "Clean Blocks": plan.count(CLEAN),
    }


def window_violations(plan: LinePlan, lots: Iterable[Lot]) -> int:
    """How many lots are filled before their target start or end after their target end.

    plan: what is looked at.
    lots: with their targets, in hours from the plan's start.
    """
    targets = {lot.lot_id: lot for lot in lots}
    return sum(
        missed(row, targets[row.lot_id])
        for row in plan.activities
        if row.lot_id is not None and row.lot_id in targets
    )


def missed(row: Activity, lot: Lot) -> bool:
    """Whether a lot is filled before its target start or ends after its target end."""
    early = lot.target_start is not None and row.start < lot.target_start - TOLERANCE
    late = lot.target_end is not None and row.end > lot.target_end + TOLERANCE
    return early or late
