"""The queue dialect's words for ours: a post is a post group, times are naive and on
the workspace's own clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal, overload
from zoneinfo import ZoneInfo

from drf_spectacular.utils import extend_schema_field
from typing_extensions import TypedDict

from common import json_fields as serializers
from common.bodies import one_of
from common.errors import InvalidInput
from common.hashtags import hashtags_of
from common.mappings import Values
from common.zones import parse_instant
from scheduling.domain import states
from scheduling.domain.platforms.catalogue import PLATFORMS, find_platform
from scheduling.models import Post, PostGroup, QueueSettings
from workspaces.models import User, Workspace
from workspaces.roles import Role

STATUS = {
    states.GROUP_PENDING: "pending",
    states.GROUP_PROCESSING: "processing",
    states.GROUP_COMPLETED: "completed",
    states.GROUP_FAILED: "failed",
    states.GROUP_CANCELED: "cancelled",
}
DONE = (states.GROUP_COMPLETED, states.GROUP_FAILED)
NAMES = [platform.id for platform in PLATFORMS]
# A try that is under way, or went well, has not failed.
NOT_FAILED = (states.PUBLISHING, states.UNCERTAIN, states.PUBLISHED)


QueueStatus = Annotated[str, one_of(STATUS.values())]


class QueueWords(TypedDict):
    """What a queued post says."""

    title: str
    """Its title."""
    description: str
    """Its text."""
    caption: str
    """The same: clients use both names."""
    hashtags: str
    """Its hashtags as one text, each with `#`."""


class QueuedPostBody(TypedDict):
    """A video that goes out on some platforms together."""

    id: int
    """The post's number."""
    video_path: str
    """What the client that queued it calls the video."""
    metadata: QueueWords
    """What it says."""
    platforms: list[Annotated[str, one_of(NAMES)]]
    """Where it goes, leaving out what was canceled."""
    scheduled_time: str | None
    """The earliest time of its posts: the workspace's clock, without offset."""
    status: QueueStatus
    """What has become of it; `completed` if anything went out."""
    needs_approval: bool
    """Whether somebody has to approve it before it goes out."""
    created_at: str
    """When it was queued: the workspace's clock, without offset."""
    processed_at: str | None
    """When the last of its posts went out or failed, in the same way."""
    error_message: str | None
    """What went wrong where; begins with `Partial:` if anything went out."""
    retry_count: int
    """How many tries have failed, at most on one channel."""


class QueueFolders(TypedDict):
    """The watch folder."""

    watch_directory: str
    """Its name: the workspace's short name."""
    watch_enabled: bool
    """Whether new files in it are read."""


class QueuePace(TypedDict):
    """How new files find their times."""

    auto_schedule: bool
    """Whether a new file is scheduled by itself."""
    schedule_spacing_hours: int
    """Hours between two posts of a channel."""
    default_post_time_offset: int
    """Hours from now to the first time that a new post can have."""


class QueueUser(TypedDict):
    """Who is asking."""

    id: int
    """Their number."""
    username: str
    """Their user name."""
    email: str
    """Their e-mail address; blank for an account without one."""
    role: Annotated[str, one_of(Role.values)]
    """What they may do in the workspace."""


class QueueSettingsBody(TypedDict):
    """The settings of a workspace's queue."""

    upload_platforms: list[Annotated[str, one_of(NAMES)]]
    """Where new files go."""
    directories: QueueFolders
    """Where new files are looked for."""
    scheduling: QueuePace
    """When new files go out."""
    user: QueueUser
    """The caller, with their role."""


class QueueMessage(TypedDict):
    """That something was done."""

    success: Literal[True]
    """Always true: what cannot be done is refused."""
    message: str
    """What was done, for people to read."""


def done(message: str) -> QueueMessage:
    """That something was done, in this dialect."""
    return {"success": True, "message": message}


@overload
def naive(moment: datetime, zone: str) -> str: ...
@overload
def naive(moment: datetime | None, zone: str) -> str | None: ...
def naive(moment: datetime | None, zone: str) -> str | None:
    """An instant on that zone's clock, ISO without offset, to the second."""
    if moment is None:
        return None
    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M:%S")


def instant(text: str, zone: str) -> datetime:
    """Aware UTC; a text without offset is on that zone's clock. Raises InvalidInput for
    what is no ISO time.
    """
    try:
        return parse_instant(text, zone)
    except ValueError:
        raise InvalidInput(
            f"“{text[:40]}” is not an ISO 8601 date and time, such as 2026-11-30T15:00:00."
        ) from None


def post_body(group: PostGroup) -> QueuedPostBody:
    """A group as this dialect's clients get a post. Canceled posts count only where all
    were; times are naive, on the workspace's clock.
    """
    zone = group.workspace.zone
    state = group.state
    every_post = list(group.posts.all())
    standing = [post for post in every_post if post.state != states.CANCELED]
    posts = standing or every_post
    platforms = {post.account.platform for post in posts}
    times = [post.scheduled_at for post in posts if post.scheduled_at]
    ends = [post.published_at or post.updated_at for post in posts]
    ended_at = max(ends, default=None) if state in DONE else None
    failures = [post.tries - (post.state in NOT_FAILED) for post in posts]
    return {
        "id": group.pk,
        "video_path": group.video_path,
        "metadata": metadata(group),
        "platforms": [name for name in NAMES if name in platforms],
        "scheduled_time": naive(min(times, default=None), zone),
        "status": STATUS[state],
        "needs_approval": group.needs_approval,
        "created_at": naive(group.created_at, zone),
        "processed_at": naive(ended_at, zone),
        "error_message": error_message(posts, state),
        "retry_count": max(failures, default=0),
    }


def metadata(group: PostGroup) -> QueueWords:
    """Title, text under both of the names that clients use, and hashtags as one text."""
    content = group.content
    tags = " ".join(f"#{tag.lstrip('#')}" for tag in content.hashtags)
    return {
        "title": content.title,
        "description": content.caption,
        "caption": content.caption,
        "hashtags": tags,
    }


def error_message(posts: Iterable[Post], state: str) -> str | None:
    """What went wrong where; `Partial:` before it when something went out all the same."""
    errors = [
        f"{post.account.name}: {post.last_error}" for post in posts if post.last_error
    ]
    if not errors:
        return None
    prefix = "Partial: " if state == states.GROUP_COMPLETED else ""
    return prefix + "; ".join(errors)


HASHTAGS = "One text or a list of texts, with or without `#`"


class Platforms(serializers.ListField):
    """Platform names or aliases, each known, at least one."""

    child = serializers.CharField(max_length=40)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_length": 1, "max_length": len(PLATFORMS)} | kwargs)

    def to_internal_value(self, data: Any) -> list[str]:
        try:
            return [find_platform(name).id for name in super().to_internal_value(data)]
        except KeyError as error:
            raise serializers.ValidationError(str(error.args[0])) from None


@extend_schema_field(
    {
        "anyOf": [
            {"type": "string"},
            {"type": "array", "items": {"type": "string"}},
        ]
    }
)
class Tags(serializers.Field[Any, Any, Any, Any]):
    """Hashtags as a list of texts or as one text; with or without #."""

    def to_internal_value(self, data: Any) -> list[str]:
        if isinstance(data, list) and all(isinstance(tag, str) for tag in data):
            data = " ".join(data)
        if not isinstance(data, str):
            raise serializers.ValidationError("Hashtags are a text or a list of texts.")
        return hashtags_of(data)


class Metadata(serializers.Serializer[Any]):
    """What the post says; `description` and `caption` are two names for one thing."""

    title = serializers.CharField(max_length=200, help_text="Its title")
    description = serializers.CharField(
        required=False,
        allow_blank=True,
        allow_null=True,
        max_length=70_000,
        help_text="Its text, where `caption` has none",
    )
    caption = serializers.CharField(
        required=False,
        allow_blank=True,
        allow_null=True,
        max_length=70_000,
        help_text="Its text",
    )
    hashtags = Tags(required=False, help_text=HASHTAGS)


def content_fields(data: Values) -> Values:
    """Our names for the metadata that are there."""
    fields: Values = {
        name: data[name] for name in ("title", "hashtags") if name in data
    }
    texts = [
        data[name] for name in ("caption", "description") if data.get(name) is not None
    ]
    if texts:
        fields["caption"] = next(filter(None, texts), "")
    return fields


def settings_body(
    queue_settings: QueueSettings, user: User, role: str, workspace: Workspace
) -> QueueSettingsBody:
    """The queue's settings in the client's groups; without platforms chosen, all of
    them.
    """
    return {
        "upload_platforms": queue_settings.platforms or NAMES,
        "directories": {
            "watch_directory": workspace.slug,
            "watch_enabled": queue_settings.watching,
        },
        "scheduling": {
            "auto_schedule": queue_settings.auto_plan,
            "schedule_spacing_hours": queue_settings.spacing_hours,
            "default_post_time_offset": queue_settings.offset_hours,
        },
        "user": {
            "id": user.pk,
            "username": user.username,
            "email": user.email,
            "role": role,
        },
    }
