"""Content calendars: the list with its progress, one with its items and what is in
their way, cancel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from calendars import states
from calendars.campaigns import services as calendars
from calendars.campaigns.access import (
    access_calendar,
    calendars_of,
    conflicting_items_of,
    items_of,
)
from calendars.campaigns.conflicts import Conflict, conflicts_by_item
from calendars.campaigns.progress import NOTHING, Standing, standing_of, standings
from calendars.models import CalendarItem
from common.grouping import grouped
from common.pages import RefusalsTold, render_page
from common.pagination import paginate
from workspaces.doors import PageRequest, member_page
from workspaces.roles import Role

PAGE_SIZE = 30
ITEMS_A_PAGE = 50
EXAMPLES = 5
MOST_OBSTACLES = 30


@member_page(Role.VIEWER)
@require_GET
def listing(request: PageRequest) -> HttpResponse:
    """The workspace's content calendars, newest first."""
    page = paginate(
        calendars_of(request.user, request.workspace),
        request.GET.get("page"),
        PAGE_SIZE,
    )
    standing_by_id = standings(row.pk for row in page.object_list)
    nothing = Standing(dict(NOTHING))
    rows = [(row, standing_by_id.get(row.pk, nothing)) for row in page.object_list]
    context = {"page": page, "rows": rows, "as_of": timezone.now()}
    return render_page(
        request, "calendars/calendars.html", "calendars/_calendars.html", context
    )


@member_page(Role.VIEWER)
@require_GET
def detail(request: PageRequest, calendar_id: UUID) -> HttpResponse:
    """One calendar, item by item; `?state=` shows those of one state."""
    calendar = access_calendar(request.user, calendar_id)
    rows = items_of(calendar).in_time().shown()
    chosen = request.GET.get("state", "")
    if chosen in states.ITEM.states:
        rows = rows.filter(state=chosen)
    page = paginate(rows, request.GET.get("page"), ITEMS_A_PAGE)
    conflicts = conflicts_by_item(conflicting_items_of(calendar), calendar.workspace)
    context = {
        "calendar": calendar,
        "standing": standing_of(calendar),
        "page": page,
        "items": page.object_list,
        "chosen": chosen,
        "obstacles": obstacles(conflicts),
        "hindered": {item.pk for item, _ in conflicts},
        "as_of": timezone.now(),
    }
    return render_page(
        request, "calendars/calendar.html", "calendars/_calendar.html", context
    )


@dataclass(frozen=True)
class Obstacle:
    """One thing that is in the way of some items, the first of which are named."""

    platform: str
    conflict: Conflict
    items: Sequence[CalendarItem]

    @property
    def examples(self) -> Sequence[CalendarItem]:
        """The first of the items that it stands in the way of."""
        return self.items[:EXAMPLES]

    @property
    def others(self) -> int:
        """How many more there are."""
        return len(self.items) - len(self.examples)


def obstacles(conflicts: Sequence[tuple[CalendarItem, Conflict]]) -> list[Obstacle]:
    """What is in the way of many items is said once; what is in the way of most comes first."""
    groups = grouped(((item.platform, conflict), item) for item, conflict in conflicts)
    unordered = [Obstacle(*what, items) for what, items in groups.items()]
    by_weight = sorted(unordered, key=lambda obstacle: -len(obstacle.items))
    return by_weight[:MOST_OBSTACLES]


@member_page(Role.EDITOR)
@require_POST
def cancel(request: PageRequest, calendar_id: UUID) -> HttpResponse:
    """Cancel what has not gone out."""
    with RefusalsTold(request):
        calendar = calendars.cancel(request.user, calendar_id)
        waits = calendar.state == states.CANCELING
        text = (
            "Canceling: a post is just going out."
            if waits
            else "Canceled. Nothing more goes out."
        )
        messages.success(request, text)
    return redirect("content-calendar", calendar_id)
