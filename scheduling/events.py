"""Live events of the posting half: pages are told what changed and fetch it themselves."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from zoneinfo import ZoneInfo

from common.live import announce, announce_change, announce_change_soon, send
from scheduling.models import Post, PostImport, WatcherEvent, WritingRun

# A page that shows more posts than these listens to all of them.
MOST_TOPICS = 200


def workspace_group(workspace_id: int) -> str:
    return f"scheduling.workspace.{workspace_id}"


def post_changed(post: Post) -> None:
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
    announce_change([workspace_group(workspace_id)], "posts")


def channels_changed(workspace_id: int) -> None:
    announce_change([workspace_group(workspace_id)], "channels", "posts")


def blackouts_changed(workspace_id: int) -> None:
    announce_change([workspace_group(workspace_id)], "blackouts", "posts")


def writing_changed(run: WritingRun) -> None:
    announce_change([workspace_group(run.workspace_id)], run.topic, "writing")


def writing_progressed(run: WritingRun, done: int, total: int) -> None:
    """How far a run is, at once: it is told outside of any transaction."""
    said = {
        "topic": run.topic,
        "percent": 100 * done / max(1, total),
        "message": f"{done} of {total} slots",
    }
    send(workspace_group(run.workspace_id), "progress", said)


def import_changed(run: PostImport) -> None:
    announce_change([workspace_group(run.workspace_id)], run.topic, "imports")


def import_progressed(run: PostImport, done: int, total: int) -> None:
    said = {
        "topic": run.topic,
        "percent": 100 * done / max(1, total),
        "message": f"{done} of {total} rows",
    }
    send(workspace_group(run.workspace_id), "progress", said)


WATCHER = "watcher"


def watcher_group(workspace_id: int) -> str:
    return f"scheduling.watcher.{workspace_id}"


def watcher_told(workspace_id: int, event: dict[str, Any]) -> None:
    """One event of the watch folder, in the words of its stream, and word to pages that
    there is one.
    """
    announce(watcher_group(workspace_id), WATCHER, event)
    announce_change([workspace_group(workspace_id)], WATCHER)


def event_body(event: WatcherEvent, zone: str) -> dict[str, Any]:
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
