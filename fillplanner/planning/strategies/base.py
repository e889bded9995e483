"""What a strategy is, and the loop of those that pick one lot after the other."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Protocol

from fillplanner.planning.problem import Lot, Problem
from fillplanner.planning.strategies.shelf import Opening, Shelf

Blocks = list[list[Lot]]


class Watch(Protocol):
    """What a strategy tells its caller, and what it may ask."""

    def placed(self, done: int, lot: Lot) -> None:
        """So many lots have a place, this one came last. May raise to stop the run."""

    def expired(self) -> bool:
        """Whether the time is up: what is found by now is the answer."""

    def seconds_left(self) -> float:
        """How long until then; infinite for no limit."""

    def improved(self, best: float, bound: float, phase: str) -> None:
        """The hours of the best plan so far, a bound on all, and what is being done.
        May raise to stop the run.
        """

    def bounded(self, hours: float) -> None:
        """No plan is shorter than that."""

    def give_up(self) -> None:
        """The time, or the work allowed, is used up before the best plan is proven."""


class Unwatched:
    """Nobody listens and time is no matter."""

    def placed(self, done: int, lot: Lot) -> None:
        """Nobody is told how many lots have their place."""
        return

    def expired(self) -> bool:
        """Time is never up."""
        return False

    def seconds_left(self) -> float:
        """As many as it takes."""
        return inf

    def improved(self, best: float, bound: float, phase: str) -> None:
        """Nobody is told of a better plan."""
        return

    def bounded(self, hours: float) -> None:
        """Nobody is told of a better bound, in hours."""
        return

    def give_up(self) -> None:
        """Nobody wants to stop it."""
        return


class Until(Unwatched):
    """Nobody listens, but time is up at `deadline` on the clock of `time.monotonic`, or
    when `outer` says so.
    """

    def __init__(self, deadline: float, outer: Watch) -> None:
        self.deadline = deadline
        self.outer = outer
        self.late = False

    def expired(self) -> bool:
        """Whether the deadline is over, or the outer watch says so."""
        self.late = (
            self.late or time.monotonic() > self.deadline or self.outer.expired()
        )
        return self.late

    def seconds_left(self) -> float:
        """How long until the deadline."""
        return self.deadline - time.monotonic()


@dataclass(frozen=True)
class Strategy:
    """A named way to divide lots into blocks; `pack` gives every lot a place and no
    block is over the window. An `anytime` strategy uses the time it is given.
    """

    name: str
    aliases: tuple[str, ...]
    description: str
    pack: Callable[[Problem, Watch], Blocks]
    anytime: bool = False


Pick = Callable[[Shelf, Opening], Lot | None]


def fill_blocks(problem: Problem, pick: Pick, watch: Watch) -> Blocks:
    """The loop of the list strategies: pick the next lot that fits; when none does,
    clean and go on.

    problem: lots and rules.
    pick: the next lot that fits, None where none does.
    watch: hears of each lot that has a place.
    Returns the lots by block, none of which is over the window.
    """
    shelf = Shelf(problem.lots)
    blocks = []
    done = 0
    while shelf:
        opening = Opening(problem.config)
        block = []
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
