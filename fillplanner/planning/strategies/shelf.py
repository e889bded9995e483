"""The shelf of waiting lots that strategies pick from, and the block that is being
filled. All times are hours.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import nlargest, nsmallest
from itertools import islice

from fillplanner.planning.problem import TOLERANCE, LineConfig, Lot

# Of the window's tolerance, what is kept for rounding errors of sums: only a block of
# one lot may use all of it.
KEPT_BACK = TOLERANCE / 2
# Up to so many types each is looked at; of more, the lots at the ends of the common
# order stand for all.
FEW_TYPES = 16
ENOUGH_LOTS = 16
MOST_SKIPPED = 64


class Shelf:
    """Lots that wait, by type and all together, sorted by fill hours; finding and
    taking one is logarithmic.
    """

    def __init__(self, lots: Iterable[Lot]) -> None:
        self.by_type: dict[str, list[Lot]] = {}
        self.all = sorted(lots, key=size)
        for lot in self.all:
            self.by_type.setdefault(lot.lot_type, []).append(lot)

    def __bool__(self) -> bool:
        return bool(self.all)

    def types(self) -> Iterator[str]:
        """The types of which lots wait."""
        return iter(self.by_type)

    def shortest(self, lot_type: str) -> Lot | None:
        """The shortest lot of a type."""
        waiting = self.by_type.get(lot_type)
        return waiting[0] if waiting else None

    def fitting_types(self, order: list[str], opening: Opening) -> Iterator[str]:
        """Types of which some lot fits: the last one first, then in the given order,
        from which types without lots are taken out once they are many.
        """
        last = opening.last
        if last is not None and self._shortest_fits(last, opening.room(last)):
            yield last
        if len(order) > 2 * len(self.by_type):
            order[:] = [lot_type for lot_type in order if lot_type in self.by_type]
        if not opening.staying_is_cheaper:
            for lot_type in order:
                if self._shortest_fits(lot_type, opening.room(lot_type)):
                    yield lot_type
            return
        room = opening.room_elsewhere
        if fits_first(self.all, room):
            for lot_type in order:
                if self._shortest_fits(lot_type, room):
                    yield lot_type

    def _shortest_fits(self, lot_type: str, room: float) -> bool:
        return fits_first(self.by_type.get(lot_type, ()), room)

    def few(self, opening: Opening) -> bool:
        """Whether each type has to be, and can be, looked at by itself."""
        return len(self.by_type) <= FEW_TYPES or not opening.staying_is_cheaper

    def leading(self, opening: Opening, count: int) -> list[Lot]:
        """Long lots that fit: the `count` longest of each type, or of many types those
        that are longest of all.
        """
        if self.few(opening):
            fitting = (
                lot
                for lot_type in self.types()
                for lot in self._longest_fitting(lot_type, opening, count)
            )
            return nlargest(FEW_TYPES * count, fitting, key=size)
        same: list[Lot] = []
        if opening.last is not None:
            same = self._longest_fitting(opening.last, opening, count)
        end = bisect_right(self.all, opening.room_elsewhere + TOLERANCE, key=hours)
        stop = max(-1, end - 1 - MOST_SKIPPED)
        return same + self._others(opening, range(end - 1, stop, -1))

    def _longest_fitting(
        self, lot_type: str, opening: Opening, count: int
    ) -> list[Lot]:
        """The `count` longest lots of a type that fit, longest first."""
        return self.longest(lot_type, opening.room(lot_type), count)

    def trailing(self, opening: Opening) -> list[Lot]:
        """Short lots that fit: the shortest of each type, or of many types those that
        are shortest of all.
        """
        if self.few(opening):
            shortest = (waiting[0] for waiting in self.by_type.values())
            lots = nsmallest(FEW_TYPES, shortest, key=size)
        else:
            same = self.shortest(opening.last) if opening.last is not None else None
            others = self._others(opening, range(min(MOST_SKIPPED, len(self.all))))
            lots = others if same is None else [same, *others]
        return [lot for lot in lots if opening.takes(lot)]

    def _others(self, opening: Opening, places: range) -> list[Lot]:
        """Enough lots at these places that are not of the last type."""
        lots = (self.all[place] for place in places)
        others = (lot for lot in lots if lot.lot_type != opening.last)
        return list(islice(others, ENOUGH_LOTS))

    def something_fits(self, opening: Opening, besides: Lot) -> bool:
        """Whether any waiting lot but one still fits."""
        if not fits_first(self.all, opening.left):
            return False
        for waiting in self._shelves(opening):
            shortest = waiting[0] if waiting else besides
            if shortest is besides and len(waiting) > 1:
                shortest = waiting[1]
            if shortest is not besides and opening.takes(shortest):
                return True
        return False

    def _shelves(self, opening: Opening) -> Iterable[list[Lot]]:
        """Lots, shortest first, of which the first ones tell whether anything fits."""
        if opening.staying_is_cheaper and opening.last is not None:
            # What is longer than the shortest of all, and not of this type, has no more
            # room than that one.
            return self.by_type.get(opening.last, []), self.all
        return self.by_type.values()

    def longest(self, lot_type: str, room: float, count: int = 1) -> list[Lot]:
        """The `count` longest lots of a type that fit into `room` hours, longest first."""
        waiting = self.by_type.get(lot_type, [])
        end = bisect_right(waiting, room + TOLERANCE, key=hours)
        return waiting[max(0, end - count) : end][::-1]

    def take(self, lot: Lot) -> Lot:
        """Take a lot off the shelf; the same lot."""
        waiting = self.by_type[lot.lot_type]
        del waiting[bisect_left(waiting, size(lot), key=size)]
        del self.all[bisect_left(self.all, size(lot), key=size)]
        if not waiting:
            del self.by_type[lot.lot_type]
        return lot

    def put(self, lot: Lot) -> None:
        """Put a lot back."""
        insort(self.by_type.setdefault(lot.lot_type, []), lot, key=size)
        insort(self.all, lot, key=size)


def fits_first(lots: Sequence[Lot], room: float) -> bool:
    """Whether there are lots and the first of them fits into so many hours."""
    return bool(lots) and lots[0].fill_hours <= room + TOLERANCE


def hours(lot: Lot) -> float:
    """How long a lot is filled: what `room` is compared with."""
    return lot.fill_hours


def size(lot: Lot) -> tuple[float, str]:
    """The order of a shelf: by fill hours, equal ones by id."""
    return (lot.fill_hours, lot.lot_id)


@dataclass
class Opening:
    """The block being filled.

    last: the type that came last, None at the beginning.
    used: hours of the window that are used.
    """

    config: LineConfig
    last: str | None = None
    used: float = 0.0

    def changeover(self, lot_type: str) -> float:
        """Hours before a fill of this type."""
        if self.last is None:
            return 0.0
        return self.config.changeover_hours(self.last, lot_type)

    def room(self, lot_type: str) -> float:
        """Hours left for a fill of this type, after its changeover."""
        return self.left - self.changeover(lot_type)

    @property
    def left(self) -> float:
        """Hours of the window left, changeovers not counted."""
        if self.last is None:
            return self.config.window_hours
        return self.config.window_hours - self.used - KEPT_BACK

    @property
    def room_elsewhere(self) -> float:
        """Hours left for a fill of any type but the last one, where all changes of type
        cost the same.
        """
        if self.last is None:
            return self.left
        return self.left - self.config.default_changeover_hours

    def takes(self, lot: Lot) -> bool:
        """Whether the lot fits."""
        return lot.fill_hours <= self.room(lot.lot_type) + TOLERANCE

    @property
    def staying_is_cheaper(self) -> bool:
        """Whether all changes of type cost the same, and no less than staying: no type
        need be looked at alone.
        """
        config = self.config
        if config.changeover_matrix:
            return False
        return config.same_type_changeover_hours <= config.default_changeover_hours

    def add(self, lot: Lot) -> None:
        """Fill the lot next."""
        self.used += self.changeover(lot.lot_type) + lot.fill_hours
        self.last = lot.lot_type
