"""The analytics page: what went out in a range of days, how it did, and where
measurements come in.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from calendars.charts import (
    HEAT_HEIGHT,
    HEAT_HOURS,
    HEAT_WIDTH,
    HEIGHT,
    LINE_FILLS,
    WIDTH,
    bars,
    heat_rows,
    heat_table,
    line,
    ticks,
)
from calendars.results.analytics import by_channel, published_by_day
from calendars.results.csv import TABLES, measurement_lines, to_csv
from calendars.results.forms import AnalyticsForm, MeasurementsForm
from calendars.results.measurements import LIMITS, table_rows, take
from calendars.results.services import measurements_of
from calendars.results.weekly_sums import (
    NOTHING,
    Range,
    Results,
    ranked,
    results_of,
)
from common.downloads import csv_download
from common.errors import Missing, Problem
from common.mappings import TemplateContext
from common.pages import render_page
from common.tables import bytes_of
from scheduling.access import channels_of
from workspaces.doors import PageRequest, member_page, own_zone
from workspaces.roles import Role

DAYS = 28
MOST_ERRORS = 20


def selection_of(
    request: PageRequest,
) -> tuple[AnalyticsForm, list[date], Range, datetime]:
    """The filters, the days they mean on the person's clock, and now. What makes no
    sense is the usual.
    """
    channels = channels_of(request.user, request.workspace)
    form = AnalyticsForm({"days": DAYS} | request.GET.dict(), channels=channels)
    data = form.cleaned_data if form.is_valid() else {}
    now = timezone.now()
    count = data.get("days") or DAYS
    today = now.astimezone(ZoneInfo(own_zone(request))).date()
    days = [today - timedelta(days=count - 1 - n) for n in range(count)]
    channel = data.get("channel")
    account = channel.pk if channel else None
    return form, days, Range(days[0], today + timedelta(days=1), account), now


@member_page(Role.VIEWER)
@require_GET
def analytics(request: PageRequest) -> HttpResponse:
    """`?days=` and `?channel=`."""
    form, days, period, now = selection_of(request)
    user = request.user
    workspace = request.workspace
    zone = own_zone(request)
    series = published_by_day(user, workspace, days, zone, period.account)
    since = now - timedelta(days=len(days))
    rows = by_channel(user, workspace, since, now, period.account)
    published = sum(row.published for row in rows)
    failed = sum(row.failed for row in rows)
    over = published + failed
    context = {
        "form": form,
        "bars": bars(series),
        "series": series,
        "rows": rows,
        "days": len(days),
        "published": published,
        "failed": failed,
        "zone": zone,
        "as_of": now,
        "upload": MeasurementsForm(),
        "success": 100 * published / over if over else None,
        "chart_width": WIDTH,
        "chart_height": HEIGHT,
        "bar_ticks": ticks(max((count for _, count in series), default=0)),
        **engagement(results_of(user, workspace, period), days),
    }
    return render_page(
        request, "calendars/analytics.html", "calendars/_analytics.html", context
    )


def engagement(results: Results, days: list[date]) -> TemplateContext:
    """What the page shows of how posts did."""
    rates = {
        place: sums.percent
        for place, sums in results.by_hour.items()
        if sums.percent is not None
    }
    rows = heat_rows(rates)
    trend = [(day, results.by_day.get(day, NOTHING)) for day in days]
    return {
        "total": results.total,
        "platforms": ranked(results.by_platform),
        "formats": ranked(results.by_format),
        "best_times": [
            (f"{best.hour:02}:00", 100 * best.engagement, best.sample)
            for best in results.best_times
        ],
        "sentences": results.sentences,
        "heat": rows,
        "heat_table": heat_table(rows),
        "tables": TABLES,
        "line_ticks": ticks(
            max((sums.percent or 0 for _, sums in trend), default=0), "%", LINE_FILLS
        ),
        "trend": trend,
        "line": line([(day, sums.percent) for day, sums in trend]),
        "width": HEAT_WIDTH,
        "height": HEAT_HEIGHT,
        "hours": HEAT_HOURS,
    }


@member_page(Role.VIEWER)
@require_GET
def export(request: PageRequest, table: str) -> HttpResponse:
    """One table of the page as CSV. Raises Missing for one that does not exist."""
    if table not in TABLES:
        raise Missing("There is no such table.")
    _, _, period, _ = selection_of(request)
    text = to_csv(results_of(request.user, request.workspace, period), table)
    name = f"analytics-{table}-{period.start}-to-{period.end - timedelta(days=1)}.csv"
    return HttpResponse(
        text,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@member_page(Role.VIEWER)
@require_GET
def measurements(request: PageRequest) -> StreamingHttpResponse:
    """The measurements of posts that went out in the days shown, as a table that can be
    taken in again.
    """
    _, _, period, _ = selection_of(request)
    events = measurements_of(request.user, request.workspace, period)
    name = f"measurements-{period.start}-to-{period.end - timedelta(days=1)}.csv"
    return csv_download(name, measurement_lines(events.iterator(chunk_size=500)))


@member_page(Role.EDITOR)
@require_POST
def upload(request: PageRequest) -> HttpResponse:
    """A table of measurements; what could not be read is told."""
    form = MeasurementsForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(
            request,
            " ".join(str(text) for texts in form.errors.values() for text in texts),
        )
        return redirect("analytics")
    try:
        data = bytes_of(form.cleaned_data["file"], LIMITS)
        rows, notes = table_rows(data, form.cleaned_data["sheet"])
        for note in notes:
            messages.info(request, note)
        intake = take(request.user, request.workspace, rows, from_table=True)
    except Problem as problem:
        problems = [problem.message, *(problem.detail or {}).get("errors", [])]
        for text in problems[:MOST_ERRORS]:
            messages.error(request, text)
        return redirect("analytics")
    messages.success(request, f"{intake.stored} new, {intake.known} known already.")
    for text in intake.errors[:MOST_ERRORS]:
        messages.error(request, text)
    return redirect("analytics")
