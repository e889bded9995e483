"""What sends a channel's posts: connect, try, disconnect."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from common.errors import Problem
from common.forms import show_problem, status_of
from common.pages import RefusalsTold
from scheduling.access import access_channel
from scheduling.channels import connections
from scheduling.channels.forms import ConnectionForm
from scheduling.networks.base import Verifying
from scheduling.networks.registry import find_publisher, lacking
from workspaces.doors import PageRequest, member_page
from workspaces.roles import Role


@member_page(Role.MANAGER)
@require_http_methods(["GET", "POST"])
def edit(request: PageRequest, channel_id: UUID) -> HttpResponse:
    """The form of what sends the channel's posts; the secret that is kept is never in
    it.
    """
    channel = access_channel(request.user, channel_id, Role.MANAGER)
    values = connections.stored(channel)
    initial = {name: values[name] for name in connections.PLACE}
    form = ConnectionForm(request.POST or None, initial=initial, stored=values)
    if form.is_bound and form.is_valid():
        connection = connections.ConnectionRequest(**form.cleaned_data)
        try:
            connections.connect(request.user, channel_id, connection, form.seen)
        except Problem as problem:
            show_problem(form, problem)
        else:
            messages.success(request, "Connected.")
            return redirect("channel-connection", channel_id)
    # What was changed by a refused form is not what the channel is.
    channel.refresh_from_db()
    missing = lacking(channel)
    can_verify = isinstance(find_publisher(channel.publisher), Verifying)
    context = {
        "form": form,
        "channel": channel,
        "missing": missing,
        "may_try": can_verify and not missing,
    }
    status = status_of(form)
    return render(request, "scheduling/connection.html", context, status=status)


@member_page(Role.MANAGER)
@require_POST
def attempt(request: PageRequest, channel_id: UUID) -> HttpResponse:
    """Ask the platform whether the sign-in works."""
    with RefusalsTold(request):
        messages.success(request, connections.try_connection(request.user, channel_id))
    return redirect("channel-connection", channel_id)


@member_page(Role.MANAGER)
@require_POST
def disconnect(request: PageRequest, channel_id: UUID) -> HttpResponse:
    """Forget publisher and secret."""
    connections.disconnect(request.user, channel_id)
    messages.success(request, "Disconnected; the secret is forgotten.")
    return redirect("channel-connection", channel_id)
