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
from fillplanner.planning.packing.search import PackingProgress, Search

# Rounds of annealing before column generation begins, and in each turn after it.
FEWEST_ROUNDS = 20_000
ROUNDS_AN_ITEM = 1500
MOST_ROUNDS = 3_000_000
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
        """Whether no packing costs less."""
        return self.bound >= self.cost


def solve(
    instance: Instance,
    *,
    seconds: float = 60.0,
    work: int | None = None,
    seed: int = 0,
    start: Sequence[Sequence[int]] | None = None,
    listen: Callable[[PackingProgress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Answer:
    """Pack at least cost until optimality is proven, or what may be used is used up.

    instance: what is to be packed.
    seconds: how long it may take.
    work: how much may be done, in rounds of column generation and their like. Where it
    is reached before the time is up, equal calls give equal answers.
    seed: of the random numbers.
    start: a packing to improve on, as the numbers of each bin's items.
    listen: hears of each new packing and bound.
    cancelled: asked now and then whether somebody wants an end.
    Raises ValueError for a start that is no packing.

    Column generation after Gilmore and Gomory (Operations Research 9, 1961), with the
    setups of Baldacci et al. (arXiv 2509.10075); bounds are those of Lagrange.
    """
    if start is not None and (faults := instance.faults(start)):
        raise ValueError("; ".join(faults[:3]))
    search = Search(
        instance=instance,
        seconds=seconds,
        work=work,
        seed=seed,
        listen=listen,
        cancelled=cancelled,
    )
    search.offer(search.annealer.construct())
    if start is not None:
        search.offer([list(content) for content in start])
    rounds = first_rounds(instance)
    search.anneal(rounds)
    proof = None
    if not search.over() and relaxable(instance):
        proof = Proof(search, solve_apart)
        proof.run()
    go_on(search, proof, 2 * rounds)
    return Answer(
        packing=search.packing,
        cost=search.cost,
        bound=min(search.bound, search.cost),
        nodes=proof.tree.nodes if proof else 0,
        work=search.work,
    )


def first_rounds(instance: Instance) -> int:
    """Rounds of annealing before column generation begins."""
    most = MOST_ROUNDS_BETWEEN if relaxable(instance) else MOST_ROUNDS
    return min(most, max(FEWEST_ROUNDS, ROUNDS_AN_ITEM * instance.size))


def go_on(search: Search, proof: Proof | None, rounds: int) -> None:
    """Anneal in turns of so many rounds until the search is over, and look again at
    what the proof left undecided.

    search: what is known, and what may still be used.
    proof: what was left undecided; None where there was no column generation.
    rounds: of annealing in each turn.
    """
    turn = 0
    while not search.over():
        search.anneal(rounds, HEATS[turn % len(HEATS)])
        if proof is not None and turn % proof.turns == proof.turns - 1:
            proof.again(turn // proof.turns)
        turn += 1


def relaxable(instance: Instance) -> bool:
    """Whether column generation is up to it.

    instance: what is to be packed.
    """
    few_sets = not instance.tabled or len(instance.kinds) <= MOST_SET_CLASSES
    return few_sets and instance.size <= MOST_RELAXED_ITEMS


def solve_apart(
    part: Instance,
    share: float,
    outer: Search,
    start: Sequence[Sequence[int]] | None = None,
) -> tuple[Packing, int]:
    """A packing of another instance and a bound, on behalf of a search.

    part: what is to be packed.
    share: of the time and work that the search has left, 0 to 1.
    outer: the search, whose work it counts as.
    start: a packing to improve on.
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
