"""The data of the plan socket's frames, of plans and comparisons, in the wire's words."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from common.mappings import JsonObject
from fillplanner import states
from fillplanner.models import Comparison, Plan
from fillplanner.planning.solve import Progress
from fillplanner.selectors import outcomes


def elapsed(plan: Plan | Comparison) -> float:
    """Seconds since the run began, to its end if there is one; 0 before."""
    if plan.started_at is None:
        return 0.0
    return round(
        ((plan.ended_at or timezone.now()) - plan.started_at).total_seconds(), 3
    )


def progress_frame(plan: Plan, step: Progress | None = None) -> JsonObject:
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
        "estimated_remaining": round(seconds * (100 - percent) / percent, 3)
        if percent
        else None,
        "best": round(step.best, 6) if step and step.best is not None else None,
        "lower_bound": round(step.bound, 6)
        if step and step.bound is not None
        else None,
    }


def completed_frame(plan: Plan) -> JsonObject:
    """`schedule.completed`; the plan must have its result."""
    result = plan.result
    return {
        "schedule_id": plan.pk,
        "status": states.COMPLETED,
        "makespan": result.makespan,
        "utilization": result.utilization,
        "changeovers": result.changeovers,
        "lots_scheduled": result.lots_scheduled,
        "execution_time": result.runtime_seconds,
    }


def failed_frame(plan: Plan) -> JsonObject:
    """`schedule.failed`: why there is no result."""
    return {
        "schedule_id": plan.pk,
        "status": states.FAILED,
        "error": plan.error,
        "error_type": "cancelled" if plan.was_cancelled else "planning_error",
    }


def comparison_progress_frame(
    comparison: Comparison,
    current: Plan | None = None,
    plans: Sequence[Plan] | None = None,
) -> JsonObject:
    """`comparison.progress` and `comparison.started`; `current` is the plan that was
    just taken up.
    """
    rows = outcomes(comparison) if plans is None else plans
    done = sum(plan.state not in states.UNFINISHED for plan in rows)
    running = next(
        (plan.strategy for plan in rows if plan.state == states.RUNNING), None
    )
    return {
        "comparison_id": comparison.pk,
        "status": comparison.state,
        "progress": round(100 * done / max(1, len(rows)), 1),
        "message": f"{done} of {len(rows)} strategies are done",
        "strategies_completed": done,
        "strategies_total": len(rows),
        "current_strategy": current.strategy if current else running,
        "elapsed_time": elapsed(comparison),
    }


def comparison_frame(
    comparison: Comparison, plans: Sequence[Plan] | None = None
) -> tuple[str, JsonObject]:
    """Kind and data of the frame that says how a comparison stands."""
    rows = outcomes(comparison) if plans is None else plans
    common = {"comparison_id": comparison.pk, "status": comparison.state}
    if comparison.state == states.COMPLETED:
        best = next(
            (plan for plan in rows if plan.strategy == comparison.best_strategy), None
        )
        figures = {
            "strategies_count": len(rows),
            "best_strategy": comparison.best_strategy,
            "best_makespan": best.result.makespan if best else None,
            "execution_time": elapsed(comparison),
        }
        return "comparison.completed", common | figures
    if comparison.state == states.FAILED:
        kind = "cancelled" if comparison.was_cancelled else "planning_error"
        return "comparison.failed", common | {
            "error": comparison.error,
            "error_type": kind,
        }
    return "comparison.progress", comparison_progress_frame(comparison, plans=rows)
