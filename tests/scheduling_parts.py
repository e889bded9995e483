"""What tests of posting share: a misbehaving platform with channels that post to it,
and a week to come.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import platforms
import pytest
from django.utils import timezone
from platforms import Platform

from cast import make_channel, make_content, make_post
from scheduling.domain import states
from scheduling.models import Post
from scheduling.networks import http
from scheduling.publishing import publish as publishing
from scheduling.publishing import resolve
from workspaces.models import Workspace

SECRET = "a secret of the channel"


@pytest.fixture
def monday(workspace: Workspace) -> date:
    """Of a week that is still to come, on UTC clocks."""
    Workspace.objects.filter(pk=workspace.pk).update(zone="UTC")
    today = timezone.now().date()
    return today + timedelta(days=14 - today.weekday())


@pytest.fixture
def platform(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    settings.OUTGOING_ALLOW_PRIVATE = True
    monkeypatch.setattr(http, "SECONDS", 15)
    with platforms.platform() as running:
        yield running


def due_on(publisher: str, platform: Platform, workspace: Workspace) -> Post:
    """A due post of a channel with that publisher."""
    channel = make_channel(
        workspace,
        platform=publisher,
        publisher=publisher,
        endpoint=platform.url,
        credential=SECRET,
        login_name="h2o",
    )
    content = make_content(workspace, link="https://h2o.example/signs")
    return make_post(
        channel,
        content,
        state=states.SCHEDULED,
        at=timezone.now() - timedelta(minutes=1),
    )


def run(post: Post) -> Post:
    publishing.publish(post.pk, "worker")
    post.refresh_from_db()
    return post


def run_and_wait_for(post: Post, least: float, most: float) -> Post:
    """Run it; it is due again between so many seconds after this began and so many
    after it ended.
    """
    begun = timezone.now()
    due_at = run(post).due_at
    assert due_at is not None
    assert (
        begun + timedelta(seconds=least)
        <= due_at
        <= timezone.now() + timedelta(seconds=most)
    )
    return post


def resolved(post: Post) -> Post:
    resolve.resolve(post.pk)
    post.refresh_from_db()
    return post


def try_again(post: Post) -> Post:
    Post.objects.filter(pk=post.pk).update(due_at=timezone.now())
    return run(post)
