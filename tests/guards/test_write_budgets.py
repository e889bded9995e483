"""What writing through the programming interface and the calendar asks the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from cast import make_channel, make_post
from scheduling.models import ChannelAccount, ContentItem, Post
from workspaces.models import User, Workspace

pytestmark = [pytest.mark.django_db]

POSTS = "/api/v1/marketing/post-instances"
DAY = timedelta(days=1)
MOST = {"create": 18, "change": 24, "move": 14, "move twenty": 80}


@pytest.fixture
def channel(workspace: Workspace) -> ChannelAccount:
    """On a platform that counts posts a day."""
    return make_channel(workspace, platform="instagram")


@pytest.fixture
def client(api: Callable[[User], APIClient], editor: User, content: ContentItem) -> Any:
    """A program that has written before: the trail has begun."""
    program = api(editor)
    post = make_post(make_channel(content.workspace, name="first"), content)
    program.patch(f"{POSTS}/{post.pk}", {"caption_override": "Once"}, format="json")
    return program


def cost(act: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as queries:
        answer = act()
    assert answer.status_code in (200, 201, 302), answer.content
    return len(queries)


def test_creating_and_scheduling(
    client: APIClient, channel: ChannelAccount, content: ContentItem
) -> None:
    body = {
        "tenant_id": channel.workspace.slug,
        "content_item_id": content.pk,
        "channel_account_id": channel.pk,
        "scheduled_for": timezone.now() + DAY,
        "caption_override": "Own words",
        "status": "Scheduled",
    }
    spent = cost(lambda: client.post(POSTS, body, format="json"))
    assert spent <= MOST["create"]
    assert Post.objects.get(account=channel).state == "scheduled"


def test_changing_everything(
    client: APIClient, channel: ChannelAccount, content: ContentItem
) -> None:
    slot = make_post(channel)
    body = {
        "content_item_id": content.pk,
        "caption_override": "Own words",
        "format": "reel",
        "scheduled_for": timezone.now() + DAY,
        "status": "Scheduled",
    }
    spent = cost(lambda: client.patch(f"{POSTS}/{slot.pk}", body, format="json"))
    assert spent <= MOST["change"]
    slot.refresh_from_db()
    assert (slot.state, slot.format) == ("scheduled", "reel")


def test_moving_one(
    client: APIClient, channel: ChannelAccount, content: ContentItem
) -> None:
    post = make_post(channel, content, state="scheduled")
    body = {"scheduled_for": timezone.now() + DAY}
    spent = cost(lambda: client.patch(f"{POSTS}/{post.pk}", body, format="json"))
    assert spent <= MOST["move"]


def test_moving_twenty(
    browse: Any, editor: User, channel: ChannelAccount, content: ContentItem
) -> None:
    start = timezone.now() + DAY
    row = [
        make_post(channel, content, state="scheduled", at=start + n * DAY / 2)
        for n in range(20)
    ]
    fields = {"act": "later", "by": 1, "unit": "days", "post": [p.pk for p in row]}
    program = browse(editor)
    spent = cost(lambda: program.post("/calendar/bulk?view=list", fields))
    assert spent <= MOST["move twenty"]
    row[0].refresh_from_db()
    assert row[0].scheduled_at == start + DAY
