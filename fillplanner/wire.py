"""The filling dialect's words: status for state, schedule for plan, naive UTC times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from common.errors import InvalidInput
from common.zones import parse_instant
from fillplanner import states
from fillplanner.models import ConfigTemplate, Plan, PlanResult

RESULT_FIELDS = (
    "makespan", "utilization", "changeovers", "lots_scheduled", "window_violations", "kpis", "activities",
    "lower_bound", "gap_percent", "solver", "solver_status", "runtime_seconds",
)  # fmt: skip


def naive(moment: datetime | None) -> str | None:
    """UTC without offset, as this dialect has it."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() if moment else None


def start_of(text: object) -> datetime | None:
    """The start as aware UTC, None for none. Raises InvalidInput for an unreadable one."""
    if not text:
        return None
    try:
        return parse_instant(str(text))
    except ValueError:
        raise InvalidInput(
            f"Invalid start_time format: {str(text)[:60]!r}. Use ISO 8601, for example 2026-01-31T08:00:00Z."
        ) from None


def plan_row(plan: Plan) -> dict[str, Any]:
    return {
        "id": plan.pk, "name": plan.name, "strategy": plan.strategy, "status": plan.state,
        "created_at": naive(plan.created_at), "started_at": naive(plan.started_at),
        "completed_at": naive(plan.completed_at), "error_message": plan.error_message or None,
        "start_time": naive(plan.start_time),
    }  # fmt: skip


def accepted(plan: Plan) -> dict[str, Any]:
    """The answer to a new plan: always pending, however fast the worker was."""
    untouched = {"status": states.PENDING, "started_at": None, "completed_at": None, "error_message": None}
    return plan_row(plan) | untouched


def result_body(result: PlanResult) -> dict[str, Any]:
    return {name: getattr(result, name) for name in RESULT_FIELDS}


def original_shape(plan: Plan) -> dict[str, Any]:
    """`kpis_json` and `activities_json` as the clients of the first version want them: texts, ISO times, upper case."""

    def at(hours: float) -> str | None:
        return naive(plan.start_time + timedelta(hours=hours))

    result = plan.result
    activities = [
        row | {"start": at(row["start"]), "end": at(row["end"]), "kind": row["kind"].upper()}
        for row in result.activities
    ]
    kpis = {name: f"{value:.2f}" if isinstance(value, float) else str(value) for name, value in result.kpis.items()}
    return {"kpis_json": kpis, "activities_json": activities}


def template_row(template: ConfigTemplate) -> dict[str, Any]:
    return {
        "id": template.pk, "user_id": template.owner_id, "name": template.name,
        "description": template.description or None, "config": template.config, "is_public": template.is_public,
        "is_default": template.is_default, "created_at": naive(template.created_at),
        "updated_at": naive(template.updated_at),
    }  # fmt: skip


def template_file(template: ConfigTemplate) -> dict[str, Any]:
    """A template to keep or to pass on; what makes it the owner's is left out."""
    row = template_row(template)
    return {name: row[name] for name in ("name", "description", "config", "created_at", "updated_at")}
