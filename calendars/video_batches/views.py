"""Bulk jobs: a file of videos is sent, its run is watched, its report is read."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from calendars.models import BulkRun
from calendars.video_batches import services as generating
from calendars.video_batches.access import (
    access_bulk_run,
    bulk_rows_of,
    bulk_runs_of,
    report_on,
)
from calendars.video_batches.forms import BulkJobForm
from calendars.video_batches.rows import LIMITS, job_in, videos_of
from calendars.video_batches.services import BulkOrder
from common.errors import InvalidInput, Problem
from common.forms import show_problem
from common.pages import render_page
from common.pagination import paginate
from common.tables import bytes_of
from workspaces.doors import PageRequest, member_page, own_zone
from workspaces.roles import Role

PAGE_SIZE = 100
RECENT = 20
MOST_FAULTS = 100


@member_page(Role.EDITOR)
@require_http_methods(["GET", "POST"])
def bulk_jobs(request: PageRequest) -> HttpResponse:
    """A table or JSON file with its videos; below, what was sent before."""
    form = BulkJobForm(
        request.POST or None, request.FILES or None, initial={"zone": own_zone(request)}
    )
    if form.is_bound and form.is_valid():
        try:
            return redirect("bulk-job", start_run(request, form).pk)
        except Problem as problem:
            if problem.status in (403, 404):
                raise
            show_problem(form, problem)
    runs = list(bulk_runs_of(request.user, request.workspace)[:RECENT])
    context = {"form": form, "runs": runs, "as_of": timezone.now()}
    status = 422 if form.errors else 200
    return render_page(
        request,
        "calendars/bulk_jobs.html",
        "calendars/_bulk_jobs.html",
        context,
        status=status,
    )


def start_run(request: PageRequest, form: BulkJobForm) -> BulkRun:
    """The run for what is sent. Raises InvalidInput for a file without a video, or
    without a job's id.
    """
    data = form.cleaned_data
    file = job_in(bytes_of(data["file"], LIMITS), data["sheet"])
    videos, faults = videos_of(file.rows)
    if not videos:
        raise InvalidInput(
            " ".join(["There is no video in the file.", *map(str, faults[:5])])
        )
    name, title = (
        data[key] or str(file.job.get(name) or "")[:200]
        for key, name in (("job", "bulk_job_id"), ("title", "title"))
    )
    order = BulkOrder(
        name,
        videos,
        data["platforms"],
        data["zone"],
        data["days"],
        timedelta(hours=data["stagger"]),
        title,
    )
    run = generating.start(request.user, request.workspace, order, faults)
    for note in file.notes:
        messages.info(request, note)
    return run


@member_page(Role.VIEWER)
@require_GET
def bulk_job(request: PageRequest, run_id: UUID) -> HttpResponse:
    """What becomes of each video on each platform; live while it is worked on."""
    run = access_bulk_run(request.user, run_id)
    page = paginate(bulk_rows_of(run), request.GET.get("page"), PAGE_SIZE)
    report = report_on(run)
    context = {
        "run": run,
        "page": page,
        "rows": page.object_list,
        "report": report,
        "as_of": timezone.now(),
        "faults": list(bulk_rows_of(run, faulty=True)[:MOST_FAULTS]),
        "percent": 100 * report.done / max(1, run.total),
        "zone": own_zone(request),
    }
    return render_page(
        request, "calendars/bulk_job.html", "calendars/_bulk_job.html", context
    )


@member_page(Role.EDITOR)
@require_POST
def cancel(request: PageRequest, run_id: UUID) -> HttpResponse:
    """Stop the run; what is placed stays."""
    try:
        generating.cancel(request.user, run_id)
    except Problem as problem:
        if problem.status in (403, 404):
            raise
        messages.error(request, problem.message)
    else:
        messages.success(request, "Canceled. What is placed stays.")
    return redirect("bulk-job", run_id)
