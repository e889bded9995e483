"""From relaxed solutions to packings: diving, and the integer program over the patterns at hand."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pulp

from fillplanner.planning.packing.annealer import Annealer
from fillplanner.planning.packing.instance import Packing
from fillplanner.planning.packing.master import (
    BINS,
    CLOSE,
    Key,
    Limits,
    Master,
    Relaxation,
)
from fillplanner.planning.packing.patterns import Pattern

DIVE_ROUNDS = 6
NODES_FOR_REPEATS = 500
# How fast patterns become a program, at worst.
PATTERNS_A_SECOND = 5000
SOLVED = (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible)
# A variable and its factor.
Term = tuple[pulp.LpVariable, int]


def dive(
    master: Master, annealer: Annealer, stop: Callable[[], bool]
) -> Packing | None:
    """Take the patterns that the relaxation is surest of, relax the rest again, and so
    on until all is packed.

    None where it was stopped on the way. The master is left without fixed patterns.

    master: the program that is relaxed again and again.
    annealer: packs what no pattern holds.
    stop: asked now and then whether to end it.
    """
    fixed: dict[int, int] = {}
    while not stop():
        relaxed = master.relax(math.inf, stop, DIVE_ROUNDS)
        more = surer(master, relaxed, fixed)
        if not more:
            break
        fixed |= more
        master.fix(fixed)
    master.fix({})
    if stop():
        return None
    patterns = [master.patterns[p] for p, times in fixed.items() for _ in range(times)]
    bins, rest = master.groups.packing(patterns)
    return annealer.complete(bins, rest)


def surer(
    master: Master, relaxed: Relaxation, fixed: Mapping[int, int]
) -> dict[int, int]:
    """How often to use the patterns that the relaxation uses more often than is fixed:
    whole times, or where there are none the most used one once more.

    master: the program, for its patterns.
    relaxed: its solution.
    fixed: how often each pattern is used at least by now.
    """
    legal = [(p, value) for p, value in relaxed.values if master.patterns[p].legal]
    whole_times = {p: math.floor(value + CLOSE) for p, value in legal}
    more = {p: times for p, times in whole_times.items() if times > fixed.get(p, 0)}
    if more:
        return more
    left = [(value - fixed.get(p, 0), p) for p, value in legal]
    rest = [(share, p) for share, p in left if share > CLOSE]
    if not rest:
        return {}
    _, surest = max(rest)
    return {surest: fixed.get(surest, 0) + 1}


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

    pool: the patterns to choose from.
    demand: how many items of each group are to be packed.
    limits: of the numbers of bins and visits.
    most: what the patterns may cost together, in units of cost.
    """
    if len(pool) > PATTERNS_A_SECOND * seconds:
        return Choice(None, False)
    late = time.monotonic() + seconds
    uses = [pulp.LpVariable(f"x{p}", 0, None, pulp.LpInteger) for p in range(len(pool))]
    program = covering(pool, uses, demand, limits, most)
    nodes = {"mip_max_nodes": NODES_FOR_REPEATS} if repeatable else {}
    left = max(0.0, late - time.monotonic())
    program.solve(pulp.HiGHS(msg=False, timeLimit=left, threads=1, **nodes))
    if program.sol_status not in SOLVED:
        return Choice(None, program.status == pulp.LpStatusInfeasible)
    chosen: list[Pattern] = []
    for pattern, use in zip(pool, uses, strict=True):
        chosen += [pattern] * round(use.value() or 0)
    return Choice(chosen, program.sol_status == pulp.LpSolutionOptimal)


def covering(
    pool: Sequence[Pattern],
    uses: Sequence[pulp.LpVariable],
    demand: Sequence[int],
    limits: Limits,
    most: int,
) -> pulp.LpProblem:
    """The integer program: least cost, at most `most`, with every demand covered and
    every count within its limits; `uses` are how often each pattern is taken.
    """
    covers: list[list[Term]] = [[] for _ in demand]
    visits: dict[Key, list[Term]] = {key: [] for key in limits.ranges}
    costs: list[Term] = []
    for pattern, use in zip(pool, uses, strict=True):
        costs.append((use, pattern.cost))
        for g, count in pattern.counts:
            covers[g].append((use, count))
        for counted in (*pattern.classes, BINS):
            visits[counted].append((use, 1))
    program = pulp.LpProblem("patterns", pulp.LpMinimize)
    cost = pulp.LpAffineExpression(costs)
    program += cost
    program += cost <= most
    for g, terms in enumerate(covers):
        program += pulp.LpAffineExpression(terms) >= demand[g]
    for key, (least, greatest) in limits.ranges.items():
        program += pulp.LpAffineExpression(visits[key]) >= least
        program += pulp.LpAffineExpression(visits[key]) <= greatest
    return program
