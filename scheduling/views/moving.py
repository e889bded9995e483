"""What is done to posts right in the calendar: one is dropped somewhere, or many are changed at once."""

from __future__ import annotations

from datetime import UTC
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from common.errors import InvalidInput, Problem
from common.pages import RefusalsTold
from common.templatetags.moments import wall_text
from scheduling.calendar_forms import BulkForm, DropForm
from scheduling.selectors import access_post
from scheduling.services import shifting
from scheduling.services.shifting import Dropped, Place, Report
from scheduling.views.calendar import address, zone_of
from workspaces.doors import PageRequest, member_page
from workspaces.roles import Role

MOST_TOLD = 5


@member_page(Role.EDITOR)
@require_POST
def drop(request: PageRequest, post_id: UUID) -> HttpResponse:
    """A post was dropped on a day or an hour, as the page's script says. JSON: where it stands now, or why not."""
    access_post(request.user, post_id, Role.EDITOR)
    form, zone = DropForm(request.POST), zone_of(request)
    if not form.is_valid():
        return JsonResponse(
            {"message": " ".join(str(text) for texts in form.errors.values() for text in texts)}, status=422
        )
    data = form.cleaned_data
    place = Place(zone, data["at"], data["date"], data["time"])
    try:
        dropped = shifting.drop(request.user, post_id, place, data["seen"])
    except Problem as problem:
        return JsonResponse({"message": problem.message}, status=problem.status)
    return JsonResponse(said(dropped, zone))


def said(dropped: Dropped, zone: str) -> dict[str, str]:
    at = shifting.local_of(dropped.post, zone)
    message = f"{dropped.note} Moved to {wall_text(at, 'full', timezone.now())}.".strip()
    return {
        "at": at.astimezone(UTC).isoformat(), "was": dropped.before.isoformat() if dropped.before else "",
        "message": message,
    }  # fmt: skip


@member_page(Role.EDITOR)
@require_POST
def bulk(request: PageRequest) -> HttpResponse:
    """Schedule, move or cancel the posts that were chosen; each that cannot is named with its reason."""
    form = BulkForm(request.POST)
    with RefusalsTold(request):
        if not form.is_valid():
            raise InvalidInput(" ".join(str(text) for texts in form.errors.values() for text in texts))
        act, report = form.cleaned_data["act"], _done(request, form)
        if report.done:
            messages.success(request, f"{form.ACTS[act]} {report.done} post{'' if report.done == 1 else 's'}.")
        for problem in report.problems[:MOST_TOLD]:
            messages.warning(request, f"Left as it was: {problem}")
        if len(report.problems) > MOST_TOLD:
            messages.warning(request, f"{len(report.problems) - MOST_TOLD} more were left as they were.")
    return redirect(address(request))


def _done(request: PageRequest, form: BulkForm) -> Report:
    user, workspace, data = request.user, request.workspace, form.cleaned_data
    if data["act"] == BulkForm.SCHEDULE:
        return shifting.schedule_all(user, workspace, data["post"])
    if data["act"] == BulkForm.CANCEL:
        return shifting.cancel_all(user, workspace, data["post"])
    return shifting.shift_all(user, workspace, data["post"], *form.shift, zone_of(request))
