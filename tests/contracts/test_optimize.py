"""The scheduling dialect's optimiser: shapes, limits in the client's words, applying once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from rest_framework.test import APIClient

from calendars.models import CalendarEvent
from cast import make_channel, make_content, make_post
from scheduling.models import Post
from scheduling.posts import services as posting
from workspaces.models import User, Workspace
from workspaces.services.tokens import create_token

pytestmark = pytest.mark.django_db
PATH = "/api/v1/scheduling/optimize"
MONDAY = datetime(2027, 3, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def monday():
    cache.clear()
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def night(workspace: Workspace) -> list[Post]:
    channels = [
        make_channel(workspace),
        make_channel(workspace, name="H2O on X", platform="x"),
    ]
    return [
        make_post(
            account,
            make_content(workspace, title=f"t{n}"),
            at=MONDAY + timedelta(days=n, hours=3),
        )
        for account in channels
        for n in (1, 2)
    ]


def ask(posts: list[Post], **more: Any) -> dict[str, Any]:
    return {"post_ids": [str(post.pk) for post in posts], **more}


def test_a_preview_has_the_dialects_shape(api, editor: User, night: list[Post]) -> None:
    answer = api(editor).post(PATH, ask(night), format="json")
    body = answer.json()
    assert answer.status_code == 200
    assert {
        "id",
        "tenant_id",
        "schedule_id",
        "state",
        "changes",
        "metrics",
        "created_at",
        "updated_at",
    } <= set(body)
    assert (body["id"][:4], body["tenant_id"], body["schedule_id"], body["state"]) == (
        "opt_",
        "h2o",
        None,
        "completed",
    )
    [first, *_] = body["changes"]
    assert {
        "content_id",
        "platform",
        "previous_time",
        "new_time",
        "score_before",
        "score_after",
        "reason",
        "confidence",
    } <= set(first)
    assert {change["platform"] for change in body["changes"]} == {
        "facebook",
        "twitter",
    }
    assert body["metrics"] == {
        "total_targeted": 4,
        "changed_count": 4,
        "unchanged_count": 0,
        "rate_limited": False,
        "average_score_lift": body["metrics"]["average_score_lift"],
    }
    assert body["metrics"]["average_score_lift"] > 0
    assert all(
        0 <= change[name] <= 1
        for change in body["changes"]
        for name in ("score_after", "confidence")
    )
    assert api(editor).get(f"{PATH}/{body['id']}").json() == body
    assert not body["applied"]


def test_every_constraint_of_the_dialect_is_kept(
    api, editor: User, night: list[Post]
) -> None:
    constraints = {
        # Without an offset: on the workspace's clock, eight hours behind.
        "do_not_move_before": "2027-03-02T08:00:00",
        "do_not_move_after": "2027-03-05T20:00:00",
        "blackout_windows": [
            {"start": "2027-03-03T00:00:00Z", "end": "2027-03-04T00:00:00Z"}
        ],
        "platform_specific_rules": {
            "twitter": {
                "min_interval_minutes": 2000,
                "max_per_day": 1,
                "max_per_week": 9,
            }
        },
    }
    body = (
        api(editor)
        .post(PATH, ask(night, constraints=constraints), format="json")
        .json()
    )
    new = [datetime.fromisoformat(change["new_time"]) for change in body["changes"]]
    moved = [
        at
        for at, change in zip(new, body["changes"], strict=True)
        if change["reason"] != "already_at_best_time"
    ]
    assert min(moved) >= datetime(2027, 3, 2, 16, tzinfo=UTC)
    assert max(moved) <= datetime(2027, 3, 6, 4, tzinfo=UTC)
    assert all(at.day != 3 for at in new)
    x = [
        at
        for at, change in zip(new, body["changes"], strict=True)
        if change["platform"] == "twitter"
    ]
    assert abs(x[0] - x[1]) >= timedelta(minutes=2000)


def test_applying_again_is_the_same_optimisation(
    api, editor: User, night: list[Post]
) -> None:
    first = api(editor).post(PATH, ask(night, apply=True), format="json").json()
    again = api(editor).post(PATH, ask(night, apply=True), format="json").json()
    assert first["applied"]
    assert again == first
    for change in first["changes"]:
        post = Post.objects.get(pk=change["post_id"])
        assert post.scheduled_at == datetime.fromisoformat(change["new_time"])


def test_a_preview_is_applied_once_nothing_changed(
    api, editor: User, night: list[Post]
) -> None:
    body = api(editor).post(PATH, ask(night), format="json").json()
    posting.move(editor, night[0], MONDAY + timedelta(days=3))
    refused = api(editor).post(f"{PATH}/{body['id']}/apply")
    assert (refused.status_code, refused.json()["error_code"]) == (409, "conflict")
    body = api(editor).post(PATH, ask(night), format="json").json()
    applied = api(editor).post(f"{PATH}/{body['id']}/apply")
    assert (applied.status_code, applied.json()["applied"]) == (200, True)
    assert api(editor).post(f"{PATH}/{body['id']}/apply").json() == applied.json()


def test_a_published_post_does_not_move(api, editor: User, night: list[Post]) -> None:
    Post.objects.filter(pk=night[0].pk).update(state="published")
    changes = api(editor).post(PATH, ask(night), format="json").json()["changes"]
    assert changes[0]["reason"] == "constraints_forbid_move"
    assert changes[0]["new_time"] == changes[0]["previous_time"]
    assert changes[1]["new_time"] != changes[1]["previous_time"]


def test_many_posts_are_worked_on_in_the_background(
    api, editor: User, night: list[Post], settings, django_capture_on_commit_callbacks
) -> None:
    settings.OPTIMIZE_AT_ONCE = 2
    with django_capture_on_commit_callbacks(execute=True):
        body = api(editor).post(PATH, ask(night), format="json").json()
    assert body["state"] == "pending"
    assert api(editor).get(f"{PATH}/{body['id']}").json()["state"] == "completed"
    assert api(editor).post(f"{PATH}/{body['id']}/cancel").status_code == 409


def test_what_no_worker_has_begun_is_stopped(
    api, editor: User, night: list[Post], settings
) -> None:
    settings.OPTIMIZE_AT_ONCE = 2
    body = api(editor).post(PATH, ask(night), format="json").json()
    stopped = api(editor).post(f"{PATH}/{body['id']}/cancel")
    assert (stopped.status_code, stopped.json()["state"]) == (200, "failed")


@pytest.mark.parametrize(
    "constraints",
    [
        {"do_not_move_before": "tomorrow"},
        {
            "do_not_move_before": "2027-03-03T00:00:00Z",
            "do_not_move_after": "2027-03-02T00:00:00Z",
        },
        {"platform_specific_rules": {"myspace": {}}},
        {"platform_specific_rules": {"x": {"max_per_moon": 1}}},
        {"platform_specific_rules": {"x": {"max_per_day": -1}}},
        {"blackout_windows": [{"start": "2027-03-02T00:00:00Z"}]},
        {
            "blackout_windows": [
                {"start": "2027-03-02T00:00:00Z", "end": "2027-03-01T00:00:00Z"}
            ]
        },
        {"grid_minutes": 7},
        "none",
    ],
)
def test_bad_constraints_are_422(
    api, editor: User, night: list[Post], constraints: Any
) -> None:
    answer = api(editor).post(PATH, ask(night, constraints=constraints), format="json")
    assert (answer.status_code, answer.json()["error_code"]) == (
        422,
        "validation_error",
    )


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"post_ids": []},
        {"schedule_id": "sched_1"},
        {"targets": []},
        {"post_ids": ["one"]},
        {"schedule_id": "sched_1", "targets": []},
    ],
)
def test_a_call_that_names_nothing_is_422(
    api, editor: User, body: dict[str, Any]
) -> None:
    assert api(editor).post(PATH, body, format="json").status_code == 422


def test_what_is_not_there_is_404(
    api, editor: User, stranger: User, night: list[Post]
) -> None:
    target = {
        "content_id": "a",
        "platform": "x",
        "current_scheduled_time": "2027-03-02T00:00:00Z",
    }
    asked = {"schedule_id": "sched_" + "0" * 32, "targets": [target]}
    assert api(editor).post(PATH, asked, format="json").status_code == 404
    assert api(stranger).post(PATH, ask(night), format="json").status_code == 404
    made = api(editor).post(PATH, ask(night), format="json").json()["id"]
    for user, name in (
        (stranger, made),
        (editor, "opt_1"),
        (editor, "opt_" + "0" * 32),
    ):
        assert api(user).get(f"{PATH}/{name}").status_code == 404
        assert api(user).post(f"{PATH}/{name}/apply").status_code == 404


def test_a_token_needs_the_scope_and_a_person_the_role(
    api, editor: User, viewer: User, night: list[Post]
) -> None:
    client = APIClient()
    for scopes, status in ((["schedules:write"], 403), (["optimization:write"], 200)):
        token = create_token(editor, scopes[0], scopes)[1]
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        assert client.post(PATH, ask(night), format="json").status_code == status
    assert api(viewer).post(PATH, ask(night), format="json").status_code == 403


def test_optimising_has_a_rate_of_its_own(
    api, editor: User, night: list[Post], settings
) -> None:
    settings.SCHEDULING_OPTIMIZE_PER_MINUTE = 1
    client = api(editor)
    assert [
        client.post(PATH, ask(night), format="json").status_code for _ in range(2)
    ] == [200, 429]


# --- the items of a calendar
# ----------------------------------------------------------------------------


@pytest.fixture
def made(api, editor: User) -> dict[str, Any]:
    """A calendar of three items, as a client sees it after making it."""
    items = [
        {
            "content_id": f"c{n}",
            "platform": name,
            "scheduled_time": (MONDAY + timedelta(days=n + 1, hours=11)).isoformat(),
        }
        for n, name in enumerate(("youtube", "twitter", "twitter"))
    ]
    asked = {"title": "T", "timezone": "America/New_York", "items": items}
    calendar = (
        api(editor).post("/api/v1/scheduling/calendar", asked, format="json").json()
    )
    return dict(
        api(editor)
        .get(f"/api/v1/scheduling/calendar/{calendar['id']}?expand=items")
        .json()
    )


def of_calendar(made: dict[str, Any], **more: Any) -> dict[str, Any]:
    targets = [
        {
            "content_id": item["content_id"],
            "platform": item["platform"],
            "current_scheduled_time": item["scheduled_time"],
        }
        for item in made["items"]
    ]
    return {"schedule_id": made["id"], "targets": targets, **more}


def test_items_go_there_and_back(api, editor: User, made: dict[str, Any]) -> None:
    constraints = {
        "do_not_move_before": "2027-03-02T08:00:00",
        "do_not_move_after": "2027-03-08T20:00:00",
        "blackout_windows": [],
        "platform_specific_rules": {"youtube": {"min_interval_minutes": 120}},
    }
    answer = api(editor).post(
        PATH, of_calendar(made, constraints=constraints, apply=True), format="json"
    )
    body = answer.json()
    assert (answer.status_code, body["schedule_id"], body["state"]) == (
        200,
        made["id"],
        "completed",
    )
    assert [change["content_id"] for change in body["changes"]] == [
        item["content_id"] for item in made["items"]
    ]
    assert [change["previous_time"] for change in body["changes"]] == [
        item["scheduled_time"] for item in made["items"]
    ]
    # On the calendar's clock, five hours behind.
    moved = [
        change["new_time"]
        for change in body["changes"]
        if change["new_time"] != change["previous_time"]
    ]
    assert all("2027-03-02T13:00:00" <= at <= "2027-03-09T01:00:00Z" for at in moved)
    assert moved
    now = (
        api(editor)
        .get(f"/api/v1/scheduling/calendar/{made['id']}?expand=items")
        .json()["items"]
    )
    assert {item["content_id"]: item["scheduled_time"] for item in now} == {
        change["content_id"]: change["new_time"] for change in body["changes"]
    }
    event = CalendarEvent.objects.get(kind="optimization.completed")
    assert event.data == {
        "opt_id": body["id"],
        "schedule_id": made["id"],
        "changes_count": len(moved),
    }
    again = api(editor).post(
        PATH, of_calendar(made, constraints=constraints, apply=True), format="json"
    )
    assert again.json() == body


def test_a_target_that_is_unknown_or_elsewhere_is_told_apart(
    api, editor: User, stranger: User, made: dict[str, Any]
) -> None:
    def answer(user: User, **change: str) -> int:
        body = of_calendar(made)
        body["targets"][0] |= change
        return int(api(user).post(PATH, body, format="json").status_code)

    assert (
        answer(editor, content_id="other") == answer(editor, platform="tiktok") == 404
    )
    assert answer(editor, platform="myspace") == answer(stranger) == 404
    assert answer(editor, current_scheduled_time="2027-03-20T00:00:00Z") == 409
    assert answer(editor, current_scheduled_time="soon") == 422
    assert answer(editor) == 200
