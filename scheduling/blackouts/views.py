"""Blackouts: list, new, posts inside, delete."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common.errors import Problem
from common.forms import show_problem
from common.mappings import Values
from common.pages import render_page
from scheduling.access import access_blackout, blackouts_of, channels_of
from scheduling.blackouts import services as blackouts
from scheduling.blackouts.forms import BlackoutForm
from workspaces.doors import PageRequest, member_page
from workspaces.roles import Role

MOST_SHOWN = 3


@member_page(Role.VIEWER)
@require_GET
def listing(request: PageRequest) -> HttpResponse:
    """The workspace's blackouts and overrides by their first begin."""
    context = {
        "blackouts": blackouts_of(request.user, request.workspace),
        "as_of": timezone.now(),
    }
    return render_page(
        request, "scheduling/blackouts.html", "scheduling/_blackouts.html", context
    )


@member_page(Role.MANAGER)
@require_http_methods(["GET", "POST"])
def new(request: PageRequest) -> HttpResponse:
    """A blackout's form; who adds one is led to it, to see which posts wait inside."""
    form = _form(request)
    if form.is_bound and form.is_valid():
        try:
            blackout = blackouts.add_blackout(
                request.user, request.workspace, form.values()
            )
        except Problem as problem:
            show_problem(form, problem)
        else:
            messages.success(request, f"{blackout} added.")
            return redirect("blackout", blackout.pk)
    return render(
        request,
        "scheduling/blackout_new.html",
        {"form": form},
        status=422 if form.errors else 200,
    )


def _form(request: PageRequest) -> BlackoutForm:
    channels = channels_of(request.user, request.workspace)
    initial: Values = {"zone": request.workspace.zone}
    return BlackoutForm(request.POST or None, initial=initial, channels=channels)


@member_page(Role.VIEWER)
@require_GET
def detail(request: PageRequest, blackout_id: UUID) -> HttpResponse:
    """One blackout, and the posts that wait inside it, each with the next free time."""
    blackout = access_blackout(request.user, blackout_id)
    context = {
        "blackout": blackout,
        "inside": blackouts.inside(request.user, blackout_id),
        "as_of": timezone.now(),
    }
    return render_page(
        request, "scheduling/blackout.html", "scheduling/_blackout.html", context
    )


@member_page(Role.EDITOR)
@require_POST
def move_out(request: PageRequest, blackout_id: UUID) -> HttpResponse:
    """Move the posts inside to the times offered."""
    moved, problems = blackouts.move_out(request.user, blackout_id)
    count = f"{moved} post{'' if moved == 1 else 's'}"
    messages.success(request, f"Moved {count} to the next times of their channels.")
    if problems:
        more = len(problems) - MOST_SHOWN
        shown = [*problems[:MOST_SHOWN], *([f"And {more} more."] if more > 0 else [])]
        messages.error(request, f"{len(problems)} not moved. {' '.join(shown)}")
    return redirect("blackout", blackout_id)


@member_page(Role.MANAGER)
@require_POST
def delete(request: PageRequest, blackout_id: UUID) -> HttpResponse:
    """Delete the blackout; posts may go out in its hours again."""
    blackouts.remove_blackout(request.user, blackout_id)
    messages.success(request, "Deleted. Posts may go out in those hours again.")
    return redirect("blackouts")
