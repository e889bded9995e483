"""The posting queue's settings, and what its watch folder did."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common.errors import Problem
from common.forms import show_problem, status_of
from scheduling.access import queue_settings_of, watcher_events_of
from scheduling.watch_folder.forms import QueueForm
from scheduling.watch_folder.services import change_settings, clear_history, stored
from workspaces.doors import PageRequest, member_page
from workspaces.roles import Role

MOST_EVENTS = 50


@member_page(Role.MANAGER)
@require_http_methods(["GET", "POST"])
def edit(request: PageRequest) -> HttpResponse:
    """Pace, platforms and the folder; managers only."""
    queue_settings = queue_settings_of(request.user, request.workspace)
    values = stored(queue_settings)
    form = QueueForm(
        request.POST if request.method == "POST" else None,
        initial=values,
        stored=values,
    )
    if form.is_bound and form.is_valid():
        try:
            change_settings(
                request.user, request.workspace, form.cleaned_data, form.seen
            )
        except Problem as problem:
            show_problem(form, problem)
        else:
            messages.success(request, "Saved.")
            return redirect("queue-settings")
    folder = None
    if settings.WATCH_ROOT:
        folder = Path(settings.WATCH_ROOT) / request.workspace.slug
    context = {"form": form, "folder": folder, **history_of(request)}
    return render(request, "scheduling/queue.html", context, status=status_of(form))


@member_page(Role.VIEWER)
@require_GET
def history(request: PageRequest) -> HttpResponse:
    """The newest events, as a piece of the page."""
    return render(request, "scheduling/_watcher.html", history_of(request))


@member_page(Role.EDITOR)
@require_POST
def clear(request: PageRequest) -> HttpResponse:
    """Forget the history; the files and what was made of them stay."""
    clear_history(request.user, request.workspace)
    messages.success(request, "The history is empty.")
    return redirect("queue-settings")


def history_of(request: PageRequest) -> dict[str, object]:
    """The newest fifty events, for the page and for its piece."""
    return {
        "events": watcher_events_of(request.user, request.workspace)[:MOST_EVENTS],
        "as_of": timezone.now(),
    }
