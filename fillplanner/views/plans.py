"""Plans: list, new, delete, cancel, again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common.errors import InvalidInput, Problem
from common.pages import RefusalsTold, render_page
from common.pagination import paginate
from fillplanner import states
from fillplanner.filters import NAMES, filter_of
from fillplanner.forms import ComparisonForm, PlanForm
from fillplanner.selectors import plan_numbers, plans_of
from fillplanner.services import plans as services
from fillplanner.views import editing, wizard
from fillplanner.views.asking import show_errors, tell_unread
from workspaces.doors import PageRequest, own_zone, signed_in

PAGE_SIZE = 30
# About ten thousand lots: what is looked over at every pause of who types.
MOST_LIVE_BYTES = 400_000


@signed_in
@require_GET
def listing(request: PageRequest) -> HttpResponse:
    """The person's plans with how they stand; the address narrows and orders them (see
    `filters`).
    """
    now = timezone.now()
    chosen = filter_of(request.GET, own_zone(request))
    page = paginate(
        chosen.chosen(plans_of(request.user)), request.GET.get("page"), PAGE_SIZE
    )
    context = {
        "page": page,
        "plans": page.object_list,
        "filter": chosen,
        "states": states.PLAN.states,
        "strategies": NAMES,
        "numbers": plan_numbers(request.user, now),
        "as_of": now,
    }
    return render_page(
        request, "fillplanner/plans.html", "fillplanner/_plans.html", context
    )


@signed_in
@require_http_methods(["GET", "POST"])
def new(request: PageRequest) -> HttpResponse:
    """Upload, paste or type lots, choose a strategy and rules; “Check lots” only
    checks, “Edit as a table” only turns the lots round.
    """
    if request.method == "GET":
        return shown(
            request, wizard.begun(request, PlanForm, wizard.prefilled(request))
        )
    if "edit" in request.POST:
        return shown(request, editing.edited(request, PlanForm))
    page = wizard.sent(request, PlanForm)
    values = wizard.checked(request, page)
    if values is not None and "check" not in request.POST:
        try:
            tell_unread(request, page.form)
            plan_request = services.PlanRequest(
                strategy=page.form.cleaned_data["strategy"],
                origin=page.form.cleaned_data["origin"],
                **values,
            )
            return redirect("plan", services.create(request.user, plan_request).pk)
        except Problem as problem:
            show_errors(page.form, problem)
    return shown(request, page)


def shown(
    request: PageRequest,
    page: wizard.Wizard,
    template: str = "fillplanner/plan_new.html",
) -> HttpResponse:
    """The page for a new plan or comparison, with everything as it was typed."""
    status = 422 if page.form.is_bound and page.form.errors else 200
    page.form.keep_upload()
    return render(request, template, {"wizard": page, "form": page.form}, status=status)


@signed_in
@require_POST
def check(request: PageRequest) -> HttpResponse:
    """What is to be said of the lots and rules as they are typed: a piece of the page;
    keeps nothing.
    """
    page = wizard.sent(
        request, ComparisonForm if request.GET.get("for") == "comparison" else PlanForm
    )
    if page.form.size() > MOST_LIVE_BYTES:
        page.complaints = [
            "The list is long; “Check lots” looks it over when you are ready."
        ]
    else:
        wizard.checked(request, page)
    redraw = page.report is not None and page.editor.drawn_for != request.POST.get(
        "matrix_drawn_for", ""
    )
    context = {"wizard": page, "form": page.form, "live": True, "redraw": redraw}
    return render(request, "fillplanner/_check.html", context)


@signed_in
@require_POST
def rules(request: PageRequest) -> HttpResponse:
    """The rules with one row more or fewer, or as a template has them: a piece of the
    page; keeps nothing.
    """
    if "edit" not in request.POST:
        raise InvalidInput("Say what is to be edited.")
    page = editing.edited(
        request, ComparisonForm if request.GET.get("for") == "comparison" else PlanForm
    )
    answer = render(
        request, "fillplanner/_rules.html", {"wizard": page, "form": page.form}
    )
    # The lots are looked over anew with the rules as they are then.
    answer["HX-Trigger-After-Settle"] = "rules"
    return answer


@signed_in
@require_POST
def delete(request: PageRequest, plan_id: int) -> HttpResponse:
    """Delete a plan with its result."""
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
