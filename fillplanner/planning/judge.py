"""The judge: recomputes from a plan's activities whether every rule is kept. Shares no
code with what makes plans.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from fillplanner.planning.plan import Activity, Plan
from fillplanner.planning.problem import Problem

CLOSE = 1e-6
WINDOW_TOLERANCE = 1e-9


def judge(problem: Problem, plan: Plan) -> list[str]:
    """Every rule the plan breaks, in words; empty for a valid plan."""
    rows = plan.activities
    by_line: dict[int, list[Activity]] = {} if rows else {1: []}
    for row in rows:
        by_line.setdefault(row.line or 1, []).append(row)
    broken = [*lots_broken(problem, rows), *frozen_broken(problem, by_line)]
    if any(not 1 <= line <= problem.config.lines for line in by_line):
        broken.append("there is no such line")
    for own in by_line.values():
        broken += [
            *clock_broken(problem, own),
            *order_broken(problem, own),
            *window_broken(problem, own),
            *calendar_broken(problem, own),
        ]
    return broken


def lots_broken(problem: Problem, rows: Sequence[Activity]) -> Iterator[str]:
    """Each lot is filled exactly once, for its own hours and type."""
    wanted = {lot.lot_id: lot for lot in problem.lots}
    filled = Counter(row.lot_id for row in rows if row.kind == "fill")
    for lot_id in wanted.keys() | filled.keys():
        if lot_id not in wanted:
            yield f"{lot_id} is filled but was not asked for"
        elif filled[lot_id] != 1:
            yield f"{lot_id} is filled {filled[lot_id]} times"
    for row in rows:
        lot = wanted.get(row.lot_id or "")
        if (
            row.kind == "fill"
            and lot
            and (row.duration_hours != lot.fill_hours or row.lot_type != lot.lot_type)
        ):
            yield f"{lot.lot_id} is filled with the wrong hours or type"


def clock_broken(problem: Problem, rows: Sequence[Activity]) -> Iterator[str]:
    """Activities follow each other without overlap, and without gap but where the line
    may stand idle; they last as long as they say.
    """
    clock, idle = 0.0, problem.config.allow_waiting or bool(problem.blocked)
    for row in rows:
        # Written so that a start or end that is no number fails too.
        follows = (
            row.start >= clock - CLOSE
            if idle and row.kind == "clean"
            else abs(row.start - clock) <= CLOSE
        )
        if not follows:
            yield f"the {row.kind} at {row.start:g} h does not follow what ends at {clock:g} h"
        if not abs(row.end - row.start - row.duration_hours) <= CLOSE:
            yield f"the {row.kind} at {row.start:g} h does not last {row.duration_hours:g} h"
        clock = row.end


def calendar_broken(problem: Problem, rows: Sequence[Activity]) -> Iterator[str]:
    """No block, clean included, runs into blocked hours."""
    begun = 0.0
    for row in rows:
        begun = row.start if row.kind == "clean" else begun
        for start, end in problem.blocked:
            if start < row.end - CLOSE and end > begun + CLOSE:
                yield f"the block at {begun:g} h runs into blocked hours at {start:g} h"
                break


def frozen_broken(
    problem: Problem, by_line: Mapping[int, Sequence[Activity]]
) -> Iterator[str]:
    """Frozen blocks are there as they are, before all others on their line."""
    blocks = {
        line: [list(block) for block in blocks_of(rows)]
        for line, rows in by_line.items()
    }
    wanted = [list(block) for block in problem.config.frozen_blocks]
    first = [block for line in blocks.values() for block in line if block in wanted]
    if sorted(first) != sorted(wanted):
        yield "a frozen block was changed"
    for line in blocks.values():
        free = next(
            (i for i, block in enumerate(line) if block not in wanted), len(line)
        )
        if any(block in wanted for block in line[free:]):
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
    for before, row in zip(rows, rows[1:], strict=False):
        if (before.kind, row.kind) not in {
            ("clean", "fill"),
            ("fill", "clean"),
            ("fill", "changeover"),
            ("changeover", "fill"),
        }:
            yield f"a {row.kind} follows a {before.kind} at {row.start:g} h"
    for row in rows:
        if row.kind == "clean" and row.duration_hours != problem.config.clean_hours:
            yield f"the clean at {row.start:g} h is not {problem.config.clean_hours:g} h long"
    yield from changeovers_broken(problem, rows)


def changeovers_broken(problem: Problem, rows: Sequence[Activity]) -> Iterator[str]:
    for before, row, after in zip(rows, rows[1:], rows[2:], strict=False):
        if (before.kind, row.kind, after.kind) == ("fill", "changeover", "fill"):
            right = problem.config.changeover_hours(
                before.lot_type or "", after.lot_type or ""
            )
            if row.duration_hours != right:
                yield f"the changeover at {row.start:g} h is not {right:g} h long"


def window_broken(problem: Problem, rows: Sequence[Activity]) -> Iterator[str]:
    """Fills and changeovers of a block last at most the window."""
    used, since = 0.0, 0.0
    for row in rows:
        if row.kind == "clean":
            used, since = 0.0, row.end
            continue
        used += row.duration_hours
        if used > problem.config.window_hours + WINDOW_TOLERANCE:
            yield (
                f"the block at {since:g} h lasts longer than the window of "
                f"{problem.config.window_hours:g} h"
            )
            used = float("-inf")
