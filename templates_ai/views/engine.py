"""The engine that writes a workspace's texts: settings, budget and today's use."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from common.errors import Problem
from common.forms import show_problem, status_of
from common.mappings import TemplateContext
from templates_ai import budget
from templates_ai.forms import EngineForm
from templates_ai.models import EngineSettings
from templates_ai.selectors import engine_of, generations_of
from templates_ai.services import choose_engine, stored_engine
from workspaces.doors import PageRequest, member_page
from workspaces.roles import Role

RECENT = 12


@member_page(Role.MANAGER)
@require_http_methods(["GET", "POST"])
def engine(request: PageRequest) -> HttpResponse:
    """Choose and test what writes; a key can be replaced but is never shown."""
    settings = engine_of(request.user, request.workspace)
    form = EngineForm(
        request.POST or None, instance=settings, stored=stored_engine(settings)
    )
    if form.is_bound and form.is_valid():
        values = dict(form.cleaned_data)
        if key := values.pop("new_key"):
            values["key"] = key
        try:
            choose_engine(request.user, request.workspace, values, form.seen)
        except Problem as problem:
            show_problem(form, problem)
        else:
            messages.success(request, "Saved.")
            return redirect("ai-engine")
    saved = engine_of(request.user, request.workspace)
    context = use_of(saved) | {
        "form": form,
        "engine": saved,
        "generations": generations_of(request.user, request.workspace)[:RECENT],
    }
    return render(request, "templates_ai/engine.html", context, status=status_of(form))


def use_of(settings: EngineSettings) -> TemplateContext:
    """Today's use, and how much of the budget that is in percent; None where there is no budget."""
    use = budget.today(settings.workspace)
    return {
        "use": use,
        "tokens_percent": percent(use.tokens, settings.daily_tokens),
        "cost_percent": percent(use.cost, settings.daily_cost),
    }


def percent(used: Any, most: Any) -> Any:
    """How much of a limit is used, 100 at most; None where there is no limit."""
    if most is None:
        return None
    return min(100, 100 * used / most) if most else 100
