"""The whole result in the filling dialect's words."""

from __future__ import annotations

from common.mappings import JsonObject
from fillplanner.models import Plan
from fillplanner.wire import plan_row, result_body

KEPT = ("id", "name", "strategy", "created_at", "completed_at")


def to_json(plan: Plan) -> JsonObject:
    """`{schedule, results}`: what the plan is, and its result as the API answers it."""
    row = plan_row(plan)
    return {
        "schedule": {name: row[name] for name in KEPT},
        "results": result_body(plan.result),
    }
