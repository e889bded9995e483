"""Blocks as sets of lots: with types grouped, their hours follow from the lots alone
and grow in constant time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise, permutations

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

    def within(self, counts: Mapping[str, int]) -> float:
        """Hours of the changeovers from a type to itself, of so many lots of each."""
        return sum(
            (count - 1) * self.config.changeover_hours(kind, kind)
            for kind, count in counts.items()
            if count > 1
        )

    def path(self, types: frozenset[str]) -> Path:
        """An order of types that changes over fast, and its hours: the best to five
        types, then the nearest next.
        """
        known = self.paths.get(types)
        if known is None:
            known = self.paths[types] = self._cheapest(sorted(types))
        return known

    def _cheapest(self, types: list[str]) -> Path:
        """The cheapest order of these types that is tried."""
        count = len(types)
        if count <= PERMUTED_TYPES:
            orders: list[Sequence[str]] = list(permutations(types))
            self.effort += len(orders) * count
        else:
            starts = types[: max(1, STARTS_TIMES_TYPES // count)]
            orders = [self._nearest(first, types) for first in starts]
            self.effort += len(orders) * count**2
        best = min(orders, key=self._cost)
        return tuple(best), self._cost(best)

    def _cost(self, order: Sequence[str]) -> float:
        """Changeover hours along the types in this order."""
        config = self.config
        return sum(config.changeover_hours(a, b) for a, b in pairwise(order))

    def _nearest(self, first: str, types: list[str]) -> list[str]:
        """The types from the first on, always the one that is nearest next."""
        order = [first]
        rest = [lot_type for lot_type in types if lot_type != first]

        def hours_to(lot_type: str) -> float:
            return self.config.changeover_hours(order[-1], lot_type)

        while rest:
            nearest = min(rest, key=hours_to)
            order.append(nearest)
            rest.remove(nearest)
        return order


class Bin:
    """The lots of one block and the hours they use of the window when types are grouped."""

    __slots__ = ("lots", "setups", "types", "used")

    def __init__(self, setups: Setups, lots: Iterable[Lot] = ()) -> None:
        self.setups = setups
        self.lots = list(lots)
        counts = Counter(lot.lot_type for lot in self.lots)
        self.types = frozenset(counts)
        fills = sum(lot.fill_hours for lot in self.lots)
        self.used = fills + setups.within(counts) + setups.between(self.types)

    def growth(self, lot: Lot) -> float:
        """Hours by which the lot would lengthen the block."""
        if not self.lots:
            return lot.fill_hours
        return lot.fill_hours + self._changeover_for(lot.lot_type)

    def _changeover_for(self, lot_type: str) -> float:
        """Hours by which changeovers grow with a lot of this type."""
        setups = self.setups
        if lot_type in self.types:
            return setups.config.changeover_hours(lot_type, lot_type)
        if setups.uniform:
            return setups.config.default_changeover_hours
        return setups.between(self.types | {lot_type}) - setups.between(self.types)

    def add(self, lot: Lot) -> None:
        """Put the lot into the block."""
        self.used += self.growth(lot)
        self.lots.append(lot)
        if lot.lot_type not in self.types:
            self.types |= {lot.lot_type}

    def has_room(self, hours: float) -> bool:
        """Whether the block may grow by so many hours."""
        return self.used + hours <= self.limit + TOLERANCE - KEPT_BACK

    @property
    def limit(self) -> float:
        """Hours of the window."""
        return self.setups.config.window_hours

    @property
    def fits(self) -> bool:
        """Whether the block is not longer than the window."""
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
        if self.setups.uniform:
            return [lot for group in groups.values() for lot in group]
        order, _ = self.setups.path(self.types)
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
    types = [lot.lot_type for lot in block]
    changeovers = sum(config.changeover_hours(a, b) for a, b in pairwise(types))
    return sum(lot.fill_hours for lot in block) + changeovers


def split_costly(blocks: Blocks, config: LineConfig) -> Blocks:
    """Replace every changeover that is dearer than a clean by a clean: always legal and
    never longer.

    blocks: the lots of each block in order.
    config: the line's rules.
    """
    pieces: Blocks = []
    for block in blocks:
        piece = [block[0]]
        for before, lot in pairwise(block):
            changeover = config.changeover_hours(before.lot_type, lot.lot_type)
            if changeover > config.clean_hours:
                pieces.append(piece)
                piece = []
            piece.append(lot)
        pieces.append(piece)
    return pieces
