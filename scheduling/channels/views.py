"""Channel accounts: list, new, change, delete."""

from __future__ import annotations

from datetime import date, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common.errors import Problem
from common.forms import show_problem, status_of
from common.mappings import Values
from common.pages import RefusalsTold, render_page
from scheduling.access import access_channel, channels_with_counts
from scheduling.channels import replanning
from scheduling.channels import services as channels
from scheduling.channels.forms import CadenceForm, ChannelForm
from scheduling.domain.cadence import LocalSlot, instant, slots
from scheduling.models import ChannelAccount
from scheduling.posts import bulk, held
from workspaces.doors import PageRequest, member_page
from workspaces.roles import Role

MOST_PROBLEMS = 5
PREVIEW_DAYS = 14


@member_page(Role.VIEWER)
@require_GET
def listing(request: PageRequest) -> HttpResponse:
    """The workspace's channels with how many posts wait and how many failed."""
    context = {
        "channels": channels_with_counts(request.user, request.workspace),
        "as_of": timezone.now(),
    }
    return render_page(
        request, "scheduling/channels.html", "scheduling/_channels.html", context
    )


@member_page(Role.MANAGER)
@require_http_methods(["GET", "POST"])
def new(request: PageRequest) -> HttpResponse:
    """A channel's form, with the two weeks that its cadence would plan."""
    initial = {"zone": request.workspace.zone, "publisher": settings.DEFAULT_PUBLISHER}
    form = ChannelForm(request.POST or None, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            channel = channels.create_channel(
                request.user, request.workspace, form.cleaned_data
            )
        except Problem as problem:
            show_problem(form, problem)
        else:
            messages.success(
                request,
                f"{channel.name} added. Top off the calendar to plan its slots.",
            )
            return redirect("channels")
    context = {"form": form, "weeks": _weeks(form)}
    return render(
        request,
        "scheduling/channel_edit.html",
        context,
        status=422 if form.errors else 200,
    )


@member_page(Role.VIEWER, writing=Role.MANAGER)
@require_http_methods(["GET", "POST"])
def edit(request: PageRequest, channel_id: UUID) -> HttpResponse:
    """A channel's form; one button shows what re-planning would do, another does it,
    the third only saves.
    """
    channel = access_channel(request.user, channel_id)
    values = channels.stored(channel)
    form = ChannelForm(request.POST or None, initial=values, stored=values)
    stuck = held.stuck_channels(request.user, channel.workspace, account=channel)
    context = {"form": form, "channel": channel, "stuck": stuck}
    # Connecting has a page of its own, because it takes more than a name.
    del form.fields["publisher"]
    if form.is_bound and form.is_valid():
        try:
            if "preview" in request.POST:
                context["replan"] = replanning.preview(
                    request.user, channel_id, form.cleaned_data
                )
            else:
                messages.success(request, _saved(request, channel, form))
                return redirect("channel", channel_id)
        except Problem as problem:
            show_problem(form, problem)
    context["weeks"] = _weeks(form)
    return render(
        request,
        "scheduling/channel_edit.html",
        context,
        status=status_of(form),
    )


@member_page(Role.MANAGER)
@require_POST
def cadence(request: PageRequest) -> HttpResponse:
    """The slots that what is typed would plan, for the form to show while it is filled in."""
    return render(
        request,
        "scheduling/_cadence.html",
        {"weeks": _weeks(CadenceForm(request.POST))},
    )


def _weeks(form: CadenceForm) -> list[list[tuple[date, list[LocalSlot]]]] | None:
    """The next two weeks from today on the channel's clock, day by day; None while the
    form makes no cadence.
    """
    cadence = form.cadence()
    if cadence is None:
        return None
    today = timezone.now().astimezone(ZoneInfo(cadence.zone)).date()
    days = [today + timedelta(days=n) for n in range(PREVIEW_DAYS)]
    by_day: dict[date, list[LocalSlot]] = {day: [] for day in days}
    start = instant(days[0], time(0), cadence.zone)
    end = instant(days[-1], time(23, 59), cadence.zone)
    for slot in slots(cadence, start, end):
        by_day[slot.date].append(slot)
    rows = list(by_day.items())
    return [rows[:7], rows[7:]]


def _saved(request: PageRequest, channel: ChannelAccount, form: ChannelForm) -> str:
    """Save, and re-plan when that button was pressed; what to tell."""
    values = form.cleaned_data
    if "replan" in request.POST:
        done = replanning.replan(request.user, channel.pk, values, form.seen)
        return done.message
    offer = _replanning_offer(channel, values)
    channels.change_channel(request.user, channel.pk, values, form.seen)
    return f"Saved. Posts that exist stay where they are.{offer}"


def _replanning_offer(channel: ChannelAccount, values: Values) -> str:
    """What to tell somebody who changes the cadence; blank where it stays."""
    is_other = any(
        getattr(channel, name) != values[name] for name in replanning.CADENCE
    )
    return (
        " “Preview re-plan” shows what the new cadence would change."
        if is_other
        else ""
    )


@member_page(Role.MANAGER)
@require_POST
def delete(request: PageRequest, channel_id: UUID) -> HttpResponse:
    """Delete the channel with its posts, and go back to it where that is refused."""
    with RefusalsTold(request):
        channels.remove_channel(request.user, channel_id)
        messages.success(request, "Channel deleted.")
        return redirect("channels")
    return redirect("channel", channel_id)


@member_page(Role.EDITOR)
@require_POST
def free(request: PageRequest, channel_id: UUID) -> HttpResponse:
    """Move the channel's held posts to free times, then show what goes out next."""
    channel = access_channel(request.user, channel_id, Role.EDITOR)
    with RefusalsTold(request):
        report = bulk.move_stuck(request.user, channel)
        count = f"{report.done} post{'' if report.done == 1 else 's'}"
        if report.done:
            text = f"Moved {count} of {channel.name} to free times."
            messages.success(request, f"{text} {held.cause_text(channel)}".strip())
        for problem in report.problems[:MOST_PROBLEMS]:
            messages.warning(request, f"Left as it was: {problem}")
    return redirect("schedule")
