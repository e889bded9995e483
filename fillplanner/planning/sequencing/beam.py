"""Building a sequence from the front: of all beginnings with as many lots, the most
promising few go on.

A beginning is judged by its violations and by those it can no longer avoid, then by the
hours it has spent on anything but filling, of which the clean counts only as far as its
block is used up. Target windows leave few lots to choose from at any time, so that a
narrow beam sees nearly all that matters; compare López-Ibáñez & Blum, "Beam-ACO for the
travelling salesman problem with time windows", Computers & Operations Research 37
(2010).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from fillplanner.planning.kernels import kernel, part
from fillplanner.planning.problem import TOLERANCE
from fillplanner.planning.sequencing.layout import Array, Line, clear_start

# Lots that may come next: so many of the most urgent, and so many of the same type a
# little further on.
URGENT, ALIKE, LOOK_ON = 10, 6, 80
LOOK_AHEAD = 40
# Of so many times the width the unavoidable violations are counted.
SIFTED = 3
VIOLATION_HOURS = 1000.0


class Beginnings(NamedTuple):
    """Partial sequences, a row each: lots placed, when each line is free, the open
    block (its line and the window hours used, its last lot), violations, hours missed,
    hours filled, and random keys of the lots placed, combined.
    """

    placed: Array
    ends: Array
    home: Array
    used: Array
    last: Array
    violations: Array
    missed: Array
    filled: Array
    key: Array


class Steps(NamedTuple):
    """Ways to go on: the row they come from, the lot, whether a block begins, and the
    new figures.
    """

    parent: Array
    lot: Array
    cut: Array
    home: Array
    end: Array
    used: Array
    violations: Array
    missed: Array
    score: Array


def beginnings(width: int, lots: int, lines: int) -> Beginnings:
    return Beginnings(
        np.zeros((width, lots), np.bool_),
        np.zeros((width, lines)),
        np.zeros(width, np.int64),
        np.zeros(width),
        np.full(width, -1, np.int64),
        np.zeros(width, np.int64),
        np.zeros(width),
        np.zeros(width),
        np.zeros(width, np.int64),
    )


def steps(most: int) -> Steps:
    whole = [np.zeros(most, np.int64) for _ in range(3)]
    return Steps(
        whole[0],
        whole[1],
        np.zeros(most, np.bool_),
        whole[2],
        np.zeros(most),
        np.zeros(most),
        np.zeros(most, np.int64),
        np.zeros(most),
        np.zeros(most),
    )


def build(
    line: Line,
    prefix: Array,
    ends: Array,
    width: int,
    seed: int,
    stop: Callable[[], bool] = bool,
) -> tuple[Array, Array] | None:
    """The rest of a sequence after the lots of `prefix`, which leave the lines free at
    `ends`: order and cuts. None where it was stopped on the way.
    """
    lots = len(line.fills)
    now, then = beginnings(width, lots, line.lines), beginnings(width, lots, line.lines)
    now.placed[0, prefix], now.ends[0] = True, ends
    urgency = np.argsort(
        np.where(np.isfinite(line.latest), line.latest, line.earliest + line.window),
        kind="stable",
    )
    keys = np.random.default_rng(seed).integers(1, 2**62, lots)
    count = lots - len(prefix)
    trail = np.zeros((3, count, width), np.int32)
    ways = steps(width * 2 * (URGENT + ALIKE))
    size, front = 1, 0
    for turn in range(count):
        if stop():
            return None
        size, front = advance(
            turn, size, front, now, then, ways, urgency, keys, trail, line
        )
        now, then = then, now
    order, cuts = trace(now, size, trail)
    return order, cuts


@kernel
def advance(turn, size, front, now, then, ways, urgency, keys, trail, line):  # type: ignore[no-untyped-def]  # compiled
    """Place one more lot in each beginning of `now`: the best go into `then`, and where
    they come from into the trail. How many they are, and the first place in `urgency`
    that some of them still lack.
    """
    while now.placed[:size, urgency[front]].all():
        front += 1
    found = np.int64(0)
    for row in range(size):
        found = go_on(row, now, ways, found, urgency, front, line)
    size = keep(now, then, ways, found, urgency, front, keys, line)
    for row in range(size):
        trail[0, turn, row], trail[1, turn, row], trail[2, turn, row] = (
            ways.parent[row],
            ways.lot[row],
            ways.cut[row],
        )
    return size, front


def trace(now: Beginnings, size: int, trail: Array) -> tuple[Array, Array]:
    """Order and cuts of the best sequence: fewest violations, then the shortest."""
    row = min(range(size), key=lambda row: (now.violations[row], now.ends[row].max()))
    way = []
    for parents, lots, cuts in zip(*trail[:, ::-1], strict=True):
        way.append((int(lots[row]), bool(cuts[row])))
        row = int(parents[row])
    order, cuts = zip(*reversed(way), strict=True) if way else ((), ())
    return np.array(order, np.int64), np.array(cuts, np.bool_)


@part
def go_on(row, now, ways, found, urgency, front, line):  # type: ignore[no-untyped-def]  # compiled
    """Note every way to go on from a row behind the `found` there are; how many there are then."""
    urgent, alike, last = 0, 0, now.last[row]
    for i in range(front, len(urgency)):
        lot = urgency[i]
        if now.placed[row, lot]:
            continue
        if urgent < URGENT:
            urgent += 1
        elif last >= 0 and alike < ALIKE and line.types[lot] == line.types[last]:
            alike += 1
        else:
            if last < 0 or alike == ALIKE or i > front + LOOK_ON:
                break
            continue
        if last >= 0:
            found = stay(row, lot, now, ways, found, line)
        found = begin(row, lot, now, ways, found, line)
    return found


@part
def stay(row, lot, now, ways, found, line):  # type: ignore[no-untyped-def]  # compiled
    """The lot in the open block, if its window and the calendar allow."""
    change = line.changeovers[line.types[now.last[row]], line.types[lot]]
    used, clock = now.used[row] + change + line.fills[lot], now.ends[row, now.home[row]]
    if used > line.window + TOLERANCE / 2:
        return found
    if clear_start(clock, change + line.fills[lot], line.blocked) > clock:
        return found
    note(
        row,
        lot,
        np.bool_(False),
        now.home[row],
        clock + change,
        used,
        now,
        ways,
        found,
        line,
    )
    return found + 1


@part
def begin(row, lot, now, ways, found, line):  # type: ignore[no-untyped-def]  # compiled
    """The lot in a new block on the line that is free first, later where waiting is
    allowed and helps.
    """
    home = int(np.argmin(now.ends[row]))
    hours = line.clean + line.fills[lot]
    start = clear_start(now.ends[row, home], hours, line.blocked)
    if line.waiting and line.earliest[lot] > start + line.clean:
        start = clear_start(line.earliest[lot] - line.clean, hours, line.blocked)
    note(
        row,
        lot,
        np.bool_(True),
        home,
        start + line.clean,
        line.fills[lot],
        now,
        ways,
        found,
        line,
    )
    return found + 1


@part
def note(row, lot, cut, home, start, used, now, ways, found, line):  # type: ignore[no-untyped-def]  # compiled
    end = start + line.fills[lot]
    lack, late = max(line.earliest[lot] - start, 0.0), max(end - line.latest[lot], 0.0)
    missed = lack > TOLERANCE or late > TOLERANCE
    ways.parent[found], ways.lot[found], ways.cut[found], ways.home[found] = (
        row,
        lot,
        cut,
        home,
    )
    ways.end[found], ways.used[found] = end, used
    ways.violations[found] = now.violations[row] + missed
    ways.missed[found] = now.missed[row] + (lack + late if missed else 0.0)
    others = now.ends[row].sum() - now.ends[row, home]
    wasted = (
        others
        + end
        - now.filled[row]
        - line.fills[lot]
        - line.clean * (1 - used / line.window)
    )
    ways.score[found] = (
        VIOLATION_HOURS * ways.violations[found] + ways.missed[found] + wasted
    )


@part
def keep(now, then, ways, found, urgency, front, keys, line):  # type: ignore[no-untyped-def]  # compiled
    """Carry the best ways out into `then`, one of those that place the same lots
    equally; their rows come first in `ways` afterwards. How many there are.
    """
    width = len(then.used)
    sifted = np.argsort(ways.score[:found], kind="mergesort")[: SIFTED * width]
    scores = np.empty(len(sifted))
    for i, way in enumerate(sifted):
        scores[i] = ways.score[way] + VIOLATION_HOURS * doomed(
            way, now, ways, urgency, front, line
        )
    seen = {np.int64(0)}
    parents, lots, cuts = (
        np.empty(width, np.int64),
        np.empty(width, np.int64),
        np.empty(width, np.bool_),
    )
    size = np.int64(0)
    for way in sifted[np.argsort(scores, kind="mergesort")]:
        key = now.key[ways.parent[way]] ^ keys[ways.lot[way]]
        likeness = key ^ (ways.lot[way] << 40) ^ np.int64(ways.end[way] * 64)
        if likeness in seen:
            continue
        seen.add(likeness)
        carry_out(way, size, key, now, then, ways, line)
        parents[size], lots[size], cuts[size] = (
            ways.parent[way],
            ways.lot[way],
            ways.cut[way],
        )
        size += 1
        if size == width:
            break
    ways.parent[:size], ways.lot[:size], ways.cut[:size] = (
        parents[:size],
        lots[:size],
        cuts[:size],
    )
    return size


@part
def carry_out(way, row, key, now, then, ways, line):  # type: ignore[no-untyped-def]  # compiled
    parent, lot = ways.parent[way], ways.lot[way]
    then.placed[row], then.ends[row] = now.placed[parent], now.ends[parent]
    then.placed[row, lot], then.ends[row, ways.home[way]] = True, ways.end[way]
    then.home[row], then.used[row], then.last[row] = ways.home[way], ways.used[way], lot
    then.violations[row], then.missed[row] = ways.violations[way], ways.missed[way]
    then.filled[row], then.key[row] = now.filled[parent] + line.fills[lot], key


@part
def doomed(way, now, ways, urgency, front, line):  # type: ignore[no-untyped-def]  # compiled
    """Of the most urgent lots left, those that come too late even if filled back to
    back, the earliest due first.
    """
    parent, clocks, count, seen = (
        ways.parent[way],
        now.ends[ways.parent[way]].copy(),
        0,
        0,
    )
    clocks[ways.home[way]] = ways.end[way]
    for i in range(front, len(urgency)):
        lot = urgency[i]
        if now.placed[parent, lot] or lot == ways.lot[way]:
            continue
        line_free = int(np.argmin(clocks))
        if clocks[line_free] + line.fills[lot] > line.latest[lot] + TOLERANCE:
            count += 1
        else:
            clocks[line_free] += line.fills[lot]
        seen += 1
        if seen == LOOK_AHEAD:
            break
    return count
