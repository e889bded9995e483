"""The data of the plan socket's frames, in the wire's words."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from fillplanner import states
from fillplanner.models import Plan
from fillplanner.planning.solve import Progress


def elapsed(plan: Plan) -> float:
    """Seconds since the run began; 0 before."""
    if plan.started_at is None:
        return 0.0
    return round(((plan.completed_at or timezone.now()) - plan.started_at).total_seconds(), 3)


def progress_frame(plan: Plan, step: Progress | None = None) -> dict[str, Any]:
    """`schedule.progress`: from a step of the run, or from what the row remembers."""
    percent = step.percent if step else plan.percent
    seconds = elapsed(plan)
    return {
        "schedule_id": plan.pk,
        "status": plan.state,
        "progress": round(percent, 1),
        "message": step.message if step else plan.progress_message,
        "current_lot": step.current_lot if step else None,
        "lots_completed": step.lots_completed if step else 0,
        "lots_total": plan.lots_count,
        "elapsed_time": seconds,
        "estimated_remaining": round(seconds * (100 - percent) / percent, 3) if percent else None,
    }


def completed_frame(plan: Plan) -> dict[str, Any]:
    """`schedule.completed`; the plan must have its result."""
    result = plan.result
    return {
        "schedule_id": plan.pk, "status": states.COMPLETED, "makespan": result.makespan,
        "utilization": result.utilization, "changeovers": result.changeovers,
        "lots_scheduled": result.lots_scheduled, "execution_time": result.runtime_seconds,
    }  # fmt: skip


def failed_frame(plan: Plan) -> dict[str, Any]:
    return {
        "schedule_id": plan.pk,
        "status": states.FAILED,
        "error": plan.error_message,
        "error_type": "cancelled" if plan.was_cancelled else "planning_error",
    }
