"""The sequencer of one problem: orders built by beam search and improved by annealing."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fillplanner.planning.chance import SEEDS
from fillplanner.planning.kernels import compiled, scaled
from fillplanner.planning.problem import LineConfig, Lot, Problem
from fillplanner.planning.sequencing import beam
from fillplanner.planning.sequencing.annealing import search
from fillplanner.planning.sequencing.layout import Array, Line, block_end, decode

ROUNDS_A_SLICE = 20_000
# Lots times rounds between two looks at the clock, and rounds at least.
MOST_AT_ONCE = 4_000_000
FEWEST_AT_ONCE = 10
# Where kernels are not compiled: lots times rounds, and lots times width of the only
# beam, of a repeatable answer.
MOST_PLAIN_WORK = 250_000
MOST_PLAIN_BEAM = 1_500
HOT = 25.0
COLD = 0.05
COOLINGS = 3
# Each beam is so many times as wide as the one before, and takes as much longer.
WIDER = 4
NARROWEST = 25
BEAMS = 8
BEAM_SHARE = 0.4
# So many orders and cuts are few enough to try each; as many where kernels are not compiled.
FEW = 30_000
FEW_PLAIN = 2_000
CLOSE = 1e-6
MOST_COUNTED = 12
MANY = 1 << 62


@dataclass
class Cooling:
    """How annealing cools: three times over, each time from the best known.

    begun: when, by the monotonic clock.
    seconds: how long it may take, where time decides.
    rounds: of annealing in each turn.
    turns: how many there are; None where time decides.
    """

    begun: float
    seconds: float
    rounds: int
    turns: int | None
    turn: int = 0
    # How far the present cooling is, from 0 to 1, and how far it was a turn ago.
    part: float = 0.0
    last_part: float = 0.0

    def spent(self) -> float:
        """Which share of the time, or of the turns, is used up."""
        if self.turns is None:
            return (time.monotonic() - self.begun) / self.seconds
        return self.turn / self.turns

    def go_on(self) -> bool:
        """Cool to what it is now; False once all is used up."""
        share = self.spent()
        if share >= 1:
            return False
        self.last_part = self.part
        self.part = share * COOLINGS % 1
        return True

    def begins_anew(self) -> bool:
        """Whether the next cooling has begun since the last turn."""
        return self.part < self.last_part

    @property
    def heat(self) -> float:
        """Falls exponentially."""
        return float(HOT * (COLD / HOT) ** self.part)


class Sequencer:
    """Lays out and improves orders of one problem's lots.

    problem: lots and rules.
    seed: the same one gives the same answers, where they do not depend on time.
    """

    def __init__(self, problem: Problem, seed: int = 0) -> None:
        self.problem = problem
        self.seed = seed
        self.number = {lot.lot_id: i for i, lot in enumerate(problem.lots)}
        self.line = line_of(problem)

    def arrays(self, blocks: Sequence[Sequence[Lot]]) -> tuple[Array, Array]:
        """Order and cuts of blocks."""
        order = [self.number[lot.lot_id] for block in blocks for lot in block]
        cuts = [place == 0 for block in blocks for place in range(len(block))]
        return np.array(order, np.int64), np.array(cuts, np.bool_)

    def value(self, blocks: Sequence[Sequence[Lot]]) -> tuple[float, float, float]:
        """Violations, makespan and weighted completion: the less the better, in this order."""
        order, cuts = self.arrays(blocks)
        return valued(decode(order, cuts, self.line, *self.scratch(len(order))))

    def scratch(self, lots: int) -> tuple[Array, Array, Array]:
        """What laying out writes to: the end of each line, start and line of blocks."""
        ends = np.zeros(self.line.lines)
        return ends, np.zeros(lots), np.zeros(lots, np.int64)

    def improve(
        self,
        blocks: Sequence[Sequence[Lot]],
        seconds: float,
        slices: int | None,
        stop: Callable[[], bool],
        least: float = 0.0,
    ) -> list[list[Lot]]:
        """The best order met, as blocks; sooner than allowed where every order was
        tried, or nothing can be better.

        blocks: where to begin.
        seconds: how long it may take.
        slices: how much may be done where the answer is to be repeatable.
        stop: asked now and then whether to end it.
        least: hours that no makespan is under.
        """
        if self.line.fixed >= len(self.problem.lots) - 1:
            return [list(block) for block in blocks]
        if self.choices <= (FEW if compiled() else FEW_PLAIN):
            return self.best_of_all(blocks, stop)
        cooling = Cooling(time.monotonic(), seconds, *self.pace(slices))
        starts = [blocks, *self.built(seconds, slices, stop)]
        best, best_cuts = self.arrays(min(starts, key=self.value))

        def is_over() -> bool:
            return stop() or self.unbeatable(best, best_cuts, least)

        self.anneal(best, best_cuts, cooling, is_over)
        return self.blocks(best, best_cuts)

    def anneal(
        self,
        best: Array,
        best_cuts: Array,
        cooling: Cooling,
        is_over: Callable[[], bool],
    ) -> None:
        """Improve the best order and its cuts in place.

        cooling: how hot it is, and how long it takes.
        is_over: asked before each turn whether to end it.
        """
        order = best.copy()
        cuts = best_cuts.copy()
        while not is_over() and cooling.go_on():
            if cooling.begins_anew():
                order[:] = best
                cuts[:] = best_cuts
            seed = (self.seed * 1000 + cooling.turn) % SEEDS
            heat = cooling.heat
            rounds = cooling.rounds
            search(seed, rounds, heat, heat, order, cuts, best, best_cuts, self.line)
            cooling.turn += 1

    @property
    def choices(self) -> int:
        """How many orders with cuts there are of the lots that are free; more than a
        few are not counted.
        """
        free = len(self.problem.lots) - self.line.fixed
        if free > MOST_COUNTED:
            return MANY
        return math.factorial(free) << (free - 1)

    def best_of_all(
        self, blocks: Sequence[Sequence[Lot]], stop: Callable[[], bool]
    ) -> list[list[Lot]]:
        """The best of every order with every choice of cuts, or of those tried until `stop`.

        blocks: the first lots of all, and what is returned where nothing is better.
        stop: asked for each order of lots.
        """
        first, first_cuts = self.arrays(self.problem.frozen)
        order, cuts = self.arrays(blocks)
        fixed = len(first)
        size = len(order)
        order[:fixed] = first
        cuts[:fixed] = first_cuts
        best = order.copy(), cuts.copy()
        least = self.value(blocks)
        free = sorted(set(range(size)) - set(first.tolist()))
        choices = list(itertools.product((False, True), repeat=size - fixed - 1))
        scratch = self.scratch(size)
        for lots in itertools.permutations(free):
            if stop():
                break
            order[fixed:] = lots
            for choice in choices:
                cuts[fixed:] = True, *choice
                value = valued(decode(order, cuts, self.line, *scratch))
                if value < least:
                    best = (order.copy(), cuts.copy())
                    least = value
        return self.blocks(*best)

    def unbeatable(self, order: Array, cuts: Array, least: float) -> bool:
        """Whether no plan can be better: no violation, the makespan at its bound of
        `least` hours, and nothing else that counts.
        """
        if self.line.weights.any():
            return False
        figures = decode(order, cuts, self.line, *self.scratch(len(order)))
        violations, makespan, _ = valued(figures)
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
        plain_slices = MOST_PLAIN_WORK // (lots * rounds)
        return rounds, max(COOLINGS, min(slices, plain_slices))

    def built(
        self, seconds: float, slices: int | None, stop: Callable[[], bool]
    ) -> list[list[list[Lot]]]:
        """What beams find that grow wider until no violation is left, the time for them
        is up, or, where the answer is to be repeatable, two have run. Nothing where
        there are no target windows: nothing is urgent then.

        seconds: how long improving may take, of which beams have a share.
        slices: None where the answer need not be repeatable.
        stop: asked now and then whether to end it.
        """
        if not self.has_targets:
            return []
        ends = self.frozen_ends()
        orders: list[list[list[Lot]]] = []
        begun = time.monotonic()
        widths, most = self.widths()
        for turn, width in enumerate(widths):
            before = time.monotonic()
            blocks = self.beam(ends, width, stop)
            if blocks is None:
                break
            orders.append(blocks)
            now = time.monotonic()
            if slices is None:
                next_takes = WIDER * (now - before)
                is_last = now - begun + next_takes > BEAM_SHARE * seconds
            else:
                is_last = turn == most
            if is_last or stop() or not self.has_violations(blocks):
                break
        return orders

    @property
    def has_targets(self) -> bool:
        """Whether any lot has a target window."""
        earliest = self.line.earliest
        latest = self.line.latest
        return bool(np.isfinite(earliest).any() or np.isfinite(latest).any())

    def has_violations(self, blocks: Sequence[Sequence[Lot]]) -> bool:
        """Whether a lot is outside of its target window."""
        violations, _, _ = self.value(blocks)
        return violations > 0

    def frozen_ends(self) -> Array:
        """When frozen blocks leave each line free, in hours."""
        order, cuts = self.arrays(self.problem.frozen)
        ends, starts, homes = self.scratch(len(order))
        decode(order, cuts, self.line, ends, starts, homes)
        return ends

    def beam(
        self, ends: Array, width: int, stop: Callable[[], bool]
    ) -> list[list[Lot]] | None:
        """The blocks that a beam of this width builds behind the frozen ones, which
        leave the lines free at `ends`; None where it was stopped.
        """
        first, first_cuts = self.arrays(self.problem.frozen)
        rest = beam.build(self.line, first, ends, width, self.seed, stop)
        if rest is None:
            return None
        order, cuts = rest
        return self.blocks(
            np.concatenate([first, order]), np.concatenate([first_cuts, cuts])
        )

    def widths(self) -> tuple[list[int], int]:
        """Widths of beams, and which is the last one of a repeatable answer."""
        lots = len(self.problem.lots)
        if compiled():
            first = NARROWEST
            last = 1
        else:
            first = max(1, min(NARROWEST, MOST_PLAIN_BEAM // lots))
            last = 0
        return [first * WIDER**turn for turn in range(BEAMS)], last

    def blocks(self, order: Array, cuts: Array) -> list[list[Lot]]:
        """The lots in order, divided where a block is cut or full."""
        blocks = []
        place = 0
        while place < len(order):
            end, _ = block_end.plain(place, order, cuts, self.line)
            blocks.append([self.problem.lots[i] for i in order[place:end]])
            place = end
        return blocks

    def layout(self, blocks: Sequence[Sequence[Lot]]) -> list[tuple[int, float]]:
        """Line (from 0) and start in hours of each block."""
        order, cuts = self.arrays(blocks)
        ends, starts, homes = self.scratch(len(order))
        decode(order, cuts, self.line, ends, starts, homes)
        layout = []
        place = 0
        for block in blocks:
            layout.append((int(homes[place]), float(starts[place])))
            place += len(block)
        return layout


def line_of(problem: Problem) -> Line:
    """A problem's rules and lots as kernels read them."""
    config = problem.config
    lots = problem.lots
    places = {kind: place for place, kind in enumerate(problem.types)}
    starts = [lot.target_start for lot in lots]
    ends = [lot.target_end for lot in lots]
    return Line(
        fills=np.array([lot.fill_hours for lot in lots], float),
        types=np.array([places[lot.lot_type] for lot in lots]),
        earliest=hours_or(-np.inf, starts),
        latest=hours_or(np.inf, ends),
        weights=np.array([config.weight_of(lot) for lot in lots], float),
        changeovers=changeovers(config, places),
        clean=float(config.clean_hours),
        window=float(problem.window_hours),
        lines=config.lines,
        blocked=np.array(problem.blocked, float).reshape(-1, 2),
        waiting=bool(config.allow_waiting),
        fixed=sum(len(block) for block in problem.frozen),
    )


def hours_or(default: float, hours: Sequence[float | None]) -> Array:
    """Hours as an array, with the default for none."""
    return np.array([default if hour is None else hour for hour in hours], float)


def changeovers(config: LineConfig, places: Mapping[str, int]) -> Array:
    """Hours from type to type, by their places."""
    size = len(places)
    table = np.full((size, size), float(config.default_changeover_hours))
    np.fill_diagonal(table, config.same_type_changeover_hours)
    for source, row in config.changeover_matrix.items():
        for target, hours in row.items():
            if source in places and target in places:
                table[places[source], places[target]] = hours
    return table


def valued(figures: tuple[int, float, float, float]) -> tuple[float, float, float]:
    """Of the figures of a layout what is compared: violations, makespan and weighted completion."""
    count, _, makespan, weighted = figures
    return int(count), round(float(makespan), 7), float(weighted)
