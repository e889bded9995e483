"""Bin packing with setups, by itself: valid packings, true bounds, progress, limits and
the published form.
"""

from __future__ import annotations

import math
import random

import pytest

from fillplanner.planning.packing import (
    Instance,
    Packing,
    PackingProgress,
    read_instance,
    solve,
)
from fillplanner.planning.packing.enumeration import worthwhile
from fillplanner.planning.packing.master import BINS, MANY, Limits, Master
from fillplanner.planning.packing.patterns import Groups
from fillplanner.planning.packing.pricing import pricer_for
from fillplanner.planning.packing.proof import Proof
from fillplanner.planning.packing.rounding import Choice, choose
from fillplanner.planning.packing.search import Search

TEXT = "5 2 100 10\n-3 20 3\n-1 5 2\n40\n30\n35\n50\n45\n"


def random_instance(
    chance: random.Random, items: int, capacity: int = 1000
) -> Instance:
    kinds = chance.randint(1, 5)
    return Instance(
        capacity,
        chance.choice((1, 10)),
        tuple(chance.randint(0, capacity // 5) for _ in range(kinds)),
        tuple(chance.randint(0, 5) for _ in range(kinds)),
        tuple(chance.randint(capacity // 20, capacity // 3) for _ in range(items)),
        tuple(chance.randrange(kinds) for _ in range(items)),
    )


def least_cost(instance: Instance) -> int:
    """By dynamic programming over all sets of items."""
    size = instance.size
    sets = [[i for i in range(size) if mask >> i & 1] for mask in range(1 << size)]
    price = [
        instance.cost([items])
        if items and instance.load(items) <= instance.capacity
        else None
        for items in sets
    ]
    best = [0] + [1 << 60] * ((1 << size) - 1)
    for mask in range(1, 1 << size):
        part = mask
        while part:
            cost = price[part]
            if cost is not None:
                best[mask] = min(best[mask], best[mask ^ part] + cost)
            part = (part - 1) & mask
    return best[-1]


def test_the_published_form_is_read() -> None:
    instance = read_instance(TEXT)
    assert (instance.capacity, instance.bin_cost) == (100, 10)
    assert instance.setup_weights == (20, 5)
    assert instance.setup_costs == (3, 1)
    assert instance.weights == (40, 30, 35, 50, 45)
    assert instance.classes == (0, 0, 0, 1, 1)
    assert solve(instance).cost == 3 * 10 + 2 * 3 + 1


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(40))
def test_small_instances_are_packed_at_least_cost(seed: int) -> None:
    instance = random_instance(random.Random(seed), 9)
    answer = solve(instance, seconds=10)
    assert instance.faults(answer.packing) == []
    assert (
        answer.cost
        == instance.cost(answer.packing)
        == answer.bound
        == least_cost(instance)
    )


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(6))
def test_larger_ones_are_bounded_whatever_stops_the_solver(seed: int) -> None:
    chance = random.Random(seed)
    instance = random_instance(chance, 60, chance.choice((200, 1000, 250_000)))
    heard: list[PackingProgress] = []
    answer = solve(instance, seconds=2, seed=seed, listen=heard.append)
    assert instance.faults(answer.packing) == []
    assert answer.bound <= answer.cost
    assert [step.best for step in heard] == sorted(
        (step.best for step in heard), reverse=True
    )
    assert [step.bound for step in heard] == sorted(step.bound for step in heard)
    short = solve(instance, seconds=60, work=1, seed=seed)
    assert short.bound <= answer.cost
    assert answer.bound <= short.cost


@pytest.mark.thorough
def test_a_seed_decides_what_a_limit_of_work_leaves_open() -> None:
    instance = random_instance(random.Random(5), 150)
    packings: list[Packing] = [
        solve(instance, work=60, seed=seed).packing for seed in (1, 1, 2)
    ]
    assert packings[0] == packings[1] != packings[2]


@pytest.mark.thorough
def test_somebody_may_stop_it() -> None:
    instance = random_instance(random.Random(6), 150)
    asked = iter([False] * 3)
    answer = solve(instance, cancelled=lambda: next(asked, True))
    assert instance.faults(answer.packing) == []


def test_what_is_no_packing_is_no_start() -> None:
    instance = read_instance(TEXT)
    with pytest.raises(ValueError, match="item 4 is packed 0 times"):
        solve(instance, start=[[0, 1], [2, 3]])
    with pytest.raises(ValueError, match="overfull"):
        solve(instance, start=[[0, 1, 2, 3, 4]])


@pytest.mark.parametrize(
    ("weights", "words"),
    [((81,), "item 0 fits into no bin"), ((-1,), "item 0 fits into no bin")],
)
def test_what_cannot_be_packed_is_refused(weights: tuple[int, ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Instance(100, 1, (20,), (0,), weights, (0,))


def test_tables_of_sets_take_the_place_of_sums() -> None:
    tables = Instance(
        10, 2, (0, 0), (0, 0), (3, 3, 3, 3), (0, 1, 0, 1), (0, 0, 0, 4), (0, 0, 0, 5)
    )
    answer = solve(tables)
    assert sorted(map(sorted, answer.packing)) == [[0, 2], [1, 3]]
    assert (answer.cost, answer.bound) == (4, 4)
    with pytest.raises(ValueError, match="every set"):
        Instance(10, 2, (0, 0), (0, 0), (3,), (0,), (0, 0), (0, 0))


def test_what_would_take_longer_than_is_left_is_not_begun() -> None:
    groups = Groups(random_instance(random.Random(8), 12))
    master = Master(groups, pricer_for(groups))
    master.restrict(Limits(dict.fromkeys((*groups.instance.kinds, BINS), (0, MANY))))
    relaxed = master.relax(math.inf, bool)
    pool = worthwhile(master, 4.0, 60_000)
    assert pool
    assert worthwhile(master, 4.0, 60_000, seconds=0.0) is None
    most = groups.instance.size * (groups.instance.bin_cost + 5)
    assert choose(pool, groups.demand, master.limits, most, 0.0) == Choice(None, False)
    found = choose(pool, groups.demand, master.limits, most, 60.0)
    assert found.patterns is not None
    assert sum(pattern.cost for pattern in found.patterns) >= relaxed.bound - 1e-6


def test_bins_are_counted_without_what_their_setups_cost_where_these_are_tables() -> (
    None
):
    weights = (34, 33, 32) * 6 + (51, 49)
    tables = Instance(
        100, 24, (0, 0), (0, 0), weights, (0, 1) * 10, (0, 1, 1, 1), (0, 1, 1, 9)
    )
    search = Search(tables, 60.0, None, 0, None, None)
    search.offer(search.annealer.construct())
    asked: list[tuple[Instance, Packing | None]] = []

    def solve_apart(
        part: Instance, share: float, outer: Search, start: Packing | None
    ) -> tuple[Packing, int]:
        assert 0 < share < 1
        assert outer is search
        asked.append((part, start))
        return [list(content) for content in search.packing], 7

    proof = Proof(search, solve_apart)
    assert proof.least_bins() == 7
    [(bare, start)] = asked
    assert start == search.packing
    assert bare.cost(search.packing) == len(search.packing)
    assert [bare.load(content) for content in search.packing] == [
        tables.load(content) for content in search.packing
    ]
