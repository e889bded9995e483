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
DAYS = 7
HOURS = 24
CELLS = DAYS * HOURS

# Engagement at weight 1 beside weight 0: three times as much.
STRENGTH = math.log(3.0)
SLOPE = 0.5
LEVEL_VARIANCE = 100.0
PRECISION = np.diag([1 / SLOPE**2, 1 / LEVEL_VARIANCE])
# How far a cell may be from the table, in weights, and the noise of one post, in
# logarithms; each with its prior odds.
SPREADS = {0.05: 1.0, 0.1: 2.0, 0.2: 3.0, 0.35: 2.0, 0.6: 1.0}
NOISES = {0.2: 1.0, 0.35: 2.0, 0.5: 3.0, 0.7: 3.0, 1.0: 2.0, 1.4: 1.0}
# Hours over which a cell's neighbours speak for it, and how alike two days are: of the
# same part of the week, or not.
REACH = 2.0
ALIKE = 0.7
UNLIKE = 0.4
WEEKEND = (5, 6)
LEAST_RATE = 1e-4
LEAST_VARIANCE = 1e-12
INTERVAL = 0.9
HALF_INTERVAL = NormalDist().inv_cdf(0.5 + INTERVAL / 2)
ENOUGH = 20


@dataclass(frozen=True)
class History:
    """Results by cell, 168 values each (Monday 00 h first): number of posts, sum and
    sum of squares of their log engagement rates.
    """

    counts: Array
    sums: Array
    squares: Array

    @classmethod
    def none(cls) -> History:
        """Of an account without results."""
        return cls(np.zeros(CELLS), np.zeros(CELLS), np.zeros(CELLS))

    @property
    def posts(self) -> int:
        """How many posts it is of."""
        return int(self.counts.sum())


@dataclass(frozen=True)
class Belief:
    """What is believed about each cell, 168 values each.

    mean, deviation: mean and standard deviation of its value in weights (0..1, as the
    table's).
    better: the probability that it is better than the average hour.
    nearby: posts in it and near it.
    posts: posts in all cells.
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
    """R (168, 168): how much two cells have in common; a product of hours on a circle
    and of days, so positive definite (Rasmussen & Williams, sections 4.2.3 and 4.2.4).
    """
    return np.asarray(np.kron(coupled_days(), coupled_hours()), np.float64)


def coupled_hours() -> Array:
    """How much two hours of a day have in common (24, 24)."""
    hours = np.arange(HOURS)
    angles = np.pi * (hours[:, None] - hours[None, :]) / HOURS
    apart = np.sin(angles) / np.sin(np.pi * REACH / HOURS)
    alike: Array = np.exp(-0.5 * apart**2)
    return alike


def coupled_days() -> Array:
    """How much two days of the week have in common (7, 7)."""
    is_weekend = np.isin(np.arange(DAYS), WEEKEND)
    same_part = is_weekend[:, None] == is_weekend[None, :]
    alike: Array = np.where(same_part, ALIKE, UNLIKE)
    np.fill_diagonal(alike, 1.0)
    return alike


def learn(weights: Array, history: History) -> Belief:
    """The belief about all cells after the history.

    weights: the table's, 168 values of 0..1.
    history: the account's results.
    """
    fits = fitted(weights, history)
    shares = np.exp(fits.likelihoods - fits.likelihoods.max())
    mean, covariance = fits.mixed(shares / shares.sum())
    variances = np.maximum(covariance.variances, LEAST_VARIANCE)
    return Belief(
        mean=mean,
        deviation=np.sqrt(variances),
        better=above_average(mean, covariance),
        nearby=(coupling() > 0.5) @ history.counts,
        posts=history.posts,
    )


@cache
def models() -> tuple[Array, Array, Array]:
    """Spread, noise and log prior odds of every model (k models)."""
    every = [
        (spread, noise, spread_odds * noise_odds)
        for spread, spread_odds in SPREADS.items()
        for noise, noise_odds in NOISES.items()
    ]
    spreads, noises, odds = np.array(every).T
    return spreads, noises, np.log(odds)


@dataclass
class Covariance:
    """Of a covariance of all cells the diagonal and the means of rows: no more is
    needed, so none is ever written down whole.
    """

    variances: Array
    rows: Array

    def add(self, left: Array, right: Array, factor: float) -> None:
        """Add the factor times the symmetric part of left rightᵀ."""
        means = left * right.mean() + right * left.mean()
        self.variances = self.variances + factor * left * right
        self.rows = self.rows + factor / 2 * means

    def add_mixture(self, vectors: Array, shares: Array) -> None:
        """Add the sum of v vᵀ over the models' vectors (k, 168) by their shares (k)."""
        self.variances = self.variances + shares @ vectors**2
        self.rows = self.rows + (shares * vectors.mean(axis=1)) @ vectors


@dataclass(frozen=True)
class Fits:
    """Every model after the results: log posterior odds up to a constant, and the way
    to u. There are k models and n cells with results.

    Results are seen from the basis in which coupling and noise of all models are
    diagonal; slope and level, which all models share, are two directions in it, joined
    by Woodbury's identity (Rasmussen & Williams, appendix A.3).

    likelihoods: log posterior odds (k).
    weights: the table's (168).
    along: from the basis to the cells (168, n).
    divisors: the diagonals (k, n).
    common: slope and level in the basis (n, 2).
    joints: what Woodbury's identity inverts (k, 2, 2).
    bends: results by covariance in the basis (k, n).
    """

    likelihoods: Array
    weights: Array
    along: Array
    divisors: Array
    common: Array
    joints: Array
    bends: Array

    def mixed(self, shares: Array) -> tuple[Array, Covariance]:
        """Mean of u (168) and its covariance over models of these shares (k).

        Covariance is prior less what the results explain, plus how far models lie
        apart.
        """
        reach = STRENGTH * models()[0] ** 2
        shifts = self._from_basis(self.bends, reach)
        shift = shares @ shifts
        covariance = self._deviations(shares, reach)
        slope, lean = self._slope(shares, reach)
        covariance.add(self.weights, self.weights, SLOPE**2 - slope)
        covariance.add(self.weights, lean, -2.0)
        covariance.add(shift, shift, -1.0)
        for vectors in (shifts, *self._joined(reach)):
            covariance.add_mixture(vectors, shares)
        return self.weights + shift, covariance

    def _deviations(self, shares: Array, reach: Array) -> Covariance:
        """Of δ alone: prior less what the results explain."""
        spread = shares @ models()[0] ** 2
        explained = (shares * reach**2) @ (1 / self.divisors)
        prior = coupling()
        from_mean = explained * self.along.mean(axis=0)
        return Covariance(
            variances=spread * np.diag(prior) - self.along**2 @ explained,
            rows=spread * prior.mean(axis=0) - self.along @ from_mean,
        )

    def _slope(self, shares: Array, reach: Array) -> tuple[float, Array]:
        """What the results explain of κ, and of κ together with δ at each cell (168)."""
        slopes = self.common[:, 0]
        per_model = (slopes**2 / self.divisors).sum(axis=1)
        crossed = (shares * reach) @ (slopes / self.divisors)
        return (shares @ per_model) * SLOPE**4, SLOPE**2 * self.along @ crossed

    def _from_basis(self, values: Array, reach: Array) -> Array:
        """Per model, what a vector of the basis (k, n) comes to at the cells (k, 168) by
        the prior covariance of u.
        """
        slopes = SLOPE**2 * (values @ self.common[:, 0])
        deviations = values @ self.along.T
        at_cells: Array = slopes[:, None] * self.weights + reach[:, None] * deviations
        return at_cells

    def _joined(self, reach: Array) -> list[Array]:
        """What not knowing slope and level adds back: per model the two columns whose
        squares it is.
        """
        roots = np.linalg.cholesky(np.linalg.inv(self.joints))
        directions = self.common / self.divisors[:, :, None] @ roots
        return [self._from_basis(directions[:, :, column], reach) for column in (0, 1)]


@dataclass(frozen=True)
class Observations:
    """What a history says of the n cells that have posts.

    cells: their numbers.
    counts: how many posts each has.
    averages: the mean of their log rates.
    within: the sum of squares of all posts about their cells' averages.
    """

    cells: Any
    counts: Array
    averages: Array
    within: float

    @classmethod
    def of(cls, history: History) -> Observations:
        """The cells that have posts, with their means, and the spread within cells."""
        cells = np.flatnonzero(history.counts)
        counts = history.counts[cells]
        averages = history.sums[cells] / counts
        squares = history.squares[cells] - counts * averages**2
        return cls(cells, counts, averages, float(squares.sum()))

    def surprise(self, weights: Array) -> Array:
        """How far averages are from what the table lets expect (n)."""
        if not len(self.cells):
            return self.averages
        # The level is the mean of what was seen, give or take; centring there keeps the
        # numbers small.
        expected = weights - weights.mean()
        surprise: Array = self.averages - self.averages.mean() - STRENGTH * expected
        return surprise


def fitted(weights: Array, history: History) -> Fits:
    """Every spread and noise after the results. One decomposition serves them all."""
    results = Observations.of(history)
    own_weights = weights[results.cells]
    into, lengths = diagonal_basis(results)
    divisors = diagonals(lengths)
    level = np.ones(len(own_weights))
    common = into @ np.column_stack([STRENGTH * own_weights, level])
    surprise = into @ results.surprise(own_weights)
    # By Woodbury's identity, first without slope and level.
    flat = surprise / divisors
    joints = PRECISION + common.T @ (common / divisors[:, :, None])
    shared = np.linalg.solve(joints, (flat @ common)[:, :, None])
    bends = flat - (common @ shared)[:, :, 0] / divisors
    _, determinants = np.linalg.slogdet(joints)
    sizes = np.log(divisors).sum(axis=1) + determinants
    return Fits(
        likelihoods=log_odds(bends @ surprise, sizes, results),
        weights=weights,
        along=coupling()[:, results.cells] @ into.T,
        divisors=divisors,
        common=common,
        joints=joints,
        bends=bends,
    )


def diagonal_basis(results: Observations) -> tuple[Array, Array]:
    """The way from results into the basis in which their coupling is diagonal (n, n),
    and that diagonal (n).
    """
    root = np.sqrt(results.counts)
    among_results = coupling()[np.ix_(results.cells, results.cells)]
    lengths, basis = np.linalg.eigh(root[:, None] * among_results * root)
    return basis.T * root, lengths


def diagonals(lengths: Array) -> Array:
    """The diagonal of every model's covariance (k, n): coupling and noise."""
    spreads, noises, _ = models()
    signal = np.outer(spreads**2, np.maximum(lengths, 0.0))
    covariances: Array = STRENGTH**2 * signal + noises[:, None] ** 2
    return covariances


def log_odds(misfits: Array, sizes: Array, results: Observations) -> Array:
    """Log posterior odds of every model (k), up to a constant.

    misfits: squares of the surprise by each model's covariance (k).
    sizes: log determinants of those covariances (k).
    """
    _, noises, odds = models()
    repeated = results.counts.sum() - len(results.cells)
    within_cells = repeated * np.log(noises) + results.within / (2 * noises**2)
    posterior: Array = odds - 0.5 * (misfits + sizes) - within_cells
    return posterior


def above_average(mean: Array, covariance: Covariance) -> Array:
    """The probability of each cell to be better than the mean of all (168)."""
    rows = covariance.rows
    variances = covariance.variances - 2 * rows + rows.mean()
    gaps = (mean - mean.mean()) / np.sqrt(np.maximum(variances, LEAST_VARIANCE))
    return np.array([0.5 * math.erfc(-gap / math.sqrt(2)) for gap in gaps.tolist()])
