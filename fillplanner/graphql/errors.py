"""Errors in the words of the REST interface: `extensions` carry its code, its status and
the fields at fault. What nobody expected is logged and not told.
"""

from __future__ import annotations

from typing import Any

import structlog
from graphql import GraphQLError
from strawberry.utils.str_converters import to_camel_case

from common.dialects import as_problem, outdated_detail
from common.errors import Outdated, Problem, TooMany, Unprocessable
from common.mappings import JsonObject
from fillplanner.services.plans import WrongLots

log = structlog.get_logger(__name__)
UNEXPECTED = "Internal Server Error"
# What inputs call what the REST interface calls otherwise.
NAMES = {"lots_data": "lots"}


def told(error: GraphQLError) -> dict[str, Any]:
    """The error as an answer has it."""
    problem = problem_of(error)
    answer: dict[str, Any] = dict(error.formatted)
    answer["message"] = problem.message
    answer["extensions"] = extensions_of(problem)
    return answer


def problem_of(error: GraphQLError) -> Problem:
    """The error as one of our family."""
    cause = error.original_error
    if cause is None or isinstance(cause, GraphQLError):
        # The query itself is wrong, or a value that it sends.
        return Unprocessable(error.message)
    problem = as_problem(cause)
    if problem is None:
        log.error("graphql_failed", path=error.path, exc_info=cause)
        problem = Problem(UNEXPECTED, code="internal_error")
        problem.status = 500
    return problem


def extensions_of(problem: Problem) -> JsonObject:
    """Code, status and fields, and what else the REST interface tells of the problem."""
    extensions: JsonObject = {
        "code": problem.code,
        "status": problem.status,
        "fields": fields_of(problem),
    }
    if isinstance(problem, Outdated):
        extensions["detail"] = outdated_detail(problem)
    elif problem.detail is not None:
        extensions["detail"] = problem.detail
    if isinstance(problem, TooMany):
        extensions["retryAfter"] = problem.retry_after
    return extensions


def fields_of(problem: Problem) -> dict[str, list[str]]:
    """What is wrong with which field, by its path within the input."""
    if isinstance(problem, Unprocessable):
        return {
            place(path): list(map(str, texts)) for path, texts in problem.fields.items()
        }
    if not isinstance(problem, WrongLots):
        return {}
    fields: dict[str, list[str]] = {}
    for fault in problem.rows:
        path = ["lots", str(fault["row"]), fault["field"] or ""]
        fields.setdefault(place(".".join(path)), []).append(fault["message"])
    return fields or {"lots": list(problem.detail["errors"])}


def place(path: str) -> str:
    """`body.lots_data.0.fill_hours` as `lots.0.fillHours`."""
    parts = [part for part in path.removeprefix("body.").split(".") if part]
    return ".".join(to_camel_case(NAMES.get(part, part)) for part in parts)
