"""Patterns, which say what one bin may hold, over groups of equal items."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fillplanner.planning.packing.instance import Instance, Packing


@dataclass(frozen=True)
class Pattern:
    """What a bin holds.

    counts: how many items of each group, by its number (groups ascend).
    classes: those of the groups, ascending.
    cost: of the bin and the setups of its classes.
    legal: False where only rounded weights fit: such a pattern serves a bound, not a
    packing.
    """

    counts: tuple[tuple[int, int], ...]
    classes: tuple[int, ...]
    cost: int
    legal: bool


class Groups:
    """Equal items (one class, one weight) taken together. Groups ascend by class, and
    within it by weight.

    instance: whose items they are.
    members: of each group the numbers of its items.
    demand: how many those are.
    class_of, weight_of: what the items of each group are.
    group_of: of each item its group.
    """

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        items_like: dict[tuple[int, int], list[int]] = {}
        for i in range(instance.size):
            key = instance.classes[i], instance.weights[i]
            items_like.setdefault(key, []).append(i)
        keys = sorted(items_like)
        self.members = [items_like[key] for key in keys]
        self.demand = [len(items) for items in self.members]
        self.class_of = [kind for kind, _ in keys]
        self.weight_of = [weight for _, weight in keys]
        self.group_of = {i: g for g, items in enumerate(self.members) for i in items}

    def __len__(self) -> int:
        return len(self.members)

    def pattern(self, groups: Iterable[int]) -> Pattern:
        """The pattern with these groups, one mention an item."""
        counts = Counter(groups)
        kinds = tuple(sorted({self.class_of[g] for g in counts}))
        setup_weight, setup_cost = self.instance.setups(kinds)
        items_weight = sum(self.weight_of[g] * count for g, count in counts.items())
        return Pattern(
            counts=tuple(sorted(counts.items())),
            classes=kinds,
            cost=self.instance.bin_cost + setup_cost,
            legal=setup_weight + items_weight <= self.instance.capacity,
        )

    def pattern_of_counts(self, counts: Any) -> Pattern:
        """The pattern with counts[g] items of group g."""
        held = np.flatnonzero(counts).tolist()
        return self.pattern(g for g in held for _ in range(int(counts[g])))

    def of_bin(self, content: Iterable[int]) -> Pattern:
        """The pattern of a bin that holds these items."""
        return self.pattern(self.group_of[i] for i in content)

    def packing(self, patterns: Sequence[Pattern]) -> tuple[Packing, list[int]]:
        """Bins of items by these patterns, no item packed twice, and the items that are
        left over.

        patterns: one a bin; they may hold more items than there are.
        """
        waiting = [list(items) for items in self.members]
        bins = []
        for pattern in patterns:
            content: list[int] = []
            for g, count in pattern.counts:
                available = min(count, len(waiting[g]))
                content += [waiting[g].pop() for _ in range(available)]
            if content:
                bins.append(content)
        left_over = [i for items in waiting for i in items]
        return bins, left_over
