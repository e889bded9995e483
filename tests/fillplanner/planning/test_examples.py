"""Two files of fifteen lots each, made with a good plan in mind."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fillplanner.planning.intake import read_lots_file
from fillplanner.planning.problem import LineConfig, Problem
from fillplanner.planning.solve import Result, solve

START = datetime(2026, 1, 1, tzinfo=UTC)
RATE = 19_920
# Blocks that fill their windows to the minute: A 40 36 36, A 50 30 32, B 56 60, B 20 28
# 24 36, C 44 40 28.
FULL = (
    "A40 A36 A50 A30 B56 C44 B20 A36 B28 C40 B60 A32 B24 C28 B36",
    ",",
    5 * (24 + 120),
)
# Blocks of several types: X 30 26 Y 48, Y 52 60, Z 18 22 25 W 35, W 50 33 X 21, Z 45 Y 40 X 9.
MIXED = (
    "X30 Y48 Z18 W50 X26 Y52 Z22 W33 X21 Y60 Z25 W35 Z45 Y40 X9",
    ";",
    5 * 24 + 4 * 116 + 110,
)


def plan_of(words: str, separator: str, strategy: str) -> Result:
    rows = [["Lot ID", "Type", "Vials"]]
    rows += [
        [f"{word[0]}-{i:03}", word[0], str(int(word[1:]) * RATE)]
        for i, word in enumerate(words.split(), 1)
    ]
    text = "\r\n".join(separator.join(row) for row in rows)
    report = read_lots_file(text.encode("utf-8-sig"), LineConfig(), START)
    assert (report.errors, len(report.lots)) == ([], 15)
    return solve(Problem(tuple(report.lots), LineConfig()), strategy)


def test_windows_filled_to_the_minute_are_found_and_proven_best() -> None:
    words, separator, planted = FULL
    result = plan_of(words, separator, "smart-pack")
    assert (result.makespan, result.lower_bound, result.solver_status) == (
        planted,
        planted,
        "optimal",
    )


def test_mixed_blocks_are_no_longer_than_the_ones_in_mind() -> None:
    words, separator, planted = MIXED
    assert plan_of(words, separator, "smart-pack").makespan <= planted


@pytest.mark.parametrize(
    "strategy", ["spt-pack", "lpt-pack", "cfs-pack", "hybrid-pack"]
)
@pytest.mark.parametrize("example", [FULL, MIXED])
def test_every_rule_stays_within_a_block_or_two(
    strategy: str, example: tuple[str, str, int]
) -> None:
    words, separator, planted = example
    assert plan_of(words, separator, strategy).makespan <= planted + 2 * 24 + 16
