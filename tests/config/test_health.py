"""What /health says when all is well and when something is missing."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from channels.layers import channel_layers
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from common import pulse
from config import health
from config.celery import app

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_signs_of_life() -> Iterator[None]:
    signs = [pulse.BEAT, pulse.WORKERS]
    cache.delete_many(signs)
    yield
    cache.delete_many(signs)


@pytest.fixture
def silent_server() -> Iterator[str]:
    """A Redis address that takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(50)
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


@pytest.mark.services
def test_without_a_login_it_says_what_is_there() -> None:
    answer = Client().get("/health")
    assert answer.status_code == 200
    found = answer.json()
    assert (found["status"], found["app"]) == ("healthy", "slotline")
    assert (found["database"], found["broker"], found["channel_layer"]) == (
        "ok",
        "ok",
        "ok",
    )


@pytest.mark.services
def test_missing_beat_and_workers_show_and_leave_it_healthy() -> None:
    found = health.report()
    assert found["beat"] == {"last_tick": None, "ok": False}
    assert found["workers"] == {
        "count": 0,
        "names": [],
        "queues": {},
        "last_seen": None,
    }
    assert found["status"] == "healthy"


@pytest.mark.services
def test_signs_of_life_are_shown_with_their_time() -> None:
    pulse.mark(pulse.BEAT)
    pulse.mark_worker("one@here", ["plans"])
    pulse.mark_worker("two@here", ["plans", "default"])
    found = health.report()
    assert found["beat"] == {
        "last_tick": pulse.last(pulse.BEAT).isoformat(),
        "ok": True,
    }
    assert (found["workers"]["count"], found["workers"]["names"]) == (
        2,
        ["one@here", "two@here"],
    )
    assert found["workers"]["queues"] == {"plans": 2, "default": 1}


def test_old_signs_of_life_count_no_more() -> None:
    long_ago = timezone.now() - timedelta(minutes=5)
    with time_machine.travel(long_ago, tick=False):
        pulse.mark_worker("one@here", ["plans"])
        pulse.mark(pulse.BEAT)
    found = health.report()
    assert found["workers"]["count"] == 0
    assert found["beat"] == {"last_tick": long_ago.isoformat(), "ok": False}


def test_without_its_database_it_is_unhealthy(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone:
        def cursor(self) -> None:
            raise OperationalError(
                "connection to server at 10.1.2.3 failed: password wrong"
            )

        def close(self) -> None:
            pass

    monkeypatch.setattr(health, "connection", Gone())
    answer = Client().get("/health")
    assert answer.status_code == 503
    found = answer.json()
    assert (found["status"], found["database"], found["broker"]) == (
        "unhealthy",
        "unavailable",
        "ok",
    )
    assert "10.1.2.3" not in answer.content.decode()


def test_a_broker_that_hangs_delays_nothing(
    silent_server: str, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setitem(app.conf, "broker_write_url", silent_server)
    monkeypatch.setitem(app.conf, "broker_url", silent_server)
    settings.CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.core.RedisChannelLayer",
            "CONFIG": {"hosts": [silent_server]},
        }
    }
    channel_layers.backends = {}
    answers = [Client().get("/health") for _ in range(3)]
    channel_layers.backends = {}
    for answer in answers:
        found = answer.json()
        assert answer.status_code == 200
        assert (found["broker"], found["channel_layer"], found["database"]) == (
            "unavailable",
            "unavailable",
            "ok",
        )
