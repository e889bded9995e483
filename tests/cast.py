"""The people and things that tests tell their stories with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from scheduling.content.services import placeholder_of
from scheduling.domain import states
from scheduling.models import ChannelAccount, ContentItem, Post
from workspaces.models import Membership, User, Workspace
from workspaces.roles import Role
from workspaces.services.users import access_token

PASSWORD = "correct horse battery"


def person(name: str, **fields: Any) -> User:
    return User.objects.create_user(name, f"{name}@example.org", PASSWORD, **fields)


def join(user: User, workspace: Workspace, role: Role) -> User:
    Membership.objects.create(user=user, workspace=workspace, role=role)
    return user


@pytest.fixture
def workspace(db: None) -> Workspace:
    return Workspace.objects.create(slug="h2o", name="H2O", zone="America/Los_Angeles")


@pytest.fixture
def manager(workspace: Workspace) -> User:
    return join(person("manager"), workspace, Role.MANAGER)


@pytest.fixture
def editor(workspace: Workspace) -> User:
    return join(person("editor"), workspace, Role.EDITOR)


@pytest.fixture
def viewer(workspace: Workspace) -> User:
    return join(person("viewer"), workspace, Role.VIEWER)


@pytest.fixture
def stranger(db: None) -> User:
    """Manager of another workspace."""
    other = Workspace.objects.create(slug="dry", name="Dry", zone="UTC")
    return join(person("stranger"), other, Role.MANAGER)


@pytest.fixture
def browse() -> Callable[[User | None], Client]:
    """A browser without scripts, signed in as somebody or nobody."""

    def sign_in(user: User | None = None) -> Client:
        client = Client(headers={"accept": "text/html"})
        if user:
            client.force_login(user, backend="workspaces.backends.EmailOrUsername")
        return client

    return sign_in


@pytest.fixture
def api() -> Callable[[User | None], APIClient]:
    """A program, with somebody's sign-in token or none."""

    def sign_in(user: User | None = None) -> APIClient:
        client = APIClient()
        if user:
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {access_token(user)}")
        return client

    return sign_in


def make_channel(workspace: Workspace, **fields: Any) -> ChannelAccount:
    values = {
        "name": "H2O on Facebook",
        "platform": "facebook",
        "publisher": "outbox",
        "zone": "UTC",
    }
    return ChannelAccount.objects.create(workspace=workspace, **values | fields)


def make_content(workspace: Workspace, **fields: Any) -> ContentItem:
    values = {
        "title": "Five signs",
        "caption": "A rumble, a drip.",
        "hashtags": ["heating"],
    }
    return ContentItem.objects.create(workspace=workspace, **values | fields)


def fresh(post: Post) -> Post:
    """The post as it is in the database now, as a request would read it."""
    row: Post = Post.objects.for_display().select_related("workspace").get(pk=post.pk)
    return row


def make_post(
    channel: ChannelAccount, content: ContentItem | None = None, **fields: Any
) -> Post:
    """A post in any state; an empty slot without content, due in an hour unless told."""
    content = content or placeholder_of(channel.workspace)
    at: datetime = fields.pop("at", timezone.now() + timedelta(hours=1))
    state = fields.pop(
        "state", states.PLANNED if content.is_placeholder else states.DRAFT
    )
    due = {"due_at": at} if state == states.SCHEDULED else {}
    return Post.objects.create(
        workspace=channel.workspace,
        account=channel,
        content=content,
        scheduled_at=at,
        state=state,
        **due | fields,
    )


@pytest.fixture
def channel(workspace: Workspace) -> ChannelAccount:
    return make_channel(workspace)


@pytest.fixture
def content(workspace: Workspace) -> ContentItem:
    return make_content(workspace)


@pytest.fixture
def slot(channel: ChannelAccount) -> Post:
    return make_post(channel)


@pytest.fixture
def draft(channel: ChannelAccount, content: ContentItem) -> Post:
    return make_post(channel, content)


@pytest.fixture
def due(channel: ChannelAccount, content: ContentItem) -> Post:
    """A scheduled post whose time came a minute ago."""
    return make_post(
        channel,
        content,
        state=states.SCHEDULED,
        at=timezone.now() - timedelta(minutes=1),
    )
