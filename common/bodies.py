"""What bodies of the programming interfaces are made of.

A body is a `TypedDict`: the checker of types holds the code against it, and the API
document is made of it. A field's description is the text below it, in quotes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, NotRequired

from pydantic import WithJsonSchema
from typing_extensions import TypedDict

Instant = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
Day = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]
Identifier = Annotated[str, WithJsonSchema({"type": "string", "format": "uuid"})]
Address = Annotated[str, WithJsonSchema({"type": "string", "format": "uri"})]


def one_of(words: Iterable[str]) -> WithJsonSchema:
    """Says in `Annotated[str, one_of(WORDS)]` that a text is one of these."""
    return WithJsonSchema({"type": "string", "enum": list(words)})


class Message(TypedDict):
    """What was done, in a sentence."""

    message: str
    """For people to read."""


class FieldProblem(TypedDict):
    """What is wrong with one field or parameter."""

    type: str
    """`missing`, or `value_error` for every other fault."""
    loc: list[str | int]
    """Where it is: `body`, `query` or `path`, then names and places in lists."""
    msg: str
    """What is wrong, for people to read."""
    input: Any
    """The value that was refused; null where it was missing or is secret."""


class Refusal(TypedDict):
    """Why a request was refused."""

    detail: str | list[FieldProblem] | dict[str, Any]
    """A sentence; for a 422 its fields; or an object with `message` and more."""


class Overtaken(TypedDict):
    """What a thing is now that has changed since it was read."""

    message: str
    """For people to read."""
    changed_by: str | None
    """Who changed it; null where nobody knows."""
    changed_at: Instant | None
    """When; null where nobody knows."""
    current: Any
    """The thing as it is now."""


class OutdatedRefusal(TypedDict):
    """Why a change of something that has changed meanwhile was refused."""

    detail: Overtaken
    """What it is now."""


class SchedulingRefusal(TypedDict):
    """Why a request was refused, in the scheduling API."""

    error_code: str
    """For programs, for instance `validation_error` or `not_found`."""
    error_message: str
    """For people to read."""
    error_class: Annotated[str, one_of(("transient", "permanent"))]
    """Whether the same request may succeed later."""
    request_id: str | None
    """Stands in the logs and in the header `X-Request-ID`."""
    correlation_id: str | None
    """The same."""
    timestamp: Instant
    """When it was refused."""
    detail: NotRequired[Any]
    """More for programs: `fields` with their messages, `retry_after` in seconds."""
