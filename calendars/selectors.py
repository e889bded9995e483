"""Reading what is known about posting times: tables, results, wishes. Each selector takes the user."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from calendars.models import HourResult, OptimizationRun, PostingRhythm, Preferences, TimingRow
from calendars.timing.learning import CELLS, Array, History, cell_of
from calendars.timing.tables import week_of
from common.errors import Missing
from workspaces.models import Workspace
from workspaces.roles import Role
from workspaces.selectors import memberships_of, require_role

# Older results say little about an audience of today.
LEARNED_DAYS = 365


@dataclass(frozen=True)
class Wishes:
    """What holds for a person, platform and format once the chain of preferences is followed to its end."""

    zone: str
    per_day_most: int | None = None
    per_week_least: int | None = None
    per_week_most: int | None = None
    gap_hours: int | None = None
    weekdays_off: tuple[int, ...] = ()
    hours_off: tuple[tuple[int, int], ...] = ()
    quality_threshold: float | None = None

    def allows(self, weekday: int, hour: int) -> bool:
        """Whether posts may go out in that local hour."""
        spans = (hour in range(a, b) if a < b else hour >= a or hour < b for a, b in self.hours_off)
        return weekday not in self.weekdays_off and not any(spans)


def weights_of(platform: str, format_: str = "") -> Array:
    """The timing table's week for a platform; a format's own rows go before those for every format."""
    rows = list(TimingRow.objects.on().filter(platform=platform, format__in={"", format_}))
    own = [row for row in rows if row.format == format_]
    return week_of(row.hours for row in own or rows)


def history_of(user: Any, workspace: Workspace, platform: str, format_: str = "") -> History:
    """The results of the workspace's channels on a platform, by local hour of the week: one query."""
    require_role(user, workspace, Role.VIEWER)
    since = timezone.now().date() - timedelta(days=LEARNED_DAYS)
    rows = HourResult.objects.filter(account__workspace=workspace, platform=platform, date__gte=since)
    if format_:
        rows = rows.filter(format=format_)
    sums = rows.order_by().values("weekday", "hour").annotate(n=Sum("rated"), s=Sum("log_sum"), q=Sum("log_squares"))
    found = np.zeros((3, CELLS))
    for row in sums:
        found[:, cell_of(row["weekday"], row["hour"])] = row["n"], row["s"], row["q"]
    return History(*found)


def wishes_of(user: Any, workspace: Workspace, platform: str = "", format_: str = "", *, usual: bool = True) -> Wishes:
    """What the person wants there: their own rows from the narrowest to the widest, then the workspace's, then how
    often accounts do well on the platform, where `usual`. Two queries."""
    require_role(user, workspace, Role.VIEWER)
    scope = Q(platform="") | Q(platform=platform, format__in={"", format_})
    rows = list(Preferences.objects.filter(scope, Q(user=user) | Q(user=None), workspace=workspace))
    rows.sort(key=lambda row: (row.user_id is None, not row.platform, not row.format))
    found: dict[str, Any] = {}
    for field in fields(Wishes):
        for row in rows:
            value = getattr(row, field.name)
            if value not in (None, ""):
                found[field.name] = value
                break
    return _completed(found, rhythm_of(platform, format_) if usual else None, user.zone or workspace.zone)


def _completed(found: dict[str, Any], rhythm: PostingRhythm | None, zone: str) -> Wishes:
    if rhythm is not None:
        usual = {"per_week_least": rhythm.per_week_least, "per_week_most": rhythm.per_week_most,
                 "gap_hours": rhythm.gap_hours}  # fmt: skip
        found = usual | found
    spans = tuple((span["start"], span["end"]) for span in found.pop("hours_off", None) or ())
    days = tuple(found.pop("weekdays_off", None) or ())
    return Wishes(**{"zone": zone} | found, weekdays_off=days, hours_off=spans)


def rhythm_of(platform: str, format_: str = "") -> PostingRhythm | None:
    """How often accounts do well there; a format's own row goes first."""
    rows = PostingRhythm.objects.on().filter(platform=platform, format__in={"", format_})
    found: PostingRhythm | None = rows.order_by("-format").first()
    return found


def preferences_of(user: Any, workspace: Workspace) -> QuerySet[Preferences]:
    """The workspace's rows and the person's own."""
    require_role(user, workspace, Role.VIEWER)
    return Preferences.objects.filter(Q(user=user) | Q(user=None), workspace=workspace)


def optimizations_of(user: Any, workspace: Workspace) -> QuerySet[OptimizationRun]:
    """The workspace's runs of the optimiser, newest first."""
    require_role(user, workspace, Role.VIEWER)
    rows: QuerySet[OptimizationRun] = OptimizationRun.objects.filter(workspace=workspace).select_related("started_by")
    return rows.order_by("-created_at")


def access_optimization(user: Any, run_id: UUID, needed: Role = Role.VIEWER) -> OptimizationRun:
    """Raises Missing for an unknown or foreign run, Forbidden for a role too small."""
    mine = memberships_of(user).order_by().values("workspace_id")
    rows = OptimizationRun.objects.filter(pk=run_id, workspace__in=mine)
    run: OptimizationRun | None = rows.select_related("workspace", "started_by").first()
    if run is None:
        raise Missing("Optimisation not found")
    require_role(user, run.workspace, needed)
    return run
