"""The page of recommendations: the best windows in order, and what is believed of every
hour of the week.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.core.paginator import Page
from django.http import HttpResponse
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.views.decorators.http import require_GET

from calendars.advice import reasons as words
from calendars.advice.access import shown_zone
from calendars.advice.clocks import Clock, clocks_of
from calendars.advice.forms import RecommendationForm
from calendars.advice.recommend import (
    PLATFORMS,
    Recommendation,
    RecommendationQuery,
    Week,
    recommend,
    weeks_about,
    with_competition,
)
from calendars.charts import (
    HEAT_HEIGHT,
    HEAT_HOURS,
    HEAT_WIDTH,
    HeatRow,
    heat_rows,
    heat_table,
)
from calendars.timing.learning import HOURS
from calendars.timing.recommending import CERTAIN
from common.mappings import Values
from common.pages import render_page
from common.pagination import paginate
from common.zones import zone_name
from workspaces.doors import PageRequest, member_page
from workspaces.roles import Role

PAGE_SIZE = 12
USUAL_DAYS = 14


@dataclass(frozen=True)
class Pick:
    """A recommendation as the page shows it: times in the reader's zone, shares in
    percent, reasons in words; whose clock the hour is on, the channels by name, and the
    one that "Plan here" is for.
    """

    platform: str
    channels: str
    account: str
    day: str
    hours: str
    instant: str
    score: float
    low: float
    high: float
    confidence: float
    sample: int
    reasons: Sequence[str]
    sentence: str

    @property
    def width(self) -> float:
        """Of the interval, in percent."""
        return self.high - self.low


@dataclass(frozen=True)
class HeatMap:
    """What is believed of a platform's week; `clocks` says whose hours they are."""

    platform: str
    clocks: str
    rows: Sequence[HeatRow]
    posts: int
    is_learned: bool

    @property
    def table(self) -> list[tuple[str, tuple[float | None, ...]]]:
        """The same as figures, for those who do not see the drawing: a row a weekday."""
        return heat_table(self.rows)


@member_page(Role.VIEWER)
@require_GET
def recommendations(request: PageRequest) -> HttpResponse:
    """`?platform=`, `?format=`, `?zone=`, `?days=`, `?page=`. The zone is only the one
    times are shown in.
    """
    usual = shown_zone(request.user, request.workspace)
    form = RecommendationForm({"zone": usual, "days": USUAL_DAYS} | request.GET.dict())
    data = form.cleaned_data if form.is_valid() else {}
    zone = data.get("zone") or usual
    query = query_of(request, data)
    weeks = weeks_about(request.user, request.workspace, query.platforms, query.format)
    ranked = recommend(request.user, request.workspace, query, weeks)
    page = paginate(ranked, request.GET.get("page"), PAGE_SIZE)
    context = {
        "form": form,
        "zone": zone_name(zone),
        "page": page,
        "picks": picks(request, page, zone),
        "days": days(data),
        "maps": [heat_map(name, week, query.clocks) for name, week in weeks.items()],
        "width": HEAT_WIDTH,
        "height": HEAT_HEIGHT,
        "hours": HEAT_HOURS,
        "as_of": query.start,
    }
    return render_page(
        request,
        "calendars/recommendations.html",
        "calendars/_recommendations.html",
        context,
    )


def days(data: Values) -> int:
    """How many days ahead the form asks about."""
    return int(data.get("days") or USUAL_DAYS)


def query_of(request: PageRequest, data: Values) -> RecommendationQuery:
    """What a valid form asks about, from now on, on the clocks of the workspace's
    channels.
    """
    platforms = (data["platform"],) if data.get("platform") else PLATFORMS
    clocks = clocks_of(request.workspace, platforms)
    now = timezone.now()
    return RecommendationQuery(
        tuple(clocks), now, now + timedelta(days=days(data)), data.get("format") or ""
    )


def picks(request: PageRequest, page: Page[Recommendation], zone: str) -> list[Pick]:
    """What a page of recommendations shows, each with what else is planned around it."""
    ranked = with_competition(request.user, request.workspace, list(page.object_list))
    return [pick(recommendation, zone) for recommendation in ranked]


def pick(recommendation: Recommendation, zone: str) -> Pick:
    """A recommendation on the person's clock, its shares in percent."""
    window = recommendation.window
    channels = recommendation.clock.channels
    week = window.week
    start = window.start.astimezone(ZoneInfo(zone))
    end = window.end.astimezone(ZoneInfo(zone))
    return Pick(
        recommendation.platform,
        ", ".join(channel.name for channel in channels),
        str(channels[0].pk) if channels else "",
        date_format(start, "D j M"),
        f"{start:%H:%M}–{end:%H:%M}",
        window.start.isoformat(),
        100 * week.score,
        100 * week.low,
        100 * week.high,
        100 * min(week.confidence, CERTAIN),
        week.sample,
        [words.reason(code) for code in recommendation.reasons],
        recommendation.explanation(zone),
    )


def heat_map(platform: str, week: Week, clocks: Sequence[Clock]) -> HeatMap:
    """What is believed of each hour of a platform's week, in percent from 0 to 100."""
    means = enumerate(week.belief.mean.tolist())
    values = {
        divmod(cell, HOURS): 100 * min(1.0, max(0.0, mean)) for cell, mean in means
    }
    rows = heat_rows(values, most=100.0)
    names = " or ".join(
        clock_text(clock) for clock in clocks if clock.platform == platform
    )
    return HeatMap(platform, names, rows, week.belief.posts, week.belief.is_learned)


def clock_text(clock: Clock) -> str:
    """`America/New York (H2O on X)`, or without a channel, `UTC (your workspace)`."""
    whose = ", ".join(channel.name for channel in clock.channels) or "your workspace"
    return f"{zone_name(clock.zone)} ({whose})"
