"""Config templates of the filling dialect on the wire."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from fillplanner.models import ConfigTemplate
from workspaces.models import AuditEntry, User

pytestmark = pytest.mark.django_db
ROW = {
    "id",
    "user_id",
    "name",
    "description",
    "config",
    "is_public",
    "is_default",
    "created_at",
    "updated_at",
}
CONFIG = {
    "max_clean_hours": 6.0,
    "default_changeover_hours": 3.0,
    "changeover_matrix": {"A": {"B": 4.0}},
}


@pytest.fixture
def client(api, editor: User) -> APIClient:
    made: APIClient = api(editor)
    return made


@pytest.fixture
def other(api, stranger: User) -> APIClient:
    made: APIClient = api(stranger)
    return made


def keep(client: APIClient, **body: Any) -> dict[str, Any]:
    answer = client.post(
        "/api/v1/config", {"name": "Line 3", "config": CONFIG} | body, format="json"
    )
    assert answer.status_code == 201, answer.json()
    made: dict[str, Any] = answer.json()
    return made


def test_a_template_is_kept_as_it_was_given(client: APIClient, editor: User) -> None:
    row = keep(
        client,
        description="For the new line",
        config=CONFIG | {"x_own": [1, {"y": None}]},
    )
    assert set(row) == ROW
    assert (row["user_id"], row["name"], row["description"]) == (
        editor.pk,
        "Line 3",
        "For the new line",
    )
    assert row["config"] == CONFIG | {"x_own": [1, {"y": None}]}
    assert (row["is_public"], row["is_default"]) == (False, False)
    assert "+" not in row["created_at"] and "Z" not in row["created_at"]
    assert client.get(f"/api/v1/config/{row['id']}").json() == row
    assert keep(client)["description"] is None


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"config": CONFIG}, 422),
        ({"name": "x"}, 422),
        ({"name": "", "config": {}}, 422),
        ({"name": "x" * 256, "config": {}}, 422),
        ({"name": "x", "config": []}, 422),
        ({"name": "x", "config": {}, "is_public": "perhaps"}, 422),
        ({"name": "\x7f", "config": {}}, 422),
    ],
)
def test_a_malformed_template_is_refused(
    client: APIClient, body: dict[str, Any], status: int
) -> None:
    assert client.post("/api/v1/config", body, format="json").status_code == status
    assert not ConfigTemplate.objects.exists()


def test_an_invalid_config_is_400_and_names_every_key(client: APIClient) -> None:
    config = {"max_clean_hours": -5.0, "default_changeover_hours": "not a number"}
    answer = client.post(
        "/api/v1/config", {"name": "Bad", "config": config}, format="json"
    )
    detail = answer.json()["detail"]
    assert (answer.status_code, set(detail)) == (400, {"message", "errors", "warnings"})
    assert detail["errors"] == [
        "'max_clean_hours' must be at least 0 (got -5)",
        "'default_changeover_hours' must be a number (got 'not a number')",
    ]
    template = keep(client)
    changed = client.put(
        f"/api/v1/config/{template['id']}", {"config": config}, format="json"
    )
    assert (changed.status_code, changed.json()["detail"]) == (400, detail)
    imported = client.post(
        "/api/v1/config/import", {"name": "Bad", "config": config}, format="json"
    )
    assert (imported.status_code, imported.json()["detail"]) == (400, detail)


def test_private_templates_do_not_show_and_public_ones_can_only_be_read(
    client: APIClient, other: APIClient
) -> None:
    private, public = keep(client), keep(client, is_public=True)
    for address in (
        f"/api/v1/config/{private['id']}",
        f"/api/v1/config/{private['id']}/export",
    ):
        answer = other.get(address)
        assert (answer.status_code, answer.json()) == (
            404,
            {"detail": "Template not found"},
        )
    assert other.get(f"/api/v1/config/{public['id']}").json() == public
    assert other.get(f"/api/v1/config/{public['id']}/export").status_code == 200
    for row in (private, public):
        assert (
            other.put(
                f"/api/v1/config/{row['id']}", {"name": "Mine"}, format="json"
            ).status_code
            == 404
        )
        assert other.delete(f"/api/v1/config/{row['id']}").status_code == 404
        assert other.post(f"/api/v1/config/{row['id']}/set-default").status_code == 404
    assert [
        client.get(f"/api/v1/config/{row['id']}").json() for row in (private, public)
    ] == [private, public]


def test_the_list_holds_ones_own_and_the_public_ones(
    client: APIClient, other: APIClient
) -> None:
    rows = [keep(client, name="Private"), keep(client, name="Public", is_public=True)]
    keep(other, name="Hidden")
    body = client.get("/api/v1/configs").json()
    assert set(body) == {"templates", "total", "page", "page_size", "pages"}
    assert (body["total"], body["page"], body["page_size"], body["pages"]) == (
        2,
        1,
        20,
        1,
    )
    assert body["templates"] == rows[::-1]
    assert [
        row["name"] for row in other.get("/api/v1/configs").json()["templates"]
    ] == ["Hidden", "Public"]
    for client_ in (client, other):
        assert [
            row["name"]
            for row in client_.get("/api/v1/configs?public_only=true").json()[
                "templates"
            ]
        ] == ["Public"]
    assert (
        client.get("/api/v1/configs?page=2&page_size=1").json()["templates"] == rows[:1]
    )


@pytest.mark.parametrize("query", ["page=0", "page_size=101", "public_only=perhaps"])
def test_a_bad_query_is_422(client: APIClient, query: str) -> None:
    assert client.get(f"/api/v1/configs?{query}").status_code == 422


def test_only_what_is_given_is_changed(client: APIClient) -> None:
    row = keep(client, description="Old")
    new = {"name": "New", "config": {"max_clean_hours": 7.0}, "description": None}
    changed = client.put(f"/api/v1/config/{row['id']}", new, format="json").json()
    assert (changed["name"], changed["config"], changed["description"]) == (
        "New",
        {"max_clean_hours": 7.0},
        "Old",
    )
    assert changed["updated_at"] > changed["created_at"] == row["created_at"]
    shared = client.put(
        f"/api/v1/config/{row['id']}",
        {"is_public": True, "description": ""},
        format="json",
    ).json()
    assert (shared["is_public"], shared["description"], shared["config"]) == (
        True,
        None,
        {"max_clean_hours": 7.0},
    )
    entry = (
        AuditEntry.objects.filter(
            thing=f"config_template:{row['id']}", action="changed"
        )
        .order_by("number")
        .first()
    )
    assert (entry.before["name"], entry.after["name"]) == ("Line 3", "New")


def test_there_is_one_default_or_none(client: APIClient, other: APIClient) -> None:
    assert client.get("/api/v1/config/default").json() is None
    assert client.get("/api/v1/config/default").content == b"null"
    first, second = keep(client), keep(client)
    made = client.post(f"/api/v1/config/{first['id']}/set-default")
    assert (made.status_code, made.json()["is_default"]) == (200, True)
    client.post(f"/api/v1/config/{second['id']}/set-default")
    assert client.get("/api/v1/config/default").json()["id"] == second["id"]
    assert client.get(f"/api/v1/config/{first['id']}").json()["is_default"] is False
    assert other.get("/api/v1/config/default").json() is None
    unset = client.delete("/api/v1/config/default")
    assert unset.json() == {
        "message": "Default configuration template unset successfully",
        "detail": None,
    }
    assert client.delete("/api/v1/config/default").status_code == 200
    assert client.get("/api/v1/config/default").json() is None
    assert ConfigTemplate.objects.count() == 2


def test_deleting_says_what_went(client: APIClient) -> None:
    row = keep(client)
    client.post(f"/api/v1/config/{row['id']}/set-default")
    answer = client.delete(f"/api/v1/config/{row['id']}")
    said = {
        "message": "Configuration template deleted successfully",
        "detail": "Deleted template: Line 3",
    }
    assert (answer.status_code, answer.json()) == (200, said)
    assert client.get(f"/api/v1/config/{row['id']}").status_code == 404
    assert client.get("/api/v1/config/default").json() is None


def test_an_export_can_be_imported_by_somebody_else(
    client: APIClient, other: APIClient, stranger: User
) -> None:
    row = keep(client, is_public=True, description="Shared")
    file = other.get(f"/api/v1/config/{row['id']}/export").json()
    assert file == {
        name: row[name]
        for name in ("name", "description", "config", "created_at", "updated_at")
    }
    answer = other.post("/api/v1/config/import", file, format="json")
    copy = answer.json()
    assert (answer.status_code, copy["user_id"], copy["config"]) == (
        201,
        stranger.pk,
        row["config"],
    )
    assert (copy["name"], copy["description"], copy["is_public"]) == (
        "Line 3",
        "Shared",
        False,
    )


def test_the_system_default_is_valid(client: APIClient) -> None:
    config = client.get("/api/v1/config/system/default").json()
    assert config == {
        "max_clean_hours": 4.0,
        "default_changeover_hours": 2.0,
        "min_lot_spacing_hours": 0.5,
        "window_penalty_weight": 1.0,
        "priority_levels": {"high": 3.0, "medium": 2.0, "low": 1.0},
        "changeover_matrix": {},
        "milp_time_limit": 300,
        "allowed_strategies": [
            "smart-pack",
            "spt-pack",
            "lpt-pack",
            "cfs-pack",
            "hybrid-pack",
            "milp-opt",
        ],
    }
    verdict = client.post("/api/v1/config/validate", config, format="json").json()
    assert (verdict["valid"], verdict["errors"]) == (True, [])
    assert (
        "'min_lot_spacing_hours' is kept but not used for planning"
        in verdict["warnings"]
    )


def test_validation_is_always_200_and_keeps_nothing(client: APIClient) -> None:
    answer = client.post("/api/v1/config/validate", CONFIG, format="json")
    assert (answer.status_code, answer.json()) == (
        200,
        {"valid": True, "errors": [], "warnings": []},
    )
    bad = client.post(
        "/api/v1/config/validate", {"max_clean_hours": "x"}, format="json"
    )
    assert (bad.status_code, bad.json()["valid"], len(bad.json()["errors"])) == (
        200,
        False,
        1,
    )
    assert client.post("/api/v1/config/validate", [1], format="json").status_code == 422
    assert not ConfigTemplate.objects.exists()


@pytest.mark.parametrize("door", ["config", "config/import"])
def test_a_repeat_under_the_same_key_keeps_no_second_template(
    client: APIClient, door: str
) -> None:
    key, body = {"HTTP_IDEMPOTENCY_KEY": "k1"}, {"name": "Once", "config": CONFIG}
    answers = [
        client.post(f"/api/v1/{door}", body, format="json", **key) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    changed = client.post(
        f"/api/v1/{door}", body | {"name": "Other"}, format="json", **key
    )
    assert (changed.status_code, ConfigTemplate.objects.count()) == (409, 1)


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("post", ""),
        ("get", "s"),
        ("get", "/1"),
        ("put", "/1"),
        ("delete", "/1"),
        ("post", "/1/set-default"),
        ("get", "/default"),
        ("delete", "/default"),
        ("post", "/validate"),
        ("get", "/system/default"),
        ("post", "/import"),
        ("get", "/1/export"),
    ],
)
def test_every_call_needs_a_token(api, method: str, address: str) -> None:
    answer = getattr(api(None), method)(f"/api/v1/config{address}")
    assert (answer.status_code, answer.json()) == (401, {"detail": "Not authenticated"})


@pytest.mark.parametrize(
    ("number", "status"), [("x", 422), ("1.5", 422), ("9" * 40, 404), ("77", 404)]
)
def test_odd_ids_are_answered_plainly(
    client: APIClient, number: str, status: int
) -> None:
    assert client.get(f"/api/v1/config/{number}").status_code == status
    assert client.post(f"/api/v1/config/{number}/set-default").status_code == status


# Between the limit of the checks and that of the parser, the stack decides which of them says no.
@pytest.mark.parametrize(
    ("depth", "statuses"),
    [(40, {201}), (400, {400}), (900, {400, 422}), (100_000, {422})],
)
@pytest.mark.parametrize("door", ["config", "config/import"])
def test_a_body_nested_without_end_is_refused(
    client: APIClient, door: str, depth: int, statuses: set[int]
) -> None:
    config = '{"a":' * depth + "1" + "}" * depth
    answer = client.post(
        f"/api/v1/{door}",
        f'{{"name": "x", "config": {config}}}',
        content_type="application/json",
    )
    assert answer.status_code in statuses
    assert ConfigTemplate.objects.exists() == (answer.status_code == 201)


@pytest.mark.parametrize(
    "address", ["auth/login", "schedule", "schedules/batch", "config/validate"]
)
def test_every_door_takes_a_bottomless_body_for_a_malformed_one(
    client: APIClient, address: str
) -> None:
    answer = client.post(
        f"/api/v1/{address}", "[" * 100_000, content_type="application/json"
    )
    assert (
        answer.status_code,
        "nested too deeply" in answer.json()["detail"][0]["msg"],
    ) == (422, True)
