"""What is done to posts right in the calendar: one is dropped somewhere, or many are changed at once."""

from __future__ import annotations

from datetime import UTC
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from common.errors import Problem
from common.templatetags.moments import wall_text
from scheduling.calendar_forms import DropForm
from scheduling.selectors import access_post
from scheduling.services import shifting
from scheduling.services.shifting import Dropped, Place
from scheduling.views.calendar import zone_of
from workspaces.doors import PageRequest, member_page
from workspaces.roles import Role


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
