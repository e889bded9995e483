"""Content items: an editor's work."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import ProtectedError

from common.edits import Expected
from common.errors import Conflict, Unprocessable
from common.hashtags import hashtags_of
from common.mappings import Values
from scheduling.access import access_content
from scheduling.models import ContentItem
from scheduling.models.content import PLACEHOLDER_TITLE
from workspaces import audit
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import require_role
from workspaces.services.rows import (
    check_fields,
    lock,
    set_fields,
    settled,
    values_of,
)

FIELDS = (
    "title",
    "caption",
    "hashtags",
    "link",
    "notes",
    "owner",
    "stage",
    "details",
)
MOST_HASHTAGS = 100

SYSTEM_OWNER = "system"


def create_content(user: User, workspace: Workspace, values: Values) -> ContentItem:
    """Add a content item. Raises Unprocessable for bad fields."""
    item = prepared(user, workspace, values)
    with transaction.atomic():
        item.save()
        audit.record(
            user, "created", f"content:{item.pk}", workspace=workspace, after=values
        )
    return item


def prepared(
    user: User,
    workspace: Workspace,
    values: Values,
    item: ContentItem | None = None,
) -> ContentItem:
    """A new item, or a changed one, that is right and not saved yet. Raises
    Unprocessable for bad fields.
    """
    require_role(user, workspace, Role.EDITOR)
    item = item or ContentItem(
        workspace=workspace, **({"owner": user.username} | values)
    )
    _validate(item)
    return item


def stored(item: ContentItem) -> Values:
    """What of an item can be changed."""
    return values_of(item, FIELDS)


def change_content(
    user: User, item_id: UUID, values: Values, expected: Expected | None = None
) -> ContentItem:
    """Change some fields; posts that use the item show the new text, published ones
    keep what went out. Raises Overtaken where somebody else has changed what the caller
    expects.
    """
    item = _writable(user, item_id)
    thing = f"content:{item.pk}"
    with transaction.atomic():
        lock(item)
        changes = settled(expected, thing, stored(item), values)
        before = set_fields(item, changes)
        _validate(item)
        item.save()
        audit.record(
            user,
            "changed",
            thing,
            workspace=item.workspace,
            before=before,
            after=changes,
        )
    return item


def remove_content(user: User, item_id: UUID) -> None:
    """Delete an item that no post uses. Raises Conflict when one does."""
    item = _writable(user, item_id)
    try:
        with transaction.atomic():
            audit.record(
                user,
                "deleted",
                f"content:{item.pk}",
                workspace=item.workspace,
                before={"title": item.title},
            )
            item.delete()
    except ProtectedError as error:
        raise Conflict(
            "Posts use this content; cancel or change them first."
        ) from error


def _writable(user: User, item_id: UUID) -> ContentItem:
    item = access_content(user, item_id, Role.EDITOR)
    if item.is_placeholder:
        raise Conflict("The placeholder marks empty slots and stays as it is.")
    return item


def _validate(item: ContentItem) -> None:
    check_fields(item)
    if problem := _hashtag_problem(item.hashtags):
        raise Unprocessable("Not valid.", {"hashtags": [problem]})
    item.hashtags = hashtags_of(item.hashtags)


def _hashtag_problem(hashtags: Any) -> str:
    """Why these are no hashtags; blank where they are."""
    if not isinstance(hashtags, list) or not all(
        isinstance(tag, str) for tag in hashtags
    ):
        return "Hashtags are a list of texts."
    if len(hashtags) > MOST_HASHTAGS:
        return f"At most {MOST_HASHTAGS} hashtags."
    return ""


def placeholder_of(workspace: Workspace) -> ContentItem:
    """The content item that marks the workspace's empty slots."""
    item, _ = ContentItem.objects.get_or_create(
        workspace=workspace,
        is_placeholder=True,
        defaults={"title": PLACEHOLDER_TITLE, "owner": SYSTEM_OWNER},
    )
    return item
