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
            one
            for one in self.variants
            if one.effect and one.effect.is_better and not one.breaks_guardrail
        ]
        if self.is_mismatched or not better:
            return None
        return max(better, key=lambda one: one.effect.estimate if one.effect else 0.0)

    @property
    def broken(self) -> list[str]:
        """Variants that are surely under the guardrail."""
        return [one.name for one in self.variants if one.breaks_guardrail]

    @property
    def sentences(self) -> list[str]:
        said = [one.effect.sentence for one in self.variants if one.effect]
        said += [f"{name} is under the guardrail." for name in self.broken]
        return [MISMATCH, *said] if self.is_mismatched else said


def results_of(user: Any, trial: Trial) -> TrialResults:
    """The trial's results so far: two queries, whatever its size."""
    require_role(user, trial.workspace, Role.VIEWER)
    return look_at(trial)


def look_at(trial: Trial) -> TrialResults:
    """The same for workers, which act for nobody."""
    given: dict[Any, str] = dict(trial.allotted.values_list("post_id", "variant"))
    events = KpiEvent.objects.filter(
        workspace=trial.workspace_id,
        post__in=trial.allotted.values("post"),
        latest=True,
    )
    seen, rates = [], defaultdict(list)
    values: dict[str, list[float]] = defaultdict(list)
    for event in events.order_by("posted_date", "posted_hour", "pk"):
        variant, value = given.get(event.post_id, ""), kpi_of(trial, event)
        if value is not None:
            seen.append(Observation(variant, log_rate(value)))
            values[variant].append(value)
        if event.rate is not None:
            rates[variant].append(event.rate)
    posts, counts = (
        Counter(given.values()),
        {name: len(values[name]) for name in trial.names},
    )
    return TrialResults(
        [
            VariantResult(
                variant["name"],
                variant["strategy"],
                posts[variant["name"]],
                counts[variant["name"]],
                mean(values[variant["name"]]),
                effect(trial, variant["name"], seen),
                trial.guardrail is not None
                and breaks_guardrail(rates[variant["name"]], trial.guardrail),
            )
            for variant in trial.variants
        ],
        mismatch(counts, trial.chances),
    )


def kpi_of(trial: Trial, event: KpiEvent) -> float | None:
    if trial.kpi == Trial.Kpi.ENGAGEMENT:
        return event.rate
    seen = event.impressions or event.views
    return min(1.0, event.clicks / seen) if seen and event.clicks is not None else None


def effect(trial: Trial, variant: str, seen: Sequence[Observation]) -> Effect | None:
    return (
        None
        if variant == trial.control
        else effect_of(variant, trial.control, seen, trial.chances)
    )


def mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def as_json(results: TrialResults) -> dict[str, Any]:
    """Results as clients get them; a bound that is not known yet is None."""
    return {
        "variants": [
            {
                "name": one.name,
                "strategy": one.strategy,
                "posts": one.posts,
                "measured": one.measured,
                "mean": one.mean,
                "breaks_guardrail": one.breaks_guardrail,
                "effect": effect_json(one.effect) if one.effect else None,
            }
            for one in results.variants
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
