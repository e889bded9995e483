"""Live events of the posting half: pages are told what changed and fetch it themselves."""

from __future__ import annotations

from common.live import announce_change
from scheduling.models import Post


def workspace_group(workspace_id: int) -> str:
    return f"scheduling.workspace.{workspace_id}"


def post_changed(post: Post) -> None:
    announce_change([workspace_group(post.workspace_id)], f"post:{post.pk}", "posts")


def posts_changed(workspace_id: int) -> None:
    announce_change([workspace_group(workspace_id)], "posts")


def channels_changed(workspace_id: int) -> None:
    announce_change([workspace_group(workspace_id)], "channels", "posts")
