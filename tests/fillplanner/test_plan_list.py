"""The list of plans: numbers, filters kept in the address, order, few queries however
many plans.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from markup import tight
from vials import make_plan

from fillplanner import runs
from fillplanner.models import Plan
from workspaces.models import User

pytestmark = pytest.mark.django_db


def names(client: Client, query: str = "") -> list[str]:
    return re.findall(
        r'class="row-link" href="/plans/\d+"><bdi dir="auto">([^<]*)<',
        client.get(f"/plans?{query}").content.decode(),
    )


@pytest.fixture
def three(editor: User) -> list[Plan]:
    """Two finished ones of different length, and one that waits."""
    made = []
    for name, strategy, hours in (
        ("Autumn", "spt-pack", 10.0),
        ("Winter", "lpt-pack", 90.0),
    ):
        rows = [{"lot_id": "L1", "lot_type": "A", "vials": 5, "fill_hours": hours}]
        made.append(make_plan(editor, name=name, strategy=strategy, rows=rows))
        runs.run(made[-1].pk, "w")
    made.append(make_plan(editor, name="Spring"))
    for days, plan in zip((40, 20, 0), made, strict=True):
        Plan.objects.filter(pk=plan.pk).update(
            created_at=timezone.now() - timedelta(days=days)
        )
    return made


@pytest.mark.services
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Spring", "Winter", "Autumn"]),
        ("state=completed", ["Winter", "Autumn"]),
        ("strategy=spt-pack", ["Autumn"]),
        ("find=INTER", ["Winter"]),
        ("find=nothing", []),
        ("sort=makespan", ["Autumn", "Winter", "Spring"]),
        ("sort=-makespan", ["Winter", "Autumn", "Spring"]),
        ("sort=name", ["Autumn", "Spring", "Winter"]),
        ("state=completed&sort=-name&find=t", ["Winter", "Autumn"]),
        (
            "state=open&strategy=best&sort=weight&first=x&last=9999-99-99",
            ["Spring", "Winter", "Autumn"],
        ),
    ],
)
def test_the_address_narrows_and_orders(
    browse, editor: User, three: list[Plan], query: str, found: list[str]
) -> None:
    assert names(browse(editor), query) == found


def test_days_are_those_of_the_persons_clock(
    browse, editor: User, three: list[Plan]
) -> None:
    # Los Angeles is eight hours behind: this is still the 9th there.
    Plan.objects.filter(name="Winter").update(
        created_at=datetime(2020, 12, 10, 7, 59, tzinfo=UTC)
    )
    client = browse(editor)
    assert names(client, "first=2020-12-09&last=2020-12-09") == ["Winter"]
    assert names(client, "first=2020-12-10&last=2020-12-10") == []


def test_a_number_finds_its_plan(browse, editor: User, three: list[Plan]) -> None:
    client = browse(editor)
    assert names(client, f"find=%23{three[1].pk}") == ["Winter"]
    assert names(client, f"find={'9' * 60}") == []


def test_filters_stay_in_the_form_and_in_the_links(
    browse, editor: User, three: list[Plan]
) -> None:
    page = tight(
        browse(editor)
        .get("/plans?state=completed&find=t&first=2020-01-01&sort=name")
        .content.decode()
    )
    assert '<option value="completed" selected>' in page
    assert re.search(r'name="find" value="t"', page)
    assert 'name="first" value="2020-01-01"' in page
    assert 'name="sort" value="name"' in page
    assert (
        'href="?state=completed&amp;find=t&amp;first=2020-01-01&amp;sort=-name"' in page
    )
    # What lives on the page asks for the page's own address.
    assert 'id="plans" class="stack" hx-get=""' in page


@pytest.mark.services
def test_numbers_say_how_plans_stand(
    browse, editor: User, manager: User, three: list[Plan]
) -> None:
    make_plan(manager)
    numbers = browse(editor).get("/plans").context["numbers"]
    assert (numbers["total"], numbers["open"], numbers["ready"], numbers["failed"]) == (
        3,
        1,
        2,
        0,
    )
    results = [
        plan.result
        for plan in Plan.objects.filter(state="completed").select_related("result")
    ]
    assert numbers["utilization"] == pytest.approx(
        sum(result.utilization for result in results) / 2
    )


@pytest.mark.usefixtures("room_for_many_plans")
@pytest.mark.parametrize("count", [3, 28])
def test_queries_stay_the_same_however_many_plans(
    browse, editor: User, django_assert_max_num_queries: Any, count: int
) -> None:
    for number in range(count):
        plan = make_plan(editor, name=f"P{number}")
    runs.run(plan.pk, "w")
    client = browse(editor)
    with django_assert_max_num_queries(9):
        page = client.get("/plans?sort=-makespan&find=p")
    assert page.content.count(b'class="row-link"') == count


def test_a_running_plan_shows_its_progress_in_the_list(browse, editor: User) -> None:
    plan = make_plan(editor)
    runs.claim(plan.pk, "w")
    assert (
        f'data-progress="plan:{plan.pk}"'
        in browse(editor).get("/plans").content.decode()
    )


def test_the_piece_has_nothing_around_it(
    browse, editor: User, three: list[Plan]
) -> None:
    piece = (
        browse(editor)
        .get("/plans?state=completed", headers={"hx-request": "true"})
        .content.decode()
    )
    assert "<html" not in piece
    assert piece.count('class="row-link"') == 2
    assert 'id="plans-numbers" hx-swap-oob="true"' in piece
    assert "plans-find" not in piece
