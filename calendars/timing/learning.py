"""What an account's own results say about the hours of a week, beginning from a timing table.

The logarithm of a post's engagement rate in cell c (one of 168 weekday-hours) is modelled as

    m + STRENGTH · u_c + noise,    u = κ·w + δ,    κ ~ N(1, SLOPE²),    δ ~ Gaussian process(0, τ²·R)

where w is the table's weight (0..1), m the account's own level, and R couples neighbouring hours of a day and days of
the week. Given τ and the noise everything is Gaussian and the posterior of u is exact; both are averaged over a grid
by their marginal likelihood, so that intervals own up to not knowing them. Without results u is w: the table. See
Rasmussen & Williams, "Gaussian Processes for Machine Learning" (2006), chapters 2 and 5; Gelman et al., "Bayesian Data
Analysis" (3rd ed.), chapter 5.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]
DAYS, HOURS = 7, 24
CELLS = DAYS * HOURS

# Engagement at weight 1 beside weight 0: three times as much.
STRENGTH = math.log(3.0)
SLOPE = 0.5
LEVEL_VARIANCE = 100.0
# How far a cell may be from the table, in weights, and the noise of one post, in logarithms; each with its prior odds.
SPREADS = {0.05: 1.0, 0.1: 2.0, 0.2: 3.0, 0.35: 2.0, 0.6: 1.0}
NOISES = {0.2: 1.0, 0.35: 2.0, 0.5: 3.0, 0.7: 3.0, 1.0: 2.0, 1.4: 1.0}
# Hours over which a cell's neighbours speak for it, and how alike two days are: of the same part of the week, or not.
REACH = 2.0
ALIKE, UNLIKE = 0.7, 0.4
WEEKEND = (5, 6)
LEAST_RATE = 1e-4
# Models with less than this log share say nothing.
NEGLIGIBLE = -8.0
INTERVAL = 0.9
ENOUGH = 20


@dataclass(frozen=True)
class History:
    """Results by cell (Monday 00 h first): number of posts, sum and sum of squares of their log engagement rates."""

    counts: Array
    sums: Array
    squares: Array

    @classmethod
    def none(cls) -> History:
        return cls(np.zeros(CELLS), np.zeros(CELLS), np.zeros(CELLS))

    @property
    def posts(self) -> int:
        return int(self.counts.sum())


@dataclass(frozen=True)
class Belief:
    """What is believed about each cell: mean and standard deviation of its value in weights (0..1, as the table's),
    the probability that it is better than the average hour, posts in it and near it."""

    mean: Array
    deviation: Array
    better: Array
    nearby: Array
    posts: int

    @property
    def is_learned(self) -> bool:
        """Whether there are enough results to say more than the table."""
        return self.posts >= ENOUGH

    def interval(self, cell: int) -> tuple[float, float]:
        """Between these the cell's value lies with 90 % probability."""
        half = NormalDist().inv_cdf(0.5 + INTERVAL / 2) * float(self.deviation[cell])
        return float(self.mean[cell]) - half, float(self.mean[cell]) + half


def cell_of(weekday: int, hour: int) -> int:
    """The number of an hour of the week, Monday is weekday 0."""
    return weekday * HOURS + hour


def log_rate(rate: float) -> float:
    """A post's engagement rate (0..1) as it is learned from."""
    return math.log(max(rate, LEAST_RATE))


@cache
def coupling() -> Array:
    """R: how much two cells have in common; a product of hours on a circle and of days, so positive definite."""
    hours = np.arange(HOURS)
    apart = np.sin(np.pi * (hours[:, None] - hours[None, :]) / HOURS) / np.sin(np.pi * REACH / HOURS)
    by_hour = np.exp(-0.5 * apart**2)
    part = np.array([day in WEEKEND for day in range(DAYS)])
    by_day = np.where(part[:, None] == part[None, :], ALIKE, UNLIKE)
    np.fill_diagonal(by_day, 1.0)
    joined: Array = np.kron(by_day, by_hour)
    return joined


def learn(weights: Array, history: History) -> Belief:
    """The belief about all cells after the history, beginning from the table's weights (168 values of 0..1)."""
    seen = np.flatnonzero(history.counts)
    nearby = (coupling() > 0.5) @ history.counts
    fits = [(math.log(odds) + fit.likelihood, fit) for odds, fit in fitted(weights, history, seen)]
    most = max(chance for chance, _ in fits)
    kept = [(math.exp(chance - most), fit) for chance, fit in fits if chance - most > NEGLIGIBLE]
    total = sum(share for share, _ in kept)
    mean, second = np.zeros(CELLS), np.zeros((CELLS, CELLS))
    for share, fit in kept:
        one, covariance = fit.posterior()
        mean += share / total * one
        second += share / total * (covariance + np.outer(one, one))
    spread = second - np.outer(mean, mean)
    return Belief(mean, np.sqrt(np.diag(spread)), above_average(mean, spread), nearby, history.posts)


@dataclass(frozen=True)
class Fit:
    """A model with given spread and noise after the results: its log marginal likelihood, and the way to u."""

    likelihood: float
    weights: Array
    prior: Array
    half: Array

    def posterior(self) -> tuple[Array, Array]:
        """Mean and covariance of u."""
        ahead = self.half[:, 1:]
        return self.weights + ahead.T @ self.half[:, 0], self.prior - ahead.T @ ahead


def fitted(weights: Array, history: History, seen: Any) -> Iterator[tuple[float, Fit]]:
    """Prior odds and fit of every spread and noise."""
    counts = history.counts[seen]
    averages = history.sums[seen] / counts
    within = float((history.squares[seen] - counts * averages**2).sum())
    # The level is the mean of what was seen, give or take; centring there keeps the numbers small.
    surprise = averages - averages.mean() - STRENGTH * (weights[seen] - weights[seen].mean()) if len(seen) else averages
    for spread, odds in SPREADS.items():
        prior = SLOPE**2 * np.outer(weights, weights) + spread**2 * coupling()
        shared = STRENGTH * prior[:, seen]
        for noise, other in NOISES.items():
            between = STRENGTH * shared[seen] + LEVEL_VARIANCE + np.diag(noise**2 / counts)
            root = np.linalg.cholesky(between)
            half = np.linalg.solve(root, np.column_stack([surprise, shared.T]))
            likelihood = -0.5 * half[:, 0] @ half[:, 0] - np.log(np.diag(root)).sum()
            likelihood -= (counts.sum() - len(seen)) * math.log(noise) + within / (2 * noise**2)
            yield odds * other, Fit(float(likelihood), weights, prior, half)


def above_average(mean: Array, covariance: Array) -> Array:
    """The probability of each cell to be better than the mean of all."""
    gaps = mean - mean.mean()
    rows = covariance.mean(axis=0)
    variances = np.diag(covariance) - 2 * rows + rows.mean()
    return np.array([NormalDist().cdf(gap / math.sqrt(max(v, 1e-12))) for gap, v in zip(gaps, variances, strict=True)])
