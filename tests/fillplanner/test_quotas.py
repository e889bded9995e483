"""One person's plans cannot keep everybody else's waiting: limits of time and number,
refused in words.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient
from together import at_once, faults
from vials import ROWS, make_comparison, make_plan

from common.errors import TooMany
from fillplanner import states
from fillplanner.models import Plan
from fillplanner.services import plans
from workspaces.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def few(settings: Any) -> None:
    settings.PLANS_OPEN_PER_PERSON = 3


def ask(client: APIClient, **body: Any) -> Any:
    return client.post("/api/v1/schedule", {"lots_data": ROWS} | body, format="json")


@pytest.mark.parametrize(
    "config", [{"milp_time_limit": 100_000}, {"milp_opt": {"time_limit": 601}}]
)
def test_too_long_a_time_limit_is_refused_in_words(
    api, editor: User, config: dict[str, Any]
) -> None:
    answer = ask(api(editor), strategy="milp-opt", config=config)
    assert answer.status_code == 400
    assert "at most 600 seconds are allowed" in answer.json()["detail"]["errors"][0]
    assert not Plan.objects.exists()


def test_the_longest_time_limit_is_taken(api, editor: User) -> None:
    assert (
        ask(
            api(editor), strategy="milp-opt", config={"milp_time_limit": 600}
        ).status_code
        == 202
    )


def test_the_page_knows_the_longest_time_limit(browse, editor: User) -> None:
    client: Client = browse(editor)
    form = {
        "lots": "Lot ID,Type,Vials\nA,T,1000\n",
        "strategy": "milp-opt",
        "milp_time_limit": "100000",
    }
    page = client.post("/plans/new", form).content.decode()
    assert "less than or equal to 600" in page
    assert not Plan.objects.exists()


def test_forty_plans_at_once_are_not_taken(api, editor: User, viewer: User) -> None:
    codes = [
        ask(api(editor), config={"milp_time_limit": 60}).status_code for _ in range(40)
    ]
    assert codes == [202] * 20 + [429] * 20
    refused = ask(api(editor))
    assert (
        "You have 20 unfinished plans, and at most 20 are allowed at a time"
        in refused.json()["detail"]
    )
    assert int(refused["Retry-After"]) > 0
    # Nobody else has to wait for them.
    assert ask(api(viewer)).status_code == 202


def test_a_finished_plan_makes_room(editor: User, few: None) -> None:
    made = [make_plan(editor) for _ in range(3)]
    with pytest.raises(TooMany):
        make_plan(editor)
    plans.cancel(editor, made[0].pk)
    assert make_plan(editor).state == states.PENDING


def test_a_comparison_needs_room_for_each_of_its_strategies(
    editor: User, few: None
) -> None:
    make_comparison(editor, "smart-pack", "lpt-pack")
    with pytest.raises(TooMany, match="these 2 plans cannot be added"):
        make_comparison(editor, "smart-pack", "lpt-pack")
    assert Plan.objects.count() == 2


def test_a_batch_is_taken_whole_or_not_at_all(api, editor: User, few: None) -> None:
    answer = api(editor).post(
        "/api/v1/schedules/batch", [{"lots_data": ROWS}] * 4, format="json"
    )
    assert answer.status_code == 429
    assert not Plan.objects.exists()


def test_the_page_keeps_what_was_typed_when_there_is_no_room(
    browse, editor: User, few: None
) -> None:
    for _ in range(3):
        make_plan(editor)
    form = {
        "lots": "Lot ID,Type,Vials\nLOT-77,T,1000\n",
        "strategy": "smart-pack",
        "name": "Week 49",
    }
    page = browse(editor).post("/plans/new", form).content.decode()
    assert "You have 3 unfinished plans" in page
    assert "LOT-77" in page
    assert "Week 49" in page


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_the_last_place_is_given_once(
    editor: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PLANS_OPEN_PER_PERSON = 1
    # Nobody works on them, so that none makes room.
    monkeypatch.setattr(plans, "ring", lambda *bell: None)
    outcomes = at_once(*[lambda: make_plan(editor)] * 3)
    assert faults(outcomes, but=TooMany) == []
    assert Plan.objects.count() == 1
