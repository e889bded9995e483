"""Trials of posting times under the library's names: they are those of the trials' pages."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.utils import timezone

from calendars.library.manager import ContentCalendarManager
from calendars.library.shapes import OptimizationTrial
from calendars.models import Trial
from calendars.trials import services as trials
from calendars.trials.access import access_trial
from calendars.trials.results import as_json, results_of
from calendars.trials.services import Design
from workspaces.models import User

LENGTH = timedelta(days=28)
LONGEST_NAME = 120
# The library's variants, with the strategies they are.
VARIANTS = {
    "control": "standard",
    "variant_a": "optimized",
    "variant_b": "experimental",
}
GUARDRAIL = "min_engagement_rate"


def create_optimization_trial(
    user_id: str,
    hypothesis: str,
    calendar_manager: ContentCalendarManager,
    start_at: datetime | None = None,
) -> OptimizationTrial:
    """A trial of four weeks with the usual variants, KPI and guardrail, as a draft: no
    post moves before it is started.

    Raises Forbidden unless the person is an editor, Unprocessable for a blank
    hypothesis.
    """
    user, workspace = calendar_manager.person(user_id)
    begin = start_at or timezone.now()
    variants = [
        {"name": name, "strategy": strategy} for name, strategy in VARIANTS.items()
    ]
    design = Design(hypothesis[:LONGEST_NAME], variants, begin, begin + LENGTH)
    return trial_of(user, trials.create(user, workspace, design))


def start_optimization_trial(
    trial_id: str, calendar_manager: ContentCalendarManager
) -> OptimizationTrial:
    """Give the posts of its range to the variants by chance, and move them. Raises
    Conflict for too few posts.
    """
    user = calendar_manager.reader()
    return trial_of(user, trials.start(user, uuid.UUID(str(trial_id))))


def get_optimization_trial(
    trial_id: str, calendar_manager: ContentCalendarManager
) -> OptimizationTrial:
    """The trial with its results so far, as the API has them, under `results_summary`.
    Raises Missing.
    """
    user = calendar_manager.reader()
    return trial_of(user, access_trial(user, uuid.UUID(str(trial_id))))


def trial_of(user: User, trial: Trial) -> OptimizationTrial:
    """A trial in the library's shape, with its results where it has begun."""
    summary = trial.results or (
        as_json(results_of(user, trial)) if trial.started_at else None
    )
    return OptimizationTrial(
        trial.made_by.username if trial.made_by else "",
        str(trial.pk),
        trial.name,
        trial.start,
        trial.end,
        {
            variant["name"]: {"posting_times": variant["strategy"]}
            for variant in trial.variants
        },
        trial.kpi,
        {} if trial.guardrail is None else {GUARDRAIL: trial.guardrail},
        dict(summary) if summary else None,
    )
