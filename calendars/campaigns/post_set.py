"""Content calendars as sets of posts that the posting calendar can be narrowed to."""

from __future__ import annotations

from uuid import UUID

from calendars.campaigns.access import calendars_of
from scheduling.models.posts import PostQuerySet
from workspaces.models import User, Workspace

MOST = 100


class ContentCalendars:
    """The workspace's content calendars, the newest first."""

    label = "Content calendar"

    def choices(self, user: User, workspace: Workspace) -> list[tuple[str, str]]:
        """The workspace's calendars by key, the newest first."""
        rows = calendars_of(user, workspace).values_list("pk", "title")[:MOST]
        return [(str(pk), title) for pk, title in rows]

    def narrow(self, rows: PostQuerySet, key: UUID) -> PostQuerySet:
        """Only posts of that calendar."""
        return rows.filter(calendar_item__calendar=key)
