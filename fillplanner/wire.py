"""The filling dialect's words: status for state, schedule for plan, naive UTC times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from common.errors import InvalidInput
from common.mappings import JsonObject, Record
from common.wall_clocks import OUTSIDE
from common.zones import OutsideCalendar, parse_instant
from fillplanner import states
from fillplanner.models import Comparison, ConfigTemplate, Plan, PlanResult
from fillplanner.results.ranking import recommendation, score

RESULT_FIELDS = (
    "makespan",
    "utilization",
    "changeovers",
    "lots_scheduled",
    "window_violations",
    "kpis",
    "activities",
    "lower_bound",
    "gap_percent",
    "solver",
    "solver_status",
    "runtime_seconds",
)
OUTCOME_FIELDS = (
    "makespan",
    "utilization",
    "changeovers",
    "lots_scheduled",
    "window_violations",
    "kpis",
    "activities",
    "lower_bound",
    "gap_percent",
    "solver_status",
)


def naive(moment: datetime | None) -> str | None:
    """UTC without offset, as this dialect has it."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() if moment else None


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


def plan_row(plan: Plan) -> JsonObject:
    """A plan without its result."""
    return {
        "id": plan.pk,
        "name": plan.name,
        "strategy": plan.strategy,
        "status": plan.state,
        "created_at": naive(plan.created_at),
        "started_at": naive(plan.started_at),
        "completed_at": naive(plan.ended_at),
        "error_message": plan.error or None,
        "start_time": naive(plan.start_time),
    }


def accepted(plan: Plan) -> JsonObject:
    """The answer to a new plan: always pending, however fast the worker was."""
    untouched = {
        "status": states.PENDING,
        "started_at": None,
        "completed_at": None,
        "error_message": None,
    }
    return plan_row(plan) | untouched


def result_body(result: PlanResult) -> JsonObject:
    """A result under its names on the wire."""
    return {name: getattr(result, name) for name in RESULT_FIELDS}


def original_shape(plan: Plan) -> JsonObject:
    """`kpis_json` and `activities_json` as the clients of the first version want them:
    texts, ISO times, upper case.
    """

    def at(hours: float) -> str | None:
        return naive(plan.start_time + timedelta(hours=hours))

    result = plan.result
    activities = [
        row
        | {
            "start": at(row["start"]),
            "end": at(row["end"]),
            "kind": row["kind"].upper(),
        }
        for row in result.activities
    ]
    return {"kpis_json": texts_of(result.kpis), "activities_json": activities}


def texts_of(kpis: Record) -> dict[str, str]:
    """The figures as texts: hours with two decimals, counts without."""
    return {
        name: f"{value:.2f}" if isinstance(value, float) else str(value)
        for name, value in kpis.items()
    }


def zulu(moment: datetime | None) -> str | None:
    """UTC with a Z, as the structured form has it."""
    text = naive(moment)
    return f"{text}Z" if text else None


def structured(plan: Plan) -> JsonObject:
    """A plan with its result for other systems: everything in calendar time, figures as texts."""
    result = plan.result
    vials = {lot["lot_id"]: lot["vials"] for lot in plan.lots}
    schedule = {
        "id": plan.pk,
        "name": plan.name,
        "strategy": plan.strategy,
        "status": plan.state,
        "created_at": zulu(plan.created_at),
        "completed_at": zulu(plan.ended_at),
    }
    results = {
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
    metadata = {
        "generated_at": zulu(timezone.now()),
        "api_version": "1.0",
        "format_version": "1.0",
    }
    return {"schedule": schedule, "results": results, "metadata": metadata}


def structured_activity(
    number: int, row: Record, start: datetime, vials: Mapping[str, int]
) -> JsonObject:
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


def stats_row(plan: Plan) -> JsonObject:
    """A row of the statistics: `updated_at` is when the plan last changed its state."""
    changed = plan.ended_at or plan.started_at or plan.created_at
    more = {
        "config": plan.config,
        "updated_at": naive(changed),
        "num_lots": plan.lots_count,
    }
    return plan_row(plan) | more


def template_row(template: ConfigTemplate) -> JsonObject:
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


def template_file(template: ConfigTemplate) -> JsonObject:
    """A template to keep or to pass on; what makes it the owner's is left out."""
    row = template_row(template)
    return {
        name: row[name]
        for name in ("name", "description", "config", "created_at", "updated_at")
    }


def comparison_row(comparison: Comparison) -> JsonObject:
    """A comparison without its results."""
    return {
        "id": comparison.pk,
        "name": comparison.name,
        "strategies": comparison.strategies,
        "status": comparison.state,
        "created_at": naive(comparison.created_at),
        "started_at": naive(comparison.started_at),
        "completed_at": naive(comparison.ended_at),
    }


def comparison_accepted(comparison: Comparison) -> JsonObject:
    """The answer to a new comparison: always pending, however fast the workers were."""
    return comparison_row(comparison) | {
        "status": states.PENDING,
        "started_at": None,
        "completed_at": None,
    }


def comparison_body(comparison: Comparison, plans: Sequence[Plan]) -> JsonObject:
    """A comparison with the results that are there so far; null before the first."""
    landed = [outcome(plan) for plan in plans if plan.state not in states.UNFINISHED]
    return comparison_row(comparison) | {
        "best_strategy": comparison.best_strategy or None,
        "recommendation": advice(comparison, plans) or None,
        "error_message": comparison.error or None,
        "lots_count": comparison.lots_count,
        "lots_hash": comparison.lots_hash,
        "start_time": naive(comparison.start_time),
        "results": landed or None,
    }


def outcome(plan: Plan) -> JsonObject:
    """What came of one strategy; figures are null where it failed."""
    result = plan.result if plan.state == states.COMPLETED else None
    return {
        "strategy": plan.strategy,
        "status": plan.state,
        "error_message": plan.error or None,
        "schedule_id": plan.pk,
        **{name: getattr(result, name, None) for name in OUTCOME_FIELDS},
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
