"""What is learned from results, held against simulated accounts whose truth is known."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from calendars.timing.learning import (
    CELLS,
    INTERVAL,
    LEVEL_VARIANCE,
    NOISES,
    SLOPE,
    SPREADS,
    STRENGTH,
    Belief,
    History,
    cell_of,
    coupling,
    learn,
    log_rate,
)

WEIGHTS = np.full(CELLS, 0.1)
for weekday in range(5):
    WEIGHTS[cell_of(weekday, 10) : cell_of(weekday, 15)] = 0.9
    WEIGHTS[cell_of(weekday, 18) : cell_of(weekday, 20)] = 0.7


def drawn(chance: np.random.Generator, odds: dict[float, float]) -> float:
    shares = np.array(list(odds.values()))
    return float(chance.choice(list(odds), p=shares / shares.sum()))


def account(seed: int, posts: int) -> tuple[Any, History]:
    """An account's true values, and results drawn from them; half of the posts follow the table."""
    chance = np.random.default_rng(seed)
    spread, noise = drawn(chance, SPREADS), drawn(chance, NOISES)
    root = np.linalg.cholesky(coupling() + 1e-9 * np.eye(CELLS))
    truth = chance.normal(1, SLOPE) * WEIGHTS + spread * root @ chance.normal(
        size=CELLS
    )
    cells = chance.choice(CELLS, posts, p=0.5 * WEIGHTS / WEIGHTS.sum() + 0.5 / CELLS)
    values = -3.2 + STRENGTH * truth[cells] + noise * chance.normal(size=posts)

    def count(weights: np.ndarray | None = None) -> np.ndarray:
        return np.bincount(cells, weights, minlength=CELLS).astype(float)

    return truth, History(count(), count(values), count(values**2))


def covered(truth: Any, belief: Belief) -> float:
    bounds = [belief.interval(cell) for cell in range(CELLS)]
    return float(
        np.mean(
            [
                low < value < high
                for value, (low, high) in zip(truth, bounds, strict=True)
            ]
        )
    )


@pytest.mark.thorough
@pytest.mark.parametrize("posts", [0, 40, 400])
def test_intervals_hold_the_truth_as_often_as_they_say(posts: int) -> None:
    shares = [
        covered(truth, learn(WEIGHTS, history))
        for truth, history in (account(s, posts) for s in range(500))
    ]
    assert INTERVAL - 0.02 <= np.mean(shares) <= INTERVAL + 0.02


@pytest.mark.thorough
def test_probabilities_come_true_as_often_as_they_say() -> None:
    said, came = [], []
    for seed in range(300):
        truth, history = account(seed, 150)
        said += list(learn(WEIGHTS, history).better)
        came += list(truth > truth.mean())
    chances, truths = np.array(said), np.array(came)
    for low in (0.0, 0.2, 0.4, 0.6, 0.8):
        part = (chances >= low) & (chances < low + 0.2)
        assert truths[part].mean() == pytest.approx(chances[part].mean(), abs=0.06)


@pytest.mark.thorough
def test_choosing_by_what_was_learned_gets_better_with_results() -> None:
    regrets = []
    for posts in (0, 100, 1000):
        lost = []
        for seed in range(120):
            truth, history = account(seed, posts)
            lost.append(
                truth.max() - truth[int(np.argmax(learn(WEIGHTS, history).mean))]
            )
        regrets.append(np.mean(lost))
    by_table = np.mean(
        [
            account(s, 0)[0].max() - account(s, 0)[0][int(np.argmax(WEIGHTS))]
            for s in range(120)
        ]
    )
    assert regrets[0] <= by_table * 1.02
    assert regrets[0] > regrets[1] > regrets[2]


def test_without_results_the_table_is_believed() -> None:
    belief = learn(WEIGHTS, History.none())
    assert np.allclose(belief.mean, WEIGHTS)
    assert not belief.is_learned
    assert belief.better[cell_of(1, 12)] > 0.8 > belief.better[cell_of(6, 3)]


def test_neighbouring_hours_speak_for_each_other() -> None:
    counts, sums, squares = np.zeros(CELLS), np.zeros(CELLS), np.zeros(CELLS)
    for cell, value in (
        (cell_of(2, 20), log_rate(0.12)),
        (cell_of(2, 11), log_rate(0.02)),
    ):
        counts[cell], sums[cell], squares[cell] = 40, 40 * value, 40 * value**2 + 4
    belief = learn(WEIGHTS, History(counts, sums, squares))
    lift = belief.mean - WEIGHTS
    assert lift[cell_of(2, 20)] > lift[cell_of(2, 21)] > lift[cell_of(2, 23)] > 0
    assert lift[cell_of(2, 21)] > lift[cell_of(3, 21)] > lift[cell_of(6, 21)]
    assert belief.deviation[cell_of(2, 20)] < belief.deviation[cell_of(5, 4)]


def test_a_rate_of_nothing_can_be_learned_from() -> None:
    assert log_rate(0.0) < log_rate(0.001) < 0


def plainly(history: History) -> tuple[Any, Any]:
    """Mean and deviation by the textbook: every model's posterior from its whole matrices."""
    seen, found = np.flatnonzero(history.counts), []
    counts = history.counts[seen]
    averages = history.sums[seen] / counts
    within = (history.squares[seen] - counts * averages**2).sum()
    surprise = (
        averages - averages.mean() - STRENGTH * (WEIGHTS[seen] - WEIGHTS[seen].mean())
    )
    for (spread, odds), (noise, other) in itertools.product(
        SPREADS.items(), NOISES.items()
    ):
        prior = SLOPE**2 * np.outer(WEIGHTS, WEIGHTS) + spread**2 * coupling()
        between = (
            STRENGTH**2 * prior[np.ix_(seen, seen)]
            + LEVEL_VARIANCE
            + np.diag(noise**2 / counts)
        )
        gain = STRENGTH * prior[:, seen] @ np.linalg.inv(between)
        chance = np.log(odds * other) - 0.5 * surprise @ np.linalg.solve(
            between, surprise
        )
        chance -= 0.5 * np.linalg.slogdet(between)[1] + (
            counts.sum() - len(seen)
        ) * np.log(noise)
        mean, covariance = (
            WEIGHTS + gain @ surprise,
            prior - STRENGTH * gain @ prior[seen],
        )
        found.append(
            (chance - within / (2 * noise**2), mean, np.diag(covariance) + mean**2)
        )
    chances, means, seconds = (np.array(part) for part in zip(*found, strict=True))
    shares = np.exp(chances - chances.max())
    shares /= shares.sum()
    return shares @ means, np.sqrt(shares @ seconds - (shares @ means) ** 2)


@pytest.mark.parametrize("posts", [1, 5, 60, 2000])
def test_the_quick_way_is_the_textbooks(posts: int) -> None:
    _, history = account(11, posts)
    belief, (mean, deviation) = learn(WEIGHTS, history), plainly(history)
    assert np.allclose(belief.mean, mean, atol=1e-8)
    assert np.allclose(belief.deviation, deviation, atol=1e-7)
