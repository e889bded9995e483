"""Comparisons: list, new, one, cancel, delete."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common.errors import Problem
from common.pages import RefusalsTold, render_page
from common.pagination import paginate
from fillplanner import states
from fillplanner.bars import drawing
from fillplanner.forms import ComparisonForm
from fillplanner.models import Comparison, Plan
from fillplanner.ranking import score
from fillplanner.selectors import access_comparison, comparisons_of, outcomes
from fillplanner.services import comparisons as services
from fillplanner.services import plans
from fillplanner.views.asking import asked_for, form_for, show_errors, tell_unread
from fillplanner.wire import advice
from workspaces.doors import PageRequest, signed_in

PAGE_SIZE = 30


@signed_in
@require_GET
def listing(request: PageRequest) -> HttpResponse:
    """The person's comparisons, newest first; `?state=` keeps one state."""
    rows = comparisons_of(request.user)
    state = request.GET.get("state", "")
    if state in states.COMPARISON.states:
        rows = rows.filter(state=state)
    page = paginate(rows, request.GET.get("page"), PAGE_SIZE)
    context = {
        "page": page, "comparisons": page.object_list, "state": state, "states": states.COMPARISON.states,
        "as_of": timezone.now(),
    }  # fmt: skip
    return render_page(request, "fillplanner/comparisons.html", "fillplanner/_comparisons.html", context)


@signed_in
@require_http_methods(["GET", "POST"])
def new(request: PageRequest) -> HttpResponse:
    """Choose strategies, upload or paste lots; “Check lots” only checks."""
    form = form_for(request, ComparisonForm)
    report = None
    if form.is_bound and form.is_valid():
        try:
            strategies = form.cleaned_data["strategies"]
            asked = asked_for(request, form, strategies)
            if "check" in request.POST:
                report = plans.check(plans.Request(**asked))
            else:
                tell_unread(request, form)
                made = services.create(request.user, services.Request(strategies=strategies, **asked))
                return redirect("comparison", made.pk)
        except forms.ValidationError as error:
            form.add_error("lots", error)
        except Problem as problem:
            show_errors(form, problem)
    status = 422 if form.errors else 200
    form.keep_upload()
    return render(request, "fillplanner/comparison_new.html", {"form": form, "report": report}, status=status)


@signed_in
@require_GET
def detail(request: PageRequest, comparison_id: int) -> HttpResponse:
    """One comparison: a row for each strategy as it lands, bars of their makespans, and which is best and why."""
    comparison = access_comparison(request.user, comparison_id)
    rows = outcomes(comparison)
    context = {
        "comparison": comparison, "rows": [row_of(plan, comparison) for plan in rows],
        "chart": chart_of(rows, comparison), "advice": advice(comparison, rows), "as_of": timezone.now(),
        "done": sum(plan.state not in states.UNFINISHED for plan in rows),
    }  # fmt: skip
    return render_page(request, "fillplanner/comparison.html", "fillplanner/_comparison.html", context)


def row_of(plan: Plan, comparison: Comparison) -> dict[str, Any]:
    result = plan.result if plan.state == states.COMPLETED else None
    return {
        "plan": plan, "result": result, "score": score(result) if result else None,
        "best": plan.strategy == comparison.best_strategy,
    }  # fmt: skip


def chart_of(rows: list[Plan], comparison: Comparison) -> Any:
    """The bars of what is there; None for nothing."""
    made = [(plan.strategy, plan.result) for plan in rows if plan.state == states.COMPLETED]
    bars = [(name, result.makespan, result.lower_bound) for name, result in made]
    return drawing(bars, comparison.best_strategy) if bars else None


@signed_in
@require_POST
def cancel(request: PageRequest, comparison_id: int) -> HttpResponse:
    """End a comparison that is not finished."""
    with RefusalsTold(request):
        services.cancel(request.user, comparison_id)
        messages.success(request, "The comparison was cancelled.")
    return redirect("comparison", comparison_id)


@signed_in
@require_POST
def delete(request: PageRequest, comparison_id: int) -> HttpResponse:
    services.delete(request.user, comparison_id)
    messages.success(request, "Comparison deleted.")
    return redirect("comparisons")
