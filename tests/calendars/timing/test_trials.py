"""Trials read after every post, as people do."""

from __future__ import annotations

import math
import random

import pytest

from calendars.timing.trials import (
    FEWEST,
    Observation,
    Watch,
    breaks_guardrail,
    effect_of,
    mismatch,
)

EVEN = {"control": 0.5, "later": 0.5}


def watched(seed: int, lift: float, posts: int, noise: float = 0.7) -> int | None:
    """After how many posts a difference was shown, looking after each; None for never."""
    chance, watch = random.Random(seed), Watch("later", "control", EVEN)
    for count in range(1, posts + 1):
        variant = "later" if chance.random() < 0.5 else "control"
        watch.add(
            Observation(
                variant, chance.gauss(-3 + (lift if variant == "later" else 0), noise)
            )
        )
        effect = watch.effect
        if effect.is_better or effect.is_worse:
            return count
    return None


@pytest.mark.thorough
def test_looking_after_every_post_of_a_trial_without_effect_misleads_at_most_one_in_twenty() -> (
    None
):
    misled = sum(watched(seed, 0.0, 400) is not None for seed in range(500))
    assert misled <= 25


@pytest.mark.thorough
def test_a_lift_of_a_fifth_is_found() -> None:
    found = [watched(seed, math.log(1.2), 1500) for seed in range(100)]
    assert sum(count is not None for count in found) >= 90


def trial(lift: float, posts: int, noise: float = 0.3) -> list[Observation]:
    chance = random.Random(4)
    return [
        Observation(name, chance.gauss(-3 + (lift if name == "later" else 0), noise))
        for name in (chance.choice(list(EVEN)) for _ in range(posts))
    ]


def test_a_winner_is_named_with_its_bounds() -> None:
    effect = effect_of("later", "control", trial(math.log(1.5), 400), EVEN)
    assert effect.is_better
    assert effect.low < 0.5 < effect.high
    assert effect.sentence.startswith("later gets ")
    assert "more engagement" in effect.sentence
    assert effect_of("later", "control", trial(-math.log(1.5), 400), EVEN).is_worse


def test_too_few_posts_say_how_many_more_are_needed() -> None:
    effect = effect_of("later", "control", trial(0.0, 30, noise=0.8), EVEN)
    assert not effect.is_better
    assert not effect.is_worse
    assert effect.missing >= 2 * FEWEST - 30
    assert (
        effect.sentence
        == f"Not enough data yet on later: about {effect.missing} more posts."
    )
    assert effect_of("later", "control", [], EVEN).missing > 0


def test_no_difference_is_said_when_it_is_known() -> None:
    effect = effect_of("later", "control", trial(0.0, 3000, noise=0.1), EVEN)
    assert effect.missing == 0
    assert effect.sentence.startswith("No difference of note")


@pytest.mark.parametrize(("later", "wrong"), [(500, False), (540, False), (700, True)])
def test_posts_that_fall_otherwise_than_planned_are_noticed(
    later: int, wrong: bool
) -> None:
    assert mismatch({"later": later, "control": 1000 - later}, EVEN) is wrong


@pytest.mark.thorough
def test_looking_often_does_not_make_shares_suspicious() -> None:
    raised = 0
    for seed in range(300):
        chance, counts = random.Random(seed), {"later": 0, "control": 0}
        for _ in range(500):
            counts[chance.choice(list(EVEN))] += 1
            if mismatch(counts, EVEN):
                raised += 1
                break
    assert raised <= 2


def test_a_guardrail_stops_only_what_is_surely_under_it() -> None:
    chance = random.Random(1)
    poor = [chance.gauss(0.01, 0.005) for _ in range(200)]
    assert breaks_guardrail(poor, 0.02)
    assert not breaks_guardrail(poor[:10], 0.02)
    assert not breaks_guardrail([chance.gauss(0.019, 0.02) for _ in range(200)], 0.02)
