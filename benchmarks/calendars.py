"""A calendar of a thousand items: made, looked at page by page, found to lag, followed."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from benchmarks.figures import empty_database, median_seconds, say
from calendars.campaigns import follow
from calendars.campaigns import services as calendars
from calendars.campaigns.compose import Wish
from calendars.campaigns.services import CalendarRequest
from calendars.models import ContentCalendar
from scheduling.models import ChannelAccount, Post
from workspaces.models import Membership, User, Workspace
from workspaces.roles import Role
from workspaces.services.users import access_token

ITEMS, OTHERS = 1000, 10


def measure() -> None:
    with empty_database():
        _measure()


def _measure() -> None:
    workspace = Workspace.objects.create(slug="bench", name="Bench", zone="UTC")
    user = User.objects.create_user("bench", "bench@example.org", "a long password")
    Membership.objects.create(user=user, workspace=workspace, role=Role.EDITOR)
    ChannelAccount.objects.create(
        workspace=workspace, platform="x", name="X", publisher="outbox", zone="UTC"
    )
    made, seconds, queries = make(user, workspace, 0)
    begun = median_seconds(follow.lagging)
    for n in range(1, OTHERS):
        make(user, workspace, n)
    crowded = median_seconds(follow.lagging)
    page_seconds = page(user, made)
    Post.objects.filter(calendar_item__calendar=made).update(
        state="published", published_at=timezone.now()
    )
    followed = median_seconds(lambda: follow.follow(made.pk), times=1)
    say(
        "calendars",
        database=connection.vendor,
        items=ITEMS,
        create_seconds=seconds,
        create_queries=queries,
        page_of_200_seconds=page_seconds,
        find_lagging_seconds=begun,
        find_lagging_among=ITEMS * OTHERS,
        find_lagging_crowded_seconds=crowded,
        follow_1000_published_seconds=followed,
    )


def make(
    user: User, workspace: Workspace, n: int
) -> tuple[ContentCalendar, float, int]:
    begin = timezone.now() + timedelta(days=1, seconds=n)
    wishes = [
        Wish(f"v{k}", "x", begin + timedelta(minutes=k), {"caption": f"Text {k}"})
        for k in range(ITEMS)
    ]
    found: list[ContentCalendar] = []
    with CaptureQueriesContext(connection) as queries:
        seconds = median_seconds(
            lambda: found.append(
                calendars.create(user, workspace, CalendarRequest(f"C{n}", wishes))
            ),
            times=1,
        )
    return found[0], seconds, len(queries)


def page(user: User, calendar: ContentCalendar) -> float:
    """Seconds for a page of 200 items over HTTP."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access_token(user)}")
    address = f"/api/v1/scheduling/calendar/{calendar.wire_id}"

    def get() -> None:
        assert (
            len(
                client.get(address, {"expand": "items", "page_size": 200}).json()[
                    "items"
                ]
            )
            == 200
        )

    return median_seconds(get)
