"""Results as files to keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo

from django.http import HttpResponse, JsonResponse

from common.errors import InvalidInput, Missing, Unprocessable
from fillplanner import states
from fillplanner.exports.csv import to_csv
from fillplanner.exports.ics import ACTIVITIES, EVENTS, to_ics
from fillplanner.exports.json import to_json
from fillplanner.exports.pdf import to_pdf
from fillplanner.exports.png import to_png
from fillplanner.exports.report import report_of
from fillplanner.exports.xlsx import to_xlsx
from fillplanner.models import Plan
from fillplanner.wire import result_body

FORMATS = ("json", "csv", "xlsx", "pdf", "ics", "png")
ALIASES = {"excel": "xlsx"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ICS = "text/calendar; charset=utf-8"
REPORTS = {"xlsx", "pdf"}
YES = {"1", "true", "yes", "on"}
NO = {"", "0", "false", "no", "off"}


@dataclass(frozen=True)
class Options:
    """`charts` is for xlsx and pdf, `bom` and `figures` for csv, `events` for ics,
    `zone` (none: UTC) for png.
    """

    charts: bool = True
    bom: bool = False
    figures: bool = False
    events: str = ACTIVITIES
    zone: tzinfo | None = None


def options_of(query: Mapping[str, str]) -> Options:
    """What an address asks for. Raises Unprocessable for words that mean nothing."""
    events = query.get("events", ACTIVITIES)
    if events not in EVENTS:
        raise Unprocessable(
            "Not valid.",
            {"query.events": [f"Input should be one of: {', '.join(EVENTS)}"]},
        )
    return Options(
        charts=truth(query, "include_charts", "true"),
        bom=truth(query, "bom"),
        figures=truth(query, "figures"),
        events=events,
    )


def truth(query: Mapping[str, str], name: str, default: str = "") -> bool:
    """A switch in an address. Raises Unprocessable for a word that is none."""
    word = query.get(name, default).lower()
    if word not in YES | NO:
        raise Unprocessable(
            "Not valid.", {f"query.{name}": ["Input should be true or false"]}
        )
    return word in YES


def export(plan: Plan, form: str, options: Options | None = None) -> HttpResponse:
    """The result as an attachment in one of the formats.

    Raises InvalidInput for an unknown format and before there is a result, with the reason.
    """
    kind = ALIASES.get(form, form)
    if kind not in FORMATS:
        raise InvalidInput(
            f"Invalid format '{form[:20]}'. Use one of: {', '.join([*FORMATS, *ALIASES])}."
        )
    if plan.state == states.FAILED:
        raise InvalidInput(f"Schedule failed: {plan.error}")
    if plan.state != states.COMPLETED:
        raise InvalidInput("Schedule not completed yet")
    if not hasattr(plan, "result"):
        raise Missing("Schedule result not found")
    response = response_of(plan, kind, options or Options())
    suffix = "_report" if kind in REPORTS else ""
    response["Content-Disposition"] = (
        f'attachment; filename="schedule_{plan.pk}{suffix}.{kind}"'
    )
    return response


def response_of(plan: Plan, kind: str, options: Options) -> HttpResponse:
    """The file of a plan that has a result, without its name."""
    match kind:
        case "json":
            return JsonResponse(to_json(plan))
        case "csv":
            return csv_file(plan, options)
    report = report_of(plan)
    match kind:
        case "xlsx":
            data = to_xlsx(report, options.charts)
            content_type = XLSX
        case "pdf":
            data = to_pdf(report, options.charts)
            content_type = "application/pdf"
        case "png":
            data = to_png(report, options.zone)
            content_type = "image/png"
        case _:
            data = to_ics(report, options.events)
            content_type = ICS
    return HttpResponse(data, content_type=content_type)


def csv_file(plan: Plan, options: Options) -> HttpResponse:
    """The activity table, with the plan's figures and a byte order mark where wanted."""
    figures = result_body(plan.result) if options.figures else None
    text = to_csv(plan.result.activities, figures)
    data = text.encode("utf-8-sig" if options.bom else "utf-8")
    return HttpResponse(data, content_type="text/csv; charset=utf-8")
