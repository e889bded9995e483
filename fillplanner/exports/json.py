"""The whole result in the filling dialect's words."""

from __future__ import annotations

from fillplanner.bodies.plans import ExportBody
from fillplanner.models import Plan
from fillplanner.wire import plan_row, result_body


def to_json(plan: Plan) -> ExportBody:
    """`{schedule, results}`: what the plan is, and its result as the API answers it."""
    row = plan_row(plan)
    return {
        "schedule": {
            "id": row["id"],
            "name": row["name"],
            "strategy": row["strategy"],
            "created_at": row["created_at"],
            "completed_at": row["completed_at"],
        },
        "results": result_body(plan.result),
    }
