"""Mending a packing: a few blocks at a time are taken apart and packed anew."""

from __future__ import annotations

import random
from collections.abc import Callable

from fillplanner.planning.problem import Lot
from fillplanner.planning.strategies.bins import Bin, Setups

ROUNDS_PER_LOT = 24
LEAST_ROUNDS = 400
# Lots times blocks tried, and changeovers looked up at a quarter of the price: bounds
# the time whatever the lots are like, and the same lots still give the same plan.
MOST_WORK = 600_000


def mend(
    bins: list[Bin], setups: Setups, expired: Callable[[], bool], seed: int = 1
) -> list[Bin]:
    """Take two to four blocks apart and pack their lots anew, keeping what is no
    longer.

    Ruin and recreate: full blocks that come out leave the emptier ones emptier, until
    one disappears (Schrimpf et al., Journal of Computational Physics 159, 2000).

    bins: the blocks to begin with.
    setups: the line's changeovers.
    expired: asked each time whether the time is up.
    seed: of the random numbers.
    """
    chance = random.Random(seed)
    bins = list(bins)
    work = 0
    before = setups.effort
    for _ in range(most_rounds(bins)):
        looked_up = (setups.effort - before) / 4
        if len(bins) < 2 or work + looked_up > MOST_WORK or expired():
            break
        chosen = chance.sample(range(len(bins)), min(len(bins), chance.randint(2, 4)))
        old = [bins[i] for i in chosen]
        lots = lots_of(old)
        new = repacked(lots, setups, chance)
        work += len(lots) * (1 + len(new))
        if rank(new) <= rank(old):
            replace(bins, chosen, new)
    return bins


def most_rounds(bins: list[Bin]) -> int:
    """How often blocks are taken apart at most."""
    return max(LEAST_ROUNDS, ROUNDS_PER_LOT * len(lots_of(bins)))


def lots_of(bins: list[Bin]) -> list[Lot]:
    """The lots of all blocks."""
    return [lot for block in bins for lot in block.lots]


def replace(bins: list[Bin], chosen: list[int], new: list[Bin]) -> None:
    """Put the new blocks where the chosen ones were; order means nothing here."""
    for i in sorted(chosen, reverse=True):
        bins[i] = bins[-1]
        bins.pop()
    bins += new


def rank(bins: list[Bin]) -> tuple[float, float]:
    """The makespan in hours, then how evenly the blocks are filled: uneven is better,
    an almost empty block may go next.
    """
    makespan = sum(block.length for block in bins)
    unevenness = sum(block.used**2 for block in bins)
    return round(makespan, 7), -unevenness


def repacked(lots: list[Lot], setups: Setups, chance: random.Random) -> list[Bin]:
    """Best fit over lots in a random order that keeps types and sizes roughly together."""
    bins: list[Bin] = []
    for lot in roughly_sorted(lots, chance):
        home = best_home(bins, lot, setups)
        if home is None:
            bins.append(Bin(setups, [lot]))
        else:
            home.add(lot)
    return bins


def roughly_sorted(lots: list[Lot], chance: random.Random) -> list[Lot]:
    """Types one after the other by chance, the longer lots of each first, more or less."""
    types = sorted({lot.lot_type for lot in lots})
    chance.shuffle(types)
    place = {lot_type: i for i, lot_type in enumerate(types)}
    jitter = chance.choice((0.0, 0.2, 1.0))
    weight = {
        lot.lot_id: lot.fill_hours * (1 + jitter * chance.uniform(-1, 1))
        for lot in lots
    }

    def key(lot: Lot) -> tuple[int, float, str]:
        return place[lot.lot_type], -weight[lot.lot_id], lot.lot_id

    return sorted(lots, key=key)


def best_home(bins: list[Bin], lot: Lot, setups: Setups) -> Bin | None:
    """The block that the lot lengthens least, the fullest of equal ones; None where no
    block has room or a block of its own is shorter.

    bins: the blocks there are.
    lot: what is to be placed.
    setups: the line's changeovers.
    """
    best: Bin | None = None
    least = (setups.config.clean_hours + lot.fill_hours, 0.0)
    for block in bins:
        growth = block.growth(lot)
        price = growth, -block.used
        if price <= least and block.has_room(growth):
            best = block
            least = price
    return best
