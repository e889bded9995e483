"""A plan: activities in order of time, and the figures that follow from them alone. All
times are hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from fillplanner.planning.problem import TOLERANCE, LineConfig, Lot

CLEAN, FILL, CHANGEOVER = "clean", "fill", "changeover"
Block = Sequence[Lot]
# Of a layout's start, what is rounding and not a pause.
CLOSE = 1e-6


@dataclass(frozen=True)
class Activity:
    """Something the line does from `start` to `end`, counted from the plan's start."""

    start: float
    end: float
    kind: str
    lot_id: str | None
    lot_type: str | None
    note: str
    duration_hours: float
    line: int | None = None

    def to_wire(self) -> dict[str, Any]:
        """The wire's object; `line` (from 1) only where there are several."""
        own = {} if self.line is None else {"line": self.line}
        return own | {
            "start": round(self.start, 9),
            "end": round(self.end, 9),
            "kind": self.kind,
            "lot_id": self.lot_id,
            "lot_type": self.lot_type,
            "note": self.note,
            "duration_hours": round(self.duration_hours, 9),
        }


@dataclass(frozen=True)
class Plan:
    """Activities in order of their blocks' starts, those of a block together; `lines`
    share them.
    """

    activities: tuple[Activity, ...]
    lines: int = 1

    def hours(self, kind: str) -> float:
        """Total hours of one kind of activity."""
        return float(
            sum(
                (
                    Fraction(row.duration_hours)
                    for row in self.activities
                    if row.kind == kind
                ),
                Fraction(0),
            )
        )

    def count(self, kind: str) -> int:
        return sum(row.kind == kind for row in self.activities)

    @property
    def makespan(self) -> float:
        """End of the last activity minus start of the first."""
        return max((row.end for row in self.activities), default=0.0) - min(
            (row.start for row in self.activities), default=0.0
        )

    @property
    def utilization(self) -> float:
        """Fill hours in percent of the makespan of all lines."""
        return (
            100 * self.hours(FILL) / (self.makespan * self.lines)
            if self.makespan
            else 0.0
        )


def build_plan(
    blocks: Iterable[Block],
    config: LineConfig,
    layout: Sequence[tuple[int, float]] = (),
) -> Plan:
    """Lay blocks of lots out in time: a clean, then the fills with changeovers between
    them. `layout` gives each block's line (from 0) and start in hours; without it they
    follow each other on one line.
    """
    clock = Fraction(0)
    made: list[list[Activity]] = []
    clocks: dict[int, Fraction] = {}
    for i, block in enumerate(blocks):
        line = layout[i][0] if layout else 0
        clock = clocks.get(line, Fraction(0))
        if layout and layout[i][1] > clock + Fraction(CLOSE):
            clock = Fraction(layout[i][1])
        made.append(
            list(laid_out(block, config, clock, line + 1 if config.lines > 1 else None))
        )
        clocks[line] = clock + sum(
            (Fraction(row.duration_hours) for row in made[-1]), Fraction(0)
        )
    made.sort(key=lambda rows: rows[0].start)
    return Plan(tuple(row for rows in made for row in rows), config.lines)


def laid_out(
    block: Block, config: LineConfig, clock: Fraction, line: int | None
) -> Iterator[Activity]:
    """The activities of one block from a moment on."""
    for kind, hours, lot, note in steps([block], config):
        start, clock = clock, clock + Fraction(hours)
        lot_id, lot_type = (lot.lot_id, lot.lot_type) if lot else (None, None)
        yield Activity(
            float(start), float(clock), kind, lot_id, lot_type, note, hours, line
        )


def steps(
    blocks: Iterable[Block], config: LineConfig
) -> Iterable[tuple[str, float, Lot | None, str]]:
    """Kind, hours, lot and note of each activity, in order."""
    for block in blocks:
        yield CLEAN, config.clean_hours, None, "Scheduled clean"
        for before, lot in zip([None, *block], block, strict=False):
            if before is not None:
                yield (
                    CHANGEOVER,
                    config.changeover_hours(before.lot_type, lot.lot_type),
                    None,
                    changeover_note(before, lot),
                )
            yield FILL, lot.fill_hours, lot, ""


def changeover_note(before: Lot, after: Lot) -> str:
    if before.lot_type == after.lot_type:
        return f"Same type: {after.lot_type}"
    return f"Type change: {before.lot_type} → {after.lot_type}"


def kpis(plan: Plan) -> dict[str, float | int]:
    """The figures under their names on the wire, hours to two decimals."""
    return {
        "Makespan (h)": round(plan.makespan, 2),
        "Total Clean (h)": round(plan.hours(CLEAN), 2),
        "Total Changeover (h)": round(plan.hours(CHANGEOVER), 2),
        "Total Fill (h)": round(plan.hours(FILL), 2),
        "Lots Scheduled": plan.count(FILL),
        "Clean Blocks": plan.count(CLEAN),
    }


def window_violations(plan: Plan, lots: Iterable[Lot]) -> int:
    """How many lots are filled before their target start or end after their target end."""
    targets = {lot.lot_id: lot for lot in lots}
    return sum(
        missed(row, targets[row.lot_id])
        for row in plan.activities
        if row.lot_id is not None and row.lot_id in targets
    )


def missed(row: Activity, lot: Lot) -> bool:
    early = lot.target_start is not None and row.start < lot.target_start - TOLERANCE
    late = lot.target_end is not None and row.end > lot.target_end + TOLERANCE
    return early or late
