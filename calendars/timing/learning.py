"""What an account's own results say about the hours of a week, beginning from a timing
table.

The logarithm of a post's engagement rate in cell c (one of 168 weekday-hours) is
modelled as

m + STRENGTH · u_c + noise,    u = κ·w + δ,    κ ~ N(1, SLOPE²),    δ ~ Gaussian
process(0, τ²·R)

where w is the table's weight (0..1), m the account's own level, and R couples
neighbouring hours of a day and days of the week. Given τ and the noise everything is
Gaussian and the posterior of u is exact; both are averaged over a grid by their
marginal likelihood, so that intervals own up to not knowing them. Without results u is
w: the table. See Rasmussen & Williams, "Gaussian Processes for Machine Learning"
(2006), chapters 2 and 5; Gelman et al., "Bayesian Data Analysis" (3rd ed.), chapter 5.
"""

from __future__ import annotations

import math
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
# How far a cell may be from the table, in weights, and the noise of one post, in
# logarithms; each with its prior odds.
SPREADS = {0.05: 1.0, 0.1: 2.0, 0.2: 3.0, 0.35: 2.0, 0.6: 1.0}
NOISES = {0.2: 1.0, 0.35: 2.0, 0.5: 3.0, 0.7: 3.0, 1.0: 2.0, 1.4: 1.0}
# Hours over which a cell's neighbours speak for it, and how alike two days are: of the
# same part of the week, or not.
REACH = 2.0
ALIKE, UNLIKE = 0.7, 0.4
WEEKEND = (5, 6)
LEAST_RATE = 1e-4
LEAST_VARIANCE = 1e-12
INTERVAL = 0.9
HALF_INTERVAL = NormalDist().inv_cdf(0.5 + INTERVAL / 2)
ENOUGH = 20


@dataclass(frozen=True)
class History:
    """Results by cell (Monday 00 h first): number of posts, sum and sum of squares of
    their log engagement rates.
    """

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
    """What is believed about each cell: mean and standard deviation of its value in
    weights (0..1, as the table's), the probability that it is better than the average
    hour, posts in it and near it.
    """

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
        half = HALF_INTERVAL * float(self.deviation[cell])
        return float(self.mean[cell]) - half, float(self.mean[cell]) + half


def cell_of(weekday: int, hour: int) -> int:
    """The number of an hour of the week, Monday is weekday 0."""
    return weekday * HOURS + hour


def log_rate(rate: float) -> float:
    """A post's engagement rate (0..1) as it is learned from."""
    return math.log(max(rate, LEAST_RATE))


@cache
def coupling() -> Array:
    """R: how much two cells have in common; a product of hours on a circle and of days,
    so positive definite.
    """
    hours = np.arange(HOURS)
    apart = np.sin(np.pi * (hours[:, None] - hours[None, :]) / HOURS) / np.sin(
        np.pi * REACH / HOURS
    )
    by_hour = np.exp(-0.5 * apart**2)
    part = np.array([day in WEEKEND for day in range(DAYS)])
    by_day = np.where(part[:, None] == part[None, :], ALIKE, UNLIKE)
    np.fill_diagonal(by_day, 1.0)
    joined: Array = np.kron(by_day, by_hour)
    return joined


def learn(weights: Array, history: History) -> Belief:
    """The belief about all cells after the history, beginning from the table's weights
    (168 values of 0..1).
    """
    seen = np.flatnonzero(history.counts)
    nearby = (coupling() > 0.5) @ history.counts
    fits = fitted(weights, history, seen)
    shares = np.exp(fits.likelihoods - fits.likelihoods.max())
    mean, variances, rows = fits.mixed(shares / shares.sum())
    better = above_average(mean, variances, rows)
    return Belief(
        mean,
        np.sqrt(np.maximum(variances, LEAST_VARIANCE)),
        better,
        nearby,
        history.posts,
    )


@cache
def models() -> tuple[Array, Array, Array]:
    """Spread, noise and log prior odds of every model."""
    both = [
        (spread, noise, a * b)
        for spread, a in SPREADS.items()
        for noise, b in NOISES.items()
    ]
    spreads, noises, odds = np.array(both).T
    return spreads, noises, np.log(odds)


@dataclass(frozen=True)
class Fits:
    """Every model after the results: log posterior odds up to a constant, and the way
    to u.

    Results are seen from the basis in which coupling and noise of all models are
    diagonal (`along` leads there from the cells, `divisors` are those diagonals); slope
    and level, which all models share, are two directions in it (`common`), joined by
    Woodbury's identity (`joints`, 2 by 2). `bends` are results by covariance in that
    basis.
    """

    likelihoods: Array
    weights: Array
    along: Array
    divisors: Array
    common: Array
    joints: Array
    bends: Array

    def mixed(self, shares: Array) -> tuple[Array, Array, Array]:
        """Mean of u, its variances and the means of the rows of its covariance, over
        models of these shares.
        """
        reach = STRENGTH * models()[0] ** 2
        shifts = self._from_basis(self.bends, reach)
        shift = shares @ shifts
        lean = (shares * reach) @ (self.common[:, 0] / self.divisors)
        slope = (
            shares @ (self.common[:, 0] ** 2 / self.divisors).sum(axis=1)
        ) * SLOPE**4
        crossed = SLOPE**2 * self.along @ lean
        # Covariance is prior less what the results explain, plus how far models lie
        # apart; of each term only the diagonal and the means of rows are needed, so
        # none is ever written down whole.
        terms = [
            (self.weights, self.weights, SLOPE**2 - slope),
            (self.weights, crossed, -2.0),
            (shift, shift, -1.0),
        ]
        spread = shares @ models()[0] ** 2
        explained = (shares * reach**2) @ (1 / self.divisors)
        variances = spread * np.diag(coupling()) - self.along**2 @ explained
        rows = spread * coupling().mean(axis=0) - self.along @ (
            explained * self.along.mean(axis=0)
        )
        for left, right, factor in terms:
            variances = variances + factor * left * right
            rows = rows + factor / 2 * (left * right.mean() + right * left.mean())
        for outer in (shifts, *self._joined(reach)):
            variances = variances + shares @ outer**2
            rows = rows + (shares * outer.mean(axis=1)) @ outer
        return self.weights + shift, variances, rows

    def _from_basis(self, values: Array, reach: Array) -> Array:
        """Per model, what a vector of the basis comes to at the cells by the prior
        covariance of u.
        """
        slopes = SLOPE**2 * (values @ self.common[:, 0])
        far: Array = slopes[:, None] * self.weights + reach[:, None] * (
            values @ self.along.T
        )
        return far

    def _joined(self, reach: Array) -> list[Array]:
        """What not knowing slope and level adds back: per model the two columns whose
        squares it is.
        """
        roots = np.linalg.cholesky(np.linalg.inv(self.joints))
        directions = self.common / self.divisors[:, :, None] @ roots
        return [self._from_basis(directions[:, :, column], reach) for column in (0, 1)]


def fitted(weights: Array, history: History, seen: Any) -> Fits:
    """Every spread and noise after the results. One decomposition serves them all."""
    counts = history.counts[seen]
    averages = history.sums[seen] / counts
    within = float((history.squares[seen] - counts * averages**2).sum())
    # The level is the mean of what was seen, give or take; centring there keeps the numbers small.
    surprise = (
        averages - averages.mean() - STRENGTH * (weights[seen] - weights[seen].mean())
        if len(seen)
        else averages
    )
    root = np.sqrt(counts)
    lengths, basis = np.linalg.eigh(
        root[:, None] * coupling()[np.ix_(seen, seen)] * root
    )
    into = basis.T * root
    common = into @ np.column_stack([STRENGTH * weights[seen], np.ones(len(seen))])
    spreads, noises, odds = models()
    divisors = (
        STRENGTH**2 * np.outer(spreads**2, np.maximum(lengths, 0.0))
        + noises[:, None] ** 2
    )
    flat = (into @ surprise) / divisors
    joints = np.diag([1 / SLOPE**2, 1 / LEVEL_VARIANCE]) + common.T @ (
        common / divisors[:, :, None]
    )
    shared = np.linalg.solve(joints, (flat @ common)[:, :, None])
    bends = flat - (common @ shared)[:, :, 0] / divisors
    likelihoods = odds - 0.5 * (
        bends @ (into @ surprise)
        + np.log(divisors).sum(axis=1)
        + np.linalg.slogdet(joints)[1]
    )
    likelihoods -= (counts.sum() - len(seen)) * np.log(noises) + within / (
        2 * noises**2
    )
    return Fits(
        likelihoods,
        weights,
        coupling()[:, seen] @ into.T,
        divisors,
        common,
        joints,
        bends,
    )


def above_average(mean: Array, variances: Array, rows: Array) -> Array:
    """The probability of each cell to be better than the mean of all, from variances
    and means of covariance rows.
    """
    gaps = mean - mean.mean()
    spread = np.sqrt(np.maximum(variances - 2 * rows + rows.mean(), LEAST_VARIANCE))
    return np.array(
        [0.5 * math.erfc(-gap / math.sqrt(2)) for gap in (gaps / spread).tolist()]
    )
