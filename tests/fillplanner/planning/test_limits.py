"""Time limits reach every step that may be long. Nothing here is timed: looks at the
clock and steps are counted.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Iterator

import numpy as np
import pytest

from fillplanner.planning import kernels
from fillplanner.planning.packing import Instance
from fillplanner.planning.packing.branching import Tree
from fillplanner.planning.packing.master import BINS, MANY, Limits, Master
from fillplanner.planning.packing.patterns import Groups
from fillplanner.planning.packing.pricing import pricer_for
from fillplanner.planning.problem import LineConfig, Lot, Problem, Tunables
from fillplanner.planning.reduction import reduce
from fillplanner.planning.sequencing import Sequencer, beam
from fillplanner.planning.solve import solve
from fillplanner.planning.strategies import smart
from fillplanner.planning.strategies.base import Unwatched
from fillplanner.planning.strategies.ordering import Orderer

# Each look at the clock takes so long by the made one.
TICK = 0.01


@pytest.fixture(autouse=True)
def as_python() -> Iterator[None]:
    with kernels.interpreted():
        yield


class Late(Unwatched):
    """Time is up from the beginning."""

    def expired(self) -> bool:
        return True


def lots(count: int, types: int) -> tuple[Lot, ...]:
    chance = random.Random(count)
    return tuple(
        Lot(f"L{i}", f"T{i % types:04}", 1, chance.uniform(5, 50)) for i in range(count)
    )


def master(seconds: float) -> Master:
    chance = random.Random(3)
    weights = tuple(chance.randint(100, 450) for _ in range(60))
    groups = Groups(
        Instance(1000, 4, (30, 50), (1, 2), weights, tuple(i % 2 for i in range(60)))
    )
    made = Master(groups, pricer_for(groups), seconds_left=lambda: seconds)
    made.restrict(Limits(dict.fromkeys((*groups.instance.kinds, BINS), (0, MANY))))
    return made


def test_many_types_that_are_alike_are_looked_at_a_few_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks, hours = [0], LineConfig.changeover_hours

    def counted(config: LineConfig, source: str, target: str) -> float:
        looks[0] += 1
        return hours(config, source, target)

    monkeypatch.setattr(LineConfig, "changeover_hours", counted)
    reduction = reduce(Problem(lots(1000, 1000), LineConfig()))
    assert reduction is not None
    assert reduction.exact
    assert looks[0] < 100


def test_types_that_the_matrix_names_are_told_apart_from_the_rest() -> None:
    matrix = {"T0000": {"T0001": 20.0, "T0000": 2.0}}
    reduction = reduce(Problem(lots(40, 40), LineConfig(changeover_matrix=matrix)))
    assert reduction is not None
    assert not reduction.exact
    setups = reduction.packing.setup_weights
    assert len(setups) == 40
    assert len(set(setups[2:])) == 1
    assert setups[0] != setups[2]


def test_a_linear_program_has_no_more_time_than_is_left() -> None:
    unhurried, hurried = master(math.inf), master(0.0)
    unhurried.relax(math.inf, bool)
    relaxed = hurried.relax(math.inf, lambda: hurried.rounds > 0)
    assert unhurried.rounds > hurried.rounds == 1
    assert relaxed.bound > -math.inf


def test_branching_tries_no_further_count_when_time_is_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = master(math.inf)
    tree = Tree(made, made.limits, 1)
    relaxed = made.relax(math.inf, bool)
    kinds = {BINS: 3.5, 0: 2.5, 1: 1.5}
    monkeypatch.setattr(type(relaxed), "fractional", kinds)
    tried: list[object] = []
    monkeypatch.setattr(
        tree,
        "gains_of",
        lambda node, relaxed, key, value: tried.append(key) or iter((1.0, 1.0)),
    )
    tree.choose_branch(tree.open[0], relaxed, lambda: True)
    assert len(tried) == 1
    tree.choose_branch(tree.open[0], relaxed, lambda: False)
    assert len(tried) == 1 + len(kinds)


def test_a_beam_looks_at_the_clock_for_each_lot() -> None:
    problem = Problem(lots(12, 3), LineConfig())
    sequencer, looks = Sequencer(problem), iter([False] * 3)
    none = np.empty(0, np.int64)
    assert (
        beam.build(sequencer.line, none, np.zeros(1), 4, 0, lambda: next(looks, True))
        is None
    )
    assert next(looks, None) is None


def test_the_start_is_one_rule_when_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("time is up")

    for rule in ("spt", "lpt", "cfs", "hybrid"):
        monkeypatch.setattr(f"fillplanner.planning.strategies.{rule}.pack", never)
    blocks = smart.pack(Problem(lots(20, 3), LineConfig()), Late())
    assert sum(map(len, blocks)) == 20


def test_blocks_are_grouped_when_there_is_no_time_to_order_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    orderer = Orderer(LineConfig(), lambda: True)
    monkeypatch.setattr(orderer, "walk", None)
    assert [lot.lot_type for lot in orderer.ordered(list(lots(4, 2)))] == [
        "T0000",
        "T0000",
        "T0001",
        "T0001",
    ]


@pytest.mark.parametrize(("count", "types"), [(60, 3), (120, 120), (400, 2)])
def test_little_is_done_once_time_is_up(
    count: int, types: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a clock that goes on a little at each look, so that the machine's speed does
    not matter.
    """
    clock, limit = [0.0], 2.0

    def tick() -> float:
        clock[0] += TICK
        return clock[0]

    monkeypatch.setattr(time, "monotonic", tick)
    monkeypatch.setattr(time, "perf_counter", tick)
    solve(
        Problem(
            lots(count, types), LineConfig(tunables=Tunables(milp_time_limit=limit))
        ),
        "milp-opt",
    )
    assert clock[0] < limit * 1.1 + 0.5
