"""The filling side over GraphQL: what REST does, in one request and in its words."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from graph import ADDRESS, ask, data_of, error_of, send
from rest_framework.test import APIClient
from vials import ROWS, make_comparison, make_plan

from fillplanner import runs
from fillplanner.models import Comparison, ConfigTemplate, Plan
from fillplanner.services import configs
from workspaces.models import User
from workspaces.services.tokens import create_token

pytestmark = pytest.mark.django_db
LOTS = [
    {
        "lotId": row["lot_id"],
        "lotType": row["lot_type"],
        "vials": row["vials"],
        "fillHours": row["fill_hours"],
    }
    for row in ROWS
]
CREATE = """
mutation ($input: PlanInput!, $key: String) {
  createPlan(input: $input, idempotencyKey: $key) { id name strategy status }
}"""
PLAN = """
query ($id: ID!) {
  plan(id: $id) {
    name status percent lotsCount startTime errorMessage config
    result {
      makespan utilization changeovers lowerBound gapPercent solverStatus kpis
      activitiesCount
      activities { kind start end startsAt endsAt durationHours lotId lotType note line }
    }
  }
}"""
LIST = """
query ($size: Int) {
  plans(pageSize: $size) {
    total page pageSize pages
    items { id name config result { makespan activities { kind } } }
  }
}"""
COMPARE = """
mutation ($input: ComparisonInput!, $key: String) {
  createComparison(input: $input, idempotencyKey: $key) { id strategies status }
}"""
COMPARISONS = """
{ comparisons { total items {
  id bestStrategy recommendation best { id } plans { strategy result { makespan } }
} } }"""


@pytest.fixture
def client(api, editor: User) -> APIClient:
    made: APIClient = api(editor)
    return made


def with_token(user: User, *scopes: str) -> APIClient:
    client = APIClient()
    _, text = create_token(user, "program", list(scopes))
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    return client


def test_a_plan_is_asked_for_followed_and_read(client: APIClient) -> None:
    config = {"CLEAN_HOURS": 2, "WINDOW_HOURS": 24}
    wanted = {"lots": LOTS, "name": "Week 49", "strategy": "smart", "config": config}
    start = {"startTime": "2026-12-01T08:00:00+01:00"}
    plan = data_of(client, CREATE, input=wanted | start)["createPlan"]
    named = {"name": "Week 49", "strategy": "smart-pack", "status": "PENDING"}
    assert plan == named | {"id": plan["id"]}
    before = data_of(client, PLAN, id=plan["id"])["plan"]
    assert (before["result"], before["percent"]) == (None, 0)

    runs.run(int(plan["id"]), "w")

    after = data_of(client, PLAN, id=plan["id"])["plan"]
    assert (after["status"], after["percent"]) == ("COMPLETED", 100)
    assert after["startTime"] == "2026-12-01T07:00:00+00:00"
    assert after["config"]["clean_hours"] == 2
    over_rest = client.get(f"/api/v1/schedule/{plan['id']}").json()["result"]
    result = after["result"]
    assert (result["makespan"], result["solverStatus"]) == (17.0, "OPTIMAL")
    assert result["kpis"] == over_rest["kpis"]
    activities = result["activities"]
    assert result["activitiesCount"] == len(activities) == len(over_rest["activities"])
    assert activities[0]["kind"] == "CLEAN"
    assert activities[0]["endsAt"] == "2026-12-01T09:00:00+00:00"
    assert [row["lotId"] for row in activities] == [
        row["lot_id"] for row in over_rest["activities"]
    ]


def test_activities_come_in_parts(client: APIClient, editor: User) -> None:
    plan = make_plan(editor)
    runs.run(plan.pk, "w")
    query = """
    query ($id: ID!, $offset: Int, $limit: Int) {
      plan(id: $id) { result { activities(offset: $offset, limit: $limit) { end } } }
    }"""

    def ends(**part: int) -> list[float]:
        plans = data_of(client, query, id=plan.pk, **part)
        return [row["end"] for row in plans["plan"]["result"]["activities"]]

    assert ends(offset=1, limit=2) == ends()[1:3]
    error = error_of(client, query, id=plan.pk, limit=2001)
    assert error["extensions"]["fields"].keys() == {"limit"}


def test_lists_are_narrowed_and_paged_as_over_rest(
    client: APIClient, editor: User, stranger: User
) -> None:
    for name in ("Line 1", "Line 2", "Other"):
        make_plan(editor, name=name)
    make_plan(editor, name="Line 3", strategy="spt-pack")
    make_plan(stranger)
    query = """
    query ($page: Int, $size: Int, $status: Status, $strategy: String, $search: String) {
      plans(page: $page, pageSize: $size, status: $status, strategy: $strategy,
            search: $search) { total pages items { name } }
    }"""

    def found(**chosen: Any) -> Any:
        return data_of(client, query, **chosen)["plans"]

    names = [{"name": name} for name in ("Line 3", "Other", "Line 2", "Line 1")]
    assert found() == {"total": 4, "pages": 1, "items": names}
    assert found(page=2, size=3) == {"total": 4, "pages": 2, "items": names[3:]}
    assert found(search="line", strategy="smart-pack")["items"] == names[2:]
    assert found(status="COMPLETED")["total"] == 0
    assert found(search="a\x00")["total"] == 0
    for field, chosen in (("page", {"page": 0}), ("pageSize", {"size": 101})):
        fields = error_of(client, query, **chosen)["extensions"]["fields"]
        assert fields.keys() == {field}


@pytest.mark.usefixtures("room_for_many_plans")
def test_many_plans_ask_the_database_no_more_than_one(
    client: APIClient, editor: User
) -> None:
    def queries(query: str, **variables: Any) -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            data_of(client, query, **variables)
        return len(seen)

    for number in range(20):
        plan = make_plan(editor)
        runs.run(plan.pk, "w")
        comparison = make_comparison(editor)
        if number % 10 == 0:
            for part in comparison.plans.all():
                runs.run(part.pk, "w")
    assert queries(LIST, size=1) == queries(LIST, size=20) <= 4
    sized = COMPARISONS.replace("comparisons", "comparisons(pageSize: 1)")
    assert queries(sized) == queries(COMPARISONS) <= 5


def test_a_plan_is_cancelled_and_planned_again_once_for_a_key(
    client: APIClient, editor: User
) -> None:
    plan = make_plan(editor)
    cancel = "mutation ($id: ID!) { cancelPlan(id: $id) { status errorMessage } }"
    again = """
    mutation ($id: ID!, $key: String) {
      rerunPlan(id: $id, changes: {strategy: "lpt"}, idempotencyKey: $key) {
        id name strategy
      }
    }"""
    assert error_of(client, again, id=plan.pk)["extensions"]["code"] == "conflict"
    stopped = data_of(client, cancel, id=plan.pk)["cancelPlan"]
    assert stopped == {"status": "FAILED", "errorMessage": "Cancelled by editor"}
    error = error_of(client, cancel, id=plan.pk)
    assert error["message"] == "This plan is finished; there is nothing to cancel."
    assert error["extensions"] == {"code": "conflict", "status": 409, "fields": {}}

    first = data_of(client, again, id=plan.pk, key="k")["rerunPlan"]
    assert first == data_of(client, again, id=plan.pk, key="k")["rerunPlan"]
    assert (first["name"], first["strategy"]) == ("Mine", "lpt-pack")
    assert Plan.objects.count() == 2


def test_a_key_means_the_same_plan_over_rest(client: APIClient) -> None:
    body = {"lots_data": ROWS, "name": "Once"}
    header = {"HTTP_IDEMPOTENCY_KEY": "k"}
    plan = client.post("/api/v1/schedule", body, format="json", **header).json()
    wanted = {"lots": LOTS, "name": "Once"}
    made = data_of(client, CREATE, input=wanted, key="k")["createPlan"]
    assert made["id"] == str(plan["id"])
    error = error_of(client, CREATE, input=wanted | {"name": "Other"}, key="k")
    assert error["extensions"]["code"] == "idempotency_conflict"


def test_strategies_are_compared(client: APIClient) -> None:
    wanted = {"lots": LOTS, "strategies": ["smart-pack", "longest"]}
    made = data_of(client, COMPARE, input=wanted, key="k")["createComparison"]
    assert made["strategies"] == ["smart-pack", "lpt-pack"]
    assert made == data_of(client, COMPARE, input=wanted, key="k")["createComparison"]
    comparison = Comparison.objects.get()
    for plan in comparison.plans.all():
        runs.run(plan.pk, "w")

    (seen,) = data_of(client, COMPARISONS)["comparisons"]["items"]
    assert [plan["strategy"] for plan in seen["plans"]] == ["smart-pack", "lpt-pack"]
    over_rest = client.get(f"/api/v1/compare/{comparison.pk}").json()
    assert seen["bestStrategy"] == over_rest["best_strategy"]
    assert seen["recommendation"] == over_rest["recommendation"]
    assert seen["best"]["id"] in {
        str(row["schedule_id"]) for row in over_rest["results"]
    }

    query = "query ($id: ID!) { comparison(id: $id) { status plans { status } } }"
    one = data_of(client, query, id=comparison.pk)["comparison"]
    assert one == {"status": "COMPLETED", "plans": [{"status": "COMPLETED"}] * 2}
    remove = "mutation ($id: ID!) { deleteComparison(id: $id) }"
    data_of(client, remove, id=comparison.pk)
    assert not Comparison.objects.exists()


def test_a_comparison_is_cancelled(client: APIClient, editor: User) -> None:
    comparison = make_comparison(editor)
    cancel = "mutation ($id: ID!) { cancelComparison(id: $id) { status best { id } } }"
    stopped = data_of(client, cancel, id=comparison.pk)["cancelComparison"]
    assert stopped == {"status": "FAILED", "best": None}


def test_rules_are_kept_changed_chosen_and_deleted(client: APIClient) -> None:
    keep = """
    mutation ($input: ConfigTemplateInput!) {
      createConfigTemplate(input: $input) { id version isPublic isDefault config }
    }"""
    change = """
    mutation ($id: ID!, $changes: ConfigTemplateChanges!, $version: String) {
      changeConfigTemplate(id: $id, changes: $changes, expectedVersion: $version) {
        name version
      }
    }"""
    config = {"clean_hours": 12}
    wanted = {"name": "Line 1", "config": config, "isPublic": True}
    template = data_of(client, keep, input=wanted)["createConfigTemplate"]
    known = {"id": template["id"], "version": template["version"]}
    assert template == known | {"isPublic": True, "isDefault": False, "config": config}

    changed = data_of(client, change, changes={"name": "Line 2"}, **known)
    assert changed["changeConfigTemplate"]["name"] == "Line 2"
    late = error_of(client, change, changes={"name": "Line 3"}, **known)
    assert late["extensions"]["code"] == "precondition_failed"
    assert late["extensions"]["detail"]["changed_by"] == "editor"

    choose = "mutation ($id: ID!) { setDefaultConfigTemplate(id: $id) { isDefault } }"
    chosen = "{ defaultConfigTemplate { id } systemDefaultConfig }"
    assert data_of(client, chosen)["defaultConfigTemplate"] is None
    data_of(client, choose, id=template["id"])
    now = data_of(client, chosen)
    assert now["defaultConfigTemplate"] == {"id": template["id"]}
    over_rest = client.get("/api/v1/config/system/default").json()
    assert now["systemDefaultConfig"] == over_rest
    data_of(client, "mutation { unsetDefaultConfigTemplate }")
    assert data_of(client, chosen)["defaultConfigTemplate"] is None
    data_of(
        client,
        "mutation ($id: ID!) { deleteConfigTemplate(id: $id) }",
        id=template["id"],
    )
    assert not ConfigTemplate.objects.exists()


def test_others_rules_show_when_they_are_public(
    client: APIClient, stranger: User
) -> None:
    for name, public in (("Shared", True), ("Private", False)):
        configs.create(stranger, {"name": name, "config": {}, "is_public": public})
    private = ConfigTemplate.objects.get(name="Private")
    listed = data_of(client, "{ configTemplates { items { name } } }")
    assert listed["configTemplates"]["items"] == [{"name": "Shared"}]
    query = "query ($id: ID!) { configTemplate(id: $id) { name } }"
    error = error_of(client, query, id=private.pk)
    assert error["message"] == "Template not found"


def test_strategies_are_those_of_rest(client: APIClient) -> None:
    listed = data_of(client, "{ strategies { name aliases description } }")
    assert listed["strategies"] == client.get("/api/v1/strategies").json()


# --- what is refused
# ---------------------------------------------------------------------------------


def test_lots_that_are_wrong_are_named_by_their_place(client: APIClient) -> None:
    wrong = [LOTS[0], LOTS[1] | {"vials": 0}, LOTS[0] | {"fillHours": 500}]
    error = error_of(client, CREATE, input={"lots": wrong})
    extensions = error["extensions"]
    assert error["path"] == ["createPlan"]
    assert (error["message"], extensions["status"]) == ("Invalid lots data", 400)
    assert extensions["fields"].keys() == {
        "lots.1.vials",
        "lots.2.fillHours",
        "lots.2.lotId",
    }
    rows = [ROWS[0], ROWS[1] | {"vials": 0}, ROWS[0] | {"fill_hours": 500}]
    over_rest = client.post("/api/v1/schedule", {"lots_data": rows}, format="json")
    assert extensions["detail"] == over_rest.json()["detail"]
    nothing = error_of(client, CREATE, input={"lots": []})["extensions"]
    assert nothing["fields"] == {"lots": ["No lots provided"]}
    assert not Plan.objects.exists()


@pytest.mark.parametrize(
    ("wanted", "code", "field", "words"),
    [
        ({"name": "x" * 256}, "validation_error", "name", "Some fields"),
        ({"config": [1]}, "validation_error", "config", "Some fields"),
        ({"config": {"speed": 1}}, "invalid_request", None, "Invalid config"),
        ({"strategy": "best"}, "invalid_request", None, "Strategy 'best' not found"),
        ({"startTime": "soon"}, "invalid_request", None, "Invalid start_time"),
        (
            {"lots": [LOTS[0] | {"vials": "1"}]},
            "validation_error",
            None,
            "Variable '$input'",
        ),
    ],
)
def test_what_rest_refuses_is_refused(
    client: APIClient, wanted: dict[str, Any], code: str, field: str | None, words: str
) -> None:
    error = error_of(client, CREATE, input={"lots": LOTS} | wanted)
    assert error["extensions"]["code"] == code
    assert list(error["extensions"]["fields"]) == ([field] if field else [])
    assert error["message"].startswith(words)
    assert not Plan.objects.exists()


def test_there_is_no_room_for_more_than_rest_allows(
    client: APIClient, editor: User, settings: Any
) -> None:
    settings.PLANS_OPEN_PER_PERSON = 1
    make_plan(editor)
    for query, wanted in ((CREATE, {}), (COMPARE, {"strategies": ["spt", "lpt"]})):
        extensions = error_of(client, query, input={"lots": LOTS} | wanted)[
            "extensions"
        ]
        assert (extensions["code"], extensions["status"]) == ("rate_limited", 429)
        assert extensions["retryAfter"] == 30
    assert Plan.objects.count() == 1


@pytest.mark.parametrize(
    "query",
    [
        "query ($id: ID!) { plan(id: $id) { name } }",
        "mutation ($id: ID!) { cancelPlan(id: $id) { name } }",
        "mutation ($id: ID!) { rerunPlan(id: $id) { name } }",
        "mutation ($id: ID!) { deletePlan(id: $id) }",
    ],
)
def test_somebody_elses_plan_stays_theirs(
    client: APIClient, stranger: User, query: str
) -> None:
    plan = make_plan(stranger)
    body = ask(client, query, id=plan.pk)
    assert body["data"] is None
    assert body["errors"][0]["extensions"]["code"] == "forbidden"
    plan.refresh_from_db()
    assert plan.state == "pending"
    for key in ("0", "-1", "x", "9" * 30):
        missing = error_of(client, query, id=key)
        assert missing["message"] == "Schedule not found"
        assert missing["extensions"]["status"] == 404


@pytest.mark.parametrize(
    "query",
    [
        "query ($id: ID!) { comparison(id: $id) { name } }",
        "mutation ($id: ID!) { cancelComparison(id: $id) { name } }",
        "mutation ($id: ID!) { deleteComparison(id: $id) }",
    ],
)
def test_somebody_elses_comparison_stays_theirs(
    client: APIClient, stranger: User, query: str
) -> None:
    comparison = make_comparison(stranger)
    error = error_of(client, query, id=comparison.pk)
    assert error["extensions"]["code"] == "forbidden"
    comparison.refresh_from_db()
    assert comparison.state == "pending"


# --- who may
# ---------------------------------------------------------------------------------


def test_tokens_reach_as_far_as_their_scopes(editor: User) -> None:
    plan = make_plan(editor)
    reader = with_token(editor, "plans:read")
    writer = with_token(editor, "plans:write")
    other = with_token(editor, "posts:read")
    cancel = "mutation ($id: ID!) { cancelPlan(id: $id) { id } }"
    assert data_of(reader, "{ plans { total } }") == {"plans": {"total": 1}}
    for client, query, scope in (
        (reader, cancel, "plans:write"),
        (writer, PLAN, "plans:read"),
        (other, PLAN, "plans:read"),
    ):
        error = error_of(client, query, id=plan.pk)
        assert error["message"] == f"This token lacks the scope {scope}."
    assert data_of(writer, cancel, id=plan.pk) == {"cancelPlan": {"id": str(plan.pk)}}


def test_nobody_is_told_to_sign_in(api) -> None:
    for header in ({}, {"HTTP_AUTHORIZATION": "Bearer wrong"}):
        answer = api().post(
            ADDRESS, {"query": "{ __typename }"}, format="json", **header
        )
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
        assert answer.json().keys() == {"detail"}


def test_a_session_needs_the_csrf_token(editor: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(editor, backend="workspaces.backends.EmailOrUsername")
    body = {"query": "{ plans { total } }"}
    refused = client.post(ADDRESS, body, content_type="application/json")
    assert (refused.status_code, refused.json().keys()) == (403, {"detail"})
    client.get("/account")
    token = {"X-CSRFToken": client.cookies["csrftoken"].value}
    answer = client.post(ADDRESS, body, content_type="application/json", headers=token)
    assert answer.json() == {"data": {"plans": {"total": 0}}}


def test_nothing_is_done_by_looking_at_an_address(
    client: APIClient, editor: User
) -> None:
    plan = make_plan(editor)
    query = f"mutation {{ cancelPlan(id: {plan.pk}) {{ id }} }}"
    answer = client.get(ADDRESS, {"query": query})
    assert (answer.status_code, answer["Allow"]) == (405, "POST, OPTIONS")
    form = client.post(ADDRESS, {"query": query}, format="multipart")
    file = SimpleUploadedFile("q.json", b"{}")
    upload = client.post(ADDRESS, {"operations": "{}", "0": file}, format="multipart")
    assert form.status_code == upload.status_code == 415
    plan.refresh_from_db()
    assert plan.state == "pending"


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, ["body", "query"]),
        ({"query": 1}, ["body", "query"]),
        ({"query": "{ plans { total } }" + " " * 20_000}, ["body", "query"]),
        ({"query": "{ __typename }", "variables": []}, ["body", "variables"]),
        ([{"query": "{ __typename }"}], ["body"]),
        ({"query": "subscription { x }"}, ["body", "operationName"]),
        ({"query": "{ __typename }", "operationName": "x"}, ["body", "operationName"]),
    ],
)
def test_what_is_no_request_is_refused_whole(
    client: APIClient, body: Any, place: list[str]
) -> None:
    answer = client.post(ADDRESS, body, format="json")
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == place


def test_an_unexpected_error_tells_nothing(
    client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("fillplanner.graphql.queries.plans_of", fail)
    answer = send(client, "{ plans { total } strategies { name } }")
    assert b"secret" not in answer.content
    (error,) = answer.json()["errors"]
    assert error["message"] == "Internal Server Error"
    assert error["extensions"] == {
        "code": "internal_error",
        "status": 500,
        "fields": {},
    }
    assert answer["X-Request-ID"]
