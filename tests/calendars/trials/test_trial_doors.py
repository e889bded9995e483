"""Trials by pages without scripts and by the API."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from calendars.models import KpiEvent, Preferences, Trial, TrialPost
from cast import make_content, make_post
from scheduling.models import ChannelAccount, Post
from workspaces.models import User

pytestmark = pytest.mark.django_db
PATH = "/api/v1/scheduling/trials"


@pytest.fixture(autouse=True)
def unspent() -> None:
    cache.clear()


@pytest.fixture
def posts(channel: ChannelAccount) -> list[Post]:
    begin = timezone.now() + timedelta(days=9)
    return [
        make_post(
            channel, make_content(channel.workspace), at=begin + timedelta(hours=7 * n)
        )
        for n in range(8)
    ]


def typed(**more: object) -> dict[str, object]:
    today = timezone.now().date()
    return {
        "name": "Mornings?",
        "first": today,
        "last": today + timedelta(days=20),
        "optimized": "on",
        "kpi": "engagement_rate",
        "guardrail": "0.02",
        **more,
    }


def test_a_trial_is_designed_started_and_ended_by_forms(
    browse, editor: User, posts: list[Post]
) -> None:
    client = browse(editor)
    assert "Design the trial" in client.get("/trials").content.decode()
    made = client.post("/trials", typed(weekdays=["0", "1"], begins="7", ends="11"))
    trial = Trial.objects.get()
    assert made["Location"] == f"/trials/{trial.pk}"
    assert trial.names == ["as planned", "optimised", "own windows"]
    client.post(f"/trials/{trial.pk}/start")
    page = client.get(f"/trials/{trial.pk}").content.decode()
    assert "Started: the posts have their times." in page
    assert "Not enough data yet on optimised" in page
    assert TrialPost.objects.count() == 8
    client.post(f"/trials/{trial.pk}/stop")
    assert (
        "Posts keep the times they have"
        in client.get(f"/trials/{trial.pk}").content.decode()
    )
    assert "Stopped" in client.get("/trials").content.decode()


def test_a_trial_takes_few_queries_however_many_posts_it_has(
    browse, editor: User, posts: list[Post], django_assert_max_num_queries
) -> None:
    client = browse(editor)
    client.post("/trials", typed(experimental="on"))
    trial = Trial.objects.get()
    client.post(f"/trials/{trial.pk}/start")
    client.get("/trials")
    for address in ("/trials", f"/trials/{trial.pk}"):
        with django_assert_max_num_queries(12):
            client.get(address)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"weekdays": ["0"]}, "Give the hours of the windows"),
        ({"optimized": ""}, "Choose at least one"),
        ({"last": "2020-01-01"}, "must be to come"),
    ],
)
def test_nothing_typed_is_lost_when_something_is_wrong(
    browse, editor: User, wrong: dict[str, object], said: str
) -> None:
    answer = browse(editor).post("/trials", typed(**wrong))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert 'value="Mornings?"' in answer.content.decode()


def test_the_winner_is_adopted_with_one_click(
    api, browse, manager: User, channel: ChannelAccount
) -> None:
    now = timezone.now()
    windows = [{"weekday": 0, "start": 7, "end": 10}]
    trial = Trial.objects.create(
        workspace=channel.workspace,
        name="T",
        seed=1,
        state="running",
        start=now,
        end=now + timedelta(days=9),
        variants=[
            {"name": "a", "strategy": "standard", "windows": []},
            {"name": "b", "strategy": "windows", "windows": windows},
        ],
    )
    content = make_content(channel.workspace)
    for n in range(120):
        post = make_post(channel, content, at=now + timedelta(hours=n))
        TrialPost.objects.create(
            trial=trial, post=post, variant="ab"[n % 2], stratum="s"
        )
        KpiEvent.objects.create(
            workspace=channel.workspace,
            event_id=f"e{n}",
            account=channel,
            post=post,
            content_key=str(post.pk),
            event_time=now,
            posted_date=now.date(),
            posted_hour=1,
            engagement_rate=0.05 * (1 + n % 2) + 0.0001 * (n % 7),
        )
    client = browse(manager)
    assert (
        "Make “b” the preference" in client.get(f"/trials/{trial.pk}").content.decode()
    )
    client.post(f"/trials/{trial.pk}/adopt")
    assert Preferences.objects.get().weekdays_off == [1, 2, 3, 4, 5, 6]
    assert "Adopted" in client.get(f"/trials/{trial.pk}").content.decode()
    again = api(manager).post(f"{PATH}/{trial.wire_id}/adopt")
    assert (again.status_code, again.json()["adopted_at"] is not None) == (200, True)


def test_the_api_designs_starts_reads_and_ends(
    api, editor: User, stranger: User, posts: list[Post]
) -> None:
    now = timezone.now()
    asked = {
        "name": "T",
        "start_at": now.isoformat(),
        "end_at": (now + timedelta(days=20)).isoformat(),
    }
    client = api(editor)
    made = client.post(PATH, asked, format="json")
    body = made.json()
    assert (made.status_code, body["state"], body["min_engagement_rate"]) == (
        201,
        "draft",
        0.02,
    )
    assert [(one["name"], one["strategy"]) for one in body["variants"]] == [
        ("control", "standard"),
        ("variant_a", "optimized"),
        ("variant_b", "experimental"),
    ]
    assert client.post(f"{PATH}/{body['id']}/start").json()["state"] == "running"
    results = client.get(f"{PATH}/{body['id']}").json()["results"]
    assert (
        results["winner"],
        results["sample_ratio_mismatch"],
        len(results["variants"]),
    ) == (None, False, 3)
    assert results["variants"][1]["effect"]["high"] is None
    assert client.post(f"{PATH}/{body['id']}/adopt").status_code == 403
    assert client.post(f"{PATH}/{body['id']}/stop").json()["state"] == "stopped"
    assert [one["id"] for one in client.get(PATH).json()["data"]] == [body["id"]]
    assert api(stranger).get(f"{PATH}/{body['id']}").status_code == 404
    assert api(stranger).get(PATH).json() == {"data": []}


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"variants": [{"name": "a", "strategy": "luck"}]},
        {"platforms": ["myspace"]},
        {"variants": [{"name": "a", "strategy": "standard"}]},
        {"end_at": "2020-01-01T00:00:00Z"},
        {"primary_kpi": "fame"},
    ],
)
def test_a_design_that_makes_no_sense_is_422(
    api, editor: User, change: dict[str, object]
) -> None:
    now = timezone.now()
    asked = {
        "name": "T",
        "start_at": now.isoformat(),
        "end_at": (now + timedelta(days=20)).isoformat(),
    }
    assert api(editor).post(PATH, asked | change, format="json").status_code == 422
