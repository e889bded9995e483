"""Whatever is sent to the GraphQL door, it answers with data or with one of our errors.

`make explore ARGS="-k fuzzed" EXPLORE=100` looks further.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from examples import examples
from graph import send
from graphql import parse_value
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import sampled_from
from hypothesis_graphql import from_schema
from vials import make_comparison, make_plan

from fillplanner.graphql.schema import schema
from fillplanner.services import configs
from workspaces.models import User

pytestmark = pytest.mark.django_db
JSON = sampled_from(
    [
        "{}",
        "[1]",
        '"soon"',
        "0.5",
        "{clean_hours: 12, window_hours: 48.5}",
        '{changeover_matrix: {A: {B: "two"}}}',
        "{allowed_strategies: [[{}]], priority_levels: null}",
    ]
).map(parse_value)
QUERIES = from_schema(schema.as_str(), custom_scalars={"JSON": JSON})
ID = re.compile(r'\bid: ("(?:[^"\\]|\\.)*"|-?\d+)')


@pytest.mark.usefixtures("room_for_many_plans")
def test_a_fuzzed_query_is_answered_in_our_words(api, editor: User) -> None:
    client = api(editor)
    template = configs.create(editor, {"name": "Line 1", "config": {}})
    known = [make_plan(editor).pk, make_comparison(editor).pk, template.pk]
    numbers = sampled_from([None, *known])
    answered: set[str] = set()

    @settings(max_examples=examples(60), suppress_health_check=list(HealthCheck))
    @given(query=QUERIES, number=numbers)
    def is_answered(query: str, number: int | None) -> None:
        named = query if number is None else ID.sub(f"id: {number}", query)
        answer = send(client, named)
        assert answer.status_code in {200, 422}
        body: dict[str, Any] = answer.json()
        codes = {error["extensions"]["code"] for error in body.get("errors", ())}
        assert "internal_error" not in codes, named
        answered.update(codes or {"data"})

    is_answered()
    assert {"data", "not_found", "validation_error"} <= answered
