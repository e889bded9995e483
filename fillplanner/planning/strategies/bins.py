"""Blocks as sets of lots: with types grouped, their hours follow from the lots alone
and grow in constant time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import permutations

from fillplanner.planning.problem import TOLERANCE, LineConfig, Lot
from fillplanner.planning.strategies.base import Blocks
from fillplanner.planning.strategies.shelf import KEPT_BACK

PERMUTED_TYPES = 5
# Of more types, how many starts times types are tried: many types have few starts, so
# that a path stays quadratic.
STARTS_TIMES_TYPES = 60
Path = tuple[tuple[str, ...], float]


class Setups:
    """Changeover hours of grouped blocks on one line; what is worked out for a set of
    types is remembered.
    """

    def __init__(self, config: LineConfig) -> None:
        self.config = config
        self.uniform = not config.changeover_matrix
        self.paths: dict[frozenset[str], Path] = {}
        # Changeovers looked up for paths so far.
        self.effort = 0

    def between(self, types: frozenset[str]) -> float:
        """Hours of the changeovers between different types of one block."""
        if self.uniform:
            return self.config.default_changeover_hours * max(0, len(types) - 1)
        return self.path(types)[1]

    def path(self, types: frozenset[str]) -> Path:
        """An order of types that changes over fast, and its hours: the best to five
        types, then the nearest next.
        """
        known = self.paths.get(types)
        if known is None:
            known = self.paths[types] = self._cheapest(sorted(types))
        return known

    def _cheapest(self, types: list[str]) -> Path:
        if len(types) <= PERMUTED_TYPES:
            orders: list[Sequence[str]] = list(permutations(types))
            self.effort += len(orders) * len(types)
        else:
            starts = types[: max(1, STARTS_TIMES_TYPES // len(types))]
            orders = [self._nearest(first, types) for first in starts]
            self.effort += len(orders) * len(types) ** 2
        best = min(orders, key=self._cost)
        return tuple(best), self._cost(best)

    def _cost(self, order: Sequence[str]) -> float:
        return sum(
            self.config.changeover_hours(a, b)
            for a, b in zip(order, order[1:], strict=False)
        )

    def _nearest(self, first: str, types: list[str]) -> list[str]:
        order, rest = [first], [lot_type for lot_type in types if lot_type != first]
        while rest:
            order.append(
                min(
                    rest,
                    key=lambda lot_type: self.config.changeover_hours(
                        order[-1], lot_type
                    ),
                )
            )
            rest.remove(order[-1])
        return order


class Bin:
    """The lots of one block and the hours they use of the window when types are grouped."""

    __slots__ = ("lots", "setups", "types", "used")

    def __init__(self, setups: Setups, lots: Iterable[Lot] = ()) -> None:
        self.setups = setups
        self.lots = list(lots)
        counts = Counter(lot.lot_type for lot in self.lots)
        self.types = frozenset(counts)
        again = sum(
            (count - 1) * setups.config.changeover_hours(kind, kind)
            for kind, count in counts.items()
            if count > 1
        )
        self.used = (
            sum(lot.fill_hours for lot in self.lots)
            + again
            + setups.between(self.types)
        )

    def growth(self, lot: Lot) -> float:
        """Hours by which the lot would lengthen the block."""
        if not self.lots:
            return lot.fill_hours
        if lot.lot_type in self.types:
            return lot.fill_hours + self.setups.config.changeover_hours(
                lot.lot_type, lot.lot_type
            )
        if self.setups.uniform:
            return lot.fill_hours + self.setups.config.default_changeover_hours
        more = self.setups.between(self.types | {lot.lot_type}) - self.setups.between(
            self.types
        )
        return lot.fill_hours + more

    def add(self, lot: Lot) -> None:
        self.used += self.growth(lot)
        self.lots.append(lot)
        if lot.lot_type not in self.types:
            self.types |= {lot.lot_type}

    def has_room(self, hours: float) -> bool:
        """Whether the block may grow by so many hours."""
        return self.used + hours <= self.limit + TOLERANCE - KEPT_BACK

    @property
    def limit(self) -> float:
        return self.setups.config.window_hours

    @property
    def fits(self) -> bool:
        return len(self.lots) < 2 or self.has_room(0.0)

    @property
    def length(self) -> float:
        """Hours of the block with its clean."""
        return self.setups.config.clean_hours + self.used

    def ordered(self) -> list[Lot]:
        """The lots with types grouped, the longest of each first, in the order of types
        that is cheapest.
        """
        groups = by_type(self.lots)
        order = list(groups) if self.setups.uniform else self.setups.path(self.types)[0]
        return [lot for lot_type in order for lot in groups[lot_type]]


def by_type(lots: Iterable[Lot]) -> dict[str, list[Lot]]:
    """Lots by type, each type's longest first."""
    groups: dict[str, list[Lot]] = {}
    for lot in sorted(lots, key=lambda lot: (-lot.fill_hours, lot.lot_id)):
        groups.setdefault(lot.lot_type, []).append(lot)
    return groups


def length(blocks: Blocks, config: LineConfig) -> float:
    """The makespan of blocks in the order they have."""
    return sum(config.clean_hours + block_hours(block, config) for block in blocks)


def block_hours(block: Sequence[Lot], config: LineConfig) -> float:
    """Fills and changeovers of a block in the order it has."""
    between = (
        config.changeover_hours(a.lot_type, b.lot_type)
        for a, b in zip(block, block[1:], strict=False)
    )
    return sum(lot.fill_hours for lot in block) + sum(between)


def split_costly(blocks: Blocks, config: LineConfig) -> Blocks:
    """Replace every changeover that is dearer than a clean by a clean: always legal and
    never longer.
    """
    made: Blocks = []
    for block in blocks:
        piece = [block[0]]
        for before, lot in zip(block, block[1:], strict=False):
            if (
                config.changeover_hours(before.lot_type, lot.lot_type)
                > config.clean_hours
            ):
                made.append(piece)
                piece = []
            piece.append(lot)
        made.append(piece)
    return made
