"""Families of problems, the same ones for the same seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fillplanner.planning.judge import judge
from fillplanner.planning.plan import build_plan
from fillplanner.planning.problem import LineConfig, Lot, Problem, Tunables

RATE = 19_920
WINDOW_VIALS = 120 * RATE
Sizes = Callable[[random.Random, int], int]


def realistic(chance: random.Random, _: int) -> int:
    return chance.choice((50, 100, 200, 300, 500, 800, 1000)) * 1000 + chance.randrange(
        0, 50_000, 1000
    )


def uniform(chance: random.Random, _: int) -> int:
    return int(chance.uniform(1, 60) * 60) * RATE // 60


def half(chance: random.Random, _: int) -> int:
    return int(WINDOW_VIALS * chance.uniform(0.42, 0.55))


def quarter(chance: random.Random, _: int) -> int:
    return int(WINDOW_VIALS * chance.uniform(0.19, 0.27))


def bimodal(chance: random.Random, _: int) -> int:
    return int(chance.choice((chance.uniform(2, 8), chance.uniform(40, 70))) * RATE)


def tiny(chance: random.Random, _: int) -> int:
    return int(chance.uniform(0.2, 4) * RATE)


def triplets(chance: random.Random, i: int) -> int:
    """Three lots and the two changeovers between them fill a window exactly, if they
    are of one type.
    """
    third = [35.0, 37.0, 40.0]
    return int(third[i % 3] * RATE)


def rounded(chance: random.Random, _: int) -> int:
    return chance.randrange(1, 13) * 100_000


SIZES: dict[str, Sizes] = {
    "realistic": realistic,
    "uniform": uniform,
    "half": half,
    "quarter": quarter,
    "bimodal": bimodal,
    "tiny": tiny,
    "triplets": triplets,
    "rounded": rounded,
}


@dataclass(frozen=True)
class Case:
    """A named problem; `planted` is a makespan without violations that is known to be
    possible, in hours.
    """

    name: str
    family: str
    problem: Problem
    planted: float | None = None


def lots_of(
    chance: random.Random, count: int, types: int, sizes: Sizes, skewed: bool
) -> tuple[Lot, ...]:
    weights = [1 / (k + 1) ** 1.5 if skewed else 1.0 for k in range(types)]
    made = []
    for i in range(count):
        vials = max(1, sizes(chance, i))
        kind = chance.choices(range(types), weights)[0]
        made.append(Lot(f"L{i:05}", f"T{kind:02}", vials, vials / RATE))
    return tuple(made)


def uniform_rule(
    counts: tuple[int, ...], knobs: Tunables, seeds: int, families: tuple[str, ...]
) -> Iterator[Case]:
    for count in counts:
        for family in families:
            for seed in range(seeds):
                chance = random.Random(f"{family} {count} {seed}")
                types = chance.choice((1, 2, 3, 4, 8))
                lots = lots_of(
                    chance, count, types, SIZES[family], skewed=seed % 2 == 1
                )
                yield Case(
                    f"{family}-n{count}-t{types}-{seed}",
                    family,
                    Problem(lots, LineConfig(tunables=knobs)),
                )


def shapes(count: int) -> Iterator[Case]:
    """Where a heuristic's work may grow with the square: a block for each lot, tiny
    lots, a type for each lot.
    """
    made = {
        "block-each": [("AB"[i % 2], 61 + i % 59) for i in range(count)],
        "tiny-lots": [("AB"[i % 2], 0.01 + i % 9 / 100) for i in range(count)],
        "type-each": [(f"T{i}", 1 + (i * 37 % 590) / 10) for i in range(count)],
    }
    for name, rows in made.items():
        lots = tuple(
            Lot(f"L{i:05}", kind, 1, hours) for i, (kind, hours) in enumerate(rows)
        )
        yield Case(
            f"{name}-n{count}",
            name,
            Problem(lots, LineConfig(same_type_changeover_hours=0)),
        )


def matrices(counts: tuple[int, ...], knobs: Tunables, seeds: int) -> Iterator[Case]:
    """Changeovers that are not the same there and back, and such as rise steeply from
    strong to weak.
    """
    for count in counts:
        for kind in ("asymmetric", "potency"):
            for seed in range(seeds):
                chance = random.Random(f"{kind} {count} {seed}")
                types = [f"T{k:02}" for k in range(chance.choice((3, 4, 5, 6)))]
                rows = (
                    asymmetric(chance, types)
                    if kind == "asymmetric"
                    else potency(types)
                )
                lots = lots_of(chance, count, len(types), uniform, skewed=False)
                yield Case(
                    f"{kind}-n{count}-{seed}",
                    kind,
                    Problem(lots, LineConfig(changeover_matrix=rows, tunables=knobs)),
                )


def asymmetric(chance: random.Random, types: list[str]) -> dict[str, dict[str, float]]:
    return {
        a: {b: 1.0 if a == b else chance.randrange(10, 19) / 2 for b in types}
        for a in types
    }


def potency(types: list[str]) -> dict[str, dict[str, float]]:
    """Up is cheap, down needs washing out: two hours more a step."""
    return {
        a: {
            b: 4.0 if i == j else (6.0 if j > i else 8.0 + 2 * (i - j))
            for j, b in enumerate(types)
        }
        for i, a in enumerate(types)
    }


def windows(counts: tuple[int, ...], knobs: Tunables, seeds: int) -> Iterator[Case]:
    """Target windows around the times of a plan that is then forgotten."""
    for count in counts:
        for kind, slack in (("loose", 40.0), ("tight", 8.0)):
            for seed in range(seeds):
                chance = random.Random(f"{kind} {count} {seed}")
                lots = lots_of(chance, count, 4, uniform, skewed=False)
                yield planted(
                    f"{kind}-n{count}-{seed}",
                    kind,
                    lots,
                    slack,
                    chance,
                    LineConfig(tunables=knobs),
                )


def planted(
    name: str,
    kind: str,
    lots: tuple[Lot, ...],
    slack: float,
    chance: random.Random,
    config: LineConfig,
) -> Case:
    plain = Problem(lots, config)
    blocks: list[list[Lot]] = [[]]
    for lot in sorted(lots, key=lambda lot: (lot.lot_type, chance.random())):
        if plain.block_hours([*blocks[-1], lot]) > config.window_hours:
            blocks.append([])
        blocks[-1].append(lot)
    chance.shuffle(blocks)
    plan = build_plan(blocks, config)
    if judge(plain, plan):
        raise ValueError(f"{name}: the planted plan is not valid")
    times = {row.lot_id: row for row in plan.activities if row.kind == "fill"}
    wished = tuple(
        Lot(
            lot.lot_id,
            lot.lot_type,
            lot.vials,
            lot.fill_hours,
            times[lot.lot_id].start - chance.uniform(0, slack),
            times[lot.lot_id].end + chance.uniform(0, slack),
        )
        for lot in lots
    )
    return Case(name, kind, Problem(wished, config), plan.makespan)
