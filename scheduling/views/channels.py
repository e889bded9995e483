"""Channel accounts: list, new, change, delete."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common.errors import Problem
from common.forms import show_problem
from common.pages import RefusalsTold, render_page
from scheduling.forms import ChannelForm
from scheduling.models import ChannelAccount
from scheduling.selectors import access_channel, channels_with_counts
from scheduling.services import channels, replanning
from workspaces.doors import PageRequest, member_page
from workspaces.roles import Role


@member_page(Role.VIEWER)
@require_GET
def listing(request: PageRequest) -> HttpResponse:
    context = {
        "channels": channels_with_counts(request.user, request.workspace),
        "may_manage": Role(request.membership.role).covers(Role.MANAGER),
        "as_of": timezone.now(),
    }
    return render_page(request, "scheduling/channels.html", "scheduling/_channels.html", context)


@member_page(Role.MANAGER)
@require_http_methods(["GET", "POST"])
def new(request: PageRequest) -> HttpResponse:
    initial = {"zone": request.workspace.zone, "publisher": settings.DEFAULT_PUBLISHER}
    form = ChannelForm(request.POST or None, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            channel = channels.create_channel(request.user, request.workspace, form.cleaned_data)
        except Problem as problem:
            show_problem(form, problem)
        else:
            messages.success(request, f"{channel.name} added. Top off the calendar to plan its slots.")
            return redirect("channels")
    return render(request, "scheduling/channel_edit.html", {"form": form}, status=422 if form.errors else 200)


@member_page(Role.VIEWER, writing=Role.MANAGER)
@require_http_methods(["GET", "POST"])
def edit(request: PageRequest, channel_id: UUID) -> HttpResponse:
    channel = access_channel(request.user, channel_id)
    initial = {name: getattr(channel, name) for name in ChannelForm.base_fields}
    form = ChannelForm(request.POST or None, initial=initial)
    context = {"form": form, "channel": channel, "may_manage": Role(request.membership.role).covers(Role.MANAGER)}
    # Connecting has a page of its own, because it takes more than a name.
    del form.fields["publisher"]
    if form.is_bound and form.is_valid():
        try:
            if "preview" in request.POST:
                context["replan"] = replanning.preview(request.user, channel_id, form.cleaned_data)
            else:
                messages.success(request, _saved(request, channel, form.cleaned_data))
                return redirect("channel", channel_id)
        except Problem as problem:
            show_problem(form, problem)
    return render(request, "scheduling/channel_edit.html", context, status=422 if form.errors else 200)


def _saved(request: PageRequest, channel: ChannelAccount, values: dict[str, Any]) -> str:
    """Save, and re-plan when that button was pressed; what to tell."""
    if "replan" in request.POST:
        return replanning.replan(request.user, channel.pk, values).message
    paced = any(getattr(channel, name) != values[name] for name in replanning.CADENCE)
    channels.change_channel(request.user, channel.pk, values)
    offer = " “Preview re-plan” shows what the new cadence would change." if paced else ""
    return f"Saved. Posts that exist stay where they are.{offer}"


@member_page(Role.MANAGER)
@require_POST
def delete(request: PageRequest, channel_id: UUID) -> HttpResponse:
    with RefusalsTold(request):
        channels.remove_channel(request.user, channel_id)
        messages.success(request, "Channel deleted.")
        return redirect("channels")
    return redirect("channel", channel_id)
