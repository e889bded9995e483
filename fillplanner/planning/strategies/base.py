"""What a strategy is, and the shelf of waiting lots that all of them pick from."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from fillplanner.planning.problem import TOLERANCE, LineConfig, Lot, Problem

Blocks = list[list[Lot]]


class Watch(Protocol):
    """What a strategy tells its caller, and what it may ask."""

    def placed(self, done: int, lot: Lot) -> None:
        """So many lots have a place, this one came last. May raise to stop the run."""

    def expired(self) -> bool:
        """Whether the time is up: what is found by now is the answer."""


class Unwatched:
    """Nobody listens and time is no matter."""

    def placed(self, done: int, lot: Lot) -> None:
        return

    def expired(self) -> bool:
        return False


@dataclass(frozen=True)
class Strategy:
    """A named way to divide lots into blocks; `pack` gives every lot a place and no block is over the window."""

    name: str
    aliases: tuple[str, ...]
    description: str
    pack: Callable[[Problem, Watch], Blocks]


class Shelf:
    """Lots that wait, by type, each type sorted by fill hours; finding and taking one is logarithmic."""

    def __init__(self, lots: Iterable[Lot]) -> None:
        self.by_type: dict[str, list[Lot]] = {}
        for lot in lots:
            self.by_type.setdefault(lot.lot_type, []).append(lot)
        for waiting in self.by_type.values():
            waiting.sort(key=size)

    def __bool__(self) -> bool:
        return any(self.by_type.values())

    def types(self) -> Iterator[str]:
        return (lot_type for lot_type, waiting in self.by_type.items() if waiting)

    def shortest(self, lot_type: str) -> Lot | None:
        waiting = self.by_type[lot_type]
        return waiting[0] if waiting else None

    def longest(self, lot_type: str, room: float, count: int = 1) -> list[Lot]:
        """The `count` longest lots of a type that fit into `room` hours, longest first."""
        waiting = self.by_type[lot_type]
        end = bisect_right(waiting, room + TOLERANCE, key=hours)
        return waiting[max(0, end - count) : end][::-1]

    def take(self, lot: Lot) -> Lot:
        waiting = self.by_type[lot.lot_type]
        del waiting[bisect_left(waiting, size(lot), key=size)]
        return lot

    def put(self, lot: Lot) -> None:
        insort(self.by_type[lot.lot_type], lot, key=size)


def hours(lot: Lot) -> float:
    return lot.fill_hours


def size(lot: Lot) -> tuple[float, str]:
    return (lot.fill_hours, lot.lot_id)


@dataclass
class Opening:
    """The block being filled: what came last and how much of the window is used, in hours."""

    config: LineConfig
    last: str | None = None
    used: float = 0.0

    def changeover(self, lot_type: str) -> float:
        return 0.0 if self.last is None else self.config.changeover_hours(self.last, lot_type)

    def room(self, lot_type: str) -> float:
        """Hours left for a fill of this type, after its changeover."""
        return self.config.window_hours - self.used - self.changeover(lot_type)

    def add(self, lot: Lot) -> None:
        self.used += self.changeover(lot.lot_type) + lot.fill_hours
        self.last = lot.lot_type


Pick = Callable[[Shelf, Opening], Lot | None]


def fill_blocks(problem: Problem, pick: Pick, watch: Watch) -> Blocks:
    """The loop of the list strategies: pick the next lot that fits; when none does, clean and go on."""
    shelf, blocks, done = Shelf(problem.lots), [], 0
    while shelf:
        opening, block = Opening(problem.config), []
        while (lot := pick(shelf, opening)) is not None:
            opening.add(shelf.take(lot))
            block.append(lot)
            done += 1
            watch.placed(done, lot)
        blocks.append(block)
    return blocks


def types_by_count(problem: Problem) -> list[str]:
    """Lot types, the one with most lots first; equal ones by name."""
    counts: dict[str, int] = {}
    for lot in problem.lots:
        counts[lot.lot_type] = counts.get(lot.lot_type, 0) + 1
    return sorted(counts, key=lambda lot_type: (-counts[lot_type], lot_type))


def types_by_hours(problem: Problem) -> list[str]:
    """Lot types, the one with most fill hours first; equal ones by name."""
    totals: dict[str, float] = {}
    for lot in problem.lots:
        totals[lot.lot_type] = totals.get(lot.lot_type, 0.0) + lot.fill_hours
    return sorted(totals, key=lambda lot_type: (-totals[lot_type], lot_type))
