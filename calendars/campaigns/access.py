"""Reading content calendars, their items and events. Each selector takes the user."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Avg, Count, F, Max, Min, Q, QuerySet, Sum

from calendars import states
from calendars.models import (
    CalendarEvent,
    CalendarItem,
    Callback,
    ContentCalendar,
    ScheduleAssignment,
)
from calendars.models.calendars import CalendarItemQuerySet, ContentCalendarQuerySet
from common.mappings import JsonObject
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import access, memberships_of, require_role

MOST_CALLBACKS = 200


def calendars_of(user: User, workspace: Workspace) -> ContentCalendarQuerySet:
    """The workspace's calendars, newest first."""
    require_role(user, workspace, Role.VIEWER)
    rows: ContentCalendarQuerySet = ContentCalendar.objects.filter(
        workspace=workspace
    ).select_related("workspace")
    return rows.order_by("-created_at", "-id")


def access_calendar(
    user: User, calendar_id: UUID | None, needed: Role = Role.VIEWER
) -> ContentCalendar:
    """Raises Missing for an unknown or foreign calendar, Forbidden for a role too small."""
    rows = ContentCalendar.objects.select_related("made_by")
    return access(rows, user, calendar_id, needed, "Schedule not found")


def items_of(calendar: ContentCalendar) -> CalendarItemQuerySet:
    """The items of a calendar that the user was let in to, each with the time it goes out."""
    rows: CalendarItemQuerySet = CalendarItem.objects.filter(calendar=calendar).timed()
    return rows


def assignments_of(user: User, workspace: Workspace) -> CalendarItemQuerySet:
    """Every item of the workspace's calendars as work, each with the time it goes out
    and the tries to publish it.
    """
    require_role(user, workspace, Role.VIEWER)
    rows: CalendarItemQuerySet = ScheduleAssignment.objects.filter(
        calendar__workspace=workspace
    )
    return rows.timed().shown()


def conflicting_items_of(calendar: ContentCalendar) -> QuerySet[CalendarItem]:
    """Open items with all that conflicts are told from: two queries."""
    rows = (
        items_of(calendar)
        .open()
        .select_related("post__account", "post__content")
        .order_by("position")
    )
    return rows.prefetch_related("post__content__media_places__media")


def callbacks_of(calendar: ContentCalendar) -> QuerySet[Callback]:
    """What was sent or is to be, newest first, at most 200."""
    rows: QuerySet[Callback] = Callback.objects.filter(calendar=calendar).order_by(
        "-created_at", "-pk"
    )
    return rows[:MOST_CALLBACKS]


def metrics_of(calendar: ContentCalendar) -> list[JsonObject]:
    """One row a platform: its items by state, the tries that publishing took, the mean
    delay: one query.
    """
    delay = Avg(
        F("post__published_at") - F("post__scheduled_at"),
        filter=Q(state=states.PUBLISHED),
    )
    rows = CalendarItem.objects.filter(calendar=calendar).order_by().values("platform")
    counts = {
        f"n_{state}": Count("pk", filter=Q(state=state)) for state in states.ITEM.states
    }
    by_platform = rows.annotate(
        total=Count("pk"), tries=Sum("post__tries"), delay=delay, **counts
    ).order_by("platform")
    return [dict(row) for row in by_platform]


def events_after(calendar_id: UUID, number: int, most: int) -> list[CalendarEvent]:
    """What was told of a calendar after that number, in order; the caller has been let in to it."""
    rows = CalendarEvent.objects.filter(
        calendar=calendar_id, number__gt=number
    ).order_by("number")
    return list(rows[:most])


def workspaces_heard(user: User) -> list[int]:
    """Ids of the workspaces whose calendars the user may follow."""
    return [row.workspace_id for row in memberships_of(user)]


def events_since(
    workspace_ids: Sequence[int], at: datetime, key: int, most: int
) -> list[CalendarEvent]:
    """What was told in these workspaces after that event, in the order of time; the
    caller belongs to them.
    """
    later = Q(at__gt=at) | Q(at=at, pk__gt=key)
    rows = CalendarEvent.objects.filter(
        later, workspace__in=workspace_ids, at__gte=at
    ).order_by("at", "pk")
    return list(rows[:most])


def number_at(calendar_id: UUID, moment: datetime | None) -> int:
    """The number of the last event of a calendar up to a moment, now for None; the
    caller has been let in to it.

    Where older ones have been forgotten, the number before the oldest that is left.
    """
    rows = CalendarEvent.objects.filter(calendar=calendar_id)
    if moment is not None:
        last = rows.filter(at__lte=moment).aggregate(number=Max("number"))["number"]
        oldest = rows.aggregate(number=Min("number"))["number"]
        if last is not None or oldest is not None:
            return int(oldest - 1 if last is None else last)
    number = (
        ContentCalendar.objects.filter(pk=calendar_id)
        .values_list("event_number", flat=True)
        .first()
    )
    return int(number or 0)
