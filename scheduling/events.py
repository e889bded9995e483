"""Live events of the posting half: pages are told what changed and fetch it themselves."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated
from zoneinfo import ZoneInfo

from typing_extensions import TypedDict

from common.bodies import one_of
from common.live import announce, announce_change, announce_change_soon, send
from common.mappings import JsonObject
from scheduling.models import Post, PostImport, WatcherEvent, WritingRun

# A page that shows more posts than these listens to all of them.
MOST_TOPICS = 200


def workspace_group(workspace_id: int) -> str:
    """The channel layer's group of everybody who looks at the workspace's posting
    pages.
    """
    return f"scheduling.workspace.{workspace_id}"


def post_changed(post: Post) -> None:
    """To those who show this post, or a list of posts."""
    announce_change([workspace_group(post.workspace_id)], f"post:{post.pk}", "posts")


def these_posts_changed(posts: Collection[Post]) -> None:
    """The same of many at once, which are of one workspace: one frame for them all."""
    topics = [f"post:{post.pk}" for post in posts]
    for post in list(posts)[:1]:
        announce_change(
            [workspace_group(post.workspace_id)], *topics[:MOST_TOPICS], "posts"
        )


def post_progressed(post: Post) -> None:
    """A worker has taken it or is done with it: of that there may be hundreds a second."""
    announce_change_soon(workspace_group(post.workspace_id), f"post:{post.pk}", "posts")


def posts_changed(workspace_id: int) -> None:
    """To those who show lists of posts: too many have changed to name them."""
    announce_change([workspace_group(workspace_id)], "posts")


def channels_changed(workspace_id: int) -> None:
    """Lists of posts show names and states of channels, so they hear of it too."""
    announce_change([workspace_group(workspace_id)], "channels", "posts")


def blackouts_changed(workspace_id: int) -> None:
    """Calendars show what is closed, so lists of posts hear of it too."""
    announce_change([workspace_group(workspace_id)], "blackouts", "posts")


def writing_changed(run: WritingRun) -> None:
    """To those who show this run, or the list of runs."""
    announce_change([workspace_group(run.workspace_id)], run.topic, "writing")


def writing_progressed(run: WritingRun, done: int, total: int) -> None:
    """How far a run is, at once: it is told outside of any transaction."""
    progress = _progress(run.topic, done, total, "slots")
    send(workspace_group(run.workspace_id), "progress", progress)


def _progress(topic: str, done: int, total: int, things: str) -> JsonObject:
    return {
        "topic": topic,
        "percent": 100 * done / max(1, total),
        "message": f"{done} of {total} {things}",
    }


def import_changed(run: PostImport) -> None:
    """To those who show this import, or the list of imports."""
    announce_change([workspace_group(run.workspace_id)], run.topic, "imports")


def import_progressed(run: PostImport, done: int, total: int) -> None:
    """How far an import is, at once, as `writing_progressed`."""
    progress = _progress(run.topic, done, total, "rows")
    send(workspace_group(run.workspace_id), "progress", progress)


WATCHER = "watcher"


def watcher_group(workspace_id: int) -> str:
    """The channel layer's group of clients that listen to the watch folder's stream."""
    return f"scheduling.watcher.{workspace_id}"


class WatcherFacts(TypedDict, total=False):
    """More about an event of the watch folder, depending on its type."""

    title: str
    """The title of the text that was written for the file."""
    engine: str
    """What wrote the text."""
    scheduled_time: str | None
    """When the file's post goes out: the workspace's clock, without offset."""
    platforms: list[str]
    """Where it goes."""
    left_out: list[str]
    """Why it does not go elsewhere, for people to read."""
    needs_approval: bool
    """Whether somebody has to approve it before it goes out."""


class WatcherEventBody(TypedDict):
    """Something that the watch folder did, or left alone."""

    timestamp: str
    """When it did: the workspace's clock, without offset, to the second."""
    event_type: str
    """What it was, for instance `file_detected` or `video_scheduled`."""
    filename: str
    """The file's name in the watch folder."""
    file_size: int | None
    """In bytes."""
    duration: float | None
    """How many seconds it took."""
    stage: str | None
    """The step on the way of a file: `reading`, `writing` or `planning`."""
    platform: str | None
    """The platform that it is about, if it is about one."""
    status: Annotated[str, one_of(("processing", "success", "error"))]
    """Whether it has only begun, or how it ended."""
    message: str
    """What happened, for people to read."""
    metadata: WatcherFacts
    """More of it for programs."""


def announce_watcher_event(workspace_id: int, event: WatcherEventBody) -> None:
    """One event of the watch folder, in the words of its stream, and word to pages that
    there is one.
    """
    announce(watcher_group(workspace_id), WATCHER, dict(event))
    announce_change([workspace_group(workspace_id)], WATCHER)


def event_body(event: WatcherEvent, zone: str) -> WatcherEventBody:
    """An event of the watch folder as clients get it; its time is naive, on that zone's clock."""
    return {
        "timestamp": event.at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M:%S"),
        "event_type": event.event_type,
        "filename": event.filename,
        "file_size": event.file_size,
        "duration": event.duration,
        "stage": event.stage or None,
        "platform": event.platform or None,
        "status": event.status,
        "message": event.message,
        "metadata": event.metadata,
    }
