"""What the home page and the search box gather from the apps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from calendars.campaigns.access import calendars_of
from common.mappings import TemplateContext
from config.menu import ACTIONS, ENTRIES
from fillplanner.selectors import plans_of
from scheduling import access as posting
from scheduling.channels.sign_ins import signed_out
from workspaces.models import User, Workspace

SOON = timedelta(days=7)
HITS = 6


def overview(user: User, workspace: Workspace) -> TemplateContext:
    """Next posts, posts that need attention, plans at work, and the week ahead in numbers."""
    now = timezone.now()
    plans = plans_of(user)
    return {
        "next_posts": posting.next_posts(user, workspace),
        "troubled": posting.troubled_posts(user, workspace),
        "running_plans": list(plans.filter(state__in=("pending", "running"))[:5]),
        "recent_plans": list(plans.filter(state__in=("completed", "failed"))[:4]),
        "week": posting.state_counts(user, workspace, now, now + SOON),
        "signed_out": signed_out(user, workspace),
        "has_channels": posting.channels_of(user, workspace).exists(),
        "as_of": now,
    }


@dataclass(frozen=True)
class Hit:
    """One thing found: its kind, its name, where it is, and an icon's name."""

    kind: str
    text: str
    url: str
    symbol: str = ""


def search(user: User, workspace: Workspace, query: str) -> list[Hit]:
    """What is called so: pages and things to begin, then, from two characters on, what
    people have made.
    """
    pages = [
        Hit("Go to", entry.label, reverse(entry.name), entry.symbol)
        for entry in ENTRIES
        if entry.answers_to(query)
    ]
    actions = [
        Hit("Do", entry.label, reverse(entry.name), entry.symbol)
        for entry in ACTIONS
        if entry.answers_to(query)
    ]
    rows = rows_called(user, workspace, query) if len(query) > 1 else []
    return [*pages, *actions, *rows]


def rows_called(user: User, workspace: Workspace, query: str) -> list[Hit]:
    """Channels, content, content calendars and plans whose name holds the text."""
    channels = posting.channels_of(user, workspace).filter(name__found=query)[:HITS]
    content = posting.content_of(user, workspace, query)[:HITS]
    plans = plans_of(user).filter(name__found=query)[:HITS]
    calendars = calendars_of(user, workspace).filter(title__found=query)[:HITS]
    return [
        *(
            Hit("Channel", channel.name, reverse("channel", args=[channel.pk]))
            for channel in channels
        ),
        *(
            Hit("Content", item.title, reverse("content-item", args=[item.pk]))
            for item in content
        ),
        *(
            Hit(
                "Calendar",
                calendar.title,
                reverse("content-calendar", args=[calendar.pk]),
            )
            for calendar in calendars
        ),
        *(Hit("Plan", plan.name, reverse("plan", args=[plan.pk])) for plan in plans),
    ]
