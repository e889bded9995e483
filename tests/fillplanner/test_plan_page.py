"""What the page of a finished plan shows, tab by tab, without scripts."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from markup import tight
from vials import make_plan, many_rows

from fillplanner import runs
from fillplanner.models import Plan
from workspaces.models import User

pytestmark = pytest.mark.django_db


def finished(user: User, **asked: Any) -> Plan:
    plan = make_plan(user, **asked)
    runs.run(plan.pk, "w")
    plan.refresh_from_db()
    return plan


def shown(client: Client, plan: Plan, query: str = "") -> str:
    return tight(client.get(f"/plans/{plan.pk}?{query}").content.decode())


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", 'class="act act-fill"'),
        ("show=activities", "Scheduled clean"),
        ("show=statistics", "Where the hours go"),
        ("show=rules", "Fill rate (vials/h)"),
    ],
)
def test_each_tab_is_the_page_and_the_piece(
    browse, editor: User, query: str, said: str
) -> None:
    plan, client = finished(editor), browse(editor)
    page = shown(client, plan, query)
    assert said in page
    piece = client.get(
        f"/plans/{plan.pk}?{query}", headers={"hx-request": "true"}
    ).content.decode()
    assert said in piece
    assert "<html" not in piece
    where = f"/plans/{plan.pk}?{query}" if query else f"/plans/{plan.pk}"
    assert f'hx-get="{where}" hx-trigger="live:plan:{plan.pk} from:body"' in piece


def test_a_search_marks_what_it_finds_and_says_how_much(browse, editor: User) -> None:
    plan, client = finished(editor), browse(editor)
    page = shown(client, plan, "find=lot003")
    assert "1 activity found in 1 block." in page
    assert len(re.findall(r'class="act act-fill is-hit"', page)) == 1
    assert 'value="lot003"' in page
    assert "Nothing is called “&lt;b&gt;”" in shown(client, plan, "find=<b>")


def test_a_search_far_away_moves_the_window_and_leads_on(browse, editor: User) -> None:
    plan, client = (
        finished(editor, rows=many_rows(300), strategy="spt-pack"),
        browse(editor),
    )
    last = next(
        row["lot_id"] for row in reversed(plan.result.activities) if row["lot_id"]
    )
    assert f"Fill {last} (" in shown(client, plan, f"find={last}")
    assert f"Fill {last} (" not in shown(client, plan)
    assert re.search(r"Next in block \d+", shown(client, plan, "find=Same"))


def test_kinds_that_are_not_wanted_are_not_drawn_and_not_listed(
    browse, editor: User
) -> None:
    plan, client = finished(editor), browse(editor)
    page = shown(client, plan, "kind=clean&kind=changeover")
    assert ("act-clean" in page, 'class="act act-fill' in page) == (True, False)
    table = shown(client, plan, "show=activities&kind=fill&find=product-a")
    assert table.count("<tr>") == 3
    assert "No activity is called that" in shown(
        client, plan, "show=activities&find=nothing"
    )


def test_a_zoom_keeps_what_was_looked_for(browse, editor: User) -> None:
    plan, client = finished(editor), browse(editor)
    page = shown(client, plan, "find=LOT001&zoom=4")
    assert 'data-gantt="225.0"' in page
    assert 'name="zoom" value="4"' in page
    assert re.search(r'id="zoom-8"[^>]*href="\?find=LOT001&amp;zoom=8#', page)
    assert 'aria-current="true">4 h</a>' in page


def test_now_is_drawn_while_the_plan_is_under_way(browse, editor: User) -> None:
    plan, client = finished(editor), browse(editor)
    assert shown(client, plan).count("gantt-now") == 2
    Plan.objects.update(start_time=plan.start_time - timedelta(days=3000))
    assert "gantt-now" not in shown(client, plan)


def test_statistics_add_up_and_name_what_missed_its_time(browse, editor: User) -> None:
    plan = finished(editor)
    lots = [
        {**lot, "target_end": 25.0 if lot["lot_id"] == "LOT004" else 500.0}
        for lot in plan.lots
    ]
    Plan.objects.update(lots=lots)
    answer = browse(editor).get(f"/plans/{plan.pk}?show=statistics")
    shares = {share.name: share.hours for share in answer.context["shares"]}
    assert sum(shares.values()) == pytest.approx(plan.result.makespan)
    assert sum(row.vials for row in answer.context["types"]) == 4500
    assert [row.missed for row in answer.context["targets"]] == [
        True,
        False,
        False,
        False,
    ]
    page = answer.content.decode()
    assert "4,500 vials" in page
    assert "h late" in page


def test_the_configuration_shows_the_matrix_as_a_table(browse, editor: User) -> None:
    config = {"changeover_matrix": {"A": {"B": 6}, "B": {"A": 9.5}}, "clean_hours": 7}
    page = shown(browse(editor), finished(editor, config=config), "show=rules")
    table = page.partition("Changeover hours")[2]
    assert re.findall(r'<td class="num">([^<]*)</td>', table) == ["–", "6", "9.50", "–"]
    assert "Changeover, same type (h)" in page


def test_the_configuration_says_every_rule_once_and_in_words(
    browse, editor: User
) -> None:
    calendar = {
        "zone": "Europe/Berlin",
        "weekly_off": ["sunday"],
        "shifts": [["00:00", "23:30"]],
        "days_off": ["2026-12-25"],
        "blocked": [{"start": "2026-12-01T09:00:00Z", "end": "2026-12-01T10:30:00Z"}],
    }
    config = {
        "calendar": calendar,
        "frozen_blocks": [["LOT001", "LOT003"]],
        "allow_waiting": True,
        "clean_hours": 2.5,
        "priority_levels": {"rush": 5.0},
    }
    plan, client = finished(editor, config=config), browse(editor)
    page = shown(client, plan, "show=rules")
    facts = re.findall(r"<dt>([^<]*)</dt><dd>([^<]*)</dd>", page)
    assert len(dict(facts)) == len(facts)
    said = dict(facts)
    assert said["Working hours"] == (
        "Europe/Berlin time; off every Sunday; shifts 00:00 to 23:30; days off 25 Dec 2026; "
        "blocked 2026-12-01 10:00 to 2026-12-01 11:30"
    )
    assert (said["Frozen blocks"], said["Priorities"]) == (
        "1: LOT001, LOT003",
        "rush 5",
    )
    assert (
        said["The line may wait"],
        said["Clean (h)"],
        said["Fill rate (vials/h)"],
    ) == ("Yes", "2.5", "19,920")
    assert said["Solver status"].startswith(
        ("Proven optimal after", "Not proven optimal after")
    )
    kept = client.get(f"/configs/new?plan={plan.pk}").context["page"]
    assert kept.rules.weekly_off == ["sunday"]
    assert kept.form["clean_hours"].value() == 2.5
    assert "frozen_blocks" not in kept.begun.config


def test_a_changed_rule_is_told_in_words(browse, editor: User) -> None:
    old, client = finished(editor), browse(editor)
    config = {"calendar": {"weekly_off": ["sunday"]}, "allow_waiting": True}
    new = make_plan(editor, config=config, origin=old.pk)
    runs.run(new.pk, "w")
    page = shown(client, new, "show=versions")
    assert "UTC time; off every Sunday" in page
    assert re.search(r"The line may wait</th><td[^>]*>No</td><td[^>]*>Yes</td>", page)


@pytest.mark.parametrize("count", [20, 400])
def test_every_tab_takes_few_queries_however_long_the_plan(
    browse, editor: User, django_assert_max_num_queries, count: int
) -> None:
    plan, client = (
        finished(editor, rows=many_rows(count), strategy="spt-pack"),
        browse(editor),
    )
    for tab in ("chart", "activities", "statistics", "rules"):
        with django_assert_max_num_queries(8):
            shown(client, plan, f"show={tab}")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/schedules?state=failed", "/plans?state=failed"),
        ("/schedules/new", "/plans/new"),
        ("/schedules/7", "/plans/7"),
        ("/compare", "/comparisons"),
        ("/config", "/configs"),
        ("/profile", "/account"),
    ],
)
def test_the_addresses_of_the_first_version_lead_here(
    browse, editor: User, old: str, new: str
) -> None:
    assert browse(editor).get(old)["Location"] == new
