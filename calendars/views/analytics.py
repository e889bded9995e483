"""The analytics page: what went out in the last four weeks, per day and per channel."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from calendars.analytics import by_channel, published_by_day
from calendars.charts import HEIGHT, WIDTH, bars
from common.pages import render_page
from workspaces.doors import PageRequest, member_page
from workspaces.roles import Role

DAYS = 28


@member_page(Role.VIEWER)
@require_GET
def analytics(request: PageRequest) -> HttpResponse:
    zone = request.user.zone or request.workspace.zone
    now = timezone.now()
    today = now.astimezone(ZoneInfo(zone)).date()
    days = [today - timedelta(days=DAYS - 1 - n) for n in range(DAYS)]
    series = published_by_day(request.user, request.workspace, days, zone)
    rows = by_channel(request.user, request.workspace, now - timedelta(days=DAYS), now)
    published, failed = sum(row.published for row in rows), sum(row.failed for row in rows)
    context = {
        "bars": bars(series), "series": series, "width": WIDTH, "height": HEIGHT, "rows": rows, "days": DAYS,
        "published": published, "failed": failed, "zone": zone, "as_of": now,
        "success": 100 * published / (published + failed) if published + failed else None,
    }  # fmt: skip
    return render_page(request, "calendars/analytics.html", "calendars/_analytics.html", context)
