"""Calendars and their pieces for tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from calendars.campaigns import follow
from calendars.campaigns import services as calendars
from calendars.campaigns.compose import Wish
from calendars.campaigns.services import CalendarRequest
from calendars.models import CalendarItem, ContentCalendar
from scheduling.domain import states
from scheduling.models import Post
from scheduling.publishing import publish as publishing
from workspaces.models import User, Workspace


def wishes(count: int, platform: str = "facebook", **more: Any) -> list[Wish]:
    """One an hour, the first in an hour."""
    begin = timezone.now() + timedelta(hours=1)
    return [
        Wish(f"video-{n}", platform, begin + timedelta(hours=n), **more)
        for n in range(count)
    ]


def make_calendar(
    user: User, workspace: Workspace, count: int = 3, **more: Any
) -> ContentCalendar:
    values = {"title": "November", "wishes": wishes(count)}
    return calendars.create(user, workspace, CalendarRequest(**values | more))


def publish_due() -> None:
    for post in Post.objects.filter(
        state=states.SCHEDULED, due_at__lte=timezone.now()
    ).order_by("scheduled_at"):
        publishing.publish(post.pk, "worker")


def beat() -> None:
    """What beat's second does for calendars."""
    for calendar_id in follow.lagging():
        follow.follow(calendar_id)


def fresh(calendar: ContentCalendar) -> ContentCalendar:
    calendar.refresh_from_db()
    return calendar


def item_states(calendar: ContentCalendar) -> list[str]:
    return list(
        CalendarItem.objects.filter(calendar=calendar)
        .order_by("position")
        .values_list("state", flat=True)
    )


def told(calendar: ContentCalendar) -> list[str]:
    return list(calendar.events.order_by("number").values_list("kind", flat=True))
