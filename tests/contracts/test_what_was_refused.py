"""Bodies of another shape than the API document names: what is refused, where, and what
the answer repeats of them.
"""

from __future__ import annotations

from typing import Any

import pytest

from workspaces.models import User, Workspace

pytestmark = pytest.mark.django_db
PROMPT = {"name": "P", "prompt_text": "Write."}
CONFIG = {"name": "C", "config": {}}
PLAN = {"lots_data": [], "strategy": "smart-pack"}
RUN = "2026-12-01T10:00:00Z"


@pytest.mark.parametrize(
    ("method", "path", "body", "wrong", "right"),
    [
        ("post", "/api/ai/templates", PROMPT, {"prompt_text": 0}, {}),
        ("post", "/api/ai/templates", PROMPT, {"is_active": "yes"}, {}),
        ("put", "/api/ai/engine", {}, {"needs_approval": 0}, {"needs_approval": True}),
        ("put", "/api/ai/engine", {}, {"seconds": "30"}, {"seconds": 30}),
        ("put", "/api/ai/engine", {}, {"price_in": True}, {"price_in": "1.5"}),
        ("patch", "/api/settings", {}, {"upload_platforms": [1]}, {}),
        ("put", "/api/v1/notifications", {"email": True}, {"email": 0}, {}),
        ("post", "/api/v1/config", CONFIG, {"description": 0}, {"description": "0"}),
        ("post", "/api/v1/config", CONFIG, {"is_public": 1}, {"is_public": False}),
        ("post", "/auth/login", {"username": "ed"}, {"password": 5}, None),
    ],
)
def test_a_json_value_of_another_type_is_refused_at_its_field(
    api: Any,
    manager: User,
    method: str,
    path: str,
    body: dict[str, Any],
    wrong: dict[str, Any],
    right: dict[str, Any] | None,
) -> None:
    send = getattr(api(manager), method)
    name = next(iter(wrong))
    refused = send(path, body | wrong, format="json")
    assert refused.status_code == 422, refused.content
    (entry,) = refused.json()["detail"]
    assert entry["loc"][:2] == ["body", name]
    if right is not None:
        assert send(path, body | right, format="json").status_code < 300


def test_the_scheduling_dialect_takes_no_other_types_either(
    api: Any, editor: User, workspace: Workspace
) -> None:
    item = {"content_id": "a", "platform": "x", "scheduled_time": RUN}
    for body, place in (
        ({"title": 5, "items": [item]}, "body.title"),
        (
            {"title": "T", "items": [item | {"content_id": 5}]},
            "body.items.0.content_id",
        ),
        (
            {"title": "T", "items": [item], "callbacks": {"on_failed": 0}},
            "body.callbacks",
        ),
    ):
        path = "/api/v1/scheduling/calendar"
        refused = api(editor).post(path, body, format="json")
        assert refused.status_code == 422
        assert list(refused.json()["detail"]["fields"]) == [place]


@pytest.mark.parametrize(
    ("method", "path", "body", "loc", "told"),
    [
        ("post", "/api/v1/config", CONFIG | {"name": "n" * 300}, ["body", "name"], "n" * 300),
        ("post", "/api/v1/config", {"name": "C"}, ["body", "config"], {"name": "C"}),
        ("post", "/api/v1/config", CONFIG | {"name": "n" * 3000}, ["body", "name"], None),
        ("get", "/api/v1/schedules?page=no", None, ["query", "page"], "no"),
        ("get", "/api/v1/schedule/1?compat=new", None, ["query", "compat"], "new"),
        ("post", "/api/v1/schedule/validate?report=all", [], ["query", "report"], "all"),
        ("get", "/api/v1/schedule/no", None, ["path", "schedule_id"], "no"),
        ("put", "/api/ai/engine", {"key": 12345}, ["body", "key"], None),
        ("put", "/api/ai/engine", {"model": 7, "key": "s3"}, ["body", "model"], 7),
        ("post", "/auth/login", {"password": "s3"}, ["body", "username"], {"password": None}),
        ("post", "/auth/register", {"username": "a", "email": "a@b.de", "password": "s3"},
         ["body", "password"], None),
    ],
)  # fmt: skip
def test_a_refusal_repeats_the_value_but_no_secret_and_nothing_long(
    api: Any,
    manager: User,
    method: str,
    path: str,
    body: dict[str, Any] | None,
    loc: list[str],
    told: Any,
) -> None:
    refused = getattr(api(manager), method)(path, body, format="json")
    assert refused.status_code == 422
    (entry,) = refused.json()["detail"]
    assert (entry["loc"], entry["input"]) == (loc, told)
    assert "s3" not in refused.content.decode()
