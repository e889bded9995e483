"""The sequencer of one problem: orders built by beam search and improved by annealing."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from fillplanner.planning.problem import Lot, Problem
from fillplanner.planning.sequencing import beam
from fillplanner.planning.sequencing.annealing import search
from fillplanner.planning.sequencing.layout import Array, Line, block_end, decode

ROUNDS_A_SLICE = 20_000
HOT, COLD = 25.0, 0.05
# Each beam is so many times as wide as the one before, and takes as much longer.
WIDER = 4
BEAM_WIDTHS = tuple(25 * WIDER**turn for turn in range(8))
BEAM_SHARE = 0.4


class Sequencer:
    """Lays out and improves orders of one problem's lots."""

    def __init__(self, problem: Problem, seed: int = 0) -> None:
        self.problem, self.seed, config = problem, seed, problem.config
        self.number = {lot.lot_id: i for i, lot in enumerate(problem.lots)}
        place = {kind: k for k, kind in enumerate(problem.types)}
        ways = [[config.changeover_hours(a, b) for b in problem.types] for a in problem.types]
        self.line = Line(
            np.array([lot.fill_hours for lot in problem.lots]), np.array([place[lot.lot_type] for lot in problem.lots]),
            np.array([-np.inf if lot.target_start is None else lot.target_start for lot in problem.lots]),
            np.array([np.inf if lot.target_end is None else lot.target_end for lot in problem.lots]),
            np.array([config.weight_of(lot) for lot in problem.lots]), np.array(ways, float).reshape(len(place), -1),
            config.clean_hours, problem.window_hours, config.lines,
            np.array(problem.blocked, float).reshape(-1, 2), config.allow_waiting,
            sum(len(block) for block in problem.frozen),
        )  # fmt: skip

    def arrays(self, blocks: Sequence[Sequence[Lot]]) -> tuple[Array, Array]:
        order = [self.number[lot.lot_id] for block in blocks for lot in block]
        cuts = [p == 0 for block in blocks for p in range(len(block))]
        return np.array(order, np.int64), np.array(cuts, np.bool_)

    def value(self, blocks: Sequence[Sequence[Lot]]) -> tuple[float, float, float]:
        """Violations, makespan and weighted completion: the less the better, in this order."""
        order, cuts = self.arrays(blocks)
        scratch = np.zeros(self.line.lines), np.zeros(len(order)), np.zeros(len(order), np.int64)
        count, _, makespan, weighted = decode(order, cuts, self.line, *scratch)
        return count, round(makespan, 7), weighted

    def improve(
        self, blocks: Sequence[Sequence[Lot]], seconds: float, slices: int | None, stop: Callable[[], bool]
    ) -> list[list[Lot]]:
        """The best order met in so many seconds, or slices where the answer is to be repeatable."""
        if self.line.fixed >= len(self.problem.lots) - 1:
            return [list(block) for block in blocks]
        begun = time.monotonic()
        best, best_cuts = self.arrays(min((blocks, *self.built(seconds, slices, stop)), key=self.value))
        order, cuts, turn, last = best.copy(), best_cuts.copy(), 0, 0.0
        while not stop():
            spent = (time.monotonic() - begun) / seconds if slices is None else turn / slices
            if spent >= 1:
                break
            # Cools three times over, each time from the best known.
            part = spent * 3 % 1
            if part < last:
                order[:], cuts[:] = best, best_cuts
            last, heat = part, HOT * (COLD / HOT) ** part
            search(self.seed * 1000 + turn, ROUNDS_A_SLICE, heat, heat, order, cuts, best, best_cuts, self.line)
            turn += 1
        return self.blocks(best, best_cuts)

    def built(self, seconds: float, slices: int | None, stop: Callable[[], bool]) -> list[list[list[Lot]]]:
        """What beams find that grow wider until no violation is left, the time for them is up, or, where the answer is
        to be repeatable, two have run. Nothing where there are no target windows: nothing is urgent then."""
        if not (np.isfinite(self.line.latest).any() or np.isfinite(self.line.earliest).any()):
            return []
        first, first_cuts = self.arrays(self.problem.frozen)
        ends = np.zeros(self.line.lines)
        decode(first, first_cuts, self.line, ends, np.zeros(len(first)), np.zeros(len(first), np.int64))
        made, begun = [], time.monotonic()
        for turn, width in enumerate(BEAM_WIDTHS):
            before = time.monotonic()
            order, cuts = beam.build(self.line, first, ends, width, self.seed)
            made.append(self.blocks(np.concatenate([first, order]), np.concatenate([first_cuts, cuts])))
            now = time.monotonic()
            over = turn == 1 if slices is not None else now - begun + WIDER * (now - before) > BEAM_SHARE * seconds
            if over or stop() or not self.value(made[-1])[0]:
                break
        return made

    def blocks(self, order: Array, cuts: Array) -> list[list[Lot]]:
        made, p = [], 0
        while p < len(order):
            last, _ = block_end(p, order, cuts, self.line)
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
