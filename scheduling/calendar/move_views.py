"""What is done to posts right in the calendar: some are dropped somewhere, or many are
changed at once.
"""

from __future__ import annotations

from datetime import UTC
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from common.errors import InvalidInput, Problem
from common.pages import RefusalsTold
from common.templatetags.moments import wall_text
from scheduling.access import access_post
from scheduling.calendar.forms import BulkForm, DropForm
from scheduling.calendar.undo_views import counted, tell_refused, ticket_for
from scheduling.calendar.views import address, zone_of
from scheduling.posts import bulk as shifting
from scheduling.posts.bulk import Changed, DropTarget, Report
from workspaces.doors import PageRequest, member_page
from workspaces.roles import Role


@member_page(Role.EDITOR)
@require_POST
def drop(request: PageRequest, post_id: UUID) -> HttpResponse:
    """A post was dropped on a day or an hour, alone or with others, as the script says.
    JSON: where it is now.
    """
    access_post(request.user, post_id, Role.EDITOR)
    form = DropForm(request.POST)
    zone = zone_of(request)
    if not form.is_valid():
        return JsonResponse({"message": _all_errors(form)}, status=422)
    data = form.cleaned_data
    place = DropTarget(zone, data["at"], data["date"], data["time"])
    try:
        if also := form.along():
            seen = {**also, post_id: data["seen"]}
            report, note = shifting.drop_all(
                request.user, request.workspace, post_id, place, seen
            )
            return JsonResponse(_report_body(request, report, note))
        post = access_post(request.user, post_id, Role.EDITOR)
        changed, note = shifting.drop(request.user, post, place, data["seen"])
    except Problem as problem:
        return JsonResponse({"message": problem.message}, status=problem.status)
    return JsonResponse(_moved_body(request, changed, note, zone))


def _all_errors(form: Form) -> str:
    return " ".join(str(text) for texts in form.errors.values() for text in texts)


def _moved_body(
    request: PageRequest, changed: Changed, note: str, zone: str
) -> dict[str, str]:
    at = shifting.local_of(changed.after, zone)
    return {
        "at": at.astimezone(UTC).isoformat(),
        "undo": ticket_for(request, [changed]),
        "message": f"{note} Moved to {wall_text(at, 'full', timezone.now())}.".strip(),
    }


def _report_body(request: PageRequest, report: Report, note: str) -> dict[str, object]:
    """`message` is blank when none was moved; `left` has the reason for each that was
    not, by its id.
    """
    left = {
        str(post.pk): f"Left as it was: {shifting.name_of(post)}: {why}"
        for post, why in report.refused
    }
    message = f"{note} Moved {counted(report.done)}.".strip() if report.done else ""
    return {
        "message": message,
        "left": left,
        "undo": ticket_for(request, report.changed),
    }


@member_page(Role.EDITOR)
@require_POST
def bulk(request: PageRequest) -> HttpResponse:
    """Schedule, move or cancel the posts that were chosen; each that cannot is named
    with its reason.
    """
    form = BulkForm(request.POST)
    with RefusalsTold(request):
        if not form.is_valid():
            raise InvalidInput(_all_errors(form))
        act = form.cleaned_data["act"]
        report = _done(request, form)
        if report.done:
            message = f"{form.ACTS[act]} {counted(report.done)}."
            messages.success(
                request, message, extra_tags=ticket_for(request, report.changed)
            )
        tell_refused(request, report)
    return redirect(address(request))


def _done(request: PageRequest, form: BulkForm) -> Report:
    user = request.user
    workspace = request.workspace
    data = form.cleaned_data
    if data["act"] == BulkForm.SCHEDULE:
        return shifting.schedule_all(user, workspace, data["post"])
    if data["act"] == BulkForm.CANCEL:
        return shifting.cancel_all(user, workspace, data["post"])
    return shifting.shift_all(
        user, workspace, data["post"], *form.shift, zone_of(request)
    )
