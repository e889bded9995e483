"""The pages of comparisons without scripts, and what staff see of them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from markup import tight
from vials import make_comparison, make_plan

from cast import person
from fillplanner import runs
from fillplanner.models import Comparison, ConfigTemplate, Plan
from workspaces.models import AuditEntry, User

pytestmark = pytest.mark.django_db
CSV = "Lot ID,Type,Vials\nL1,A,19920\nL2,B,39840\n"
PAIR = ["smart-pack", "spt-pack"]


def form(**fields: Any) -> dict[str, Any]:
    return {"strategies": PAIR, "lots": CSV, "name": "Which"} | fields


def run_all(comparison: Comparison) -> None:
    for plan in comparison.plans.order_by("pk"):
        runs.run(plan.pk, "w")


def test_pasted_lots_become_a_comparison(
    browse, viewer: User, django_capture_on_commit_callbacks
) -> None:
    client = browse(viewer)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/comparisons/new", form())
    made = Comparison.objects.get()
    assert (answer["Location"], made.state, made.strategies) == (
        f"/comparisons/{made.pk}",
        "completed",
        PAIR,
    )
    page = tight(client.get(f"/comparisons/{made.pk}").content.decode())
    assert "Best: smart-pack" in page
    assert "smart-pack and spt-pack are equally good" in page
    assert page.count("35.00 h</td>") == 2
    bars = page.partition('class="chart compare-chart"')[2].partition("</svg>")[0]
    assert bars.count('class="chart-bar') == 2
    assert page.count('class="row-best"') == 1


def test_files_rules_and_templates_are_taken_as_for_a_plan(
    browse, editor: User
) -> None:
    template = ConfigTemplate.objects.create(
        owner=editor, name="Line 1", config={"clean_hours": 7}
    )
    upload = SimpleUploadedFile("lots.csv", CSV.encode())
    browse(editor).post(
        "/comparisons/new",
        form(lots="", file=upload, template=template.pk, window_hours="90"),
    )
    made = Comparison.objects.get()
    assert (
        made.config["clean_hours"],
        made.config["window_hours"],
        made.lots_count,
    ) == (7, 90, 2)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"strategies": []}, "This field is required"),
        ({"strategies": ["smart-pack"]}, "Choose at least 2 strategies"),
        ({"strategies": ["smart-pack", "best"]}, "not one of the available choices"),
        ({"lots": ""}, "Upload a file or paste some lots"),
        ({"lots": "Lot ID,Type,Vials\nL1,A,many\n"}, "must be a number (got many)"),
        ({"lots": "[{]"}, "The JSON cannot be used"),
    ],
)
def test_what_cannot_be_compared_is_explained_and_nothing_typed_is_lost(
    browse, editor: User, fields: dict[str, Any], said: str
) -> None:
    answer = browse(editor).post("/comparisons/new", form(**fields))
    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert 'value="Which"' in answer.content.decode()
    assert not Comparison.objects.exists()


def test_a_strategy_that_the_template_does_not_allow_is_named(
    browse, editor: User
) -> None:
    template = ConfigTemplate.objects.create(
        owner=editor, name="Line 1", config={"allowed_strategies": ["smart-pack"]}
    )
    answer = browse(editor).post("/comparisons/new", form(template=template.pk))
    assert (answer.status_code, "allows smart-pack" in answer.content.decode()) == (
        422,
        True,
    )


def test_checking_only_checks(browse, editor: User) -> None:
    assert (
        b"2 lots can be planned"
        in browse(editor).post("/comparisons/new", form(check="1")).content
    )
    assert not Comparison.objects.exists()


def test_the_form_offers_every_strategy(browse, editor: User) -> None:
    page = tight(browse(editor).get("/comparisons/new").content.decode())
    assert len(re.findall(r'type="checkbox" name="strategies"[^>]*checked', page)) == 6


def test_rows_land_one_by_one(browse, editor: User) -> None:
    comparison, client = make_comparison(editor, *PAIR), browse(editor)
    one, two = comparison.plans.order_by("pk")
    page = client.get(f"/comparisons/{comparison.pk}").content.decode()
    assert page.count('data-progress="plan:') == 2
    assert f'hx-trigger="live:comparison:{comparison.pk} from:body"' in page
    runs.run(two.pk, "w")
    piece = client.get(
        f"/comparisons/{comparison.pk}", headers={"hx-request": "true"}
    ).content.decode()
    assert "<html" not in piece
    assert f'data-progress="plan:{one.pk}"' in piece
    assert piece.count("</h2>") == 2
    assert "1 of 2 strategies are done" in piece
    assert f'href="/plans/{two.pk}"' in piece


def test_each_figure_has_bars_and_its_best_stands_out(browse, editor: User) -> None:
    rows = [
        {
            "lot_id": f"L{n}",
            "lot_type": "AB"[n % 2],
            "vials": 5,
            "fill_hours": 9.0 + 7 * n,
        }
        for n in range(12)
    ]
    comparison = make_comparison(editor, "smart", "spt", "lpt", rows=rows)
    run_all(comparison)
    answer = browse(editor).get(f"/comparisons/{comparison.pk}")
    made = {measure["key"]: measure["chart"] for measure in answer.context["measures"]}
    assert {"utilization", "changeovers", "gap_percent"} <= set(made)
    assert "window_violations" not in made
    results = {
        plan.strategy: plan.result for plan in comparison.plans.select_related("result")
    }
    assert {bar.name: bar.value for bar in made["changeovers"].bars} == {
        name: result.changeovers for name, result in results.items()
    }
    assert [bar.name for bar in made["utilization"].bars if bar.best] == [
        answer.context["comparison"].best_strategy
    ]
    shortest = min(result.makespan for result in results.values())
    leading = [
        row["plan"].strategy
        for row in answer.context["rows"]
        if "makespan" in row["leads"]
    ]
    assert leading == [
        name for name, result in results.items() if result.makespan == shortest
    ]
    assert len(leading) < 3
    page = answer.content.decode()
    assert page.count('class="chart measure-chart"') == len(made)
    assert 'class="num nowrap is-lead"' in page


def test_a_comparison_is_changed_and_made_again(
    browse, editor: User, manager: User
) -> None:
    comparison, client = (
        make_comparison(editor, *PAIR, config={"clean_hours": 5}),
        browse(editor),
    )
    run_all(comparison)
    assert (
        f'href="/comparisons/new?from={comparison.pk}"'
        in client.get(f"/comparisons/{comparison.pk}").content.decode()
    )
    page = client.get(f"/comparisons/new?from={comparison.pk}")
    assert page.context["form"]["clean_hours"].value() == 5
    drawn = tight(page.content.decode())
    assert len(re.findall(r'name="strategies" value="[^"]*" checked', drawn)) == 2
    assert "LOT004,Product-C,1200,2" in page.context["form"]["lots"].value()
    assert (
        browse(manager).get(f"/comparisons/new?from={comparison.pk}").status_code == 403
    )


def test_one_that_failed_says_why_and_what_to_do(browse, editor: User) -> None:
    comparison = make_comparison(editor, *PAIR)
    Plan.objects.update(strategy="gone")
    run_all(comparison)
    page = browse(editor).get(f"/comparisons/{comparison.pk}").content.decode()
    assert "No strategy could make a plan" in page
    assert 'href="/comparisons/new"' in page


def test_cancelled_and_deleted_from_the_page(browse, editor: User) -> None:
    comparison, client = make_comparison(editor, *PAIR), browse(editor)
    page = client.post(
        f"/comparisons/{comparison.pk}/cancel", follow=True
    ).content.decode()
    assert "The comparison was cancelled" in page
    late = client.post(
        f"/comparisons/{comparison.pk}/cancel", follow=True
    ).content.decode()
    assert "there is nothing to cancel" in late
    assert (
        client.post(f"/comparisons/{comparison.pk}/delete")["Location"]
        == "/comparisons"
    )
    assert not Plan.objects.exists()


def test_an_empty_list_offers_a_first_comparison(browse, editor: User) -> None:
    client = browse(editor)
    page = client.get("/comparisons").content.decode()
    assert "No comparisons yet" in page
    assert 'href="/comparisons/new"' in page
    assert (
        "None in this state" in client.get("/comparisons?state=failed").content.decode()
    )
    assert client.get("/compare")["Location"] == "/comparisons"
    assert 'href="/comparisons"' in client.get("/plans").content.decode()


@pytest.mark.usefixtures("room_for_many_plans")
def test_the_list_takes_few_queries_and_keeps_one_state(
    browse, editor: User, stranger: User, django_assert_max_num_queries
) -> None:
    for number in range(31):
        comparison = make_comparison(editor, name=f"C{number:02d}")
    run_all(comparison)
    make_comparison(stranger, name="Foreign")
    client = browse(editor)
    with django_assert_max_num_queries(10):
        page = client.get("/comparisons").content.decode()
    assert page.count('class="row-link"') == 30
    assert "Foreign" not in page
    done = client.get("/comparisons?state=completed").content.decode()
    assert ("C30" in done, "C29" in done) == (True, False)


def test_the_page_takes_few_queries(
    browse, editor: User, django_assert_max_num_queries
) -> None:
    comparison = make_comparison(editor, "smart", "spt", "lpt", "cfs", "hybrid")
    run_all(comparison)
    client = browse(editor)
    with django_assert_max_num_queries(8):
        client.get(f"/comparisons/{comparison.pk}")


def test_a_plan_of_it_opens_leads_back_and_is_not_deleted_alone(
    browse, editor: User
) -> None:
    comparison, client = make_comparison(editor, *PAIR), browse(editor)
    run_all(comparison)
    part = comparison.plans.latest("pk")
    page = client.get(f"/plans/{part.pk}").content.decode()
    assert f'href="/comparisons/{comparison.pk}"' in page
    assert f"/plans/{part.pk}/delete" not in page
    refused = client.post(f"/plans/{part.pk}/delete", follow=True).content.decode()
    assert "part of a comparison" in refused
    assert "No plans yet" in client.get("/plans").content.decode()


def test_somebody_elses_stays_closed(browse, editor: User, manager: User) -> None:
    comparison, client = make_comparison(editor), browse(manager)
    for method, address in (("get", ""), ("post", "/cancel"), ("post", "/delete")):
        assert (
            getattr(client, method)(
                f"/comparisons/{comparison.pk}{address}"
            ).status_code
            == 403
        )
        assert (
            getattr(client, method)(f"/comparisons/999999{address}").status_code == 404
        )
    assert Comparison.objects.get().state == "pending"


# --- staff
# -----------------------------------------------------------------------------------------------


def test_staff_see_cancel_and_delete_but_change_nothing(browse, editor: User) -> None:
    staff = browse(person("root", is_staff=True, is_superuser=True))
    one, two = make_comparison(editor, name="One"), make_comparison(editor, name="Two")
    address = "/admin/fillplanner/comparison/"
    page = staff.get(f"{address}{one.pk}/change/").content.decode()
    assert "smart-pack" in page
    staff.post(f"{address}{one.pk}/change/", {"name": "Other", "state": "completed"})
    one.refresh_from_db()
    assert (one.name, one.state) == ("One", "pending")
    for said in ("One: cancelled.", "there is nothing to cancel"):
        body = {"action": "cancel", "_selected_action": [one.pk]}
        assert said in staff.post(address, body, follow=True).content.decode()
    one.refresh_from_db()
    assert one.error == "Cancelled by root"
    staff.post(
        address,
        {"action": "delete_selected", "_selected_action": [one.pk], "post": "yes"},
    )
    staff.post(f"{address}{two.pk}/delete/", {"post": "yes"})
    assert not Comparison.objects.exists()
    assert AuditEntry.objects.filter(action="deleted", actor_name="root").count() == 2


def test_staff_do_not_delete_a_plan_out_of_a_comparison(browse, editor: User) -> None:
    staff = browse(person("root", is_staff=True, is_superuser=True))
    alone, part = make_plan(editor), make_comparison(editor).plans.first()
    body = {
        "action": "delete_selected",
        "_selected_action": [alone.pk, part.pk],
        "post": "yes",
    }
    assert staff.post("/admin/fillplanner/plan/", body).status_code == 403
    assert (
        staff.post(
            f"/admin/fillplanner/plan/{part.pk}/delete/", {"post": "yes"}
        ).status_code
        == 403
    )
    assert Plan.objects.filter(pk__in=[alone.pk, part.pk]).count() == 2
