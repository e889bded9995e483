"""The filling dialect's words: status for state, schedule for plan, naive UTC times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import cast

from django.utils import timezone

from common.errors import InvalidInput
from common.mappings import Record
from common.wall_clocks import OUTSIDE
from common.zones import OutsideCalendar, parse_instant
from fillplanner import states
from fillplanner.bodies.comparisons import (
    ComparisonBody,
    ComparisonDetailBody,
    OutcomeBody,
)
from fillplanner.bodies.plans import PlanBody, PlanWithRulesBody
from fillplanner.bodies.results import (
    FiguresBody,
    OriginalActivityBody,
    OriginalResultBody,
    OutcomeFiguresBody,
    ResultBody,
)
from fillplanner.bodies.structured import (
    StructuredActivityBody,
    StructuredBody,
    StructuredMetadataBody,
    StructuredPlanBody,
    StructuredResultsBody,
)
from fillplanner.bodies.templates import TemplateBody, TemplateFileBody
from fillplanner.models import Comparison, ConfigTemplate, Plan, PlanResult
from fillplanner.results.ranking import recommendation, score


def naive(moment: datetime) -> str:
    """UTC without offset, as this dialect has it."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat()


def naive_or_null(moment: datetime | None) -> str | None:
    """The same; null for none."""
    return naive(moment) if moment else None


def start_of(text: object) -> datetime | None:
    """The start as aware UTC, None for none. Raises InvalidInput for an unreadable one."""
    if not text:
        return None
    try:
        return parse_instant(str(text))
    except OutsideCalendar:
        raise InvalidInput(f"start_time is outside the calendar. {OUTSIDE}") from None
    except ValueError:
        raise InvalidInput(
            f"Invalid start_time format: {str(text)[:60]!r}. Use ISO 8601, for "
            "example 2026-01-31T08:00:00Z."
        ) from None


def plan_row(plan: Plan) -> PlanBody:
    """A plan without its result."""
    return {
        "id": plan.pk,
        "name": plan.name,
        "strategy": plan.strategy,
        "status": plan.state,
        "created_at": naive(plan.created_at),
        "started_at": naive_or_null(plan.started_at),
        "completed_at": naive_or_null(plan.ended_at),
        "error_message": plan.error or None,
        "start_time": naive(plan.start_time),
    }


def accepted(plan: Plan) -> PlanBody:
    """The answer to a new plan: always pending, however fast the worker was."""
    return {
        **plan_row(plan),
        "status": states.PENDING,
        "started_at": None,
        "completed_at": None,
        "error_message": None,
    }


def figures(result: PlanResult) -> FiguresBody:
    """What a plan comes to, under its names on the wire."""
    return {
        "makespan": result.makespan,
        "utilization": result.utilization,
        "changeovers": result.changeovers,
        "lots_scheduled": result.lots_scheduled,
        "window_violations": result.window_violations,
        "kpis": result.kpis,
        "activities": result.activities,
        "lower_bound": result.lower_bound,
        "gap_percent": result.gap_percent,
        "solver_status": result.solver_status,
    }


def result_body(result: PlanResult) -> ResultBody:
    """A whole result under its names on the wire."""
    return {
        **figures(result),
        "solver": result.solver,
        "runtime_seconds": result.runtime_seconds,
    }


def original_result(plan: Plan) -> OriginalResultBody:
    """A result with `kpis_json` and `activities_json` as the clients of the first
    version want them: texts, ISO times, upper case.
    """
    result = plan.result
    activities = [original_activity(row, plan.start_time) for row in result.activities]
    return {
        **result_body(result),
        "kpis_json": texts_of(result.kpis),
        "activities_json": activities,
    }


def original_activity(row: Record, start: datetime) -> OriginalActivityBody:
    """An activity in calendar time, for the clients of the first version."""
    changed = {
        "start": naive(start + timedelta(hours=row["start"])),
        "end": naive(start + timedelta(hours=row["end"])),
        "kind": row["kind"].upper(),
    }
    return cast("OriginalActivityBody", {**row, **changed})


def texts_of(kpis: Record) -> dict[str, str]:
    """The figures as texts: hours with two decimals, counts without."""
    return {
        name: f"{value:.2f}" if isinstance(value, float) else str(value)
        for name, value in kpis.items()
    }


def zulu(moment: datetime) -> str:
    """UTC with a Z, as the structured form has it."""
    return f"{naive(moment)}Z"


def structured(plan: Plan) -> StructuredBody:
    """A plan with its result for other systems: everything in calendar time, figures as texts."""
    result = plan.result
    vials = {lot["lot_id"]: lot["vials"] for lot in plan.lots}
    schedule: StructuredPlanBody = {
        "id": plan.pk,
        "name": plan.name,
        "strategy": plan.strategy,
        "status": plan.state,
        "created_at": zulu(plan.created_at),
        "completed_at": zulu(plan.ended_at) if plan.ended_at else None,
    }
    results: StructuredResultsBody = {
        "makespan": result.makespan,
        "utilization": result.utilization,
        "changeovers": result.changeovers,
        "lots_scheduled": result.lots_scheduled,
        "kpis": texts_of(result.kpis),
        "activities": [
            structured_activity(number, row, plan.start_time, vials)
            for number, row in enumerate(result.activities, start=1)
        ],
    }
    metadata: StructuredMetadataBody = {
        "generated_at": zulu(timezone.now()),
        "api_version": "1.0",
        "format_version": "1.0",
    }
    return {"schedule": schedule, "results": results, "metadata": metadata}


def structured_activity(
    number: int, row: Record, start: datetime, vials: Mapping[str, int]
) -> StructuredActivityBody:
    """One activity in calendar time; `number` counts from 1."""
    return {
        "id": f"act-{number}",
        "start": zulu(start + timedelta(hours=row["start"])),
        "end": zulu(start + timedelta(hours=row["end"])),
        "duration": row["duration_hours"],
        "kind": row["kind"].upper(),
        "filler_id": 1,
        "lot_id": row["lot_id"],
        "lot_type": row["lot_type"],
        "note": row["note"] or None,
        "num_units": vials.get(row["lot_id"]),
    }


def stats_row(plan: Plan) -> PlanWithRulesBody:
    """A row of the statistics: `updated_at` is when the plan last changed its state."""
    changed = plan.ended_at or plan.started_at or plan.created_at
    return {
        **plan_row(plan),
        "config": plan.config,
        "updated_at": naive(changed),
        "num_lots": plan.lots_count,
    }


def template_row(template: ConfigTemplate) -> TemplateBody:
    """A template as its owner sees it."""
    return {
        "id": template.pk,
        "user_id": template.owner_id,
        "name": template.name,
        "description": template.description or None,
        "config": template.config,
        "is_public": template.is_public,
        "is_default": template.is_default,
        "created_at": naive(template.created_at),
        "updated_at": naive(template.updated_at),
    }


def template_file(template: ConfigTemplate) -> TemplateFileBody:
    """A template to keep or to pass on; what makes it the owner's is left out."""
    row = template_row(template)
    return {
        "name": row["name"],
        "description": row["description"],
        "config": row["config"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def comparison_row(comparison: Comparison) -> ComparisonBody:
    """A comparison without its results."""
    return {
        "id": comparison.pk,
        "name": comparison.name,
        "strategies": comparison.strategies,
        "status": comparison.state,
        "created_at": naive(comparison.created_at),
        "started_at": naive_or_null(comparison.started_at),
        "completed_at": naive_or_null(comparison.ended_at),
    }


def comparison_accepted(comparison: Comparison) -> ComparisonBody:
    """The answer to a new comparison: always pending, however fast the workers were."""
    return {
        **comparison_row(comparison),
        "status": states.PENDING,
        "started_at": None,
        "completed_at": None,
    }


def comparison_body(
    comparison: Comparison, plans: Sequence[Plan]
) -> ComparisonDetailBody:
    """A comparison with the results that are there so far; null before the first."""
    landed = [outcome(plan) for plan in plans if plan.state not in states.UNFINISHED]
    return {
        **comparison_row(comparison),
        "best_strategy": comparison.best_strategy or None,
        "recommendation": advice(comparison, plans) or None,
        "error_message": comparison.error or None,
        "lots_count": comparison.lots_count,
        "lots_hash": comparison.lots_hash,
        "start_time": naive(comparison.start_time),
        "results": landed or None,
    }


# The figures of a strategy that failed.
NO_FIGURES: OutcomeFiguresBody = {
    "makespan": None,
    "utilization": None,
    "changeovers": None,
    "lots_scheduled": None,
    "window_violations": None,
    "kpis": None,
    "activities": None,
    "lower_bound": None,
    "gap_percent": None,
    "solver_status": None,
}


def outcome(plan: Plan) -> OutcomeBody:
    """What came of one strategy; figures are null where it failed."""
    result = plan.result if plan.state == states.COMPLETED else None
    known = OutcomeFiguresBody(**figures(result)) if result else NO_FIGURES
    return {
        "strategy": plan.strategy,
        "status": plan.state,
        "error_message": plan.error or None,
        "schedule_id": plan.pk,
        **known,
        "execution_time": result.runtime_seconds if result else None,
        "score": score(result) if result else None,
    }


def advice(comparison: Comparison, plans: Sequence[Plan]) -> str:
    """What to take and why, once everything is known."""
    if comparison.state != states.COMPLETED:
        return ""
    return recommendation(
        [
            (plan.strategy, plan.result)
            for plan in plans
            if plan.state == states.COMPLETED
        ]
    )
