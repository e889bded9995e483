"""The judge: recomputes from a plan's activities whether every rule is kept. Shares no
code with what makes plans.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from fillplanner.planning.plan import Activity, LinePlan
from fillplanner.planning.problem import Lot, Problem

CLOSE = 1e-6
WINDOW_TOLERANCE = 1e-9
# What may come after what.
FOLLOWS = {
    ("clean", "fill"),
    ("fill", "clean"),
    ("fill", "changeover"),
    ("changeover", "fill"),
}


def judge(problem: Problem, plan: LinePlan) -> list[str]:
    """Every rule the plan breaks, in words; empty for a valid plan.

    problem: lots and rules as they were asked for.
    plan: what was made of them.
    """
    rows = plan.activities
    by_line = activities_by_line(rows)
    broken = [*lots_broken(problem, rows), *frozen_broken(problem, by_line)]
    if any(not 1 <= line <= problem.config.lines for line in by_line):
        broken.append("there is no such line")
    for own in by_line.values():
        broken += clock_broken(problem, own)
        broken += order_broken(problem, own)
        broken += window_broken(problem, own)
        broken += calendar_broken(problem, own)
    return broken


def activities_by_line(rows: Sequence[Activity]) -> dict[int, list[Activity]]:
    """Those without a line are on the first; a plan of nothing has one empty line."""
    by_line: dict[int, list[Activity]] = {} if rows else {1: []}
    for row in rows:
        by_line.setdefault(row.line or 1, []).append(row)
    return by_line


def name_of(row: Activity) -> str:
    """`the fill at 3.5 h`."""
    return f"the {row.kind} at {row.start:g} h"


def lots_broken(problem: Problem, rows: Sequence[Activity]) -> Iterator[str]:
    """Each lot is filled exactly once, for its own hours and type."""
    lots = {lot.lot_id: lot for lot in problem.lots}
    fills = [row for row in rows if row.kind == "fill"]
    times = Counter(row.lot_id for row in fills)
    for lot_id in lots.keys() | times.keys():
        if lot_id not in lots:
            yield f"{lot_id} is filled but was not asked for"
        elif times[lot_id] != 1:
            yield f"{lot_id} is filled {times[lot_id]} times"
    for row in fills:
        lot = lots.get(row.lot_id or "")
        if lot is not None and not is_fill_of(row, lot):
            yield f"{lot.lot_id} is filled with the wrong hours or type"


def is_fill_of(row: Activity, lot: Lot) -> bool:
    """Whether a fill has the lot's hours and type."""
    return row.duration_hours == lot.fill_hours and row.lot_type == lot.lot_type


def clock_broken(problem: Problem, rows: Sequence[Activity]) -> Iterator[str]:
    """Activities follow each other without overlap, and without gap but where the line
    may stand idle; they last as long as they say.
    """
    clock = 0.0
    idle = problem.config.allow_waiting or bool(problem.blocked)
    for row in rows:
        may_wait = idle and row.kind == "clean"
        if not follows(row, clock, may_wait):
            yield f"{name_of(row)} does not follow what ends at {clock:g} h"
        if not lasts_as_it_says(row):
            yield f"{name_of(row)} does not last {row.duration_hours:g} h"
        clock = row.end


def follows(row: Activity, clock: float, may_wait: bool) -> bool:
    """Whether it begins at this hour, or later where it may wait; not where its start is
    no number.
    """
    if may_wait:
        return row.start >= clock - CLOSE
    return abs(row.start - clock) <= CLOSE


def lasts_as_it_says(row: Activity) -> bool:
    """Whether its hours are those between start and end; not where one is no number."""
    return abs(row.end - row.start - row.duration_hours) <= CLOSE


def calendar_broken(problem: Problem, rows: Sequence[Activity]) -> Iterator[str]:
    """No block, clean included, runs into blocked hours."""
    begun = 0.0
    for row in rows:
        if row.kind == "clean":
            begun = row.start
        overlapped = (
            start
            for start, end in problem.blocked
            if start < row.end - CLOSE and end > begun + CLOSE
        )
        start = next(overlapped, None)
        if start is not None:
            yield f"the block at {begun:g} h runs into blocked hours at {start:g} h"


def frozen_broken(
    problem: Problem, by_line: Mapping[int, Sequence[Activity]]
) -> Iterator[str]:
    """Frozen blocks are there as they are, before all others on their line."""
    frozen = [list(block) for block in problem.config.frozen_blocks]
    lines = [[list(block) for block in blocks_of(rows)] for rows in by_line.values()]
    unchanged = [block for blocks in lines for block in blocks if block in frozen]
    if sorted(unchanged) != sorted(frozen):
        yield "a frozen block was changed"
    for blocks in lines:
        are_frozen = [block in frozen for block in blocks]
        if are_frozen != sorted(are_frozen, reverse=True):
            yield "a frozen block comes after one that is not"


def blocks_of(rows: Sequence[Activity]) -> Iterator[tuple[str, ...]]:
    """The lot ids of each block."""
    block: list[str] = []
    for row in rows:
        if row.kind == "clean" and block:
            yield tuple(block)
            block = []
        if row.kind == "fill":
            block.append(row.lot_id or "")
    if block:
        yield tuple(block)


def order_broken(problem: Problem, rows: Sequence[Activity]) -> Iterator[str]:
    """A clean of the right length before every block, the right changeover between
    fills and nowhere else.
    """
    if not rows or rows[0].kind != "clean":
        yield "the plan does not begin with a clean"
    if rows and rows[-1].kind != "fill":
        yield "the plan does not end with a fill"
    for before, row in pairwise(rows):
        if (before.kind, row.kind) not in FOLLOWS:
            yield f"a {row.kind} follows a {before.kind} at {row.start:g} h"
    yield from cleans_broken(problem, rows)
    yield from changeovers_broken(problem, rows)


def cleans_broken(problem: Problem, rows: Sequence[Activity]) -> Iterator[str]:
    """Every clean lasts as long as the rules say."""
    clean = problem.config.clean_hours
    for row in rows:
        if row.kind == "clean" and row.duration_hours != clean:
            yield f"{name_of(row)} is not {clean:g} h long"


def changeovers_broken(problem: Problem, rows: Sequence[Activity]) -> Iterator[str]:
    """Changeovers between two fills last as long as the rules say."""
    for before, row, after in zip(rows, rows[1:], rows[2:], strict=False):
        if (before.kind, row.kind, after.kind) != ("fill", "changeover", "fill"):
            continue
        source = before.lot_type or ""
        target = after.lot_type or ""
        hours = problem.config.changeover_hours(source, target)
        if row.duration_hours != hours:
            yield f"{name_of(row)} is not {hours:g} h long"


def window_broken(problem: Problem, rows: Sequence[Activity]) -> Iterator[str]:
    """Fills and changeovers of a block last at most the window."""
    window = problem.config.window_hours
    used = 0.0
    since = 0.0
    for row in rows:
        if row.kind == "clean":
            used = 0.0
            since = row.end
            continue
        used += row.duration_hours
        if used > window + WINDOW_TOLERANCE:
            block = f"the block at {since:g} h"
            yield f"{block} lasts longer than the window of {window:g} h"
            # Once a block is enough.
            used = float("-inf")
