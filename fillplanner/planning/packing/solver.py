"""The anytime solver: construct, anneal, relax, branch; the best packing, a proven
bound, how far apart they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fillplanner.planning.packing.instance import Instance, Packing
from fillplanner.planning.packing.pricing import MOST_SET_CLASSES
from fillplanner.planning.packing.proof import Proof
from fillplanner.planning.packing.search import Progress, Search

# Rounds of annealing before column generation begins, and in each turn after it.
FEWEST_ROUNDS, ROUNDS_AN_ITEM, MOST_ROUNDS = 20_000, 1500, 3_000_000
MOST_ROUNDS_BETWEEN = 400_000
# More items than that are left to annealing and the bound by volume.
MOST_RELAXED_ITEMS = 2500
HEATS = (0.3, 0.6, 1.2, 0.1)


@dataclass(frozen=True)
class Answer:
    """The best packing found and a proven bound on the cost of all; `nodes` and `work`
    say how much was done.
    """

    packing: Packing
    cost: int
    bound: int
    nodes: int
    work: int

    @property
    def optimal(self) -> bool:
        return self.bound >= self.cost


def solve(
    instance: Instance,
    *,
    seconds: float = 60.0,
    work: int | None = None,
    seed: int = 0,
    start: Sequence[Sequence[int]] | None = None,
    listen: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Answer:
    """Pack at least cost until optimality is proven, or time or work is used up, or
    `cancelled` says so.

    `start` is a packing to improve on. With a work limit that is reached before the
    time is up, equal calls give equal answers. `listen` hears of each new packing and
    bound. Raises ValueError for a start that is no packing.
    """
    if start is not None and (faults := instance.faults(start)):
        raise ValueError("; ".join(faults[:3]))
    search = Search(instance, seconds, work, seed, listen, cancelled)
    search.offer(search.annealer.construct())
    if start is not None:
        search.offer([list(content) for content in start])
    most = MOST_ROUNDS_BETWEEN if relaxable(instance) else MOST_ROUNDS
    rounds = min(most, max(FEWEST_ROUNDS, ROUNDS_AN_ITEM * instance.size))
    search.anneal(rounds)
    proof = None
    if not search.over() and relaxable(instance):
        proof = Proof(search, solve_apart)
        proof.run()
    turn = 0
    while not search.over():
        search.anneal(2 * rounds, HEATS[turn % len(HEATS)])
        if proof is not None and turn % proof.turns == proof.turns - 1:
            proof.again(turn // proof.turns)
        turn += 1
    nodes = proof.tree.nodes if proof else 0
    return Answer(
        search.packing, search.cost, min(search.bound, search.cost), nodes, search.work
    )


def relaxable(instance: Instance) -> bool:
    """Whether column generation is up to it."""
    few_sets = not instance.tabled or len(instance.kinds) <= MOST_SET_CLASSES
    return few_sets and instance.size <= MOST_RELAXED_ITEMS


def solve_apart(
    part: Instance,
    share: float,
    outer: Search,
    start: Sequence[Sequence[int]] | None = None,
) -> tuple[Packing, int]:
    """A packing of another instance and a bound, on behalf of a search, in a share of
    the time and work it has left.
    """
    work = None if outer.work_left is None else math.ceil(outer.work_left * share)
    answer = solve(
        part,
        seconds=outer.seconds_left * share,
        work=work,
        seed=outer.seed,
        start=start,
        cancelled=outer.cancelled,
    )
    outer.work += answer.work
    return answer.packing, answer.bound
