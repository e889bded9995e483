"""Plans: list, new, delete, cancel, again."""

from __future__ import annotations

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
from fillplanner.forms import PlanForm
from fillplanner.selectors import plans_of
from fillplanner.services import plans as services
from fillplanner.views.asking import asked_for, form_for, show_errors, tell_unread
from workspaces.doors import PageRequest, signed_in

PAGE_SIZE = 30


@signed_in
@require_GET
def listing(request: PageRequest) -> HttpResponse:
    """The person's plans, newest first; `?state=` keeps one state."""
    rows = plans_of(request.user)
    state = request.GET.get("state", "")
    if state in states.PLAN.states:
        rows = rows.filter(state=state)
    page = paginate(rows, request.GET.get("page"), PAGE_SIZE)
    context = {
        "page": page,
        "plans": page.object_list,
        "state": state,
        "states": states.PLAN.states,
        "as_of": timezone.now(),
    }
    return render_page(request, "fillplanner/plans.html", "fillplanner/_plans.html", context)


@signed_in
@require_http_methods(["GET", "POST"])
def new(request: PageRequest) -> HttpResponse:
    """Upload or paste lots; “Check lots” only checks."""
    form = form_for(request, PlanForm)
    report = None
    if form.is_bound and form.is_valid():
        try:
            strategy = form.cleaned_data["strategy"]
            asked = services.Request(strategy=strategy, **asked_for(request, form, [strategy]))
            if "check" in request.POST:
                report = services.check(asked)
            else:
                tell_unread(request, form)
                return redirect("plan", services.create(request.user, asked).pk)
        except forms.ValidationError as error:
            form.add_error("lots", error)
        except Problem as problem:
            show_errors(form, problem)
    status = 422 if form.errors else 200
    form.keep_upload()
    return render(request, "fillplanner/plan_new.html", {"form": form, "report": report}, status=status)


@signed_in
@require_POST
def delete(request: PageRequest, plan_id: int) -> HttpResponse:
    with RefusalsTold(request):
        services.delete_plan(request.user, plan_id)
        messages.success(request, "Plan deleted.")
        return redirect("plans")
    return redirect("plan", plan_id)


@signed_in
@require_POST
def again(request: PageRequest, plan_id: int) -> HttpResponse:
    """A new plan of the same lots."""
    with RefusalsTold(request):
        return redirect("plan", services.plan_again(request.user, plan_id).pk)
    return redirect("plan", plan_id)


@signed_in
@require_POST
def cancel(request: PageRequest, plan_id: int) -> HttpResponse:
    """End a plan that is not finished."""
    with RefusalsTold(request):
        services.cancel(request.user, plan_id)
        messages.success(request, "Planning was cancelled.")
    return redirect("plan", plan_id)
