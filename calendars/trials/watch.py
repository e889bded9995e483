"""What workers do for trials: end those whose time is over or whose guardrail broke,
forget old ones' logs.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from calendars import states
from calendars.bodies.trials import TrialResultsBody
from calendars.models import Trial, TrialPost
from calendars.trials.results import as_json, look_at
from common.live import announce_change
from common.transitions import try_advance
from scheduling.events import workspace_group
from workspaces import audit

log = structlog.get_logger(__name__)

# Results of the last posts take some days.
RIPE = timedelta(days=7)


def changed(trial: Trial) -> None:
    """Word to pages, on commit, that a trial is not what it was."""
    announce_change([workspace_group(trial.workspace_id)], trial.topic, "trials")


def measured(posts: Collection[UUID]) -> None:
    """Word to the pages of running trials that posts of theirs have results: one query."""
    for trial in Trial.objects.filter(
        state=states.RUNNING, allotted__post__in=posts
    ).distinct():
        changed(trial)


def look_after(now: datetime | None = None) -> None:
    """Look at every running trial, then forget what is old."""
    now = now or timezone.now()
    for trial in Trial.objects.filter(state=states.RUNNING).select_related("workspace"):
        _look_after(trial, now)
    _forget_old(now)


def _look_after(trial: Trial, now: datetime) -> None:
    """Stop it where a variant does harm, end it once its last results have come in."""
    results = look_at(trial)
    if results.broken:
        because = f"{', '.join(results.broken)} fell under the guardrail."
        _end(trial, states.STOPPED, now, as_json(results), because)
    elif now >= trial.end + RIPE:
        _end(trial, states.COMPLETED, now, as_json(results), "")


def _forget_old(now: datetime) -> None:
    """Delete which post fell to which variant of trials that ended long ago."""
    before = now - timedelta(days=settings.TRIAL_DAYS)
    TrialPost.objects.filter(trial__ended_at__lt=before).delete()


def _end(
    trial: Trial, state: str, now: datetime, results: TrialResultsBody, because: str
) -> None:
    with transaction.atomic():
        rows = Trial.objects.filter(pk=trial.pk)
        facts = {"ended_at": now, "results": results, "stopped_because": because}
        if try_advance(rows, states.TRIAL, state, source=states.RUNNING, **facts):
            audit.record(
                None,
                state,
                trial.topic,
                workspace=trial.workspace,
                after={"because": because},
            )
            changed(trial)
            log.info("trial_ended", trial=str(trial.pk), state=state)
