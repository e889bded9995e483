"""From relaxed solutions to packings: diving, and the integer program over the patterns at hand."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pulp

from fillplanner.planning.packing.annealing import Annealer
from fillplanner.planning.packing.instance import Packing
from fillplanner.planning.packing.master import BINS, CLOSE, Key, Limits, Master
from fillplanner.planning.packing.patterns import Pattern

DIVE_ROUNDS = 6
NODES_FOR_REPEATS = 500
# How fast patterns become a program, at worst.
PATTERNS_A_SECOND = 5000


def dive(
    master: Master, annealer: Annealer, stop: Callable[[], bool]
) -> Packing | None:
    """Take the patterns that the relaxation is surest of, relax the rest again, and so
    on until all is packed.

    None where it was stopped on the way. The master is left without fixed patterns.
    """
    taken: dict[int, int] = {}
    while not stop():
        relaxed = master.relax(math.inf, stop, DIVE_ROUNDS)
        legal = [(p, value) for p, value in relaxed.values if master.patterns[p].legal]
        more = {
            p: math.floor(value + CLOSE)
            for p, value in legal
            if math.floor(value + CLOSE) > taken.get(p, 0)
        }
        rest = [
            (value - taken.get(p, 0), p)
            for p, value in legal
            if value - taken.get(p, 0) > CLOSE
        ]
        if not more and rest:
            surest = max(rest)[1]
            more = {surest: taken.get(surest, 0) + 1}
        if not more:
            break
        taken |= more
        master.fix(taken)
    master.fix({})
    if stop():
        return None
    patterns = [master.patterns[p] for p, times in taken.items() for _ in range(times)]
    bins, rest_items = master.groups.packing(patterns)
    return annealer.complete(bins, rest_items)


@dataclass(frozen=True)
class Choice:
    """The cheapest patterns found, None for none; `settled` when there are none cheaper
    in the pool.
    """

    patterns: list[Pattern] | None
    settled: bool


def choose(
    pool: Sequence[Pattern],
    demand: Sequence[int],
    limits: Limits,
    most: int,
    seconds: float,
    repeatable: bool = False,
) -> Choice:
    """Patterns of the pool, each as often as wanted, that cover the demand within the
    limits and cost at most `most`; the cheapest ones that HiGHS finds in so many
    seconds, or nodes, where the answer is to be `repeatable`. Nothing where the seconds
    are too few to write the program down.
    """
    if len(pool) > PATTERNS_A_SECOND * seconds:
        return Choice(None, False)
    late = time.monotonic() + seconds
    program = pulp.LpProblem("patterns", pulp.LpMinimize)
    uses = [pulp.LpVariable(f"x{p}", 0, None, pulp.LpInteger) for p in range(len(pool))]
    covers: list[list[tuple[pulp.LpVariable, int]]] = [[] for _ in demand]
    visits: dict[Key, list[tuple[pulp.LpVariable, int]]] = {
        key: [] for key in limits.ranges
    }
    for pattern, use in zip(pool, uses, strict=True):
        for g, count in pattern.counts:
            covers[g].append((use, count))
        for key in (*pattern.classes, BINS):
            visits[key].append((use, 1))
    cost = pulp.LpAffineExpression(
        [(use, pattern.cost) for pattern, use in zip(pool, uses, strict=True)]
    )
    program += cost
    program += cost <= most
    for g, terms in enumerate(covers):
        program += pulp.LpAffineExpression(terms) >= demand[g]
    for name, (least, greatest) in limits.ranges.items():
        program += pulp.LpAffineExpression(visits[name]) >= least
        program += pulp.LpAffineExpression(visits[name]) <= greatest
    nodes = {"mip_max_nodes": NODES_FOR_REPEATS} if repeatable else {}
    left = max(0.0, late - time.monotonic())
    program.solve(pulp.HiGHS(msg=False, timeLimit=left, threads=1, **nodes))
    if program.sol_status not in (
        pulp.LpSolutionOptimal,
        pulp.LpSolutionIntegerFeasible,
    ):
        return Choice(None, program.status == pulp.LpStatusInfeasible)
    chosen = [
        pattern
        for pattern, use in zip(pool, uses, strict=True)
        for _ in range(round(use.value() or 0))
    ]
    return Choice(chosen, program.sol_status == pulp.LpSolutionOptimal)
