"""Post groups: the same content going out to several channels together."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Count, Max, Min, Q

from scheduling.domain import states
from scheduling.models.content import ContentItem
from workspaces.models import Workspace

# A draft with a time waits for approval.
WAITING = (states.DRAFT, states.SCHEDULED, states.PUBLISHING, states.UNCERTAIN)


class PostGroupQuerySet(models.QuerySet["PostGroup"]):
    """Post groups by what clients of the queue ask of them."""

    def upcoming(self, until: Any) -> PostGroupQuerySet:
        """Groups with a post still to go out before `until`, overdue ones and those that
        wait for approval too, soonest first.
        """
        waiting = Q(posts__state__in=WAITING)
        rows = self.annotate(next_at=Min("posts__scheduled_at", filter=waiting)).filter(
            next_at__lt=until
        )
        return rows.order_by("next_at", "pk")

    def completed(self, since: Any) -> PostGroupQuerySet:
        """Groups of which something went out since then and nothing is left to do, latest first."""
        left = Count("posts", filter=Q(posts__state__in=states.OPEN | states.BUSY))
        done = Max("posts__published_at", filter=Q(posts__state=states.PUBLISHED))
        return (
            self.annotate(left=left, done_at=done)
            .filter(left=0, done_at__gte=since)
            .order_by("-done_at", "-pk")
        )

    def for_display(self) -> PostGroupQuerySet:
        """With what is shown of each: content, posts and their channels, in three queries."""
        return self.select_related("content", "workspace").prefetch_related(
            "posts__account"
        )


class PostGroup(models.Model):
    """One content item sent to some channels at one time; its state is derived from its
    posts'.

    `video_path` is where the client that made it says the video is.
    """

    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="post_groups"
    )
    content = models.ForeignKey(
        ContentItem, on_delete=models.CASCADE, related_name="groups"
    )
    video_path = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = PostGroupQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at"]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["workspace", "-created_at"], name="group_newest")
        ]

    def __str__(self) -> str:
        return f"{self.content} ({self.pk})"

    @property
    def state(self) -> str:
        """pending, processing, completed, failed or canceled: see `states.group_state`."""
        return states.group_state([post.state for post in self.posts.all()])

    @property
    def needs_approval(self) -> bool:
        """Whether one of its posts is a draft: somebody has to approve it."""
        return any(post.state == states.DRAFT for post in self.posts.all())
