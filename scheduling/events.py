"""Live events of the posting half: pages are told what changed and fetch it themselves."""

from __future__ import annotations

from typing import Any

from common.live import announce, announce_change, send
from scheduling.models import Post, WritingRun


def workspace_group(workspace_id: int) -> str:
    return f"scheduling.workspace.{workspace_id}"


def post_changed(post: Post) -> None:
    announce_change([workspace_group(post.workspace_id)], f"post:{post.pk}", "posts")


def posts_changed(workspace_id: int) -> None:
    announce_change([workspace_group(workspace_id)], "posts")


def channels_changed(workspace_id: int) -> None:
    announce_change([workspace_group(workspace_id)], "channels", "posts")


def writing_changed(run: WritingRun) -> None:
    announce_change([workspace_group(run.workspace_id)], run.topic, "writing")


def writing_progressed(run: WritingRun, done: int, total: int) -> None:
    """How far a run is, at once: it is told outside of any transaction."""
    said = {"topic": run.topic, "percent": 100 * done / max(1, total), "message": f"{done} of {total} slots"}
    send(workspace_group(run.workspace_id), "progress", said)


WATCHER = "watcher"


def watcher_group(workspace_id: int) -> str:
    return f"scheduling.watcher.{workspace_id}"


def watcher_told(workspace_id: int, event: dict[str, Any]) -> None:
    """One event of the watch folder, in the words of its stream, and word to pages that there is one."""
    announce(watcher_group(workspace_id), WATCHER, event)
    announce_change([workspace_group(workspace_id)], WATCHER)
