"""The door of annealing: makes and improves packings of one instance."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from fillplanner.planning.chance import SEEDS
from fillplanner.planning.kernels import scaled
from fillplanner.planning.packing.annealing import anneal, best_fit
from fillplanner.planning.packing.instance import Instance, Packing
from fillplanner.planning.packing.state import Array, Rules

HOT = 0.3
COLD = 0.01
MOST_SLICE = 50_000
MOST_SLICE_ITEMS = 5_000_000
FEWEST_PLAIN_ROUNDS = 20


class Annealer:
    """Makes and improves packings of one instance; the same seed gives the same answers."""

    def __init__(self, instance: Instance, seed: int = 0) -> None:
        self.instance = instance
        self.seed = seed
        self.rules = rules_of(instance)

    def construct(self) -> Packing:
        """Class by class, heavy items first, each into the best bin."""
        instance = self.instance

        def place(i: int) -> tuple[int, int, int]:
            return instance.classes[i], -instance.weights[i], i

        order = sorted(range(instance.size), key=place)
        return gathered(best_fit(np.array(order, np.int64), self.rules))

    def complete(
        self, packing: Sequence[Sequence[int]], rest: Sequence[int]
    ) -> Packing:
        """The packing with the rest put where it fits, class by class, heavy items
        first.
        """
        instance = self.instance
        bins = [list(content) for content in packing if content]

        def place(i: int) -> tuple[int, int]:
            return instance.classes[i], -instance.weights[i]

        for i in sorted(rest, key=place):
            fitting = (
                content
                for content in bins
                if instance.load([*content, i]) <= instance.capacity
            )
            home = next(fitting, None)
            if home is None:
                bins.append([i])
            else:
                home.append(i)
        return bins

    def improve(
        self,
        packing: Sequence[Sequence[int]],
        rounds: int,
        hot: float = HOT,
        stop: Callable[[], bool] = bool,
    ) -> Packing:
        """The best packing met while cooling.

        packing: where to begin.
        rounds: how many to go; fewer are gone where kernels are not compiled.
        hot: the temperature at the beginning, in units of cost.
        stop: asked now and then whether to end it sooner.
        """
        homes = self._homes(packing)
        best = homes.copy()
        bins = best_bins = len(packing)
        behind = 0.0
        rounds = scaled(rounds, FEWEST_PLAIN_ROUNDS)
        rounds_at_once = scaled(self.slice, FEWEST_PLAIN_ROUNDS)
        slices = max(1, rounds // rounds_at_once)
        for turn in range(slices):
            self.seed += 1
            bins, best_bins, behind = anneal(
                self.seed % SEEDS,
                rounds // slices,
                homes,
                bins,
                best,
                best_bins,
                behind,
                cooled(hot, turn / slices),
                cooled(hot, (turn + 1) / slices),
                self.rules,
            )
            if stop():
                break
        return gathered(best)

    def _homes(self, packing: Sequence[Sequence[int]]) -> Array:
        """The bin of each item."""
        homes = np.empty(self.instance.size, np.int64)
        for b, content in enumerate(packing):
            homes[list(content)] = b
        return homes

    @property
    def slice(self) -> int:
        """Rounds between two looks at the clock: fewer where each takes longer."""
        return max(500, min(MOST_SLICE, MOST_SLICE_ITEMS // self.instance.size))


def rules_of(instance: Instance) -> Rules:
    """The instance as kernels read it."""
    unit = instance.unit
    bin_cost = instance.bin_cost // unit
    set_weights = np.array(instance.set_weights or (0,), np.int64)
    set_costs = np.array(instance.set_costs or (0,), np.int64)
    return Rules(
        weights=np.array(instance.weights, np.int64),
        classes=np.array(instance.classes, np.int64),
        capacity=instance.capacity,
        bin_cost=bin_cost,
        setup_weights=np.array(instance.setup_weights, np.int64),
        setup_costs=np.array(instance.setup_costs, np.int64) // unit,
        tabled=instance.tabled,
        set_weights=set_weights,
        set_costs=set_costs // unit,
        reward=float(max(1, bin_cost)),
    )


def cooled(hot: float, share: float) -> float:
    """The temperature after this share of the way from hot to cold."""
    heat: float = hot * (COLD / hot) ** share
    return heat


def gathered(homes: Array) -> Packing:
    """The items of each bin, by the bins of the items; empty bins left out.

    homes: the bin of each item.
    Returns the items of each bin, in ascending order.
    """
    bins: dict[int, list[int]] = {}
    for i, b in enumerate(homes.tolist()):
        bins.setdefault(b, []).append(i)
    return [bins[b] for b in sorted(bins)]
