"""Planning again with changes: the form knows the old plan, both stay, and the page
tells them apart.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from vials import ROWS, make_plan

from fillplanner import runs
from fillplanner.models import Plan
from fillplanner.results import differences
from fillplanner.services import plans
from workspaces.models import User

pytestmark = pytest.mark.django_db
START = datetime(2026, 12, 1, 15, 30, tzinfo=UTC)
RULES = {
    "clean_hours": 6,
    "changeover_matrix": {"Product-A": {"Product-B": 3}},
    "priority_levels": {"now": 9},
}


def finished(user: User, **asked: Any) -> Plan:
    plan = make_plan(user, **asked)
    runs.run(plan.pk, "w")
    plan.refresh_from_db()
    return plan


def form_of(page: Any) -> dict[str, Any]:
    """What a browser would send back if nothing was changed."""
    form, wizard = page.context["form"], page.context["wizard"]
    values = {name: form[name].value() for name in form.fields}
    sent = {
        name: value for name, value in values.items() if value not in (None, "", False)
    }
    cells = {cell.name: cell.value for _, row in wizard.editor.rows for cell in row}
    rows = [
        row
        for group in wizard.rule_groups
        for table in group.tables
        for row in table.rows
    ]
    typed: dict[str, Any] = {
        "calendar_zone": wizard.rules.zone,
        "weekly_off": wizard.rules.weekly_off,
    }
    for one in (one for row in rows for one in row.cells):
        typed.setdefault(one.name, []).append(one.value)
    return sent | cells | typed | {"matrix_type": wizard.editor.types}


def test_the_form_is_filled_with_the_old_plan_and_sent_back_makes_the_same(
    browse, editor: User
) -> None:
    rows = [{**ROWS[0], "target_end": 80.5, "priority": "now"}, *ROWS[1:]]
    old, client = (
        make_plan(
            editor,
            rows=rows,
            kept=True,
            config=RULES,
            start_time=START,
            strategy="lpt-pack",
        ),
        browse(editor),
    )
    page = client.get(f"/plans/new?from={old.pk}")
    assert page.context["form"]["start_clock"].value() == "07:30"
    assert (
        "LOT001,Product-A,1000,2.5,2026-12-05T00:00:00+00:00,now"
        in page.context["form"]["lots"].value()
    )
    assert re.search(r'name="matrix_0_1" value="3"', page.content.decode())
    assert client.post("/plans/new", form_of(page)).status_code == 302
    old.refresh_from_db()
    new = Plan.objects.exclude(pk=old.pk).get()
    same = ("name", "strategy", "lots", "config", "start_time", "family")
    assert [getattr(new, name) for name in same] == [
        getattr(old, name) for name in same
    ]
    assert new.family is not None


def test_versions_are_listed_and_their_differences_told(
    browse, editor: User, django_assert_max_num_queries
) -> None:
    old, client = finished(editor), browse(editor)
    asked = form_of(client.get(f"/plans/new?from={old.pk}"))
    lots = (
        asked["lots"]
        .replace("LOT001,Product-A,1000", "LOT001,Product-A,1100")
        .replace("LOT004", "LOT005")
    )
    client.post(
        "/plans/new",
        asked | {"lots": lots, "clean_hours": "12", "strategy": "spt-pack"},
    )
    new = Plan.objects.exclude(pk=old.pk).get()
    runs.run(new.pk, "w")
    with django_assert_max_num_queries(9):
        page = client.get(f"/plans/{new.pk}?show=versions")
    told = page.context["differences"]
    assert (told.added, told.removed) == (["LOT005"], ["LOT004"])
    assert [(one.name, one.before, one.after) for one in told.changed] == [
        ("LOT001, vials", 1000, 1100)
    ]
    rules = {one.name: (one.before, one.after) for one in told.rules}
    assert rules["Clean (h)"] == ("24", "12")
    assert rules["Strategy"] == ("smart-pack", "spt-pack")
    makespan = next(row for row in told.figures if row.name == "Makespan")
    assert (makespan.better, makespan.delta) == (
        None,
        pytest.approx(new.result.makespan - old.result.makespan),
    )
    same = Plan(
        lots=old.lots, config=old.config, strategy="spt-pack", start_time=old.start_time
    )
    judged = differences.differences(old, same, (old.result, new.result)).figures
    assert next(row for row in judged if row.name == "Makespan").better is True
    text = page.content.decode()
    assert "Different from version 1" in text
    first = client.get(f"/plans/{old.pk}?show=versions")
    assert first.context["other"] is None
    back = client.get(f"/plans/{old.pk}?show=versions&with={new.pk}").context[
        "differences"
    ]
    assert back.added == ["LOT004"]


@pytest.mark.services
def test_plan_again_makes_a_version_and_a_third_joins_the_family(
    browse, editor: User
) -> None:
    old, client = finished(editor), browse(editor)
    client.post(f"/plans/{old.pk}/again")
    second = Plan.objects.exclude(pk=old.pk).get()
    runs.run(second.pk, "w")
    client.post(f"/plans/{second.pk}/again")
    assert Plan.objects.values("family").distinct().count() == 1
    page = client.get(f"/plans/{second.pk}?show=versions").content.decode()
    assert page.count("/plans/") >= 3
    assert "The same lots." in page
    assert "The same rules, strategy and start." in page


def test_a_plan_alone_offers_a_second_version(browse, editor: User) -> None:
    plan = finished(editor)
    page = browse(editor).get(f"/plans/{plan.pk}?show=versions").content.decode()
    assert "This is the only version" in page
    assert f'href="/plans/new?from={plan.pk}"' in page


def test_a_version_without_its_origin_still_stands(browse, editor: User) -> None:
    old, client = finished(editor), browse(editor)
    asked = form_of(client.get(f"/plans/new?from={old.pk}"))
    plans.delete_plan(editor, old.pk)
    assert client.post("/plans/new", asked).status_code == 302
    assert Plan.objects.get().family is None


def test_nobody_begins_with_or_joins_somebody_elses_plan(
    browse, editor: User, manager: User
) -> None:
    old, client = finished(editor), browse(manager)
    assert client.get(f"/plans/new?from={old.pk}").status_code == 403
    assert client.get("/plans/new?from=999999").status_code == 404
    client.post(
        "/plans/new",
        {
            "strategy": "spt-pack",
            "lots": "Lot ID,Type,Vials\nL1,A,5\n",
            "origin": old.pk,
        },
    )
    assert Plan.objects.get(owner=manager).family is None
    other = Plan.objects.get(owner=manager)
    runs.run(other.pk, "w")
    page = client.get(f"/plans/{other.pk}?show=versions&with={old.pk}")
    assert page.context["other"] is None


@pytest.mark.parametrize("query", ["from=²", "from=x", "from="])
def test_nonsense_begins_an_empty_form(browse, editor: User, query: str) -> None:
    page = browse(editor).get(f"/plans/new?{query}")
    assert (page.status_code, page.context["form"]["lots"].value()) == (200, None)


def test_a_rule_that_is_not_named_has_its_usual_value_in_both() -> None:
    found = list(
        differences.rules_changed(
            {"clean_hours": 24.0}, {"clean_hours": 24.0, "window_hours": 120.0}
        )
    )
    assert found == []
    matrix = {"changeover_matrix": {"A": {"B": 2}}}
    assert [
        (one.name, one.before, one.after)
        for one in differences.rules_changed({}, matrix)
    ] == [("Changeover A → B (h)", None, 2)]
