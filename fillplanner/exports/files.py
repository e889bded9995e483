"""Results as files to keep."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse

from common.errors import InvalidInput, Missing
from fillplanner import states
from fillplanner.exports.csv import to_csv
from fillplanner.models import Plan
from fillplanner.wire import plan_row, result_body

FORMATS = ("json", "csv")


def export(plan: Plan, form: str) -> HttpResponse:
    """The result as an attachment in one of the formats. Raises InvalidInput before there is one, with the reason."""
    if plan.state == states.FAILED:
        raise InvalidInput(f"Schedule failed: {plan.error_message}")
    if plan.state != states.COMPLETED:
        raise InvalidInput("Schedule not completed yet")
    if not hasattr(plan, "result"):
        raise Missing("Schedule result not found")
    response = csv_file(plan) if form == "csv" else json_file(plan)
    response["Content-Disposition"] = f'attachment; filename="schedule_{plan.pk}.{form}"'
    return response


def csv_file(plan: Plan) -> HttpResponse:
    return HttpResponse(to_csv(plan.result.activities), content_type="text/csv; charset=utf-8")


def json_file(plan: Plan) -> HttpResponse:
    row = plan_row(plan)
    schedule = {name: row[name] for name in ("id", "name", "strategy", "created_at", "completed_at")}
    return JsonResponse({"schedule": schedule, "results": result_body(plan.result)})
