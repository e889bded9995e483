"""What a trial says so far; it may be asked at any moment, as often as one likes."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True)
class TrialResults:
    variants: Sequence[VariantResult]
    is_mismatched: bool

    @property
    def winner(self) -> VariantResult | None:
        """The surely better variant, the best of several; none where the shares are not
        as planned.
        """
        better = [
            variant
            for variant in self.variants
            if variant.effect
            and variant.effect.is_better
            and not variant.breaks_guardrail
        ]
        if self.is_mismatched or not better:
            return None
        return max(
            better,
            key=lambda variant: variant.effect.estimate if variant.effect else 0.0,
        )

    @property
    def broken(self) -> list[str]:
        """Variants that are surely under the guardrail."""
        return [variant.name for variant in self.variants if variant.breaks_guardrail]

    @property
    def sentences(self) -> list[str]:
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
    variant_of: dict[Any, str] = dict(trial.allotted.values_list("post_id", "variant"))
    events = KpiEvent.objects.filter(
        workspace=trial.workspace_id,
        post__in=trial.allotted.values("post"),
        latest=True,
    )
    observations = []
    rates = defaultdict(list)
    values: dict[str, list[float]] = defaultdict(list)
    for event in events.order_by("posted_date", "posted_hour", "pk"):
        name = variant_of.get(event.post_id, "")
        value = kpi_of(trial, event)
        if value is not None:
            observations.append(Observation(name, log_rate(value)))
            values[name].append(value)
        if event.rate is not None:
            rates[name].append(event.rate)
    posts = Counter(variant_of.values())
    variants = []
    for variant in trial.variants:
        name = variant["name"]
        is_broken = trial.guardrail is not None and breaks_guardrail(
            rates[name], trial.guardrail
        )
        result = VariantResult(
            name,
            variant["strategy"],
            posts[name],
            len(values[name]),
            mean(values[name]),
            effect(trial, name, observations),
            is_broken,
        )
        variants.append(result)
    counts = {name: len(values[name]) for name in trial.names}
    return TrialResults(variants, mismatch(counts, trial.chances))


def kpi_of(trial: Trial, event: KpiEvent) -> float | None:
    if trial.kpi == Trial.Kpi.ENGAGEMENT:
        return event.rate
    reach = event.impressions or event.views
    return (
        min(1.0, event.clicks / reach) if reach and event.clicks is not None else None
    )


def effect(
    trial: Trial, variant: str, observations: Sequence[Observation]
) -> Effect | None:
    return (
        None
        if variant == trial.control
        else effect_of(variant, trial.control, observations, trial.chances)
    )


def mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def as_json(results: TrialResults) -> dict[str, Any]:
    """Results as clients get them; a bound that is not known yet is None."""
    return {
        "variants": [
            {
                "name": variant.name,
                "strategy": variant.strategy,
                "posts": variant.posts,
                "measured": variant.measured,
                "mean": variant.mean,
                "breaks_guardrail": variant.breaks_guardrail,
                "effect": effect_json(variant.effect) if variant.effect else None,
            }
            for variant in results.variants
        ],
        "sample_ratio_mismatch": results.is_mismatched,
        "winner": results.winner.name if results.winner else None,
        "sentences": results.sentences,
    }


def effect_json(effect: Effect) -> dict[str, Any]:
    high = effect.high if math.isfinite(effect.high) else None
    return {
        "estimate": effect.estimate,
        "low": effect.low,
        "high": high,
        "missing_posts": effect.missing,
        "is_better": effect.is_better,
        "is_worse": effect.is_worse,
        "sentence": effect.sentence,
    }
