"""How good the hours of the week are, for the posting calendar to tint its week with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from django.http import JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from calendars.advice.clocks import Clock
from calendars.advice.recommend import PLATFORMS, Week, weeks_about
from calendars.timing.learning import DAYS, HOURS, Array
from scheduling.access import channels_of
from scheduling.calendar.filters import Filters, filters_of
from scheduling.domain.cadence import instant
from scheduling.domain.hours import monday_of
from workspaces.doors import PageRequest, member_page
from workspaces.roles import Role

# Of the week's 168 hours the best twelfth gets the strongest tint, the best quarter the faintest.
SHARES = (0.25, 1 / 6, 1 / 12)
CACHE_SECONDS = 300
FARTHEST = timedelta(days=3650)


@member_page(Role.VIEWER)
@require_GET
def heat(request: PageRequest) -> JsonResponse:
    """`{"hours": [[weekday, hour, tint, score], …]}` of the best hours, by the
    calendar's filters: weekday 0 is Monday, tint 1 to 3, score of 100. Weekdays and
    hours are those of the calendar's clock in the week that it shows.
    """
    clocks = clocks_for(request, filters_of(request.GET))
    platforms = dict.fromkeys(clock.platform for clock in clocks)
    weeks = weeks_about(request.user, request.workspace, platforms) if platforms else {}
    zone = calendar_zone(request)
    monday = shown_monday(request, zone)
    scores = [scores_on(monday, zone, weeks[clock.platform], clock) for clock in clocks]
    answer = JsonResponse({"hours": tinted(np.mean(scores, axis=0)) if scores else []})
    answer["Cache-Control"] = f"private, max-age={CACHE_SECONDS}"
    return answer


def clocks_for(request: PageRequest, filters: Filters) -> Sequence[Clock]:
    """Those of the channels that pass the filters and of which timing is known."""
    accounts = channels_of(request.user, request.workspace)
    clocks = {
        (account.platform, account.zone): Clock.of(account)
        for account in accounts
        if account.platform in PLATFORMS and filters.concerns(account)
    }
    return sorted(clocks.values(), key=_place)


def _place(clock: Clock) -> tuple[int, str]:
    """Sorts by platform as they are listed, then by zone."""
    return PLATFORMS.index(clock.platform), clock.zone


def calendar_zone(request: PageRequest) -> str:
    """The zone in which the calendar shows its days."""
    own = "" if request.GET.get("zone") == "workspace" else request.user.zone
    return own or request.workspace.zone


def shown_monday(request: PageRequest, zone: str) -> date:
    """The first day of the week that the calendar shows."""
    today = timezone.now().astimezone(ZoneInfo(zone)).date()
    day = _day_in(request.GET.get("date", ""), today)
    return monday_of(day)


def _day_in(text: str, today: date) -> date:
    """The date in the text; today where it is none, or too far away."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today
    # Clocks of a time as far as that are not known.
    return day if abs(day - today) < FARTHEST else today


def scores_on(monday: date, zone: str, week: Week, clock: Clock) -> Array:
    """What is believed of the 168 hours that a week from that day has in the zone, each
    on the channels' clock.
    """
    hours = _hours_from(monday, zone)
    return np.array([week.hour_at(at, clock.zone).mean for at in hours])


def _hours_from(monday: date, zone: str) -> list[datetime]:
    """When the 168 hours of a week from that day begin on the zone's clock."""
    return [
        instant(monday + timedelta(days=day), time(hour), zone)
        for day in range(DAYS)
        for hour in range(HOURS)
    ]


def tinted(scores: Array) -> list[tuple[int, int, int, int]]:
    """The best hours that are better than the usual one, each with its tint and its
    score; equal hours are alike.
    """
    bounds = [float(np.quantile(scores, 1 - share)) for share in SHARES]
    usual = float(np.median(scores))
    hours = []
    for cell, score in enumerate(scores.tolist()):
        tint = sum(score >= bound for bound in bounds)
        if tint and score > usual:
            weekday, hour = divmod(cell, HOURS)
            hours.append((weekday, hour, tint, round(100 * score)))
    return hours
