"""Posts that come as a table: sent, columns named, each row looked at, placed by a
worker; and the way out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from operator import itemgetter
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common.downloads import csv_download
from common.errors import Problem
from common.forms import show_problem
from common.mappings import TemplateContext
from common.pages import RefusalsTold, render_page
from common.pagination import paginate
from common.spreadsheets import safe
from common.tables import bytes_of, unused_note
from common.texts import folded
from common.wall_clocks import comes_twice
from scheduling.access import access_import, channels_of, imports_of, posts_of
from scheduling.domain import states
from scheduling.domain.cadence import instant
from scheduling.imports import services as imports
from scheduling.imports.forms import ColumnsForm, ImportForm
from scheduling.imports.table import LIMITS, Row, full_name
from scheduling.models import ChannelAccount, Post, PostImport
from workspaces.doors import PageRequest, member_page, own_zone
from workspaces.roles import Role

PAGE_SIZE = 100
RECENT = 20
MOST_WEEKS = 6
MOST_REASONS = 5
EXPORTED = (
    "Title",
    "Text",
    "Hashtags",
    "Link",
    "Channel",
    "Date",
    "Time",
    "Zone",
    "State",
    "Address",
)


@member_page(Role.EDITOR)
@require_http_methods(["GET", "POST"])
def listing(request: PageRequest) -> HttpResponse:
    """The form for a file, and the imports before."""
    form = ImportForm(
        request.POST or None, request.FILES or None, initial={"zone": own_zone(request)}
    )
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        try:
            run = imports.take(
                request.user,
                request.workspace,
                imports.PostFile(
                    data["file"].name, bytes_of(data["file"], LIMITS), data["sheet"]
                ),
                data["zone"],
                approved=data["approved"],
            )
            return redirect("post-import", run.pk)
        except Problem as problem:
            show_problem(form, problem)
    context = {
        "form": form,
        "runs": imports_of(request.user, request.workspace)[:RECENT],
        "as_of": timezone.now(),
    }
    status = 422 if form.errors else 200
    return render_page(
        request,
        "scheduling/imports.html",
        "scheduling/_imports.html",
        context,
        status=status,
    )


@member_page(Role.EDITOR)
@require_http_methods(["GET", "POST"])
def detail(request: PageRequest, run_id: UUID) -> HttpResponse:
    """Before the start: columns and a report on each row; afterwards: what became of them."""
    run = access_import(request.user, run_id, Role.EDITOR)
    if run.state != states.DRAFT:
        return _outcome(request, run)
    form = ColumnsForm(request.POST or None, columns=run.columns, initial=run.places)
    if form.is_bound and form.is_valid():
        run = imports.name_columns(request.user, run_id, form.places())
    return render_page(
        request,
        "scheduling/import.html",
        "scheduling/_import_rows.html",
        _report(request, run, form),
    )


def _report(
    request: PageRequest, run: PostImport, form: ColumnsForm
) -> TemplateContext:
    rows = imports.checked(request.user, run)
    faulty = [row for row in rows if row.errors]
    good = [row for row in rows if not row.errors]
    page = paginate(faulty + good, request.GET.get("page"), PAGE_SIZE)
    return {
        "run": run,
        "form": form,
        "page": page,
        "rows": page.object_list,
        "good": len(good),
        "faulty": len(faulty),
        "total": len(rows),
        "zone": run.zone,
        "unused": unused_note(run.columns, run.places.values()),
        "weeks": _weeks(request, rows, ZoneInfo(run.zone)),
    }


@dataclass(frozen=True)
class PreviewDay:
    """A day of the calendar that the import would make: its rows in order of time, and
    how many posts are there.
    """

    day: date
    rows: list[Row]
    there: int


def _weeks(
    request: PageRequest, rows: list[Row], zone: ZoneInfo
) -> list[list[PreviewDay]]:
    """Whole weeks from the first row that can be imported on, at most six."""
    by_day = _rows_by_day(rows, zone)
    if not by_day:
        return []
    days = _whole_weeks(min(by_day), max(by_day))
    posts = _posts_by_day(request, days, zone)
    preview = [PreviewDay(day, by_day.get(day, []), posts[day]) for day in days]
    return [preview[monday : monday + 7] for monday in range(0, len(preview), 7)]


def _whole_weeks(first: date, last: date) -> list[date]:
    """The days of the weeks from the first day's to the last day's, at most six."""
    monday = first - timedelta(days=first.weekday())
    week_count = min(MOST_WEEKS, (last - monday).days // 7 + 1)
    return [monday + timedelta(days=n) for n in range(7 * week_count)]


def _posts_by_day(
    request: PageRequest, days: Sequence[date], zone: ZoneInfo
) -> Counter[date]:
    """How many posts there are on each of the days, which follow each other."""
    start = instant(days[0], time(0), zone.key)
    end = instant(days[-1] + timedelta(days=1), time(0), zone.key)
    posts = posts_of(request.user, request.workspace).between(start, end)
    times = posts.values_list("scheduled_at", flat=True)
    return Counter(moment.astimezone(zone).date() for moment in times if moment)


def _rows_by_day(rows: Iterable[Row], zone: ZoneInfo) -> dict[date, list[Row]]:
    """The rows that can be imported, in order of time, by their day in the zone."""
    good = [(row.at, row) for row in rows if row.at and not row.errors]
    by_day: dict[date, list[Row]] = {}
    for at, row in sorted(good, key=itemgetter(0)):
        by_day.setdefault(at.astimezone(zone).date(), []).append(row)
    return by_day


def _outcome(request: PageRequest, run: PostImport) -> HttpResponse:
    rows = run.rows.select_related("group").prefetch_related("group__posts__account")
    refused_first = rows.order_by("-state", "number")
    page = paginate(refused_first, request.GET.get("page"), PAGE_SIZE)
    total = run.rows.count()
    left = run.rows.filter(state=states.WAITING).count()
    context = {
        "run": run,
        "page": page,
        "rows": page.object_list,
        "total": total,
        "done": total - left,
        "percent": 100 * (total - left) / max(1, total),
        "placed": run.rows.filter(state=states.PLACED).count(),
        "refused": run.rows.filter(state=states.REFUSED).count(),
        "reasons": _reasons(run),
        "left_out": len(run.cells) - total,
        "as_of": timezone.now(),
    }
    return render_page(
        request, "scheduling/import_run.html", "scheduling/_import_run.html", context
    )


def _reasons(run: PostImport) -> list[tuple[str, int]]:
    """Why rows were refused, the commonest first, each with how many."""
    refused = run.rows.filter(state=states.REFUSED).order_by()
    counts = refused.values_list("note").annotate(count=Count("pk"))
    return list(counts.order_by("-count")[:MOST_REASONS])


@member_page(Role.EDITOR)
@require_POST
def start(request: PageRequest, run_id: UUID) -> HttpResponse:
    """Have the rows without errors placed; the page then follows the run."""
    with RefusalsTold(request):
        imports.start(request.user, run_id)
    return redirect("post-import", run_id)


@member_page(Role.EDITOR)
@require_POST
def cancel(request: PageRequest, run_id: UUID) -> HttpResponse:
    """End the run; what was placed stays."""
    with RefusalsTold(request):
        imports.cancel(request.user, run_id)
        messages.success(request, "Canceled. What was placed stays.")
    return redirect("post-import", run_id)


@member_page(Role.VIEWER)
@require_GET
def export(request: PageRequest) -> StreamingHttpResponse:
    """All posts with content as a table that can be imported again, times on the reader's clock."""
    zone = ZoneInfo(own_zone(request))
    every_post = posts_of(request.user, request.workspace)
    filled = every_post.exclude(state=states.PLANNED)
    rows = filled.order_by("scheduled_at", "pk").iterator(chunk_size=500)
    names = _channel_names(channels_of(request.user, request.workspace))
    lines = _lines(rows, zone, names)
    return csv_download(f"posts_{request.workspace.slug}.csv", lines)


def _channel_names(channels: Iterable[ChannelAccount]) -> dict[UUID, str]:
    """What each channel is called in a table: with its platform where another channel
    has the same name.
    """
    every = list(channels)
    counts = Counter(folded(channel.name) for channel in every)
    return {
        channel.pk: full_name(channel)
        if counts[folded(channel.name)] > 1
        else channel.name
        for channel in every
    }


def _clock(local: datetime) -> str:
    """The time of day; where clocks show it twice, with its offset."""
    exact = "auto" if local.second or local.microsecond else "minutes"
    shown = local if comes_twice(local) else local.replace(tzinfo=None)
    return shown.isoformat(" ", exact).partition(" ")[2]


def _lines(
    posts: Iterator[Post], zone: ZoneInfo, names: Mapping[UUID, str]
) -> Iterator[tuple[Any, ...]]:
    yield EXPORTED
    for post in posts:
        local = post.scheduled_at.astimezone(zone) if post.scheduled_at else None
        words = (
            post.content.title,
            post.caption_override or post.content.caption,
            " ".join(post.content.hashtags),
        )
        when = (f"{local:%Y-%m-%d}", _clock(local)) if local else ("", "")
        cells = (
            *words,
            post.content.link,
            names[post.account_id],
            *when,
            zone.key,
            post.state,
            post.url,
        )
        yield tuple(safe(cell) for cell in cells)
