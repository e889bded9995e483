"""The sequencer of one problem: orders built by beam search and improved by annealing."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from fillplanner.planning.chance import SEEDS
from fillplanner.planning.kernels import compiled, scaled
from fillplanner.planning.problem import LineConfig, Lot, Problem
from fillplanner.planning.sequencing import beam
from fillplanner.planning.sequencing.annealing import search
from fillplanner.planning.sequencing.layout import Array, Line, block_end, decode

ROUNDS_A_SLICE = 20_000
# Lots times rounds between two looks at the clock, and rounds at least.
MOST_AT_ONCE, FEWEST_AT_ONCE = 4_000_000, 10
# Where kernels are not compiled: lots times rounds, and lots times width of the only
# beam, of a repeatable answer.
MOST_PLAIN_WORK, MOST_PLAIN_BEAM = 250_000, 1_500
HOT, COLD = 25.0, 0.05
COOLINGS = 3
# Each beam is so many times as wide as the one before, and takes as much longer.
WIDER, NARROWEST, BEAMS = 4, 25, 8
BEAM_SHARE = 0.4
# So many orders and cuts are few enough to try each; as many where kernels are not compiled.
FEW, FEW_PLAIN = 30_000, 2_000
CLOSE = 1e-6
MOST_COUNTED, MANY = 12, 1 << 62


class Sequencer:
    """Lays out and improves orders of one problem's lots."""

    def __init__(self, problem: Problem, seed: int = 0) -> None:
        self.problem, self.seed, config = problem, seed, problem.config
        self.number = {lot.lot_id: i for i, lot in enumerate(problem.lots)}
        place = {kind: k for k, kind in enumerate(problem.types)}
        self.line = Line(
            np.array([lot.fill_hours for lot in problem.lots], float),
            np.array([place[lot.lot_type] for lot in problem.lots]),
            np.array(
                [
                    -np.inf if lot.target_start is None else lot.target_start
                    for lot in problem.lots
                ],
                float,
            ),
            np.array(
                [
                    np.inf if lot.target_end is None else lot.target_end
                    for lot in problem.lots
                ],
                float,
            ),
            np.array([config.weight_of(lot) for lot in problem.lots], float),
            changeovers(config, place),
            float(config.clean_hours),
            float(problem.window_hours),
            config.lines,
            np.array(problem.blocked, float).reshape(-1, 2),
            bool(config.allow_waiting),
            sum(len(block) for block in problem.frozen),
        )

    def arrays(self, blocks: Sequence[Sequence[Lot]]) -> tuple[Array, Array]:
        order = [self.number[lot.lot_id] for block in blocks for lot in block]
        cuts = [p == 0 for block in blocks for p in range(len(block))]
        return np.array(order, np.int64), np.array(cuts, np.bool_)

    def value(self, blocks: Sequence[Sequence[Lot]]) -> tuple[float, float, float]:
        """Violations, makespan and weighted completion: the less the better, in this order."""
        order, cuts = self.arrays(blocks)
        return valued(decode(order, cuts, self.line, *self.scratch(len(order))))

    def scratch(self, lots: int) -> tuple[Array, Array, Array]:
        """What laying out writes to: the end of each line, start and line of blocks."""
        return np.zeros(self.line.lines), np.zeros(lots), np.zeros(lots, np.int64)

    def improve(
        self,
        blocks: Sequence[Sequence[Lot]],
        seconds: float,
        slices: int | None,
        stop: Callable[[], bool],
        least: float = 0.0,
    ) -> list[list[Lot]]:
        """The best order met in so many seconds, or slices where the answer is to be
        repeatable; sooner where every order was tried, or nothing can be better, no
        makespan being under `least`.
        """
        if self.line.fixed >= len(self.problem.lots) - 1:
            return [list(block) for block in blocks]
        if self.choices <= (FEW if compiled() else FEW_PLAIN):
            return self.best_of_all(blocks, stop)
        begun = time.monotonic()
        best, best_cuts = self.arrays(
            min((blocks, *self.built(seconds, slices, stop)), key=self.value)
        )
        order, cuts, turn, last = best.copy(), best_cuts.copy(), 0, 0.0
        rounds, turns = self.pace(slices)
        while not stop() and not self.unbeatable(best, best_cuts, least):
            spent = (
                (time.monotonic() - begun) / seconds if turns is None else turn / turns
            )
            if spent >= 1:
                break
            # Cools three times over, each time from the best known.
            part = spent * COOLINGS % 1
            if part < last:
                order[:], cuts[:] = best, best_cuts
            last, heat = part, HOT * (COLD / HOT) ** part
            seed = (self.seed * 1000 + turn) % SEEDS
            search(seed, rounds, heat, heat, order, cuts, best, best_cuts, self.line)
            turn += 1
        return self.blocks(best, best_cuts)

    @property
    def choices(self) -> int:
        """How many orders with cuts there are of the lots that are free; more than a
        few are not counted.
        """
        free = len(self.problem.lots) - self.line.fixed
        return math.factorial(free) << (free - 1) if free <= MOST_COUNTED else MANY

    def best_of_all(
        self, blocks: Sequence[Sequence[Lot]], stop: Callable[[], bool]
    ) -> list[list[Lot]]:
        """The best of every order with every choice of cuts, or of those tried until `stop`."""
        first, first_cuts = self.arrays(self.problem.frozen)
        order, cuts = self.arrays(blocks)
        fixed, size = len(first), len(order)
        order[:fixed], cuts[:fixed] = first, first_cuts
        best, least = (order.copy(), cuts.copy()), self.value(blocks)
        chances = list(itertools.product((False, True), repeat=size - fixed - 1))
        scratch = self.scratch(size)
        for way in itertools.permutations(
            sorted(set(range(size)) - set(first.tolist()))
        ):
            if stop():
                break
            order[fixed:] = way
            for chance in chances:
                cuts[fixed:] = True, *chance
                value = valued(decode(order, cuts, self.line, *scratch))
                if value < least:
                    best, least = (order.copy(), cuts.copy()), value
        return self.blocks(*best)

    def unbeatable(self, order: Array, cuts: Array, least: float) -> bool:
        """Whether no plan can be better: no violation, the makespan at its bound, and
        nothing else that counts.
        """
        if self.line.weights.any():
            return False
        violations, makespan, _ = valued(
            decode(order, cuts, self.line, *self.scratch(len(order)))
        )
        return not violations and makespan <= least + CLOSE

    def pace(self, slices: int | None) -> tuple[int, int | None]:
        """Rounds of annealing between two looks at the clock, and how many times as
        many; None for no number.
        """
        lots = len(self.problem.lots)
        rounds = scaled(min(ROUNDS_A_SLICE, MOST_AT_ONCE // lots), FEWEST_AT_ONCE)
        if slices is None:
            return rounds, None
        if compiled():
            return rounds, max(1, slices * ROUNDS_A_SLICE // rounds)
        return rounds, max(COOLINGS, min(slices, MOST_PLAIN_WORK // (lots * rounds)))

    def built(
        self, seconds: float, slices: int | None, stop: Callable[[], bool]
    ) -> list[list[list[Lot]]]:
        """What beams find that grow wider until no violation is left, the time for them
        is up, or, where the answer is to be repeatable, two have run. Nothing where
        there are no target windows: nothing is urgent then.
        """
        if not (
            np.isfinite(self.line.latest).any() or np.isfinite(self.line.earliest).any()
        ):
            return []
        first, first_cuts = self.arrays(self.problem.frozen)
        ends = np.zeros(self.line.lines)
        decode(
            first,
            first_cuts,
            self.line,
            ends,
            np.zeros(len(first)),
            np.zeros(len(first), np.int64),
        )
        made, begun = [], time.monotonic()
        widths, most = self.widths()
        for turn, width in enumerate(widths):
            before = time.monotonic()
            way = beam.build(self.line, first, ends, width, self.seed, stop)
            if way is None:
                break
            order, cuts = way
            made.append(
                self.blocks(
                    np.concatenate([first, order]), np.concatenate([first_cuts, cuts])
                )
            )
            now = time.monotonic()
            over = (
                turn == most
                if slices is not None
                else now - begun + WIDER * (now - before) > BEAM_SHARE * seconds
            )
            if over or stop() or not self.value(made[-1])[0]:
                break
        return made

    def widths(self) -> tuple[list[int], int]:
        """Widths of beams, and which is the last one of a repeatable answer."""
        lots = len(self.problem.lots)
        first = (
            NARROWEST if compiled() else max(1, min(NARROWEST, MOST_PLAIN_BEAM // lots))
        )
        return [first * WIDER**turn for turn in range(BEAMS)], 1 if compiled() else 0

    def blocks(self, order: Array, cuts: Array) -> list[list[Lot]]:
        made, p = [], 0
        while p < len(order):
            last, _ = block_end.plain(p, order, cuts, self.line)
            made.append([self.problem.lots[i] for i in order[p:last]])
            p = last
        return made

    def layout(self, blocks: Sequence[Sequence[Lot]]) -> list[tuple[int, float]]:
        """Line (from 0) and start in hours of each block."""
        order, cuts = self.arrays(blocks)
        starts, homes = np.zeros(len(order)), np.zeros(len(order), np.int64)
        decode(order, cuts, self.line, np.zeros(self.line.lines), starts, homes)
        places, p = [], 0
        for block in blocks:
            places.append((int(homes[p]), float(starts[p])))
            p += len(block)
        return places


def changeovers(config: LineConfig, place: Mapping[str, int]) -> Array:
    """Hours from type to type, by their places."""
    table = np.full((len(place), len(place)), float(config.default_changeover_hours))
    np.fill_diagonal(table, config.same_type_changeover_hours)
    for source, row in config.changeover_matrix.items():
        for target, hours in row.items():
            if source in place and target in place:
                table[place[source], place[target]] = hours
    return table


def valued(figures: tuple[int, float, float, float]) -> tuple[float, float, float]:
    """Of the figures of a layout what is compared: violations, makespan and weighted completion."""
    count, _, makespan, weighted = figures
    return int(count), round(float(makespan), 7), float(weighted)
