"""The posting calendar's page in its four views with 10,000 posts in the month: server
time, bytes, queries.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils import timezone

from benchmarks.figures import empty_database, median_seconds, say
from scheduling.domain import states
from scheduling.models import ChannelAccount, ContentItem, Post
from workspaces.models import Membership, User, Workspace
from workspaces.roles import Role

CHANNELS, POSTS = 40, 10_000
VIEWS = ("month", "week", "day", "list")
STATES = (
    states.PLANNED,
    states.DRAFT,
    states.SCHEDULED,
    states.PUBLISHED,
    states.FAILED,
)
MOST_SECONDS, MOST_BYTES, MOST_QUERIES = 0.3, 500_000, 15


def measure() -> None:
    with empty_database(), override_settings(ALLOWED_HOSTS=["testserver"], DEBUG=False):
        client = _fill()
        for view in VIEWS:
            _one(client, view)


def _one(client: Client, view: str) -> None:
    address = f"/calendar?view={view}&date={timezone.now():%Y-%m}-15"

    def ask() -> int:
        return len(client.get(address).content)

    with CaptureQueriesContext(connection) as queries:
        size = ask()
    count, seconds = len(queries), median_seconds(ask, times=9)
    say(
        "month",
        view=view,
        database=connection.vendor,
        posts=POSTS,
        seconds=seconds,
        bytes=size,
        queries=count,
        within=seconds <= MOST_SECONDS and size <= MOST_BYTES and count <= MOST_QUERIES,
    )


def _fill() -> Client:
    """10,000 posts evenly over this month, in every common state, seen by an editor."""
    workspace = Workspace.objects.create(slug="busy", name="Busy", zone="Europe/Berlin")
    user = User.objects.create_user("bench", "bench@example.org", "bench")
    Membership.objects.create(user=user, workspace=workspace, role=Role.EDITOR)
    accounts = [
        ChannelAccount(
            workspace=workspace, platform="instagram", name=f"Channel number {n}"
        )
        for n in range(CHANNELS)
    ]
    ChannelAccount.objects.bulk_create(accounts)
    content = ContentItem.objects.create(
        workspace=workspace, title="A title as long as titles usually are"
    )
    first = timezone.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    step = timedelta(days=28) / POSTS
    rows = (
        Post(
            workspace=workspace,
            account=accounts[n % CHANNELS],
            content=content,
            state=STATES[n % len(STATES)],
            scheduled_at=first + n * step,
        )
        for n in range(POSTS)
    )
    Post.objects.bulk_create(rows, batch_size=2000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client()
    client.force_login(user, backend="workspaces.backends.EmailOrUsername")
    return client
