"""Packing many different items: knots of price, residues, and bounds that stay true
however few the knots are.
"""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest

from fillplanner.planning.packing import Instance, pricing, solve
from fillplanner.planning.packing.branching import rounded_up
from fillplanner.planning.packing.knots import Knots, spread
from fillplanner.planning.packing.master import BINS, MANY, Limits, Master
from fillplanner.planning.packing.patterns import Groups
from fillplanner.planning.packing.pricing import pricer_for
from fillplanner.planning.packing.residue import Plunge


def random_instance(
    seed: int, items: int, capacity: int = 100_003, most: float = 0.45
) -> Instance:
    """Items of a tenth of the bin to nearly a half, or `most`; a capacity too long to
    price exactly.
    """
    chance = random.Random(seed)
    kinds = chance.randint(1, 4)
    return Instance(
        capacity,
        4,
        tuple(chance.randint(0, capacity // 20) for _ in range(kinds)),
        tuple(chance.randint(0, 2) for _ in range(kinds)),
        tuple(
            chance.randint(capacity // 10, int(capacity * most)) for _ in range(items)
        ),
        tuple(chance.randrange(kinds) for _ in range(items)),
    )


def tabled(plain: Instance) -> Instance:
    """The same with its setups as tables."""
    sets = range(1 << len(plain.setup_costs))
    bits = [[k for k in range(len(plain.setup_costs)) if m >> k & 1] for m in sets]
    return Instance(
        plain.capacity,
        plain.bin_cost,
        plain.setup_weights,
        plain.setup_costs,
        plain.weights,
        plain.classes,
        tuple(sum(plain.setup_weights[k] for k in kinds) for kinds in bits),
        tuple(sum(plain.setup_costs[k] for k in kinds) for kinds in bits),
    )


def grouped(plain: Instance) -> Instance:
    """The same tables, with each item heavier and setups lighter by it, as where a
    changeover counts with its lot.
    """
    own, made = plain.capacity // 10, tabled(plain)
    return replace(
        made,
        weights=tuple(weight + own for weight in made.weights),
        set_weights=tuple(
            weight - own if m else 0 for m, weight in enumerate(made.set_weights)
        ),
    )


def relaxed_bound(instance: Instance, knots: int) -> float:
    groups = Groups(instance)
    master = Master(groups, pricer_for(groups), Knots(groups, knots))
    master.restrict(Limits(dict.fromkeys((*instance.kinds, BINS), (0, MANY))))
    return master.relax(math.inf, bool).bound


def test_places_are_spread_over_the_demand_and_hold_both_ends() -> None:
    assert spread([1.0, 1.0, 1.0], 3).tolist() == [0, 1, 2]
    assert spread([1.0] * 9, 3).tolist() == [0, 4, 8]
    assert spread([97.0, 1.0, 1.0, 1.0], 3).tolist() == [0, 2, 3]


def test_a_price_lies_between_those_of_its_knots() -> None:
    instance = Instance(100, 1, (0, 0), (0, 0), (10, 15, 30, 7), (0, 0, 0, 1))
    knots = Knots(Groups(instance), 2)
    assert knots.size == 3
    assert knots.demand.tolist() == [1.75, 1.25, 1.0]
    assert knots.prices(knots.demand * 0 + [1.0, 5.0, 3.0]).tolist() == [
        1.0,
        2.0,
        5.0,
        3.0,
    ]


@pytest.mark.parametrize("make", [lambda x: x, tabled])
@pytest.mark.parametrize("seed", range(6))
def test_fewer_knots_never_prove_more_than_the_best_packing_costs(
    seed: int, make: object
) -> None:
    assert callable(make)
    instance = make(random_instance(seed, 9, 1009))
    best = solve(instance, seconds=300)
    assert best.optimal
    bounds = [relaxed_bound(instance, knots) for knots in (2, 3, 9)]
    assert bounds[0] <= bounds[2] + 1e-3
    assert all(rounded_up(bound, instance.unit) <= best.cost for bound in bounds)


@pytest.mark.parametrize("make", [lambda x: x, tabled, grouped])
@pytest.mark.parametrize("cells", [10, 37, 100])
def test_whatever_fits_fits_on_any_grid(
    make: object, cells: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Among items of which some are heavier than half of a bin, so that they are rounded up."""
    assert callable(make)
    monkeypatch.setattr(pricing, "MOST_CELLS", cells)
    monkeypatch.setattr(pricing, "FEWEST_CELLS", cells)
    chance, rounded_up_once = random.Random(cells), 0
    for seed in range(20):
        instance = make(random_instance(seed, 14, 1009, most=0.7))
        pricer = pricer_for(Groups(instance))
        place = {group: row for row, group in enumerate(pricer.rows.tolist())}
        for _ in range(200):
            content = chance.sample(range(instance.size), chance.randint(1, 5))
            if instance.load(content) > instance.capacity:
                continue
            cells_used = [
                int(pricer.weights[place[pricer.groups.group_of[i]]]) for i in content
            ]
            kinds = {instance.classes[i] for i in content}
            setup, _ = instance.setups(kinds)
            setups = (
                [setup]
                if instance.tabled
                else [instance.setup_weights[kind] for kind in kinds]
            )
            assert sum(cells_used) + sum(map(pricer.rounded, setups)) <= pricer.capacity
            rounded_up_once += any(
                used > pricer.rounded(instance.weights[i])
                for used, i in zip(cells_used, content, strict=True)
            )
    assert rounded_up_once


@pytest.mark.thorough
@pytest.mark.parametrize("make", [lambda x: x, tabled])
@pytest.mark.parametrize("seed", range(2))
def test_a_plunge_packs_every_item(seed: int, make: object) -> None:
    assert callable(make)
    instance = make(random_instance(seed, 90))
    plunge = Plunge(instance, seed, lambda few: [[i] for i in range(few.size)], bool)
    packing = plunge.run([])
    assert packing is not None
    assert instance.faults(packing) == []
    assert plunge.rounds > 0


def test_a_plunge_that_is_stopped_has_no_packing() -> None:
    assert (
        Plunge(random_instance(1, 150), 0, lambda few: [], lambda: True).run([]) is None
    )


def test_one_round_is_cut_short_when_time_is_up() -> None:
    """A knapsack over many items is long: after the one that proves a bound no more are solved."""
    groups = Groups(random_instance(1, 150))
    master = Master(groups, pricer_for(groups))
    master.restrict(Limits(dict.fromkeys((*groups.instance.kinds, BINS), (0, MANY))))
    relaxed = master.relax(math.inf, lambda: True)
    assert len(master.patterns) == 1
    assert relaxed.bound > -math.inf
    unhurried = Master(groups, pricer_for(groups))
    unhurried.restrict(master.limits)
    unhurried.relax(math.inf, bool, most_rounds=1)
    assert len(unhurried.patterns) > 1


@pytest.mark.thorough
def test_items_that_fill_a_bin_to_the_last_are_packed() -> None:
    """Rounded up they fit into no cell of the grid."""
    instance = Instance(
        100_003, 1, (0,), (0,), (100_003,) * 3 + tuple(range(20_000, 20_080)), (0,) * 83
    )
    packing = Plunge(instance, 0, lambda few: [[i] for i in range(few.size)], bool).run(
        []
    )
    assert packing is not None
    assert instance.faults(packing) == []


@pytest.mark.thorough
def test_many_different_items_are_packed_and_bounded_alike_for_a_seed() -> None:
    instance = random_instance(7, 270)
    answers = [solve(instance, seconds=600, work=150, seed=3) for _ in range(2)]
    assert answers[0] == answers[1]
    assert instance.faults(answers[0].packing) == []
    assert answers[0].bound <= answers[0].cost
