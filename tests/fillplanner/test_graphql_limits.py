"""How large a GraphQL query may be: what is too large is refused before anything is done,
and measuring it takes no longer than reading it.
"""

from __future__ import annotations

from typing import Any

import pytest
from graph import ask, data_of, error_of
from graphql import get_introspection_query, parse
from rest_framework.test import APIClient
from vials import make_plan

from fillplanner.graphql.limits import Measure, Ruler
from fillplanner.graphql.schema import schema
from workspaces.models import User

SPREADS = " ".join(
    f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}" for n in range(60)
)
DOUBLING = f"{{ ...f0 }} {SPREADS} fragment f60 on Query {{ __typename }}"
DEEP = "{ __schema { types { " + "ofType { " * 14 + "name" + " }" * 17
CHAIN = " ".join(
    f"fragment f{n} on Query {{ {'a { ' * 40} ...f{n + 1} {'} ' * 40} }}"
    for n in range(7)
)
ALIASES = " ".join(f"a{n}: strategies {{ name }}" for n in range(21))


@pytest.fixture
def client(api, editor: User) -> APIClient:
    made: APIClient = api(editor)
    return made


def measured(query: str, **variables: Any) -> Measure:
    return Ruler(schema._schema, parse(query), variables).measure()


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("{ strategies { name } }", 1 + 6),
        ("{ plans { total } }", 1 + 20),
        ("{ plans(pageSize: 3) { items { id name } } }", 1 + 3 * 3),
        ("{ comparisons(pageSize: 2) { items { plans { id } } } }", 1 + 2 * 8),
        ("{ plan(id: 1) { result { activities { kind } } } }", 1 + 1 + 100 + 500),
        (
            "{ plan(id: 1) { result { activities(limit: 9) { kind } } } }",
            1 + 1 + 100 + 9,
        ),
        ("query ($n: Int = 5) { plans(pageSize: $n) { total } }", 1 + 5),
        ("{ plans(pageSize: -7) { total } }", 1 + 1),
        ("{ ...a ...a } fragment a on Query { plans(pageSize: 2) { total } }", 2 * 3),
        ("{ ... on Query { plans(pageSize: 2) { total } } }", 1 + 2),
        ("{ ...a } fragment a on Query { ...a nothing { more } }", 2),
    ],
)
def test_a_query_counts_what_it_can_answer(query: str, values: int) -> None:
    assert measured(query).values == values


def test_what_variables_say_counts() -> None:
    query = "query ($n: Int = 5) { plans(pageSize: $n) { total } }"
    assert measured(query, n=50).values == 51
    assert measured(query, n=50.0).values == 51


def test_a_variable_has_its_own_value_in_each_operation() -> None:
    listing = "fragment all on Query { plans(pageSize: $n) { total } }"
    one = "query one ($n: Int = 1) { ...all }"
    many = "query many ($n: Int = 100) { ...all }"
    assert measured(f"{one} {many} {listing}").values == 2 + 101
    assert measured(f"{many} {one} {listing}").values == 101 + 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "words"),
    [
        pytest.param(DEEP, "The query has 17 levels. At most 16", id="levels"),
        pytest.param(f"{{ {ALIASES} }}", "The query has 21 aliases.", id="aliases"),
        pytest.param(DOUBLING, "The answer could have 1,152,9", id="fragments"),
        pytest.param("{ plans " + "{ items " * 400, "nested too deeply", id="nesting"),
        pytest.param(
            f"{{ ...f0 }} {CHAIN} fragment f7 on Query {{ a }}",
            "nested too deeply. At most 16 levels",
            id="chain",
        ),
        pytest.param(
            f"{{ plans(pageSize: {'9' * 5000}) {{ total }} }}",
            "A number of the query has more than 100 digits",
            id="number",
        ),
        pytest.param(
            "{ plans(pageSize: 100) { items { result { activities { kind } } } } }",
            "The answer could have 60,201 values. At most 20,000 are allowed",
            id="values",
        ),
        pytest.param(
            "{ " + "strategies { name } " * 300 + "}",
            "more than 1000 tokens",
            id="tokens",
        ),
        pytest.param(
            '{ __type(name: "Plan") { fields { type { fields { type { fields {'
            " name } } } } } } }",
            "Maximum introspection depth exceeded",
            id="introspection",
        ),
    ],
)
def test_a_query_that_is_too_large_is_refused(
    client: APIClient, query: str, words: str
) -> None:
    error = error_of(client, query)
    assert words in error["message"]
    assert error["extensions"]["code"] == "validation_error"


@pytest.mark.django_db
def test_of_what_is_too_large_nothing_is_done(client: APIClient, editor: User) -> None:
    plan = make_plan(editor)
    cancels = " ".join(f"a{n}: cancelPlan(id: {plan.pk}) {{ id }}" for n in range(21))
    assert ask(client, f"mutation {{ {cancels} }}")["data"] is None
    plan.refresh_from_db()
    assert plan.state == "pending"


@pytest.mark.django_db
def test_clients_can_read_the_whole_schema(client: APIClient) -> None:
    answer = data_of(client, get_introspection_query())
    names = {kind["name"] for kind in answer["__schema"]["types"]}
    assert {"Plan", "PlanPage", "PlanInput", "Comparison", "ConfigTemplate"} <= names
