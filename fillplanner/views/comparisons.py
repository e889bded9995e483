"""Comparisons: list, new, one, cancel, delete."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common.errors import Problem
from common.mappings import TemplateContext
from common.pages import RefusalsTold, render_page
from common.pagination import paginate
from fillplanner import states
from fillplanner.drawings.bars import SMALL, drawing
from fillplanner.forms import ComparisonForm
from fillplanner.models import Comparison, Plan
from fillplanner.results.ranking import score
from fillplanner.selectors import access_comparison, comparisons_of, outcomes
from fillplanner.services import comparisons as services
from fillplanner.views import editing, wizard
from fillplanner.views.asking import show_errors, tell_unread
from fillplanner.views.plans import shown
from fillplanner.wire import advice
from workspaces.doors import PageRequest, signed_in

PAGE_SIZE = 30
# Key, name, unit, and whether more is better.
FIGURES = (
    ("makespan", "Makespan", "h", False),
    ("utilization", "Utilization", "%", True),
    ("changeovers", "Changeovers", "", False),
    ("window_violations", "Missed times", "", False),
    ("gap_percent", "Over the bound", "%", False),
    ("runtime_seconds", "Time to plan", "s", False),
)
PAGE = "fillplanner/comparison_new.html"


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
        "page": page,
        "comparisons": page.object_list,
        "state": state,
        "states": states.COMPARISON.states,
        "as_of": timezone.now(),
    }
    return render_page(
        request,
        "fillplanner/comparisons.html",
        "fillplanner/_comparisons.html",
        context,
    )


@signed_in
@require_http_methods(["GET", "POST"])
def new(request: PageRequest) -> HttpResponse:
    """As for a plan, with several strategies."""
    if request.method == "GET":
        initial = wizard.prefilled(request, access_comparison)
        return shown(request, wizard.begun(request, ComparisonForm, initial), PAGE)
    if "edit" in request.POST:
        return shown(request, editing.edited(request, ComparisonForm), PAGE)
    page = wizard.sent(request, ComparisonForm)
    values = wizard.checked(request, page)
    if values is not None and "check" not in request.POST:
        strategies = page.form.cleaned_data["strategies"]
        comparison_request = services.ComparisonRequest(strategies=strategies, **values)
        try:
            tell_unread(request, page.form)
            comparison = services.create(request.user, comparison_request)
            return redirect("comparison", comparison.pk)
        except Problem as problem:
            show_errors(page.form, problem)
    return shown(request, page, PAGE)


@signed_in
@require_GET
def detail(request: PageRequest, comparison_id: int) -> HttpResponse:
    """One comparison: a row for each strategy as it lands, bars of their makespans, and
    which is best and why.
    """
    comparison = access_comparison(request.user, comparison_id)
    rows = outcomes(comparison)
    context = {
        "comparison": comparison,
        "rows": [row_of(plan, comparison, leads(rows)) for plan in rows],
        "measures": measures(rows, comparison),
        "chart": chart_of(rows, comparison),
        "advice": advice(comparison, rows),
        "as_of": timezone.now(),
        "done": sum(plan.state not in states.UNFINISHED for plan in rows),
    }
    return render_page(
        request, "fillplanner/comparison.html", "fillplanner/_comparison.html", context
    )


def results_of(rows: list[Plan]) -> list[tuple[str, Any]]:
    """Names and results of those that are there."""
    return [
        (plan.strategy, plan.result) for plan in rows if plan.state == states.COMPLETED
    ]


def leads(rows: list[Plan]) -> dict[str, float]:
    """The best value of each figure; none while there are fewer than two to choose
    from, or all are alike.
    """
    results = results_of(rows)
    best: dict[str, float] = {}
    for key, _, _, most in FIGURES:
        values = [getattr(result, key) for _, result in results]
        if len(set(values)) > 1:
            best[key] = max(values) if most else min(values)
    return best


def measures(rows: list[Plan], comparison: Comparison) -> list[TemplateContext]:
    """A small drawing of each figure beside the makespan that is not nothing for all."""
    results = results_of(rows)
    measures = []
    for key, title, unit, most in FIGURES[1:]:
        values = [(name, getattr(result, key), None) for name, result in results]
        if any(value for _, value, _ in values):
            measure = {
                "key": key,
                "title": title,
                "unit": unit,
                "most": most,
                "chart": drawing(values, comparison.best_strategy, SMALL),
            }
            measures.append(measure)
    return measures


def row_of(
    plan: Plan, comparison: Comparison, best: dict[str, float]
) -> TemplateContext:
    """A strategy's row; `best` are the figures in which one leads."""
    result = plan.result if plan.state == states.COMPLETED else None
    leading = {
        key for key, value in best.items() if getattr(result, key, None) == value
    }
    return {
        "plan": plan,
        "result": result,
        "score": score(result) if result else None,
        "best": plan.strategy == comparison.best_strategy,
        "leads": leading,
    }


def chart_of(rows: list[Plan], comparison: Comparison) -> Any:
    """The bars of what is there; None for nothing."""
    bars = [
        (name, result.makespan, result.lower_bound) for name, result in results_of(rows)
    ]
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
    """Delete a comparison with its plans."""
    services.delete(request.user, comparison_id)
    messages.success(request, "Comparison deleted.")
    return redirect("comparisons")
