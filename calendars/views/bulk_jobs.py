"""The page on which a bulk job becomes a content calendar."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from calendars.forms import BulkJobForm
from calendars.services.bulk_rows import videos_of
from calendars.services.generating import BulkOrder, Generated, generate
from calendars.services.reading import csv_rows
from common.errors import InvalidInput, Problem
from common.forms import show_problem
from workspaces.doors import PageRequest, member_page
from workspaces.models import Workspace
from workspaces.roles import Role


@member_page(Role.EDITOR)
@require_http_methods(["GET", "POST"])
def bulk_jobs(request: PageRequest) -> HttpResponse:
    """A CSV file with a row a video; the report shows what became of each on each platform."""
    zone = request.user.zone or request.workspace.zone
    form = BulkJobForm(request.POST or None, request.FILES or None, initial={"zone": zone})
    context = {"form": form, "zone": zone}
    if form.is_bound and form.is_valid():
        try:
            made, faults = _generate(request, request.workspace, form)
        except Problem as problem:
            show_problem(form, problem)
        else:
            context |= {"made": made, "faults": faults}
    return render(request, "calendars/bulk_jobs.html", context, status=422 if form.errors else 200)


def _generate(request: PageRequest, workspace: Workspace, form: BulkJobForm) -> tuple[Generated, list[str]]:
    data = form.cleaned_data
    videos, faults = videos_of(list(csv_rows(data["file"].read())))
    if not videos:
        raise InvalidInput(" ".join(["There is no video in the file.", *faults[:5]]))
    order = BulkOrder(
        data["job"],
        videos,
        data["platforms"],
        data["zone"],
        data["days"],
        timedelta(hours=data["stagger"]),
        data["title"],
    )
    return generate(request.user, workspace, order), faults
