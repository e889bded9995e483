"""The page of recommendations: the best windows in order, and what is believed of every hour of the week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.paginator import Page
from django.http import HttpResponse
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.views.decorators.http import require_GET

from calendars import words
from calendars.charts import HEAT_HEIGHT, HEAT_HOURS, HEAT_WIDTH, HeatRow, heat_rows, heat_table
from calendars.forms import RecommendationForm
from calendars.recommendations import PLATFORMS, Recommendation, Wanted, Week, recommend, weeks_about, with_competition
from calendars.timing.learning import HOURS
from calendars.timing.recommending import CERTAIN
from common.pages import render_page
from common.pagination import paginate
from workspaces.doors import PageRequest, member_page, own_zone
from workspaces.roles import Role

PAGE_SIZE, USUAL_DAYS = 12, 14


@dataclass(frozen=True)
class Pick:
    """A recommendation as the page shows it: local times, shares in percent, reasons in words."""

    platform: str
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
    platform: str
    rows: Sequence[HeatRow]
    posts: int
    is_learned: bool

    @property
    def table(self) -> list[tuple[str, tuple[float | None, ...]]]:
        return heat_table(self.rows)


@member_page(Role.VIEWER)
@require_GET
def recommendations(request: PageRequest) -> HttpResponse:
    """`?platform=`, `?format=`, `?zone=`, `?days=`, `?page=`."""
    usual = own_zone(request)
    form = RecommendationForm({"zone": usual, "days": USUAL_DAYS} | request.GET.dict())
    asked = form.cleaned_data if form.is_valid() else {}
    zone = asked.get("zone") or usual
    wanted = wanted_of(asked, zone)
    weeks = weeks_about(request.user, request.workspace, wanted.platforms, wanted.format)
    found = recommend(request.user, request.workspace, wanted, weeks)
    page = paginate(found, request.GET.get("page"), PAGE_SIZE)
    context = {
        "form": form, "zone": zone, "page": page, "picks": picks(request, page, zone), "days": days(asked),
        "maps": [heat_map(name, week) for name, week in weeks.items()],
        "width": HEAT_WIDTH, "height": HEAT_HEIGHT, "hours": HEAT_HOURS,
        "as_of": wanted.start,
    }  # fmt: skip
    return render_page(request, "calendars/recommendations.html", "calendars/_recommendations.html", context)


def days(asked: dict[str, Any]) -> int:
    return int(asked.get("days") or USUAL_DAYS)


def wanted_of(asked: dict[str, Any], zone: str) -> Wanted:
    platforms = (asked["platform"],) if asked.get("platform") else PLATFORMS
    now = timezone.now()
    return Wanted(platforms, now, now + timedelta(days=days(asked)), zone, asked.get("format") or "")


def picks(request: PageRequest, page: Page[Recommendation], zone: str) -> list[Pick]:
    shown = with_competition(request.user, request.workspace, list(page.object_list))
    return [pick(one, ZoneInfo(zone)) for one in shown]


def pick(one: Recommendation, zone: ZoneInfo) -> Pick:
    week, start, end = one.window.week, one.window.start.astimezone(zone), one.window.end.astimezone(zone)
    return Pick(
        one.platform, date_format(start, "D j M"), f"{start:%H:%M}–{end:%H:%M}", one.window.start.isoformat(),
        100 * week.score, 100 * week.low, 100 * week.high, 100 * min(week.confidence, CERTAIN), week.sample,
        [words.reason(code) for code in one.reasons], week.sentence,
    )  # fmt: skip


def heat_map(platform: str, week: Week) -> HeatMap:
    means = enumerate(week.belief.mean.tolist())
    values = {divmod(cell, HOURS): 100 * min(1.0, max(0.0, mean)) for cell, mean in means}
    return HeatMap(platform, heat_rows(values, most=100.0), week.belief.posts, week.belief.is_learned)
