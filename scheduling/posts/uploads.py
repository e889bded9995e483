"""Filling a slot with a file that somebody brings along or names."""

from __future__ import annotations

from pathlib import PurePath

from django.core.files import File
from django.db import transaction

from scheduling.content import fetching, media
from scheduling.content import services as content
from scheduling.models import MediaFile, Post
from scheduling.posts import services as posts
from workspaces.models import User
from workspaces.roles import Role
from workspaces.selectors import allow


def fill_with_file(
    user: User, post: Post, file: File[bytes], title: str = "", caption: str = ""
) -> Post:
    """Make an image or a video into content and put it into an empty slot, which
    becomes a draft.

    Raises what the file cannot be taken for, and Conflict for a slot that is not empty
    any more; the file itself stays with the workspace's media then.
    """
    allow(user, post, Role.EDITOR)
    return _fill(
        user, post, media.add_media(post.workspace, file, user), title, caption
    )


def fill_from_address(
    user: User, post: Post, url: str, title: str = "", caption: str = ""
) -> Post:
    """As `fill_with_file`, with what is behind an address."""
    allow(user, post, Role.EDITOR)
    return _fill(
        user, post, fetching.add_media_from(post.workspace, url, user), title, caption
    )


def _fill(
    user: User, post: Post, media_file: MediaFile, title: str, caption: str
) -> Post:
    with transaction.atomic():
        values = {
            "title": title or PurePath(media_file.original_name).stem[:200],
            "caption": caption,
        }
        item = content.create_content(user, post.workspace, values)
        media.attach(user, item.pk, media_file.pk)
        return posts.fill(user, post, item)
