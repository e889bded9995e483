"""What the home page and the search box gather from the apps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from fillplanner.selectors import plans_of
from scheduling import selectors as posting
from workspaces.models import User, Workspace

SOON = timedelta(days=7)
HITS = 6


def overview(user: User, workspace: Workspace) -> dict[str, Any]:
    """Next posts, posts that need attention, plans at work, and the week ahead in numbers."""
    now = timezone.now()
    plans = plans_of(user)
    return {
        "next_posts": posting.next_posts(user, workspace),
        "troubled": posting.troubled_posts(user, workspace),
        "running_plans": list(plans.filter(state__in=("pending", "running"))[:5]),
        "recent_plans": list(plans.filter(state__in=("completed", "failed"))[:4]),
        "week": posting.state_counts(user, workspace, now, now + SOON),
        "has_channels": posting.channels_of(user, workspace).exists(),
        "as_of": now,
    }


@dataclass(frozen=True)
class Hit:
    """One thing found: its kind, its name and where it is."""

    kind: str
    text: str
    url: str


def search(user: User, workspace: Workspace, query: str) -> list[Hit]:
    """Channels, content and plans whose name holds the text; nothing for fewer than two characters."""
    if len(query) < 2:
        return []
    channels = posting.channels_of(user, workspace).filter(name__icontains=query)[:HITS]
    content = posting.content_of(user, workspace, query)[:HITS]
    plans = plans_of(user).filter(name__icontains=query)[:HITS]
    return [
        *(Hit("Channel", channel.name, reverse("channel", args=[channel.pk])) for channel in channels),
        *(Hit("Content", item.title, reverse("content-item", args=[item.pk])) for item in content),
        *(Hit("Plan", plan.name, reverse("plan", args=[plan.pk])) for plan in plans),
    ]
