"""One plan: its progress, and once it has a result, the chart, the activities, what its
hours go into, its rules.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from common.mappings import TemplateContext
from common.numbers import whole_number
from common.pages import render_page
from fillplanner import states
from fillplanner.drawings import convergence
from fillplanner.drawings.gantt import KINDS, ZOOMS, View, chart
from fillplanner.drawings.overview import overview
from fillplanner.exports.files import export, options_of
from fillplanner.exports.report import report_of
from fillplanner.live.frames import elapsed
from fillplanner.models import Plan
from fillplanner.planning.solve import FEASIBLE, OPTIMAL, TIME_LIMIT
from fillplanner.results import breakdown
from fillplanner.results.differences import Change, differences
from fillplanner.rules.rule_words import RULE_NAMES, grid_of, rule_text, rules_in_words
from fillplanner.selectors import access_plan, versions_of
from workspaces.doors import PageRequest, own_zone, signed_in

ACTIVITIES_AT_ONCE = 200
LONGEST_SEARCH = 100
TABS = {
    "chart": "Gantt chart",
    "activities": "Activities",
    "statistics": "Statistics",
    "rules": "Configuration",
    "versions": "Versions",
}
STATUSES = {
    OPTIMAL: "Proven optimal",
    FEASIBLE: "Not proven optimal",
    TIME_LIMIT: "Time limit reached",
}
DOWNLOADS = {
    "csv": "CSV",
    "json": "JSON",
    "xlsx": "Excel",
    "pdf": "PDF",
    "ics": "iCal",
    "png": "PNG",
}


@signed_in
@require_GET
def detail(request: PageRequest, plan_id: int) -> HttpResponse:
    """One plan; `?show=` is the tab, the other words of the address are the tab's own."""
    plan = access_plan(request.user, plan_id)
    context: TemplateContext = {
        "plan": plan,
        "as_of": timezone.now(),
        "zone": own_zone(request),
    }
    if plan.state == states.COMPLETED:
        shown = request.GET.get("show", "")
        shown = shown if shown in TABS else "chart"
        context |= {
            "result": plan.result,
            "tabs": TABS,
            "shown": shown,
            "downloads": DOWNLOADS,
            "blocks": plan.result.kpis["Clean Blocks"],
        }
        context |= MAKERS[shown](request, plan, view_of(request))
    elif plan.state == states.RUNNING:
        context |= {"solver": convergence.drawing(plan.trace, elapsed(plan))}
    return render_page(
        request, "fillplanner/plan.html", "fillplanner/_plan.html", context
    )


def view_of(request: PageRequest) -> View:
    """What the address wants to see; nonsense counts as nothing."""
    zoom = whole_number(request.GET.get("zoom", ""))
    kinds = set(request.GET.getlist("kind")) & set(KINDS)
    all_kinds = len(kinds) == len(KINDS)
    return View(
        first=whole_number(request.GET.get("block", "")),
        zoom=zoom if zoom in ZOOMS else None,
        kinds=frozenset() if all_kinds else frozenset(kinds),
        find=request.GET.get("find", "").strip()[:LONGEST_SEARCH],
        zone=ZoneInfo(own_zone(request)),
        now=timezone.now(),
    )


def chart_shown(request: PageRequest, plan: Plan, view: View) -> TemplateContext:
    """The chart's window, the whole plan, and what of it is wanted."""
    rows = plan.result.activities
    drawn = chart(rows, plan.start_time, view)
    whole = overview(rows, plan.start_time, drawn.first, view.zone, view.now)
    return {
        "chart": drawn,
        "whole": whole,
        "view": view,
        "kinds": kinds_of(view),
        "zooms": ZOOMS,
    }


def kinds_of(view: View) -> list[tuple[str, bool]]:
    """Every kind of activity, and whether the view is narrowed to it."""
    return [(kind, kind in view.kinds) for kind in KINDS]


def activities_shown(request: PageRequest, plan: Plan, view: View) -> TemplateContext:
    """The activities that the address wants to see, some at once."""
    activities = plan.result.activities
    rows = [
        row
        for row in activities
        if view.shows(row) and (not view.find or view.finds(row))
    ]
    page = Paginator(rows, ACTIVITIES_AT_ONCE).get_page(request.GET.get("page"))
    report = report_of(plan)
    table = [
        (row, report.at(row["start"]), report.at(row["end"]))
        for row in page.object_list
    ]
    return {
        "page": page,
        "table": table,
        "several": bool(activities and activities[0].get("line")),
        "view": view,
        "kinds": kinds_of(view),
    }


def statistics_shown(request: PageRequest, plan: Plan, view: View) -> TemplateContext:
    """What the plan's hours go into."""
    rows = plan.result.activities
    result = plan.result
    window = plan.config.get("window_hours") or 1.0
    vials = sum(lot["vials"] for lot in plan.lots)
    return {
        "shares": breakdown.shares(rows, result.makespan, plan.config.get("lines", 1)),
        "types": breakdown.by_type(plan.lots),
        "pairs": breakdown.changeovers(rows),
        "fullness": breakdown.fullness(rows, window),
        "lines": breakdown.by_line(rows, result.makespan),
        "targets": breakdown.targets(rows, plan.lots)[:ACTIVITIES_AT_ONCE],
        "vials": vials,
        "solver": convergence.drawing(plan.trace),
        "window": window,
        "rate": vials / result.makespan if result.makespan else 0.0,
    }


def rules_shown(request: PageRequest, plan: Plan, view: View) -> TemplateContext:
    """The rules in words, and how sure the result is."""
    status = STATUSES.get(plan.result.solver_status, plan.result.solver_status)
    columns, grid = grid_of(plan.config.get("changeover_matrix") or {})
    return {
        "rules": list(rules_in_words(plan.config)),
        "columns": columns,
        "grid": grid,
        "status": status,
    }


def versions_shown(request: PageRequest, plan: Plan, view: View) -> TemplateContext:
    """All versions, and what is different between this one and another: the one
    `?with=` names, else the one before.
    """
    versions = versions_of(request.user, plan)
    other = other_version(request, plan, versions)
    context = {"versions": list(enumerate(versions, start=1)), "other": other}
    if other is None:
        return context
    whole = access_plan(request.user, other.pk)
    results = (getattr(whole, "result", None), plan.result)
    changes = differences(whole, plan, results)
    rules = [worded_change(change) for change in changes.rules]
    return context | {
        "differences": replace(changes, rules=rules),
        "other_number": versions.index(other) + 1,
    }


def other_version(
    request: PageRequest, plan: Plan, versions: Sequence[Plan]
) -> Plan | None:
    """The version that the address names, else the one before the plan; None for none."""
    number = whole_number(request.GET.get("with", ""))
    for version in versions:
        if version.pk == number and version.pk != plan.pk:
            return version
    numbers = [version.pk for version in versions]
    place = numbers.index(plan.pk) if plan.pk in numbers else 0
    return versions[place - 1] if place else None


def worded_change(change: Change) -> Change:
    """A changed rule under its name and in words; a start is left to the page, which
    knows the clock.
    """
    name = RULE_NAMES.get(change.name, change.name)
    if name == "Start":
        return change
    return Change(
        name,
        rule_text(change.before, change.name),
        rule_text(change.after, change.name),
    )


MAKERS: dict[str, Callable[[PageRequest, Plan, View], TemplateContext]] = {
    "chart": chart_shown,
    "activities": activities_shown,
    "statistics": statistics_shown,
    "rules": rules_shown,
    "versions": versions_shown,
}


@signed_in
@require_GET
def solver(request: PageRequest, plan_id: int) -> HttpResponse:
    """How the exact optimiser closes in: the piece of the page that draws it."""
    plan = access_plan(request.user, plan_id)
    until = elapsed(plan) if plan.state == states.RUNNING else None
    context = {"plan": plan, "solver": convergence.drawing(plan.trace, until)}
    return render(request, "fillplanner/_solver.html", context)


@signed_in
@require_GET
def download(request: PageRequest, plan_id: int, form: str) -> HttpResponse:
    """The result as a file; a picture is on the clock that the page shows."""
    options = replace(options_of(request.GET), zone=ZoneInfo(own_zone(request)))
    return export(access_plan(request.user, plan_id), form, options)
