"""Reading a trial of posting times at any moment, as often as one likes.

The effect of a variant against the control is estimated from log engagement rates with
the known chance of each variant, and bounded by an asymptotic confidence sequence: with
at least 95 % probability it holds the truth at *all* times together, so that stopping
when it leaves zero is no mistake (Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas,
"Time-uniform central limit theory and asymptotic confidence sequences", Annals of
Statistics 52 (2024), theorem 2.2). Whether posts really fell to the variants as planned
is watched by a sequential multinomial test (Lindon & Malek, "Anytime-valid inference
for multinomial count data", NeurIPS 2022).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

RISK = 0.05
# The bound is tightest at about so many posts.
TIGHT_AT = 200
# Before so many posts of a variant and of the control nothing is said: the bound holds
# for large numbers.
FEWEST = 25
# Less than this chance of the planned shares means that something sends posts to the wrong variant.
MISMATCH_RISK = 0.001
# How sure the planned shares are beside others, in posts.
CERTAINTY = 100.0
WORTHWHILE = math.log(1.1)


@dataclass(frozen=True)
class Observation:
    """One post's result: the variant it was given, the logarithm of its engagement rate."""

    variant: str
    value: float


@dataclass(frozen=True)
class Effect:
    """A variant against the control.

    estimate: the ratio of rates less one (0.2 is 20 % more).
    low, high: bounds of it that hold at all times together.
    posts: of both.
    missing: about how many more posts both need until a difference of `WORTHWHILE`, or
    the one seen if it is larger, would show.
    """

    variant: str
    estimate: float
    low: float
    high: float
    posts: int
    missing: int

    @property
    def is_better(self) -> bool:
        """Whether the whole interval lies above nothing."""
        return self.low > 0

    @property
    def is_worse(self) -> bool:
        """Whether the whole interval lies below nothing."""
        return self.high < 0

    @property
    def sentence(self) -> str:
        """What a planner is told."""
        if self.is_better or self.is_worse:
            word = "more" if self.is_better else "less"
            return (
                f"{self.variant} gets {abs(self.estimate):.0%} {word} engagement "
                f"({self.low:+.0%} to {self.high:+.0%})."
            )
        if self.missing:
            return f"Not enough data yet on {self.variant}: about {self.missing} more posts."
        return (
            f"No difference of note between {self.variant} and the control "
            f"({self.low:+.0%} to {self.high:+.0%})."
        )


class Running:
    """Count, mean and variance of numbers as they come (Welford's method)."""

    def __init__(self) -> None:
        self.count = 0
        self.mean = 0.0
        self.squares = 0.0

    def add(self, value: float) -> None:
        """Take the next number in."""
        self.count += 1
        step = value - self.mean
        self.mean += step / self.count
        self.squares += step * (value - self.mean)

    @property
    def variance(self) -> float:
        """Of a sample, 0 for a single number."""
        return self.squares / (self.count - 1) if self.count > 1 else 0.0

    @property
    def half_width(self) -> float:
        """Half the width of the confidence sequence of the mean."""
        return half_width(self.count, self.variance)


def half_width(count: int, variance: float, risk: float = RISK) -> float:
    """Half the width of the confidence sequence of a mean (Waudby-Smith et al., theorem
    2.2, tightest at `TIGHT_AT` values).

    count, variance: of the values so far.
    risk: the probability that it ever fails to hold the truth.
    """
    odds = -math.log(risk) * 2
    rate = (odds + math.log(odds) + 1) / TIGHT_AT
    grown = count * rate + 1
    scale = variance * 2 * grown / (count**2 * rate)
    return math.sqrt(scale * math.log(math.sqrt(grown) / risk))


class Watch:
    """One variant against the control while results come in; `chances` are the planned
    shares of the variants.
    """

    def __init__(
        self, variant: str, control: str, chances: Mapping[str, float]
    ) -> None:
        self.variant = variant
        self.control = control
        self.share = chances[variant] / (chances[variant] + chances[control])
        self.scores = Running()
        self.arms = {variant: Running(), control: Running()}

    def add(self, observation: Observation) -> None:
        """Take in a result; those of other variants change nothing."""
        if observation.variant not in self.arms:
            return
        # Predictions use only what came before, which keeps each score's mean at the effect.
        first = self.arms[self.variant].mean
        second = self.arms[self.control].mean
        if observation.variant == self.variant:
            correction = (observation.value - first) / self.share
        else:
            correction = -(observation.value - second) / (1 - self.share)
        self.scores.add(first - second + correction)
        self.arms[observation.variant].add(observation.value)

    @property
    def effect(self) -> Effect:
        """What is known by now."""
        fewest = min(arm.count for arm in self.arms.values())
        if fewest < FEWEST:
            return _unbounded(self.variant, self.scores, fewest)
        return _bounded(self.variant, self.scores)


def effect_of(
    variant: str,
    control: str,
    observations: Iterable[Observation],
    chances: Mapping[str, float],
) -> Effect:
    """The effect after these observations.

    observations: of all variants, in the order they came.
    chances: planned shares by variant.
    Raises KeyError for a variant without a share.
    """
    watch = Watch(variant, control, chances)
    for observation in observations:
        watch.add(observation)
    return watch.effect


def _unbounded(variant: str, scores: Running, fewest: int) -> Effect:
    """The effect while one of both has too few posts for bounds, `fewest`."""
    until_bounds = 2 * (FEWEST - fewest)
    until_it_shows = _missing(scores, WORTHWHILE) if fewest > 1 else 0
    return Effect(
        variant=variant,
        estimate=math.expm1(scores.mean),
        low=-1.0,
        high=math.inf,
        posts=scores.count,
        missing=max(1, until_bounds, until_it_shows),
    )


def _bounded(variant: str, scores: Running) -> Effect:
    """The effect with its bounds."""
    half = scores.half_width
    low = scores.mean - half
    high = scores.mean + half
    shows = low > 0 or high < 0
    is_null = low > -WORTHWHILE and high < WORTHWHILE
    looked_for = max(WORTHWHILE, abs(scores.mean))
    return Effect(
        variant=variant,
        estimate=math.expm1(scores.mean),
        low=math.expm1(low),
        high=math.expm1(high),
        posts=scores.count,
        missing=0 if shows or is_null else _missing(scores, looked_for),
    )


def _missing(scores: Running, effect: float) -> int:
    """Posts until the bound would be narrower than the effect, found by doubling and halving."""
    variance = max(scores.variance, 1e-9)
    count = max(scores.count, 2)
    while half_width(count, variance) > effect:
        count *= 2
    least = max(scores.count, count // 2)
    while count - least > 1:
        middle = (count + least) // 2
        if half_width(middle, variance) > effect:
            least = middle
        else:
            count = middle
    return max(1, count - scores.count)


def mismatch(counts: Mapping[str, int], chances: Mapping[str, float]) -> bool:
    """Whether the posts of each variant speak against the planned shares, however often
    one has looked (Lindon & Malek: a Dirichlet prior about the planned shares).

    counts: posts by variant.
    chances: planned shares by variant; they sum to 1.
    """
    total = sum(counts.values())
    log_odds = math.lgamma(CERTAINTY) - math.lgamma(CERTAINTY + total)
    for name, count in counts.items():
        chance = chances[name]
        prior = CERTAINTY * chance
        log_odds += math.lgamma(prior + count) - math.lgamma(prior)
        log_odds -= count * math.log(chance)
    return log_odds > -math.log(MISMATCH_RISK)


def breaks_guardrail(values: Sequence[float], least: float) -> bool:
    """Whether the mean of a variant's guardrail values is surely under the least allowed one."""
    running = Running()
    for value in values:
        running.add(value)
    return running.count >= FEWEST and running.mean + running.half_width < least
