"""What the usual writes ask the database: create and schedule, change everything, move,
send now, and move twenty at once.

Through the doors that programs and people use, with a sign-in token or a session.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils import timezone
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken

from benchmarks.figures import empty_database
from scheduling.content.services import placeholder_of
from scheduling.domain import states
from scheduling.models import ChannelAccount, ContentItem, Post
from workspaces.models import Membership, User, Workspace
from workspaces.roles import Role

POSTS = "/api/v1/marketing/post-instances"
DAY = timedelta(days=1)


def measure() -> dict[str, int]:
    """In a database of its own, without what follows the commit."""
    hosts = {"ALLOWED_HOSTS": ["testserver"], "DEBUG": False}
    with empty_database(), override_settings(**hosts), transaction.atomic():
        return costs()


def costs() -> dict[str, int]:
    """Queries by write, savepoints included."""
    workspace = Workspace.objects.create(slug="writes", name="Writes", zone="UTC")
    user = User.objects.create_user("writer", "writer@example.org", "writer")
    Membership.objects.create(user=user, workspace=workspace, role=Role.EDITOR)
    # On a platform that counts posts a day.
    channel = ChannelAccount.objects.create(
        workspace=workspace, platform="bluesky", name="Writes", publisher="outbox"
    )
    content = ContentItem.objects.create(workspace=workspace, title="A title")
    program, browser = APIClient(), Client()
    token = AccessToken.for_user(user)
    program.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    browser.force_login(user)
    start = timezone.now() + DAY

    def post(state: str, days: float, item: ContentItem = content) -> Post:
        at = start + days * DAY
        due = {"due_at": at} if state == states.SCHEDULED else {}
        return Post.objects.create(
            workspace=workspace,
            account=channel,
            content=item,
            state=state,
            scheduled_at=at,
            **due,
        )

    def patch(row: Post, **body: Any) -> Any:
        return program.patch(f"{POSTS}/{row.pk}", body, format="json")

    # The first write begins the trail.
    patch(post(states.DRAFT, 1), caption_override="Once")
    slot = post(states.PLANNED, 2, placeholder_of(workspace))
    single, sent = post(states.SCHEDULED, 3), post(states.SCHEDULED, 4)
    twenty = [post(states.SCHEDULED, 10 + n / 2) for n in range(20)]
    chosen = [row.pk for row in twenty]
    fields = {"act": "later", "by": 1, "unit": "days", "post": chosen}
    return {
        "create and schedule": spent(lambda: create(program, channel, content, start)),
        "change everything": spent(
            lambda: patch(
                slot,
                content_item_id=str(content.pk),
                caption_override="Own words",
                format="thread",
                scheduled_for=start + 5 * DAY,
                status="Scheduled",
            )
        ),
        "move": spent(lambda: patch(single, scheduled_for=start + 6 * DAY)),
        "send now": spent(lambda: browser.post(f"/posts/{sent.pk}/now")),
        "move twenty": spent(lambda: browser.post("/calendar/bulk?view=list", fields)),
    }


def create(
    program: APIClient, channel: ChannelAccount, content: ContentItem, at: datetime
) -> Any:
    body = {
        "tenant_id": channel.workspace.slug,
        "content_item_id": content.pk,
        "channel_account_id": channel.pk,
        "scheduled_for": at,
        "caption_override": "Own words",
        "status": "Scheduled",
    }
    return program.post(POSTS, body, format="json")


def spent(write: Callable[[], Any]) -> int:
    """Raises AssertionError for a write that was refused."""
    with CaptureQueriesContext(connection) as queries:
        answer = write()
    if answer.status_code not in (200, 201, 302):
        raise AssertionError(answer.content)
    return len(queries)
