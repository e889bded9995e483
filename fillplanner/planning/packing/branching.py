"""Branch and bound on how many bins are used, and how many each class visits.

These counts decide the cost, and limits on them leave the pricing knapsack as it is.
What they do not decide is whether bins of whole patterns with these counts exist: a
part of the search that only this question is left of stays open, with its bound, unless
a packing of that cost is found.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field

from fillplanner.planning.packing.listed import ListedMaster
from fillplanner.planning.packing.master import (
    CLOSE,
    Key,
    Limits,
    Master,
    Relaxation,
    distance_from_half,
)

MOST_CANDIDATES = 8


@dataclass(order=True)
class Node:
    """A part of the search: no packing within its limits costs less than its bound."""

    bound: int
    number: int
    limits: Limits = field(compare=False)


class Tree:
    """Best bound first; `upper` is the cost of the best packing known, and only cheaper
    ones are looked for.

    `limits` are those of the whole, and every packing's cost is a multiple of `unit`.
    """

    def __init__(
        self, master: Master | ListedMaster, limits: Limits, unit: int
    ) -> None:
        self.master = master
        self.unit = unit
        # Whether parts in which the usual counts are whole are divided further.
        self.fine = False
        self.open = [Node(-(1 << 62), 0, limits)]
        self.undecided: list[tuple[Node, Relaxation]] = []
        self.nodes = 0

    def bound(self, upper: int) -> int:
        """What no packing costs less than, `upper` once all is decided."""
        waiting = self.open[:1] + [node for node, _ in self.undecided]
        return min([upper, *(node.bound for node in waiting)])

    def step(self, upper: int, stop: Callable[[], bool]) -> Relaxation | None:
        """Look at the most promising part; its relaxation where that is integral or undecided.

        upper: the cost of the best packing known, in units of the master's costs.
        stop: whether to put the part back as it was.
        """
        node = heapq.heappop(self.open)
        if node.bound >= upper:
            self.open.clear()
            return None
        relaxed = self._relaxed(node, upper, stop)
        if node.bound >= upper:
            return None
        if stop():
            heapq.heappush(self.open, node)
            return None
        return self._divide(node, relaxed, stop)

    def _divide(
        self, node: Node, relaxed: Relaxation, stop: Callable[[], bool]
    ) -> Relaxation | None:
        """Put the part's halves on the heap; its relaxation where it has none."""
        division = None if relaxed.integral else self._division(node, relaxed, stop)
        if division is None:
            self.undecided.append((node, relaxed))
            return relaxed
        self._branch(node, *division)
        return None

    def _relaxed(self, node: Node, upper: int, stop: Callable[[], bool]) -> Relaxation:
        """The node's relaxation, which may raise its bound.

        upper: the cost of the best packing known; a bound near it is enough.
        """
        self.nodes += 1
        self.master.restrict(node.limits)
        enough = upper - self.unit + self.unit * 0.001
        relaxed = self.master.relax(enough, stop)
        node.bound = max(node.bound, rounded_up(relaxed.bound, self.unit))
        return relaxed

    def _division(
        self, node: Node, relaxed: Relaxation, stop: Callable[[], bool]
    ) -> tuple[Key, float] | None:
        """The fractional count by which the part is divided; None for none."""
        if relaxed.fractional:
            return self.choose_branch(node, relaxed, stop)
        return self.master.finer(relaxed) if self.fine else None

    @staticmethod
    def _halves(limits: Limits, key: Key, value: float) -> tuple[Limits, Limits]:
        """The limits with at most, and with at least, the whole numbers beside a count."""
        below = limits.narrowed(key, most=math.floor(value))
        above = limits.narrowed(key, least=math.ceil(value))
        return below, above

    def _branch(self, node: Node, key: Key, value: float) -> None:
        """Put both halves of a part on the heap."""
        for i, limits in enumerate(self._halves(node.limits, key, value)):
            half = Node(node.bound, 2 * self.nodes + i, limits)
            heapq.heappush(self.open, half)

    def choose_branch(
        self, node: Node, relaxed: Relaxation, stop: Callable[[], bool]
    ) -> tuple[Key, float]:
        """The count whose halves raise the program's value most, judged with the
        patterns at hand (strong branching: Applegate, Bixby, Chvatal and Cook, "Finding
        cuts in the TSP", 1995).

        node, relaxed: the part and its relaxation.
        stop: asked after each count whether to be content with the best so far.
        """
        candidates = sorted(relaxed.fractional.items(), key=distance_from_half)
        candidates = candidates[:MOST_CANDIDATES]
        if len(candidates) == 1:
            return candidates[0]
        gains = {}
        for key, value in candidates:
            gains[key, value] = math.prod(self.gains_of(node, relaxed, key, value))
            if stop():
                break
        return max(gains, key=gains.__getitem__)

    def gains_of(
        self, node: Node, relaxed: Relaxation, key: Key, value: float
    ) -> Iterator[float]:
        """By how much each half raises the program's value, never nothing."""
        for limits in self._halves(node.limits, key, value):
            self.master.restrict(limits)
            gain = self.master.objective() - relaxed.bound
            yield max(gain, 1e-3 * self.unit)
        self.master.restrict(node.limits)

    def require(self, key: Key, least: int) -> bool:
        """Ask for at least so many bins everywhere; False where that is known.
        Undecided parts are open again.

        key: which bins are counted.
        least: how many there are at least.
        """
        parts = [*self.open, *(node for node, _ in self.undecided)]
        loose = [node for node in parts if node.limits.ranges[key][0] < least]
        if not loose:
            return False
        self._remove(loose)
        self.open += _with_least(loose, key, least)
        heapq.heapify(self.open)
        return True

    def _remove(self, nodes: Collection[Node]) -> None:
        """Forget these parts; the caller restores the heap."""
        identities = {id(node) for node in nodes}
        self.open = [node for node in self.open if id(node) not in identities]
        self.undecided = [
            (node, relaxed)
            for node, relaxed in self.undecided
            if id(node) not in identities
        ]

    def close(self, node: Node) -> None:
        """Nothing cheaper than the best packing is in this part."""
        self._remove([node])
        heapq.heapify(self.open)

    def refine(self, node: Node) -> None:
        """Divide undecided parts from now on, this one first."""
        self.close(node)
        self.fine = True
        heapq.heappush(self.open, node)

    def decide(self, upper: int) -> None:
        """Forget the parts in which nothing cheaper than `upper` can be."""
        self.undecided = [pair for pair in self.undecided if pair[0].bound < upper]
        if self.open and self.open[0].bound >= upper:
            self.open.clear()


def _with_least(nodes: Iterable[Node], key: Key, least: int) -> Iterator[Node]:
    """The parts with at least so many, those in which there may be as many."""
    for node in nodes:
        _, most = node.limits.ranges[key]
        if most >= least:
            limits = node.limits.narrowed(key, least=least)
            yield Node(node.bound, node.number, limits)


def rounded_up(bound: float, unit: int) -> int:
    """The least multiple of the unit that is not below the bound.

    bound: in units of the master's costs.
    unit: every packing's cost is a multiple of it.
    """
    return math.ceil(bound / unit - CLOSE) * unit
