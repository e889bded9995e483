"""Packing type by type with exact completion, merging what is left over, and mending blocks a few at a time.

The problem is bin packing with setups: with types grouped in each block the makespan depends only on which lots
share a block, so blocks are sets here and are put in order at the end.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from itertools import permutations

from fillplanner.planning.problem import TOLERANCE, LineConfig, Lot
from fillplanner.planning.strategies.base import Blocks

GRID = 1200
MOST_COMPARED = 160
PERMUTED_TYPES = 5
ROUNDS_PER_LOT, LEAST_ROUNDS, MOST_ROUNDS = 12, 400, 6000


def by_type(lots: Iterable[Lot]) -> dict[str, list[Lot]]:
    """Lots by type, each type's longest first."""
    groups: dict[str, list[Lot]] = {}
    for lot in sorted(lots, key=lambda lot: (-lot.fill_hours, lot.lot_id)):
        groups.setdefault(lot.lot_type, []).append(lot)
    return groups


def ordered(block: Iterable[Lot], config: LineConfig) -> list[Lot]:
    """The block's lots with types grouped, in the order of types that changes over fastest (exact to five types)."""
    groups = by_type(block)
    types = list(groups)
    if len(types) > 1 and config.changeover_matrix:
        types = cheapest_path(types, config)
    return [lot for lot_type in types for lot in groups[lot_type]]


def cheapest_path(types: list[str], config: LineConfig) -> list[str]:
    def cost(path: Iterable[str]) -> float:
        stops = list(path)
        return sum(config.changeover_hours(a, b) for a, b in zip(stops, stops[1:], strict=False))

    if len(types) <= PERMUTED_TYPES:
        return list(min(permutations(types), key=cost))
    return min((nearest_path(first, types, config) for first in types), key=cost)


def nearest_path(first: str, types: list[str], config: LineConfig) -> list[str]:
    path, rest = [first], [lot_type for lot_type in types if lot_type != first]
    while rest:
        path.append(min(rest, key=lambda lot_type: config.changeover_hours(path[-1], lot_type)))
        rest.remove(path[-1])
    return path


def block_hours(block: Sequence[Lot], config: LineConfig) -> float:
    """Fills and changeovers of an ordered block."""
    between = (config.changeover_hours(a.lot_type, b.lot_type) for a, b in zip(block, block[1:], strict=False))
    return sum(lot.fill_hours for lot in block) + sum(between)


def length(blocks: Iterable[Sequence[Lot]], config: LineConfig) -> float:
    """The makespan of ordered blocks."""
    return sum(config.clean_hours + block_hours(block, config) for block in blocks)


def complete(waiting: list[Lot], room: float, changeover: float) -> list[Lot]:
    """Lots of one type that together come closest to filling `room` hours, each after a changeover: a subset sum
    on a grid of a 1,200th of the room, sizes rounded up so that the answer always fits."""
    pool = [lot for lot in waiting if lot.fill_hours + changeover <= room + TOLERANCE]
    if not pool or room <= 0:
        return []
    pool = thinned(pool)
    step = room / GRID
    sizes = [max(1, -int(-(lot.fill_hours + changeover - TOLERANCE) // step)) for lot in pool]
    reach = [1]
    mask = (1 << (GRID + 1)) - 1
    for size in sizes:
        reach.append((reach[-1] | reach[-1] << size) & mask)
    return trace(pool, sizes, reach)


def thinned(pool: list[Lot]) -> list[Lot]:
    """At most 160 lots, spread evenly over the sizes."""
    if len(pool) <= MOST_COMPARED:
        return pool
    return [pool[i * len(pool) // MOST_COMPARED] for i in range(MOST_COMPARED)]


def trace(pool: list[Lot], sizes: list[int], reach: list[int]) -> list[Lot]:
    total, chosen = reach[-1].bit_length() - 1, []
    for i in range(len(pool) - 1, -1, -1):
        if not reach[i] >> total & 1:
            chosen.append(pool[i])
            total -= sizes[i]
    return chosen


def pack_type(lots: list[Lot], config: LineConfig) -> Blocks:
    """Blocks of one type: the longest lot that waits, completed as exactly as the others allow."""
    waiting, blocks = list(lots), []
    changeover = config.changeover_hours(lots[0].lot_type, lots[0].lot_type)
    while waiting:
        first = waiting.pop(0)
        rest = complete(waiting, config.window_hours - first.fill_hours, changeover)
        taken = {lot.lot_id for lot in rest}
        waiting = [lot for lot in waiting if lot.lot_id not in taken]
        blocks.append([first, *rest])
    return blocks


def grouped_blocks(lots: Iterable[Lot], config: LineConfig) -> Blocks:
    """Every type packed by itself, then loose blocks merged."""
    packed = [block for group in by_type(lots).values() for block in pack_type(group, config)]
    return merged(packed, config)


def merged(blocks: Blocks, config: LineConfig) -> Blocks:
    """Join blocks that fit together, emptiest first, where the changeover costs no more than the clean it saves."""
    rest = sorted((ordered(block, config) for block in blocks), key=lambda block: -block_hours(block, config))
    kept: Blocks = []
    while rest:
        block = rest.pop()
        for i in range(len(rest) - 1, -1, -1):
            joined = ordered([*block, *rest[i]], config)
            if fits(joined, config) and length([joined], config) <= length([block, rest[i]], config):
                block = joined
                del rest[i]
        kept.append(block)
    return kept


def fits(block: Sequence[Lot], config: LineConfig) -> bool:
    return block_hours(block, config) <= config.window_hours + TOLERANCE


def split_costly(blocks: Blocks, config: LineConfig) -> Blocks:
    """Replace every changeover that is dearer than a clean by a clean: always legal and never longer."""
    made: Blocks = []
    for block in blocks:
        piece = [block[0]]
        for before, lot in zip(block, block[1:], strict=False):
            if config.changeover_hours(before.lot_type, lot.lot_type) > config.clean_hours:
                made.append(piece)
                piece = []
            piece.append(lot)
        made.append(piece)
    return made


def mend(blocks: Blocks, config: LineConfig, expired: Callable[[], bool], seed: int = 1) -> Blocks:
    """Take two to four blocks apart and pack their lots anew, keeping what is no longer; a fixed number of rounds.

    Ruin and recreate: full blocks that come out leave the emptier ones emptier, until one disappears.
    """
    chance = random.Random(seed)
    lots = sum(len(block) for block in blocks)
    rounds = min(MOST_ROUNDS, max(LEAST_ROUNDS, ROUNDS_PER_LOT * lots), 600_000 // max(1, lots))
    for _ in range(rounds):
        if len(blocks) < 2 or expired():
            break
        chosen = chance.sample(range(len(blocks)), min(len(blocks), chance.randint(2, 4)))
        old = [blocks[i] for i in chosen]
        new = repacked([lot for block in old for lot in block], config, chance)
        if rank(new, config) <= rank(old, config):
            kept = set(chosen)
            blocks = [block for i, block in enumerate(blocks) if i not in kept] + new
    return blocks


def rank(blocks: Blocks, config: LineConfig) -> tuple[float, float]:
    """The makespan, then how evenly the blocks are filled: uneven is better, an almost empty block may go next."""
    return (round(length(blocks, config), 7), -sum(block_hours(block, config) ** 2 for block in blocks))


def repacked(lots: list[Lot], config: LineConfig, chance: random.Random) -> Blocks:
    """First fit over lots in a random order that keeps types and sizes roughly together."""
    types = list(dict.fromkeys(lot.lot_type for lot in lots))
    chance.shuffle(types)
    jitter = chance.choice((0.0, 0.2, 1.0))
    weight = {lot.lot_id: lot.fill_hours * (1 + jitter * chance.uniform(-1, 1)) for lot in lots}
    queue = sorted(lots, key=lambda lot: (types.index(lot.lot_type), -weight[lot.lot_id]))
    blocks: Blocks = []
    for lot in queue:
        home = best_home(blocks, lot, config)
        if home is None:
            blocks.append([lot])
        else:
            blocks[home] = ordered([*blocks[home], lot], config)
    return blocks


def best_home(blocks: Blocks, lot: Lot, config: LineConfig) -> int | None:
    """The block that the lot lengthens least, the fullest of equal ones; None where no block has room or a block
    of its own is shorter."""
    best: tuple[float, float, int] | None = None
    for i, block in enumerate(blocks):
        joined = ordered([*block, lot], config)
        used = block_hours(joined, config)
        growth = used - block_hours(block, config)
        if used <= config.window_hours + TOLERANCE and growth <= config.clean_hours + lot.fill_hours:
            key = (round(growth, 7), -used, i)
            best = key if best is None or key < best else best
    return best[2] if best else None
