"""What a trial says so far; it may be asked at any moment, as often as one likes."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from calendars.bodies.trials import EffectBody, TrialResultsBody, VariantResultBody
from calendars.models import KpiEvent, Trial
from calendars.timing.learning import log_rate
from calendars.timing.trials import (
    Effect,
    Observation,
    breaks_guardrail,
    effect_of,
    mismatch,
)
from workspaces.models import User
from workspaces.roles import Role
from workspaces.selectors import require_role

MISMATCH = (
    "Posts of some variants have results more often than planned: do not trust a "
    "difference before you know why."
)


@dataclass(frozen=True)
class VariantResult:
    """One variant: posts given to it and measured, mean KPI (None without any), effect
    if not the control.
    """

    name: str
    strategy: str
    posts: int
    measured: int
    mean: float | None
    effect: Effect | None
    breaks_guardrail: bool

    @property
    def is_better(self) -> bool:
        """Whether it surely is, and not under the guardrail."""
        has_gained = self.effect is not None and self.effect.is_better
        return has_gained and not self.breaks_guardrail

    @property
    def estimate(self) -> float:
        """The effect, as a share of the control's; nothing for the control."""
        return self.effect.estimate if self.effect else 0.0


@dataclass(frozen=True)
class TrialResults:
    """Every variant, and whether their shares of results are not as planned."""

    variants: Sequence[VariantResult]
    is_mismatched: bool

    @property
    def winner(self) -> VariantResult | None:
        """The surely better variant, the best of several; none where the shares are not
        as planned.
        """
        better = [variant for variant in self.variants if variant.is_better]
        if self.is_mismatched or not better:
            return None
        return max(better, key=lambda variant: variant.estimate)

    @property
    def broken(self) -> list[str]:
        """Variants that are surely under the guardrail."""
        return [variant.name for variant in self.variants if variant.breaks_guardrail]

    @property
    def sentences(self) -> list[str]:
        """The results in words."""
        sentences = [
            variant.effect.sentence for variant in self.variants if variant.effect
        ]
        sentences += [f"{name} is under the guardrail." for name in self.broken]
        return [MISMATCH, *sentences] if self.is_mismatched else sentences


def results_of(user: User, trial: Trial) -> TrialResults:
    """The trial's results so far: two queries, whatever its size."""
    require_role(user, trial.workspace, Role.VIEWER)
    return look_at(trial)


def look_at(trial: Trial) -> TrialResults:
    """The same for workers, which act for nobody."""
    measurements = measurements_of(trial)
    variants = [
        result_of(trial, variant["name"], variant["strategy"], measurements)
        for variant in trial.variants
    ]
    counts = {variant.name: variant.measured for variant in variants}
    return TrialResults(variants, mismatch(counts, trial.chances))


@dataclass(frozen=True)
class Measurements:
    """What is known of a trial's posts, by variant where it is a mapping.

    posts: how many were given to it.
    values: their KPI, where it is known.
    rates: their engagement rates, where they are known.
    observations: what effects are estimated from, in order of time.
    """

    posts: Counter[str]
    values: Mapping[str, Sequence[float]]
    rates: Mapping[str, Sequence[float]]
    observations: Sequence[Observation]


def measurements_of(trial: Trial) -> Measurements:
    """The latest measurement of each post: two queries."""
    variant_of: dict[Any, str] = dict(trial.allotted.values_list("post_id", "variant"))
    events = KpiEvent.objects.filter(
        workspace=trial.workspace_id,
        post__in=trial.allotted.values("post"),
        latest=True,
    )
    observations: list[Observation] = []
    rates: dict[str, list[float]] = defaultdict(list)
    values: dict[str, list[float]] = defaultdict(list)
    for event in events.order_by("posted_date", "posted_hour", "pk"):
        name = variant_of.get(event.post_id, "")
        value = kpi_of(trial, event)
        if value is not None:
            observations.append(Observation(name, log_rate(value)))
            values[name].append(value)
        if event.rate is not None:
            rates[name].append(event.rate)
    return Measurements(Counter(variant_of.values()), values, rates, observations)


def result_of(
    trial: Trial, name: str, strategy: str, measurements: Measurements
) -> VariantResult:
    """How the variant of that name does."""
    values = measurements.values.get(name, ())
    rates = measurements.rates.get(name, ())
    guardrail = trial.guardrail
    return VariantResult(
        name=name,
        strategy=strategy,
        posts=measurements.posts[name],
        measured=len(values),
        mean=mean(values),
        effect=effect(trial, name, measurements.observations),
        breaks_guardrail=guardrail is not None and breaks_guardrail(rates, guardrail),
    )


def kpi_of(trial: Trial, event: KpiEvent) -> float | None:
    """What the trial is decided by, 0..1: engagement, or clicks by those reached."""
    if trial.kpi == Trial.Kpi.ENGAGEMENT:
        return event.rate
    return event.click_rate


def effect(
    trial: Trial, variant: str, observations: Sequence[Observation]
) -> Effect | None:
    """The variant's beside the control; None for the control itself."""
    if variant == trial.control:
        return None
    return effect_of(variant, trial.control, observations, trial.chances)


def mean(values: Sequence[float]) -> float | None:
    """None for nothing."""
    return sum(values) / len(values) if values else None


def as_json(results: TrialResults) -> TrialResultsBody:
    """Results as clients get them; a bound that is not known yet is None."""
    return {
        "variants": [variant_json(variant) for variant in results.variants],
        "sample_ratio_mismatch": results.is_mismatched,
        "winner": results.winner.name if results.winner else None,
        "sentences": results.sentences,
    }


def variant_json(variant: VariantResult) -> VariantResultBody:
    """How one variant does, as it is kept and answered; the control has no effect."""
    return {
        "name": variant.name,
        "strategy": variant.strategy,
        "posts": variant.posts,
        "measured": variant.measured,
        "mean": variant.mean,
        "breaks_guardrail": variant.breaks_guardrail,
        "effect": effect_json(variant.effect) if variant.effect else None,
    }


def effect_json(effect: Effect) -> EffectBody:
    """As it is kept and answered; an interval without an upper end has None there."""
    return {
        "estimate": effect.estimate,
        "low": effect.low,
        "high": effect.high if math.isfinite(effect.high) else None,
        "missing_posts": effect.missing,
        "is_better": effect.is_better,
        "is_worse": effect.is_worse,
        "sentence": effect.sentence,
    }
