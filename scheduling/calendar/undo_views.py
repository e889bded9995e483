"""The Undo of notices: what was done to posts in the calendar is taken back by one press.

What it takes is in the notice itself, signed: nothing is kept for those who never press.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from common.errors import Conflict
from common.pages import RefusalsTold
from scheduling.posts import undo as undoing
from scheduling.posts.bulk import Changed, Report
from scheduling.posts.undo import Step
from workspaces.doors import PageRequest, member_page
from workspaces.roles import Role

SALT = "scheduling.undo"
HOLDS = timedelta(hours=1)
MOST_TOLD = 5
GONE = "This can no longer be taken back."


def counted(count: int) -> str:
    return f"{count} post{'' if count == 1 else 's'}"


def tell_refused(request: PageRequest, report: Report) -> None:
    for problem in report.problems[:MOST_TOLD]:
        messages.warning(request, f"Left as it was: {problem}")
    if len(report.problems) > MOST_TOLD:
        messages.warning(
            request, f"{len(report.problems) - MOST_TOLD} more were left as they were."
        )


def ticket_for(request: PageRequest, changed: Iterable[Changed]) -> str:
    """What the button sends; blank when nothing can be taken back."""
    steps = [
        (
            step.post_id.hex,
            step.version.isoformat(),
            step.before and step.before.isoformat(),
        )
        for step in undoing.steps_of(changed)
    ]
    said = {
        "by": str(request.user.pk),
        "in": str(request.workspace.pk),
        "to": request.GET.urlencode(),
        "steps": steps,
    }
    return signing.dumps(said, salt=SALT, compress=True) if steps else ""


def _read(request: PageRequest) -> dict[str, Any]:
    """Raises Conflict for a ticket that is too old, somebody else's or none."""
    try:
        said: dict[str, Any] = signing.loads(
            request.POST.get("ticket", ""), salt=SALT, max_age=HOLDS
        )
    except signing.BadSignature as error:
        raise Conflict(GONE) from error
    if (said["by"], said["in"]) != (str(request.user.pk), str(request.workspace.pk)):
        raise Conflict(GONE)
    return said


@member_page(Role.EDITOR)
@require_POST
def undo(request: PageRequest) -> HttpResponse:
    """Take back what the ticket says; a script gets messages as JSON, a form the
    calendar that it came from.
    """
    to = reverse("calendar")
    with RefusalsTold(request):
        said = _read(request)
        to = f"{to}?{said['to']}".rstrip("?")
        steps = [
            Step(
                UUID(key),
                datetime.fromisoformat(version),
                before and datetime.fromisoformat(before),
            )
            for key, version, before in said["steps"]
        ]
        report = undoing.take_back(request.user, request.workspace, steps)
        if report.done:
            messages.success(request, _words(steps, report.done))
        tell_refused(request, report)
    if request.accepts("text/html"):
        return redirect(to)
    told = [
        {"message": one.message, "level": one.level_tag}
        for one in messages.get_messages(request)
    ]
    return JsonResponse({"said": told})


def _words(steps: list[Step], done: int) -> str:
    if steps[0].before:
        return f"Moved {counted(done)} back."
    return f"{counted(done)} {'is a draft' if done == 1 else 'are drafts'} again."
