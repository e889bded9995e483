"""The calendar endpoint's 28 days with 2,000 posts, in a workspace that has no others
and in one with 100,000.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils import timezone
from rest_framework.test import APIClient

from benchmarks.figures import empty_database, median_seconds, say
from scheduling.content.services import placeholder_of
from scheduling.models import ChannelAccount, Post
from workspaces.models import Membership, User, Workspace
from workspaces.roles import Role

CHANNELS, SHOWN, MANY = 50, 2_000, 100_000
WINDOW = timedelta(days=28)


def measure() -> None:
    with empty_database(), override_settings(ALLOWED_HOSTS=["testserver"]):
        _measure()


def _measure() -> None:
    user = User.objects.create_user("bench", "bench@example.org", "bench")
    alone, alone_queries = _one(user, "alone", SHOWN)
    crowded, crowded_queries = _one(user, "crowded", MANY)
    say(
        "calendar",
        database=connection.vendor,
        shown=SHOWN,
        total=MANY,
        seconds=crowded,
        seconds_without_others=alone,
        queries=crowded_queries,
        queries_without_others=alone_queries,
        ratio=crowded / alone,
    )


def _one(user: User, slug: str, total: int) -> tuple[float, int]:
    """Median seconds and queries of a request for the window."""
    workspace = Workspace.objects.create(slug=slug, name=slug, zone="UTC")
    Membership.objects.create(user=user, workspace=workspace, role=Role.VIEWER)
    start = timezone.now().replace(microsecond=0)
    _fill(workspace, start, total)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = APIClient()
    client.force_authenticate(user)
    query = {
        "tenant_id": slug,
        "start_date": start.isoformat(),
        "end_date": (start + WINDOW - timedelta(seconds=1)).isoformat(),
    }

    def ask() -> int:
        return sum(
            len(posts)
            for posts in client.get("/api/v1/marketing/calendar", query).json().values()
        )

    with CaptureQueriesContext(connection) as queries:
        shown = ask()
    count = len(queries)
    if shown != SHOWN:
        raise AssertionError(f"{shown} posts instead of {SHOWN}")
    return median_seconds(ask), count


def _fill(workspace: Workspace, start: datetime, total: int) -> None:
    """`SHOWN` posts inside the window, the rest of `total` evenly before and after it."""
    accounts = [
        ChannelAccount(workspace=workspace, platform="x", name=f"c{n}")
        for n in range(CHANNELS)
    ]
    ChannelAccount.objects.bulk_create(accounts)
    content = placeholder_of(workspace)
    step = WINDOW / (SHOWN / CHANNELS)
    rows = total // CHANNELS
    first = -(rows - SHOWN // CHANNELS) // 2
    Post.objects.bulk_create(
        (
            Post(
                workspace=workspace,
                account=account,
                content=content,
                scheduled_at=start + (first + row) * step,
            )
            for row in range(rows)
            for account in accounts
        ),
        batch_size=2000,
    )
