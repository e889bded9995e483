"""Filling a slot with a file that somebody brings along."""

from __future__ import annotations

from pathlib import PurePath
from uuid import UUID

from django.core.files import File
from django.db import transaction

from scheduling.models import Post
from scheduling.selectors import access_post
from scheduling.services import content, media, posts
from workspaces.models import User
from workspaces.roles import Role


def fill_with_file(user: User, post_id: UUID, file: File[bytes], title: str = "", caption: str = "") -> Post:
    """Make an image or a video into content and put it into an empty slot, which becomes a draft.

    Raises what the file cannot be taken for, and Conflict for a slot that is not empty any more; the file itself stays
    with the workspace's media then.
    """
    post = access_post(user, post_id, Role.EDITOR)
    kept = media.add_media(post.workspace, file, user)
    with transaction.atomic():
        values = {"title": title or PurePath(kept.original_name).stem[:200], "caption": caption}
        item = content.create_content(user, post.workspace, values)
        media.attach(user, item.pk, kept.pk)
        return posts.fill(user, post_id, item.pk)
