"""The page of preferences: what holds, where it comes from, and the rows that say so."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from calendars.advice import preferences
from calendars.advice.access import preferences_of
from calendars.advice.forms import PreferencesForm
from calendars.advice.preference_chain import links_of, scope_of, texts_by
from calendars.models import Preferences
from common.errors import Problem
from common.forms import show_problem, status_of
from common.mappings import TemplateContext, Values
from common.templatetags.marks import PLATFORMS
from workspaces.doors import PageRequest, member_page
from workspaces.roles import Role


@member_page(Role.VIEWER)
@require_http_methods(["GET", "POST"])
def listing(request: PageRequest) -> HttpResponse:
    """`?platform=` and `?format=` choose where the chain is shown for, `?edit=` which
    row is in the form.
    """
    may_manage = Role(request.membership.role).covers(Role.MANAGER)
    rows = list(preferences_of(request.user, request.workspace))
    row = edited_row(request, rows)
    form = PreferencesForm(
        request.POST or None,
        initial=initial(row),
        stored=preferences.stored(row or Preferences()),
        may_manage=may_manage,
    )
    if form.is_bound and form.is_valid() and _save(request, form):
        messages.success(request, "Saved.")
        return redirect("preferences")
    status = status_of(form)
    page = context(request, rows, form, may_manage)
    return render(request, "calendars/preferences.html", page, status=status)


def context(
    request: PageRequest,
    rows: list[Preferences],
    form: PreferencesForm,
    may_manage: bool,
) -> TemplateContext:
    """The page's form and, link by link, what holds on the platform of `?platform=`."""
    platform = request.GET.get("platform", "")
    platform = platform if platform in PLATFORMS else ""
    return {
        "form": form,
        "platform": platform,
        "platforms": PLATFORMS,
        "as_of": timezone.now(),
        "chain": links_of(
            request.user,
            request.workspace,
            platform,
            request.GET.get("format", "") if platform else "",
        ),
        "rows": [
            {
                "row": row,
                "scope": scope_of(row),
                "wishes": texts_by(row),
                "may_change": may_manage or row.user_id,
            }
            for row in rows
        ],
    }


def edited_row(request: PageRequest, rows: list[Preferences]) -> Preferences | None:
    """The row of `?edit=`; None for a new one."""
    key = request.GET.get("edit")
    return next((row for row in rows if str(row.pk) == key), None)


def initial(row: Preferences | None) -> Values:
    """The fields of the row; those of a new one of the person's own for none."""
    if row is None:
        return {"scope": "own"}
    scope = "own" if row.user_id else "workspace"
    place = {"scope": scope, "platform": row.platform, "format": row.format}
    return place | preferences.stored(row)


def _save(request: PageRequest, form: PreferencesForm) -> bool:
    """Keep what a valid form says; whether it was, else the form tells why not."""
    data = form.cleaned_data
    values = {name: data[name] for name in preferences.WISHES}
    try:
        preferences.prefer(
            request.user,
            request.workspace,
            values,
            platform=data["platform"],
            format_=data["format"],
            own=data["scope"] == "own",
            expected=form.seen,
        )
    except Problem as problem:
        show_problem(form, problem)
        return False
    return True


@member_page(Role.VIEWER)
@require_POST
def forget(request: PageRequest, preferences_id: int) -> HttpResponse:
    """Delete a row of preferences; Missing where it is none of theirs."""
    preferences.forget(request.user, request.workspace, preferences_id)
    messages.success(request, "Forgotten. What was said further out holds again.")
    return redirect("preferences")
