"""The scheduling API before anything is planned: health, platforms, rates, its
envelope, the demo's fixed token.
"""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import DatabaseError
from rest_framework.test import APIClient

from calendars.api import health
from workspaces.models import User
from workspaces.services.tokens import create_token

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/scheduling"
ENVELOPE = {
    "error_code",
    "error_message",
    "error_class",
    "request_id",
    "correlation_id",
    "timestamp",
}
SUPPORTS = {
    "youtube": ["long_form", "shorts"],
    "tiktok": ["videos"],
    "instagram": ["posts", "reels", "stories"],
    "linkedin": ["posts", "articles"],
    "twitter": ["tweets", "threads"],
    "facebook": ["posts", "videos"],
}


@pytest.fixture(autouse=True)
def unspent() -> None:
    cache.clear()


def test_health_needs_no_token(api) -> None:
    answer = api(None).get(f"{ROOT}/health")
    body = answer.json()
    assert (answer.status_code, body["status"], body["service"]) == (
        200,
        "healthy",
        "scheduling_optimization",
    )
    assert set(body) == {"status", "service", "timestamp", "version", "dependencies"}
    assert body["dependencies"]["database"] == "up"


def test_health_says_when_the_database_is_gone(
    api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> Any:
        raise DatabaseError("gone")

    monkeypatch.setattr(health.connection, "cursor", broken)
    answer = api(None).get(f"{ROOT}/health")
    assert (answer.status_code, answer.json()["status"]) == (503, "unhealthy")


def test_platforms_need_no_token_and_have_their_names(api) -> None:
    rows = api(None).get(f"{ROOT}/platforms").json()["data"]
    assert {row["id"]: row["supports"] for row in rows} == SUPPORTS
    assert [row["name"] for row in rows if row["id"] == "twitter"] == ["X (Twitter)"]


def test_an_unknown_address_is_answered_in_the_envelope(api) -> None:
    answer = api(None).get(f"{ROOT}/nothing")
    assert (answer.status_code, set(answer.json()), answer.json()["error_code"]) == (
        404,
        ENVELOPE,
        "not_found",
    )
    assert answer.json()["correlation_id"] == answer["X-Request-ID"]


def test_every_answer_says_what_is_left_and_the_next_call_too_many_is_429(
    api, settings
) -> None:
    settings.SCHEDULING_BURST, settings.SCHEDULING_PER_SECOND = 3, 1
    with time_machine.travel("2026-03-02T12:00:00Z", tick=False):
        answers = [api(None).get(f"{ROOT}/platforms") for _ in range(4)]
        assert [answer["X-RateLimit-Remaining"] for answer in answers] == [
            "2",
            "1",
            "0",
            "0",
        ]
        assert {answer["X-RateLimit-Limit"] for answer in answers} == {"3"}
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        refused = answers[-1]
        assert (refused.json()["error_code"], refused.json()["detail"]) == (
            "rate_limited",
            {"retry_after": 3},
        )
        assert refused["Retry-After"] == "3"
    with time_machine.travel("2026-03-02T12:00:03Z", tick=False):
        assert api(None).get(f"{ROOT}/platforms").status_code == 200


def test_a_rate_is_each_tokens_own(editor: User, settings) -> None:
    settings.SCHEDULING_BURST, settings.SCHEDULING_PER_SECOND = 1, 1
    for name in ("one", "two"):
        client = APIClient()
        client.credentials(
            HTTP_AUTHORIZATION=f"Bearer {create_token(editor, name, ['schedules:read'])[1]}"
        )
        assert client.get(f"{ROOT}/platforms").status_code == 200
