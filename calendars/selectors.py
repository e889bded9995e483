"""Reading calendars, and what is known about posting times: tables, results, wishes. Each selector takes the user."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from django.db.models import Avg, Count, F, Max, Min, Q, QuerySet, Sum

from calendars import states
from calendars.models import (
    BulkRow,
    BulkRun,
    CalendarEvent,
    CalendarItem,
    Callback,
    ContentCalendar,
    OptimizationRun,
    PostingRhythm,
    Preferences,
    TimingRow,
    Trial,
    WeekResult,
)
from calendars.models.calendars import CalendarItemQuerySet, ContentCalendarQuerySet
from calendars.timing.learning import CELLS, Array, History, cell_of
from calendars.timing.tables import week_of
from common.errors import Missing
from workspaces.models import Workspace
from workspaces.roles import Role
from workspaces.selectors import memberships_of, require, require_role

MOST_CALLBACKS = 200


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
    return weights_on([platform], format_)[platform]


def weights_on(platforms: Collection[str], format_: str = "") -> dict[str, Array]:
    """As `weights_of`, for several platforms: one query."""
    rows: dict[str, list[TimingRow]] = {platform: [] for platform in platforms}
    for row in TimingRow.objects.on().filter(platform__in=platforms, format__in={"", format_}):
        rows[row.platform].append(row)
    own = {platform: [row for row in found if row.format == format_] or found for platform, found in rows.items()}
    return {platform: week_of(row.hours for row in found) for platform, found in own.items()}


def history_of(user: Any, workspace: Workspace, platform: str, format_: str = "") -> History:
    """The results of the workspace's channels on a platform, by local hour of the week: one query."""
    return histories_on(user, workspace, [platform], format_)[platform]


def histories_on(user: Any, workspace: Workspace, platforms: Collection[str], format_: str = "") -> dict[str, History]:
    """As `history_of`, for several platforms: one query."""
    require_role(user, workspace, Role.VIEWER)
    rows = WeekResult.objects.filter(account__workspace=workspace, platform__in=platforms)
    if format_:
        rows = rows.filter(format=format_)
    sums = rows.order_by().values("platform", "weekday", "hour")
    found = {platform: np.zeros((3, CELLS)) for platform in platforms}
    for row in sums.annotate(n=Sum("rated"), s=Sum("log_sum"), q=Sum("log_squares")):
        found[row["platform"]][:, cell_of(row["weekday"], row["hour"])] = row["n"], row["s"], row["q"]
    return {platform: History(*results) for platform, results in found.items()}


def wishes_of(user: Any, workspace: Workspace, platform: str = "", format_: str = "", *, usual: bool = True) -> Wishes:
    """What the person wants there: their own rows from the narrowest to the widest, then the workspace's, then how
    often accounts do well on the platform, where `usual`. Two queries."""
    return wishes_on(user, workspace, [platform], format_, usual=usual)[platform]


def wishes_on(
    user: Any, workspace: Workspace, platforms: Collection[str], format_: str = "", *, usual: bool = True
) -> dict[str, Wishes]:
    """As `wishes_of`, for several platforms: two queries."""
    rows = _rows_on(user, workspace, platforms, format_)
    rhythms = rhythms_on(platforms, format_) if usual else {}
    zone = user.zone or workspace.zone
    return {name: _completed(_first_said(_chain(rows, name)), rhythms.get(name), zone) for name in platforms}


def chain_of(user: Any, workspace: Workspace, platform: str = "", format_: str = "") -> list[Preferences]:
    """The rows that hold there, those that go first first: one query."""
    return _chain(_rows_on(user, workspace, [platform], format_), platform)


def _rows_on(user: Any, workspace: Workspace, platforms: Collection[str], format_: str) -> list[Preferences]:
    require_role(user, workspace, Role.VIEWER)
    scope = Q(platform="") | Q(platform__in=platforms, format__in={"", format_})
    return list(Preferences.objects.filter(scope, Q(user=user) | Q(user=None), workspace=workspace))


def _chain(rows: Iterable[Preferences], platform: str) -> list[Preferences]:
    here = (row for row in rows if row.platform in ("", platform))
    return sorted(here, key=lambda row: (row.user_id is None, not row.platform, not row.format))


def _first_said(rows: Sequence[Preferences]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in fields(Wishes):
        values = (getattr(row, field.name) for row in rows)
        said = next((value for value in values if value not in (None, "")), None)
        if said is not None:
            found[field.name] = said
    return found


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
    return rhythms_on([platform], format_).get(platform)


def rhythms_on(platforms: Collection[str], format_: str = "") -> dict[str, PostingRhythm]:
    """As `rhythm_of`, for those platforms that have one: one query."""
    rows = PostingRhythm.objects.on().filter(platform__in=platforms, format__in={"", format_})
    # A format's own row comes last and replaces the platform's.
    return {row.platform: row for row in rows.order_by("format")}


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


def bulk_runs_of(user: Any, workspace: Workspace) -> QuerySet[BulkRun]:
    """The workspace's runs of bulk jobs, newest first, each with how many of its posts are done."""
    require_role(user, workspace, Role.VIEWER)
    rows: QuerySet[BulkRun] = BulkRun.objects.filter(workspace=workspace).select_related(
        "job", "started_by", "calendar"
    )
    return rows.defer("videos").annotate(done=Count("rows", filter=~Q(rows__platform=""))).order_by("-created_at")


def access_bulk_run(user: Any, run_id: UUID | None, needed: Role = Role.VIEWER) -> BulkRun:
    """Raises Missing for an unknown or foreign run, Forbidden for a role too small."""
    mine = memberships_of(user).order_by().values("workspace_id")
    rows = BulkRun.objects.filter(workspace__in=mine).defer("videos")
    rows = rows.select_related("workspace", "job__workspace", "started_by", "calendar")
    run: BulkRun | None = rows.filter(pk=run_id).first() if run_id else None
    if run is None:
        raise Missing("Bulk job not found")
    require_role(user, run.workspace, needed)
    return run


@dataclass(frozen=True)
class BulkReport:
    """What became of a run's posts so far, and how many rows were no videos."""

    planned: int
    known: int
    left_out: int
    faults: int

    @property
    def done(self) -> int:
        return self.planned + self.known + self.left_out


def report_on(run: BulkRun) -> BulkReport:
    """One query; the user was let in to the run."""
    placed, found = ~Q(platform=""), Q(at__isnull=False)
    counts = BulkRow.objects.filter(run=run).aggregate(
        planned=Count("pk", filter=placed & found & Q(is_known=False)),
        known=Count("pk", filter=placed & Q(is_known=True)), left_out=Count("pk", filter=placed & ~found),
        faults=Count("pk", filter=~placed),
    )  # fmt: skip
    return BulkReport(**counts)


def bulk_rows_of(run: BulkRun, *, faulty: bool = False) -> QuerySet[BulkRow]:
    """What became of its posts in the order of their placing, or the rows that are no videos, by number."""
    rows: QuerySet[BulkRow] = BulkRow.objects.filter(run=run)
    return rows.filter(platform="").order_by("number") if faulty else rows.exclude(platform="").order_by("pk")


def trials_of(user: Any, workspace: Workspace) -> QuerySet[Trial]:
    """The workspace's trials, newest first."""
    require_role(user, workspace, Role.VIEWER)
    return Trial.objects.filter(workspace=workspace).order_by("-created_at")


def access_trial(user: Any, trial_id: UUID, needed: Role = Role.VIEWER) -> Trial:
    """Raises Missing for an unknown or foreign trial, Forbidden for a role too small."""
    mine = memberships_of(user).order_by().values("workspace_id")
    trial: Trial | None = Trial.objects.filter(pk=trial_id, workspace__in=mine).select_related("workspace").first()
    if trial is None:
        raise Missing("Trial not found")
    require_role(user, trial.workspace, needed)
    return trial


# --- content calendars -----------------------------------------------------------------------------------


def calendars_of(user: Any, workspace: Workspace) -> ContentCalendarQuerySet:
    """The workspace's calendars, newest first."""
    require_role(user, workspace, Role.VIEWER)
    rows: ContentCalendarQuerySet = ContentCalendar.objects.filter(workspace=workspace).select_related("workspace")
    return rows.order_by("-created_at", "-id")


def access_calendar(user: Any, calendar_id: UUID | None, needed: Role = Role.VIEWER) -> ContentCalendar:
    """Raises Missing for an unknown or foreign calendar, Forbidden for a role too small."""
    calendar: ContentCalendar | None = (
        ContentCalendar.objects.filter(pk=calendar_id).select_related("workspace", "made_by").first()
        if calendar_id
        else None
    )
    membership = memberships_of(user).filter(workspace=calendar.workspace_id).first() if calendar else None
    if calendar is None or membership is None:
        raise Missing("Schedule not found")
    require(membership, needed)
    return calendar


def items_of(calendar: ContentCalendar) -> CalendarItemQuerySet:
    """The items of a calendar that the user was let in to, each with the time it goes out."""
    rows: CalendarItemQuerySet = CalendarItem.objects.filter(calendar=calendar).timed()
    return rows


def conflicting_items_of(calendar: ContentCalendar) -> QuerySet[CalendarItem]:
    """Open items with all that conflicts are told from: two queries."""
    rows = items_of(calendar).open().select_related("post__account", "post__content").order_by("position")
    return rows.prefetch_related("post__content__media_places__media")


def callbacks_of(calendar: ContentCalendar) -> QuerySet[Callback]:
    """What was sent or is to be, newest first, at most 200."""
    rows: QuerySet[Callback] = Callback.objects.filter(calendar=calendar).order_by("-created_at", "-pk")
    return rows[:MOST_CALLBACKS]


def metrics_of(calendar: ContentCalendar) -> list[dict[str, Any]]:
    """One row a platform: its items by state, the tries that publishing took, the mean delay: one query."""
    delay = Avg(F("post__published_at") - F("post__scheduled_at"), filter=Q(state=states.PUBLISHED))
    rows = CalendarItem.objects.filter(calendar=calendar).order_by().values("platform")
    counts = {f"n_{state}": Count("pk", filter=Q(state=state)) for state in states.ITEM.states}
    found = rows.annotate(total=Count("pk"), tries=Sum("post__tries"), delay=delay, **counts).order_by("platform")
    return [dict(row) for row in found]


def events_after(calendar_id: UUID, number: int, most: int) -> list[CalendarEvent]:
    """What was told of a calendar after that number, in order; the caller has been let in to it."""
    rows = CalendarEvent.objects.filter(calendar=calendar_id, number__gt=number).order_by("number")
    return list(rows[:most])


def workspaces_heard(user: Any) -> list[int]:
    """Ids of the workspaces whose calendars the user may follow."""
    return [row.workspace_id for row in memberships_of(user)]


def events_since(workspace_ids: Sequence[int], at: datetime, key: int, most: int) -> list[CalendarEvent]:
    """What was told in these workspaces after that event, in the order of time; the caller belongs to them."""
    later = Q(at__gt=at) | Q(at=at, pk__gt=key)
    rows = CalendarEvent.objects.filter(later, workspace__in=workspace_ids, at__gte=at).order_by("at", "pk")
    return list(rows[:most])


def number_at(calendar_id: UUID, moment: datetime | None) -> int:
    """The number of the last event of a calendar up to a moment, now for None; the caller has been let in to it.

    Where older ones have been forgotten, the number before the oldest that is left.
    """
    rows = CalendarEvent.objects.filter(calendar=calendar_id)
    if moment is not None:
        last = rows.filter(at__lte=moment).aggregate(number=Max("number"))["number"]
        oldest = rows.aggregate(number=Min("number"))["number"]
        if last is not None or oldest is not None:
            return int(oldest - 1 if last is None else last)
    found = ContentCalendar.objects.filter(pk=calendar_id).values_list("event_number", flat=True).first()
    return int(found or 0)
