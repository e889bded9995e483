"""The cheapest order of a block's lots where grouping types may lose: a type may be a
bridge between two others.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from math import inf, prod

from fillplanner.planning.problem import LineConfig, Lot
from fillplanner.planning.strategies.bins import Setups, by_type

MOST_STATES = 4000
Counts = tuple[int, ...]


class Orderer:
    """Exact for blocks of few lots, by dynamic programming over how many of each type
    are left and which came last; grouped for others, and for all when time is up. What
    is worked out for a mixture of types is remembered.

    config: the line's rules.
    expired: asked for each block whether the time is up.
    """

    def __init__(self, config: LineConfig, expired: Callable[[], bool] = bool) -> None:
        self.config = config
        self.setups = Setups(config)
        self.expired = expired
        self.walk = lru_cache(maxsize=20_000)(self._walk)

    def ordered(self, lots: list[Lot]) -> list[Lot]:
        """The lots in an order that changes over fast, longer ones of a type first."""
        groups = by_type(lots)
        types = tuple(sorted(groups))
        counts = tuple(len(groups[kind]) for kind in types)
        states = prod(count + 1 for count in counts) * len(types)
        if states > MOST_STATES or self.expired():
            path, _ = self.setups.path(frozenset(types))
            return [lot for kind in path for lot in groups[kind]]
        return [groups[kind].pop(0) for kind in self.walk(types, counts)]

    def _walk(self, types: tuple[str, ...], counts: Counts) -> tuple[str, ...]:
        """The types in the cheapest order, each as often as it occurs (after Held and
        Karp, 1962).
        """
        hours = [[self.config.changeover_hours(a, b) for b in types] for a in types]

        @cache
        def rest(left: Counts, last: int) -> tuple[float, int]:
            """The least hours for what is left after `last`, and the type that comes
            first of it.
            """
            if not any(left):
                return 0.0, -1
            best = inf, -1
            for k, count in enumerate(left):
                if count:
                    following, _ = rest(without(left, k), k)
                    change = hours[last][k] if last >= 0 else 0.0
                    best = min(best, (change + following, k))
            return best

        order: list[str] = []
        left = counts
        last = -1
        while any(left):
            _, last = rest(left, last)
            left = without(left, last)
            order.append(types[last])
        return tuple(order)


def without(left: Counts, k: int) -> Counts:
    """The counts with one less of the type at place k."""
    return (*left[:k], left[k] - 1, *left[k + 1 :])
