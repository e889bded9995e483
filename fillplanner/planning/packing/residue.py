"""Packing a part of the bins as the relaxation has them, and the rest as an instance of
its own, until all is packed.

Where there are many different items this gets closer to the relaxation than annealing
does: each bin is the best content at prices that know what the others will need.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from fillplanner.planning.packing.instance import Instance, Packing
from fillplanner.planning.packing.knots import Knots
from fillplanner.planning.packing.master import (
    BINS,
    MANY,
    SCALE,
    Limits,
    Master,
    Relaxation,
)
from fillplanner.planning.packing.patterns import Groups, Pattern
from fillplanner.planning.packing.pricing import pricer_for
from fillplanner.planning.packing.program import SecondsLeft, forever

# Few knots, where there are many groups: what is taken is good only where the
# relaxation has got to its end.
MOST_WITHOUT_KNOTS = 128
KNOTS = 32
FEWEST_KNOTS = 4
MOST_ROUNDS = 60
LEAST_TAKEN = 0.1
MOST_TAKEN = 0.2
# Of a unit of cost: how much worse than the relaxation's a pattern may be.
WORSE = 0.02
# So many items are few enough to be packed as a whole.
FEW = 60
# What a bin holds, whatever items they are: how many of each class and weight.
Content = Counter[tuple[int, int]]
Array = Any


class Residue:
    """The items not packed yet, by their numbers in the whole."""

    def __init__(self, whole: Instance, items: Sequence[int]) -> None:
        self.items = items
        self.instance = replace(
            whole,
            weights=tuple(whole.weights[i] for i in items),
            classes=tuple(whole.classes[i] for i in items),
        )
        self.groups = Groups(self.instance)
        keys = zip(self.groups.class_of, self.groups.weight_of, strict=True)
        self.number = {key: g for g, key in enumerate(keys)}

    def pattern(self, content: Content) -> Pattern | None:
        """The content as a pattern, None where not enough is left for it."""
        groups: list[int] = []
        for key, count in content.items():
            g = self.number.get(key)
            if g is None or count > self.groups.demand[g]:
                return None
            groups += [g] * count
        return self.groups.pattern(groups)

    def content(self, pattern: Pattern) -> Content:
        """What a bin with this pattern holds, whatever items they are."""
        class_of = self.groups.class_of
        weight_of = self.groups.weight_of
        return Counter(
            {(class_of[g], weight_of[g]): count for g, count in pattern.counts}
        )


class Plunge:
    """One way down.

    whole: what is to be packed.
    seed: of how much is taken each time.
    finish: packs an instance of few items as well as it can be.
    stop: asked now and then whether to end it.
    seconds_left: what each solution of a program may take.
    rounds: those of column generation so far.
    """

    def __init__(
        self,
        whole: Instance,
        seed: int,
        finish: Callable[[Instance], Packing],
        stop: Callable[[], bool],
        seconds_left: SecondsLeft = forever,
    ) -> None:
        self.whole = whole
        self.seed = seed
        self.finish = finish
        self.stop = stop
        self.seconds_left = seconds_left
        self.rounds = 0
        self.chance = random.Random(seed)

    def run(self, packings: Iterable[Packing]) -> Packing | None:
        """A packing, at first with the bins of known packings to choose from; None when
        it was stopped.
        """
        contents = self._contents(packings)
        bins: Packing = []
        left = list(range(self.whole.size))
        while left and not self.stop():
            residue = Residue(self.whole, left)
            more, contents = self._take(residue, contents)
            bins += [[left[i] for i in content] for content in more]
            packed = {i for content in more for i in content}
            left = [item for i, item in enumerate(left) if i not in packed]
        return None if left else bins

    def _contents(self, packings: Iterable[Packing]) -> list[Content]:
        """What the bins of these packings hold."""
        whole = Residue(self.whole, range(self.whole.size))
        patterns = [
            whole.groups.of_bin(content) for packing in packings for content in packing
        ]
        return [whole.content(pattern) for pattern in patterns]

    def _take(
        self, residue: Residue, contents: Iterable[Content]
    ) -> tuple[Packing, list[Content]]:
        """Bins of what is left, and the contents known by then."""
        if residue.instance.size <= FEW:
            return self.finish(residue.instance), []
        master = self._master(residue)
        for content in contents:
            pattern = residue.pattern(content)
            if pattern is not None:
                master.add(pattern)
        relaxed = master.relax(math.inf, self.stop, MOST_ROUNDS)
        self.rounds += master.rounds
        share = self.chance.uniform(LEAST_TAKEN, MOST_TAKEN)
        most = math.ceil(share * relaxed.counts[BINS])
        patterns = surest(master, relaxed, most, self.stop)
        bins, _ = residue.groups.packing(patterns)
        known = [residue.content(pattern) for pattern in master.patterns]
        # Where no pattern fits, which rounding weights up may bring about, few are left.
        return bins or self.finish(residue.instance), known

    def _master(self, residue: Residue) -> Master:
        """The program over what is left."""
        groups = residue.groups
        kinds = residue.instance.kinds
        most_knots = len(groups)
        if most_knots > MOST_WITHOUT_KNOTS:
            most_knots = max(FEWEST_KNOTS, KNOTS // len(kinds))
        master = Master(
            groups=groups,
            pricer=pricer_for(groups, cautious=True),
            knots=Knots(groups, most_knots),
            seed=self.seed + residue.instance.size,
            seconds_left=self.seconds_left,
        )
        # No least numbers of bins or visits: they would take the prices from the items.
        master.restrict(Limits(dict.fromkeys((*kinds, BINS), (0, MANY))))
        return master


def surest(
    master: Master, relaxed: Relaxation, most: int, stop: Callable[[], bool] = bool
) -> list[Pattern]:
    """So many patterns, of the greatest values that can be had together, then until
    `stop` the best at the same prices.

    master: the program that was relaxed.
    relaxed: its solution.
    most: how many patterns are wanted.
    stop: asked now and then whether to end it.
    """
    left = np.array(master.groups.demand)
    chosen: list[Pattern] = []
    for p, _ in sorted(relaxed.values, key=lambda pair: -pair[1]):
        if len(chosen) < most and available(master.patterns[p], left):
            chosen.append(master.patterns[p])
    while len(chosen) < most and not stop():
        pattern = as_good(master, left)
        if pattern is None or not available(pattern, left):
            break
        chosen.append(pattern)
    return chosen


def available(pattern: Pattern, left: Array) -> bool:
    """Whether so much is left; then it is taken."""
    groups, times = np.array(pattern.counts).T
    enough = pattern.legal and bool((left[groups] >= times).all())
    if enough:
        left[groups] -= times
    return enough


def as_good(master: Master, left: Array) -> Pattern | None:
    """Of what is left, the best pattern at the present prices, if it is about as good
    as the relaxation's.

    master: the program, at its present prices.
    left: how many items of each group are left.
    """
    prices = master.duals()
    instance = master.groups.instance
    items = np.where(left > 0, prices.items, 0)
    value, content = master.best(prices._replace(items=items))
    reduced = instance.bin_cost * SCALE - prices.bins - value
    if not content or reduced > WORSE * (instance.unit * SCALE):
        return None
    return master.groups.pattern(content)
