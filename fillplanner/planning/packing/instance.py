"""Bin packing with setups: the data, and what a packing of it costs.

Items of several classes go into bins of one capacity. The set of classes present in a
bin takes a setup there: it weighs and costs, once, however many items of each class the
bin holds. Each bin in use costs too; the sum is to be least. In the classical problem a
setup is a sum over classes; here it may also be any function of the set, as when a line
changes over from class to class along its cheapest path. Reference: Baldacci,
Ciccarelli, Coniglio, Dose, Furini, "The bin packing problem with setups", arXiv
2509.10075.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import gcd

Packing = list[list[int]]
# Setups of sets are tables with an entry for each set.
MOST_TABLED_CLASSES = 14


@dataclass(frozen=True)
class Instance:
    """Weights and costs are whole numbers; items are numbered from 0.

    capacity, bin_cost: of every bin.
    setup_weights, setup_costs: of each class, once for each bin that it is in.
    weights, classes: of each item.
    set_weights, set_costs: where given, they go before the sums of the setups of
    classes; entry number m is for the classes whose bits are set in m, without the
    bin's own cost. A larger set must never weigh or cost less than the bin saves by it.
    Raises ValueError for an item that fits into no bin, for setups that make a bin of
    one class cost less than nothing, and for tables of the wrong length.
    """

    capacity: int
    bin_cost: int
    setup_weights: tuple[int, ...]
    setup_costs: tuple[int, ...]
    weights: tuple[int, ...]
    classes: tuple[int, ...]
    set_weights: tuple[int, ...] = ()
    set_costs: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        sets = 1 << len(self.setup_weights)
        lengths = {len(self.set_weights), len(self.set_costs)}
        if self.tabled and lengths != {sets}:
            raise ValueError("the tables need an entry for every set of classes")
        for i, (weight, kind) in enumerate(self.items):
            if not 0 <= weight <= self.room(kind):
                raise ValueError(f"item {i} fits into no bin")
        if self.classes and self.cheapest_bin < 0:
            raise ValueError("a bin costs nothing or more")

    @property
    def items(self) -> Iterator[tuple[int, int]]:
        """Weight and class of each item."""
        return zip(self.weights, self.classes, strict=True)

    @property
    def size(self) -> int:
        """How many items there are."""
        return len(self.weights)

    @property
    def tabled(self) -> bool:
        """Whether setups are those of sets."""
        return bool(self.set_weights)

    @cached_property
    def kinds(self) -> tuple[int, ...]:
        """The classes that occur."""
        return tuple(sorted(set(self.classes)))

    def setups(self, kinds: Iterable[int]) -> tuple[int, int]:
        """Weight and cost of the setup for these classes in one bin."""
        distinct = set(kinds)
        if self.tabled:
            mask = sum(1 << kind for kind in distinct)
            return self.set_weights[mask], self.set_costs[mask]
        weight = sum(self.setup_weights[kind] for kind in distinct)
        cost = sum(self.setup_costs[kind] for kind in distinct)
        return weight, cost

    def setup_weight(self, kinds: Iterable[int]) -> int:
        """What the setup for these classes weighs in one bin."""
        weight, _ = self.setups(kinds)
        return weight

    def bin_with(self, kinds: Iterable[int]) -> int:
        """What a bin with these classes costs."""
        _, cost = self.setups(kinds)
        return self.bin_cost + cost

    @property
    def cheapest_bin(self) -> int:
        """What a bin costs at least."""
        return min(self.bin_with((kind,)) for kind in self.kinds)

    def room(self, kind: int) -> int:
        """What a bin with this class alone can hold of it."""
        return self.capacity - self.setup_weight((kind,))

    @cached_property
    def unit(self) -> int:
        """Every packing's cost is a multiple of this."""
        if self.tabled:
            return gcd(self.bin_cost, *self.set_costs) or 1
        costs = [self.setup_costs[kind] for kind in self.kinds]
        return gcd(self.bin_cost, *costs) or 1

    @cached_property
    def least_visits(self) -> dict[int, int]:
        """For each class that occurs, a number of bins that it cannot do without."""
        volumes: Counter[int] = Counter()
        for weight, kind in self.items:
            volumes[kind] += weight
        return {
            kind: max(1, self.loners[kind], quotient(volume, self.room(kind)))
            for kind, volume in volumes.items()
        }

    @cached_property
    def loners(self) -> Counter[int]:
        """How many items of each class no bin can hold two of."""
        return Counter(
            kind for weight, kind in self.items if 2 * weight > self.room(kind)
        )

    @cached_property
    def least_bins(self) -> int:
        """A number of bins without which no packing does: by the visits of each class
        and, where setups are sums, by volume and by the items of which no two, of
        whatever classes, share a bin.
        """
        visits = self.least_visits
        if self.tabled:
            return max(visits.values())
        setups = sum(count * self.setup_weights[kind] for kind, count in visits.items())
        by_volume = quotient(sum(self.weights) + setups, self.capacity)
        return max(by_volume, self.loners.total(), *visits.values())

    def load(self, content: Sequence[int]) -> int:
        """What a bin with these items weighs, setup included."""
        items = sum(self.weights[i] for i in content)
        return items + self.setup_weight(self.classes[i] for i in content)

    def cost(self, packing: Iterable[Sequence[int]]) -> int:
        """What the bins in use cost together."""
        return sum(
            self.bin_with(self.classes[i] for i in content) for content in packing
        )

    def faults(self, packing: Sequence[Sequence[int]]) -> list[str]:
        """What is wrong with a packing, in words; empty for a right one."""
        times = Counter(i for content in packing for i in content)
        faults = [
            f"item {i} is packed {times[i]} times"
            for i in range(self.size)
            if times[i] != 1
        ]
        faults += [f"item {i} does not exist" for i in times if not 0 <= i < self.size]
        faults += [
            f"bin {b} is empty" for b, content in enumerate(packing) if not content
        ]
        if faults:
            return faults
        return [
            f"bin {b} is overfull"
            for b, content in enumerate(packing)
            if self.load(content) > self.capacity
        ]


def quotient(volume: int, room: int) -> int:
    """How many times the room, at least 1, it takes to hold the volume."""
    return -(-volume // max(1, room))


def read_instance(text: str) -> Instance:
    """An instance in the published benchmark's form: `items classes capacity bin_cost`;
    a line a class with its setup cost (written negative), setup weight and number of
    items; then the items' weights, class by class.
    """
    numbers = iter(int(word) for word in text.split())
    count, kinds, capacity, bin_cost = (next(numbers) for _ in range(4))
    rows = [(next(numbers), next(numbers), next(numbers)) for _ in range(kinds)]
    classes: list[int] = []
    for kind, (_, _, items) in enumerate(rows):
        classes += [kind] * items
    return Instance(
        capacity=capacity,
        bin_cost=bin_cost,
        setup_weights=tuple(weight for _, weight, _ in rows),
        setup_costs=tuple(abs(cost) for cost, _, _ in rows),
        weights=tuple(next(numbers) for _ in range(count)),
        classes=tuple(classes),
    )
