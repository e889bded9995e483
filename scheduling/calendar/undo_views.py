"""The Undo of notices: what was done to posts in the calendar is taken back by one press.

What it takes is in the notice itself, signed: nothing is kept for those who never press.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from common.errors import Conflict
from common.mappings import JsonObject
from common.pages import RefusalsTold
from scheduling.posts import undo as undoing
from scheduling.posts.bulk import Changed, Report
from scheduling.posts.undo import Step
from workspaces.doors import PageRequest, member_page
from workspaces.roles import Role

SALT = "scheduling.undo"
HOLDS = timedelta(hours=1)
MOST_PROBLEMS = 5
GONE = "This can no longer be taken back."


def counted(count: int) -> str:
    """`1 post`, `2 posts`."""
    return f"{count} post{'' if count == 1 else 's'}"


def tell_refused(request: PageRequest, report: Report) -> None:
    """A message for each post that was left as it was, at most five, then their number."""
    for problem in report.problems[:MOST_PROBLEMS]:
        messages.warning(request, f"Left as it was: {problem}")
    if len(report.problems) > MOST_PROBLEMS:
        messages.warning(
            request,
            f"{len(report.problems) - MOST_PROBLEMS} more were left as they were.",
        )


def ticket_for(request: PageRequest, changed: Iterable[Changed]) -> str:
    """What the button sends; blank when nothing can be taken back."""
    steps = undoing.steps_of(changed)
    if not steps:
        return ""
    ticket = {
        "by": str(request.user.pk),
        "in": str(request.workspace.pk),
        "to": request.GET.urlencode(),
        "steps": [_packed(step) for step in steps],
    }
    return signing.dumps(ticket, salt=SALT, compress=True)


def _packed(step: Step) -> tuple[str, str, str | None]:
    before = step.before.isoformat() if step.before else None
    return step.post_id.hex, step.version.isoformat(), before


def _unpacked(key: str, version: str, before: str | None) -> Step:
    old_time = datetime.fromisoformat(before) if before else None
    return Step(UUID(key), datetime.fromisoformat(version), old_time)


def _read_ticket(request: PageRequest) -> JsonObject:
    """Raises Conflict for a ticket that is too old, somebody else's or none."""
    text = request.POST.get("ticket", "")
    try:
        ticket: JsonObject = signing.loads(text, salt=SALT, max_age=HOLDS)
    except signing.BadSignature as error:
        raise Conflict(GONE) from error
    person = str(request.user.pk)
    workspace = str(request.workspace.pk)
    if (ticket["by"], ticket["in"]) != (person, workspace):
        raise Conflict(GONE)
    return ticket


@member_page(Role.EDITOR)
@require_POST
def undo(request: PageRequest) -> HttpResponse:
    """Take back what the ticket says; a script gets messages as JSON, a form the
    calendar that it came from.
    """
    to = reverse("calendar")
    with RefusalsTold(request):
        ticket = _read_ticket(request)
        to = f"{to}?{ticket['to']}".rstrip("?")
        steps = [_unpacked(*packed) for packed in ticket["steps"]]
        report = undoing.take_back(request.user, request.workspace, steps)
        if report.done:
            messages.success(request, _words(steps, report.done))
        tell_refused(request, report)
    if request.accepts("text/html"):
        return redirect(to)
    notices = [
        {"message": notice.message, "level": notice.level_tag}
        for notice in messages.get_messages(request)
    ]
    return JsonResponse({"said": notices})


def _words(steps: list[Step], done: int) -> str:
    if steps[0].before:
        return f"Moved {counted(done)} back."
    return f"{counted(done)} {'is a draft' if done == 1 else 'are drafts'} again."
