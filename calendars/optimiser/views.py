"""Better times: ask, look at before and after, apply."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from calendars.models import OptimizationRun
from calendars.optimiser import services as optimisation
from calendars.optimiser.access import access_optimization, optimizations_of
from calendars.optimiser.forms import OptimiseForm
from common.errors import InvalidInput, Problem
from common.forms import show_problem
from common.mappings import TemplateContext
from common.pages import RefusalsTold, render_page
from common.pagination import paginate
from common.zones import zone_name
from scheduling.access import channels_of, posts_of
from workspaces.doors import PageRequest, member_page, own_zone
from workspaces.roles import Role

PAGE_SIZE = 100
RECENT = 20
DAYS = 14
REASONS = {
    "constraints_forbid_move": "No other time is allowed",
    "already_at_best_time": "Its time is the best one",
    "makes_room_for_others": "Makes room for others",
    "platform_optimized": "A strong hour on the platform",
    "historical_engagement_high": "Your own posts did well then",
    "audience_active_peak": "The best hour of the day",
    "evening_engagement_peak": "A strong evening hour",
    "weekday_pattern_match": "A strong weekday",
    "little_own_data": "By general data; few results of your own",
    "optimal_algorithm_timing": "Better than before",
    "leaves_blackout": "Its time is in a blackout",
    "leaves_time_off": "Its time is on a day or hour off",
    "keeps_min_interval": "Too close to another post of the channel",
    "keeps_max_per_day": "Too many posts on the channel that day",
    "keeps_max_per_week": "Too many posts on the channel that week",
    "keeps_platform_interval": "Too close to another post on the platform",
    "keeps_content_apart": "Too close to the same content elsewhere",
}


@member_page(Role.VIEWER, writing=Role.EDITOR)
@require_http_methods(["GET", "POST"])
def optimise(request: PageRequest) -> HttpResponse:
    """Which days and channels; below, what was asked before."""
    zone = own_zone(request)
    today = timezone.now().astimezone(ZoneInfo(zone)).date()
    initial = {"first": today, "last": today + timedelta(days=DAYS - 1)}
    channels = channels_of(request.user, request.workspace)
    form = OptimiseForm(request.POST or None, initial=initial, channels=channels)
    if form.is_bound and form.is_valid():
        try:
            return redirect("optimisation", start_run(request, form, zone).pk)
        except Problem as problem:
            show_problem(form, problem)
    runs = list(optimizations_of(request.user, request.workspace)[:RECENT])
    context = {"form": form, "zone": zone, "runs": runs, "as_of": timezone.now()}
    status = 422 if form.errors else 200
    return render_page(
        request,
        "calendars/optimise.html",
        "calendars/_optimisations.html",
        context,
        status=status,
    )


def start_run(request: PageRequest, form: OptimiseForm, zone: str) -> OptimizationRun:
    """The run for what is typed. Raises InvalidInput where there is nothing to move."""
    chosen = [channel.pk for channel in form.cleaned_data["channels"]]
    ids = optimisation.open_posts(
        request.user, request.workspace, *form.range_in(zone), channels=chosen
    )
    if not ids:
        raise InvalidInput(
            "No drafts or scheduled posts on these days are still to come."
        )
    limits = form.limits(zone)
    return optimisation.optimise(
        request.user, request.workspace, optimisation.Request(ids, limits)
    )


@member_page(Role.VIEWER)
@require_GET
def optimisation_page(request: PageRequest, run_id: UUID) -> HttpResponse:
    """Before and after, post by post; live while it is worked on. `?show=all` and
    `?platform=` filter it.
    """
    run = access_optimization(request.user, run_id)
    only_moves = request.GET.get("show") != "all"
    changes: Any = run.moves if only_moves and run.moves else run.changes
    platforms = Counter(change["platform"] for change in changes)
    chosen = request.GET.get("platform", "")
    if chosen in platforms:
        changes = [change for change in changes if change["platform"] == chosen]
    page = paginate(changes, request.GET.get("page"), PAGE_SIZE)
    context = {
        "run": run,
        "page": page,
        "rows": rows_of(request, page.object_list),
        "as_of": timezone.now(),
        "lift": lift(run),
        "only_moves": only_moves and run.moves,
        "chosen": chosen,
        "platforms": sorted(platforms.items()),
        "over_greedy": over_greedy(run),
        "zone": zone_name(own_zone(request)),
    }
    return render_page(
        request, "calendars/optimisation.html", "calendars/_optimisation.html", context
    )


def rows_of(request: PageRequest, changes: Any) -> list[TemplateContext]:
    """The changes with their posts: one query."""
    rows = posts_of(request.user, request.workspace).filter(
        pk__in=[change["post"] for change in changes]
    )
    posts = {str(post.pk): post for post in rows}
    return [
        change
        | {
            "row": posts.get(change["post"]),
            "why": REASONS.get(change["reason"], change["reason"]),
            "before": moment(change["previous_time"]),
            "after": moment(change["new_time"]),
            "moved": change["new_time"] != change["previous_time"],
        }
        for change in changes
    ]


def moment(text: str | None) -> datetime | None:
    """An instant that was kept as text; None for none."""
    return datetime.fromisoformat(text) if text else None


def lift(run: OptimizationRun) -> float | None:
    """How much more the posts are worth together, in percent."""
    before = total(run, "score_before")
    after = total(run, "score_after")
    return 100 * (after - before) / before if before else None


def total(run: OptimizationRun, score: str) -> float:
    """What the run's posts are worth together, by the score of that name."""
    worth: float = sum(change[score] for change in run.changes)
    return worth


def over_greedy(run: OptimizationRun) -> float | None:
    """How much better than choosing post by post, in percent; None where that finds no places."""
    if run.value is None or not run.greedy_value:
        return None
    return max(0.0, 100 * (run.value - run.greedy_value) / run.greedy_value)


@member_page(Role.EDITOR)
@require_POST
def apply(request: PageRequest, run_id: UUID) -> HttpResponse:
    """Move the posts as the preview shows; refusals are told on the page."""
    with RefusalsTold(request):
        run = optimisation.apply(request.user, run_id)
        count = len(run.moves)
        messages.success(request, f"{count} post{'' if count == 1 else 's'} moved.")
    return redirect("optimisation", run_id)


@member_page(Role.EDITOR)
@require_POST
def cancel(request: PageRequest, run_id: UUID) -> HttpResponse:
    """Stop the search. Nothing has been moved."""
    with RefusalsTold(request):
        optimisation.cancel(request.user, run_id)
        messages.success(request, "Canceled. Nothing was moved.")
    return redirect("optimisation", run_id)
