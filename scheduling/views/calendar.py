"""The month page: every channel's slots and posts, day by day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from common.errors import InvalidInput
from common.pages import RefusalsTold, render_page
from scheduling import states
from scheduling.selectors import calendar, channels_of, month_days
from scheduling.services import channels
from scheduling.topoff import HORIZON_DAYS
from workspaces.doors import PageRequest, member_page
from workspaces.roles import Role


@member_page(Role.VIEWER)
@require_GET
def month(request: PageRequest) -> HttpResponse:
    """One month as a grid of weeks; `?month=2026-11`, the person's or workspace's zone decides the days."""
    zone = request.user.zone or request.workspace.zone
    today = timezone.now().astimezone(ZoneInfo(zone)).date()
    shown = chosen_month(request.GET.get("month"), today)
    days = month_days(shown)
    by_day = calendar(request.user, request.workspace, days, zone)
    context: dict[str, Any] = {
        "month": shown, "today": today, "zone": zone, "as_of": timezone.now(),
        "previous": (shown - timedelta(days=1)).replace(day=1),
        "following": (shown + timedelta(days=32)).replace(day=1),
        "weeks": [[(day, by_day[day]) for day in days[first : first + 7]] for first in range(0, len(days), 7)],
        "counts": _counts(by_day), "has_channels": channels_of(request.user, request.workspace).exists(),
        "may_edit": Role(request.membership.role).covers(Role.EDITOR), "horizon": HORIZON_DAYS,
    }  # fmt: skip
    return render_page(request, "scheduling/calendar.html", "scheduling/_month.html", context)


def _counts(by_day: dict[date, list[Any]]) -> dict[str, int]:
    """How many posts of each state the grid shows, without the states it shows none of."""
    all_states = [post.state for posts in by_day.values() for post in posts]
    return {state: all_states.count(state) for state in states.POST.states if state in all_states}


def horizon(text: str | None) -> int:
    """How many days to top off; 28 for none. Raises InvalidInput for what is no number."""
    if not text:
        return HORIZON_DAYS
    if not text.isascii() or not text.isdigit() or len(text) > 4:
        raise InvalidInput(f"“{text[:20]}” is not a number of days.")
    return int(text)


def chosen_month(text: str | None, today: date) -> date:
    """The first day of the month in the address; this month without one. Raises InvalidInput for nonsense."""
    if not text:
        return today.replace(day=1)
    try:
        chosen = datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month has no zone
    except ValueError:
        raise InvalidInput(f"“{text}” is not a month; write it like 2026-11.") from None
    if not 1990 <= chosen.year <= 2100:
        raise InvalidInput("The calendar shows the years 1990 to 2100.")
    return chosen


@member_page(Role.EDITOR)
@require_POST
def top_off(request: PageRequest) -> HttpResponse:
    """The button above the calendar."""
    with RefusalsTold(request):
        report = channels.top_off(request.user, request.workspace, horizon(request.POST.get("days")))
        messages.success(request, report.message)
        for left_out in report.problems:
            messages.warning(request, f"Left out {left_out}")
    month = request.POST.get("month", "")
    return redirect(f"{reverse('calendar')}?{urlencode({'month': month})}" if month else "calendar")
