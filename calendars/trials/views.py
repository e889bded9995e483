"""Trials: design one, start it, read it, stop it, adopt what won."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from calendars import states
from calendars.charts import EffectChart, NamedEffect, effect_chart
from calendars.models import Trial
from calendars.trials import services as trials
from calendars.trials.access import access_trial, trials_of
from calendars.trials.forms import TrialForm
from calendars.trials.results import as_json, results_of
from common.errors import Problem
from common.forms import show_problem
from common.mappings import JsonObject, TemplateContext
from common.pages import RefusalsTold, render_page
from workspaces.doors import PageRequest, member_page, own_zone
from workspaces.roles import Role

RECENT = 50
DAYS = 28


@member_page(Role.VIEWER, writing=Role.EDITOR)
@require_http_methods(["GET", "POST"])
def listing(request: PageRequest) -> HttpResponse:
    """The workspace's trials, and a form for a new one."""
    zone = own_zone(request)
    today = timezone.now().astimezone(ZoneInfo(zone)).date()
    form = TrialForm(
        request.POST or None,
        initial={"first": today, "last": today + timedelta(days=DAYS - 1)},
    )
    if form.is_bound and form.is_valid():
        design = design_of(form, zone)
        try:
            draft = trials.create(request.user, request.workspace, design)
        except Problem as problem:
            show_problem(form, problem)
        else:
            return redirect("trial", draft.pk)
    rows = list(trials_of(request.user, request.workspace)[:RECENT])
    context = {"form": form, "trials": rows, "zone": zone, "as_of": timezone.now()}
    status = 422 if form.errors else 200
    return render_page(
        request,
        "calendars/trials.html",
        "calendars/_trials.html",
        context,
        status=status,
    )


def design_of(form: TrialForm, zone: str) -> trials.Design:
    """The trial that a valid form describes; its days are on the clock of `zone`."""
    data = form.cleaned_data
    platforms = [data["platform"]] if data["platform"] else []
    return trials.Design(
        data["name"],
        form.variants,
        *form.range_in(zone),
        platforms,
        data["kpi"],
        data["guardrail"],
    )


@member_page(Role.VIEWER)
@require_GET
def trial(request: PageRequest, trial_id: UUID) -> HttpResponse:
    """One trial with its results so far, or as they were at its end."""
    trial = access_trial(request.user, trial_id)
    results: Any = trial.results or (
        as_json(results_of(request.user, trial))
        if trial.state != states.DRAFT
        else None
    )
    last = trial.end - timedelta(microseconds=1)
    context = {
        "trial": trial,
        "results": results,
        "last": last,
        "as_of": timezone.now(),
        "chart": chart_of(results),
        "variants": variant_rows(trial, results),
    }
    return render_page(
        request, "calendars/trial.html", "calendars/_trial.html", context
    )


def variant_rows(trial: Trial, results: JsonObject | None) -> list[TemplateContext]:
    """The variants in words, with their mean in percent where there are results."""
    rows = results["variants"] if results else trial.variants
    return [variant_row(row) for row in rows]


def variant_row(row: JsonObject) -> TemplateContext:
    """A variant with what is shown of it besides."""
    return row | {
        "strategy_name": Trial.Strategy(row["strategy"]).label,
        "percent": None if row.get("mean") is None else 100 * row["mean"],
    }


def chart_of(results: JsonObject | None) -> EffectChart | None:
    """The intervals of the variants that are compared with the control."""
    variants = results["variants"] if results else []
    rows = [effect_of(variant) for variant in variants if variant["effect"]]
    return effect_chart(rows) if rows else None


def effect_of(variant: JsonObject) -> NamedEffect:
    """A compared variant's name with its interval."""
    effect = variant["effect"]
    return NamedEffect(
        variant["name"], effect["estimate"], effect["low"], effect["high"]
    )


def act(
    request: PageRequest, trial_id: UUID, command: Callable[..., Any], message: str
) -> HttpResponse:
    """Do something with a trial; refusals are told on the page, and so is success."""
    with RefusalsTold(request):
        command(request.user, trial_id)
        messages.success(request, message)
    return redirect("trial", trial_id)


@member_page(Role.EDITOR)
@require_POST
def start(request: PageRequest, trial_id: UUID) -> HttpResponse:
    """Give the posts their variants and times."""
    return act(request, trial_id, trials.start, "Started: the posts have their times.")


@member_page(Role.EDITOR)
@require_POST
def stop(request: PageRequest, trial_id: UUID) -> HttpResponse:
    """End the trial before its time."""
    return act(request, trial_id, trials.stop, "Ended. Posts keep the times they have.")


@member_page(Role.MANAGER)
@require_POST
def adopt(request: PageRequest, trial_id: UUID) -> HttpResponse:
    """Make the winner's times the workspace's preference."""
    return act(
        request, trial_id, trials.adopt, "The winner is the workspace's preference now."
    )
