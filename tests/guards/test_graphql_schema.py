"""The GraphQL schema: every part says what it is, and it changes only on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    specified_scalar_types,
)

from fillplanner import states
from fillplanner.graphql.schema import schema
from fillplanner.graphql.types import ActivityKind, SolverStatus, Status
from fillplanner.planning.plan import KINDS
from fillplanner.planning.solve import STATUSES

SNAPSHOT = Path(__file__).with_name("schema.graphql")
RENEW = "python manage.py graphql_schema > tests/guards/schema.graphql"


def test_the_schema_changes_only_on_purpose() -> None:
    printed = StringIO()
    call_command("graphql_schema", stdout=printed)
    assert printed.getvalue() == SNAPSHOT.read_text(), f"meant? then: {RENEW}"


def silent() -> Iterator[str]:
    """Types, fields, arguments and values without a description."""
    for name, kind in schema._schema.type_map.items():
        if name.startswith("__") or name in specified_scalar_types:
            continue
        if not kind.description:
            yield name
        if isinstance(kind, GraphQLObjectType | GraphQLInputObjectType):
            for field, what in kind.fields.items():
                parts = {field: what} | dict(getattr(what, "args", {}))
                yield from (
                    f"{name}.{field}: {part}"
                    for part, described in parts.items()
                    if not described.description
                )
        if isinstance(kind, GraphQLEnumType):
            values = kind.values.items()
            yield from (f"{name}.{word}" for word, v in values if not v.description)


def test_everything_says_what_it_is() -> None:
    assert list(silent()) == []


def test_words_are_those_of_the_tables() -> None:
    assert [word.value for word in Status] == list(states.PLAN.states)
    assert set(states.COMPARISON.states) == set(states.PLAN.states)
    assert {word.value for word in ActivityKind} == set(KINDS)
    assert {word.value for word in SolverStatus} == set(STATUSES)
