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
URGENT = 10
ALIKE = 6
LOOK_ON = 80
LOOK_AHEAD = 40
# Of so many times the width the unavoidable violations are counted.
SIFTED = 3
VIOLATION_HOURS = 1000.0


class Beginnings(NamedTuple):
    """Partial sequences, a row each. Times are hours.

    placed: which lots are placed.
    ends: when each line is free.
    home, used, last: of the open block its line, the window hours used, its last lot
    (-1 for none).
    violations, missed: how many target windows are missed, and by how much.
    filled: hours of filling.
    key: random keys of the lots placed, combined.
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
    """Ways to go on. Times are hours.

    parent: the row of the beginning that they go on from.
    lot, cut: the lot, and whether a block begins with it.
    home, end: the line, and when it is free then.
    used: the window hours of the open block that are used then.
    violations, missed: of the whole beginning, as there.
    score: what is to be least.
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
    """So many rows with nothing placed."""
    return Beginnings(
        placed=np.zeros((width, lots), np.bool_),
        ends=np.zeros((width, lines)),
        home=np.zeros(width, np.int64),
        used=np.zeros(width),
        last=np.full(width, -1, np.int64),
        violations=np.zeros(width, np.int64),
        missed=np.zeros(width),
        filled=np.zeros(width),
        key=np.zeros(width, np.int64),
    )


def steps(most: int) -> Steps:
    """Room for so many ways to go on."""
    return Steps(
        parent=np.zeros(most, np.int64),
        lot=np.zeros(most, np.int64),
        cut=np.zeros(most, np.bool_),
        home=np.zeros(most, np.int64),
        end=np.zeros(most),
        used=np.zeros(most),
        violations=np.zeros(most, np.int64),
        missed=np.zeros(most),
        score=np.zeros(most),
    )


def build(
    line: Line,
    prefix: Array,
    ends: Array,
    width: int,
    seed: int,
    stop: Callable[[], bool] = bool,
) -> tuple[Array, Array] | None:
    """The rest of a sequence, as order and cuts; None where it was stopped on the way.

    line: rules and lots.
    prefix: lots that are placed already.
    ends: when they leave each line free, in hours.
    width: how many beginnings go on each time.
    seed: of the keys by which beginnings with the same lots are known.
    """
    lots = len(line.fills)
    now = beginnings(width, lots, line.lines)
    then = beginnings(width, lots, line.lines)
    now.placed[0, prefix] = True
    now.ends[0] = ends
    due = np.where(np.isfinite(line.latest), line.latest, line.earliest + line.window)
    urgency = np.argsort(due, kind="stable")
    keys = np.random.default_rng(seed).integers(1, 2**62, lots)
    count = lots - len(prefix)
    trail = np.zeros((3, count, width), np.int32)
    ways = steps(width * 2 * (URGENT + ALIKE))
    size = 1
    front = 0
    for turn in range(count):
        if stop():
            return None
        size, front = advance(
            turn, size, front, now, then, ways, urgency, keys, trail, line
        )
        now, then = then, now
    return trace(now, size, trail)


@kernel
def advance(  # type: ignore[no-untyped-def]  # compiled
    turn, size, front, now, then, ways, urgency, keys, trail, line
):
    """Place one more lot in each of the `size` beginnings of `now`.

    turn: how many lots were placed before, those of the prefix aside.
    front: the first place in `urgency` that some of them still lack.
    then: the best go on there.
    ways: room for all ways to go on.
    urgency: the lots, those that are due first before others.
    keys: a random number for each lot.
    trail: of each turn and row, where it came from, with which lot, and whether a block
    begins there.
    Returns how many beginnings there are then, and the new front.
    """
    while now.placed[:size, urgency[front]].all():
        front += 1
    count = np.int64(0)
    for row in range(size):
        count = go_on(row, now, ways, count, urgency, front, line)
    size = keep(now, then, ways, count, urgency, front, keys, line)
    for row in range(size):
        trail[0, turn, row] = ways.parent[row]
        trail[1, turn, row] = ways.lot[row]
        trail[2, turn, row] = ways.cut[row]
    return size, front


def trace(now: Beginnings, size: int, trail: Array) -> tuple[Array, Array]:
    """Order and cuts of the best sequence: fewest violations, then the shortest.

    now: the last beginnings.
    size: how many of them there are.
    trail: where each row came from, with which lot and cut, turn by turn.
    """

    def value(row: int) -> tuple[int, float]:
        return now.violations[row], now.ends[row].max()

    row = min(range(size), key=value)
    backwards = []
    for parents, lots, cuts in zip(*trail[:, ::-1], strict=True):
        backwards.append((int(lots[row]), bool(cuts[row])))
        row = int(parents[row])
    order = [lot for lot, _ in reversed(backwards)]
    begins = [cut for _, cut in reversed(backwards)]
    return np.array(order, np.int64), np.array(begins, np.bool_)


@part
def go_on(row, now, ways, count, urgency, front, line):  # type: ignore[no-untyped-def]  # compiled
    """Note every way to go on from a row behind the `count` there are; how many there are then.

    row: the beginning.
    urgency, front: the lots in order of urgency, and the first place to look at.
    """
    urgent = 0
    alike = 0
    last = now.last[row]
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
            count = stay(row, lot, now, ways, count, line)
        count = begin(row, lot, now, ways, count, line)
    return count


@part
def stay(row, lot, now, ways, count, line):  # type: ignore[no-untyped-def]  # compiled
    """Note the lot in the open block of a row, if its window and the calendar allow;
    how many ways there are then.

    row, lot: the beginning, and the lot that comes next.
    count: how many ways there are.
    """
    change = line.changeovers[line.types[now.last[row]], line.types[lot]]
    used = now.used[row] + change + line.fills[lot]
    home = now.home[row]
    clock = now.ends[row, home]
    if used > line.window + TOLERANCE / 2:
        return count
    if clear_start(clock, change + line.fills[lot], line.blocked) > clock:
        return count
    cut = np.bool_(False)
    note(row, lot, cut, home, clock + change, used, now, ways, count, line)
    return count + 1


@part
def begin(row, lot, now, ways, count, line):  # type: ignore[no-untyped-def]  # compiled
    """Note the lot in a new block on the line that is free first, later where waiting
    is allowed and helps; how many ways there are then.

    row, lot: the beginning, and the lot that comes next.
    count: how many ways there are.
    """
    home = int(np.argmin(now.ends[row]))
    hours = line.clean + line.fills[lot]
    start = clear_start(now.ends[row, home], hours, line.blocked)
    if line.waiting and line.earliest[lot] > start + line.clean:
        start = clear_start(line.earliest[lot] - line.clean, hours, line.blocked)
    cut = np.bool_(True)
    used = line.fills[lot]
    note(row, lot, cut, home, start + line.clean, used, now, ways, count, line)
    return count + 1


@part
def note(  # type: ignore[no-untyped-def]  # compiled
    row, lot, cut, home, start, used, now, ways, place, line
):
    """Note a way to go on from a row, with its score, at place `place`.

    lot, cut, home: the lot, whether a block begins with it, and on which line.
    start: when its fill begins, in hours.
    used: the window hours of its block that are used then.
    """
    end = start + line.fills[lot]
    lack = max(line.earliest[lot] - start, 0.0)
    late = max(end - line.latest[lot], 0.0)
    missed = lack > TOLERANCE or late > TOLERANCE
    ways.parent[place] = row
    ways.lot[place] = lot
    ways.cut[place] = cut
    ways.home[place] = home
    ways.end[place] = end
    ways.used[place] = used
    ways.violations[place] = now.violations[row] + missed
    ways.missed[place] = now.missed[row] + (lack + late if missed else 0.0)
    others = now.ends[row].sum() - now.ends[row, home]
    unused_clean = line.clean * (1 - used / line.window)
    wasted = others + end - now.filled[row] - line.fills[lot] - unused_clean
    violated = VIOLATION_HOURS * ways.violations[place]
    ways.score[place] = violated + ways.missed[place] + wasted


@part
def keep(  # type: ignore[no-untyped-def]  # compiled
    now, then, ways, count, urgency, front, keys, line
):
    """Carry the best of the `count` ways out into `then`, one of those that place the
    same lots equally; their rows come first in `ways` afterwards. How many there are.

    count: how many ways there are.
    urgency, front: as `advance` has them.
    keys: a random number for each lot.
    """
    width = len(then.used)
    parents = np.empty(width, np.int64)
    lots = np.empty(width, np.int64)
    cuts = np.empty(width, np.bool_)
    seen = {np.int64(0)}
    size = np.int64(0)
    for way in best_first(now, ways, count, width, urgency, front, line):
        parent = ways.parent[way]
        lot = ways.lot[way]
        key = now.key[parent] ^ keys[lot]
        likeness = key ^ (lot << 40) ^ np.int64(ways.end[way] * 64)
        if likeness in seen:
            continue
        seen.add(likeness)
        carry_out(way, size, key, now, then, ways, line)
        parents[size] = parent
        lots[size] = lot
        cuts[size] = ways.cut[way]
        size += 1
        if size == width:
            break
    ways.parent[:size] = parents[:size]
    ways.lot[:size] = lots[:size]
    ways.cut[:size] = cuts[:size]
    return size


@part
def best_first(  # type: ignore[no-untyped-def]  # compiled
    now, ways, count, width, urgency, front, line
):
    """The best of the `count` ways, some times as many as `width`, in the order of
    their scores with the violations that they can no longer avoid.

    width: how many of them will be carried out at most.
    urgency, front: as `advance` has them.
    """
    sifted = np.argsort(ways.score[:count], kind="mergesort")[: SIFTED * width]
    scores = np.empty(len(sifted))
    for i, way in enumerate(sifted):
        late = doomed(way, now, ways, urgency, front, line)
        scores[i] = ways.score[way] + VIOLATION_HOURS * late
    return sifted[np.argsort(scores, kind="mergesort")]


@part
def carry_out(way, row, key, now, then, ways, line):  # type: ignore[no-untyped-def]  # compiled
    """Make a row of `then` the beginning that this way leads to.

    way: its place in `ways`.
    row: its place in `then`.
    key: the keys of its lots, combined.
    """
    parent = ways.parent[way]
    lot = ways.lot[way]
    home = ways.home[way]
    then.placed[row] = now.placed[parent]
    then.placed[row, lot] = True
    then.ends[row] = now.ends[parent]
    then.ends[row, home] = ways.end[way]
    then.home[row] = home
    then.used[row] = ways.used[way]
    then.last[row] = lot
    then.violations[row] = ways.violations[way]
    then.missed[row] = ways.missed[way]
    then.filled[row] = now.filled[parent] + line.fills[lot]
    then.key[row] = key


@part
def doomed(way, now, ways, urgency, front, line):  # type: ignore[no-untyped-def]  # compiled
    """Of the most urgent lots left after this way, those that come too late even if
    filled back to back, the earliest due first.

    way: its place in `ways`.
    urgency, front: as `advance` has them.
    """
    parent = ways.parent[way]
    count = 0
    seen = 0
    clocks = now.ends[parent].copy()
    clocks[ways.home[way]] = ways.end[way]
    for i in range(front, len(urgency)):
        lot = urgency[i]
        if now.placed[parent, lot] or lot == ways.lot[way]:
            continue
        first_free = int(np.argmin(clocks))
        end = clocks[first_free] + line.fills[lot]
        if end > line.latest[lot] + TOLERANCE:
            count += 1
        else:
            clocks[first_free] = end
        seen += 1
        if seen == LOOK_AHEAD:
            break
    return count
