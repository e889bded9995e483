"""The plan pages without scripts."""

from __future__ import annotations

import io
import json
from html import escape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook
from vials import ROWS, make_plan, many_rows

from fillplanner import runs
from fillplanner.models import Plan
from workspaces.models import User

pytestmark = pytest.mark.django_db
CSV = "Lot ID,Type,Vials\nL1,A,19920\nL2,B,39840\n"


def form(**fields: Any) -> dict[str, Any]:
    return {"strategy": "smart-pack", "lots": CSV, "name": "Pasted"} | fields


def test_pasted_lots_become_a_plan(
    browse, viewer: User, django_capture_on_commit_callbacks
) -> None:
    client = browse(viewer)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/plans/new", form())
    plan = Plan.objects.get()
    assert (answer["Location"], plan.state, plan.lots_count, plan.name) == (
        f"/plans/{plan.pk}",
        "completed",
        2,
        "Pasted",
    )
    page = client.get(f"/plans/{plan.pk}").content.decode()
    assert "35.00" in page
    assert 'class="act act-clean"' in page
    assert (
        "Type change: B → A"
        in client.get(f"/plans/{plan.pk}?show=activities").content.decode()
    )


@pytest.mark.parametrize("name", ["lots.csv", "lots.json"])
def test_uploaded_files_become_plans(browse, editor: User, name: str) -> None:
    data = (
        CSV.encode()
        if name.endswith("csv")
        else json.dumps({"lots": ROWS, "config": {"CLEAN_HOURS": 3}}).encode()
    )
    browse(editor).post(
        "/plans/new", form(lots="", file=SimpleUploadedFile(name, data))
    )
    plan = Plan.objects.get()
    assert plan.config["clean_hours"] == (24 if name.endswith("csv") else 3)


def test_rules_and_start_are_taken_from_the_form(browse, editor: User) -> None:
    browse(editor).post(
        "/plans/new",
        form(clean_hours="6", start_date="2026-12-01", start_clock="07:30"),
    )
    plan = Plan.objects.get()
    assert plan.config["clean_hours"] == 6
    assert plan.start_time.isoformat() == "2026-12-01T15:30:00+00:00"


def test_rules_of_time_are_taken_from_the_form(browse, editor: User) -> None:
    more = json.dumps(
        {
            "CHANGEOVER_MATRIX": {"A": {"B": 2}},
            "lines": 3,
            "calendar": {"weekly_off": ["sunday"]},
        }
    )
    answer = browse(editor).post(
        "/plans/new",
        form(lines="2", milp_time_limit="7", allow_waiting="on", more_rules=more),
    )
    assert answer.status_code == 302
    config = Plan.objects.get().config
    assert (config["lines"], config["milp_time_limit"], config["allow_waiting"]) == (
        2,
        7,
        True,
    )
    assert (config["changeover_matrix"], config["calendar"]["weekly_off"]) == (
        {"A": {"B": 2}},
        ["sunday"],
    )


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ("{", "The JSON cannot be used"),
        ("[1]", "The rules must be a JSON object."),
        ('{"speed": 9}', "&#x27;speed&#x27; is not a known key"),
    ],
)
def test_rules_that_cannot_be_are_explained_and_kept(
    browse, editor: User, more: str, complaint: str
) -> None:
    answer = browse(editor).post("/plans/new", form(more_rules=more))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert complaint in page
    assert escape(more) in page
    assert not Plan.objects.exists()


def test_every_bad_row_is_named_and_nothing_typed_is_lost(browse, editor: User) -> None:
    bad = "Lot ID,Type,Vials\nL1,A,many\nL2,,5\n"
    answer = browse(editor).post("/plans/new", form(lots=bad))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Row 2: &#x27;vials&#x27; must be a number (got many)" in page
    assert "Row 3: Missing required field &#x27;lot_type&#x27;" in page
    assert "L1,A,many" in page
    assert 'value="Pasted"' in page
    assert not Plan.objects.exists()


def test_checking_only_checks(browse, editor: User) -> None:
    client = browse(editor)
    assert (
        b"2 lots can be planned" in client.post("/plans/new", form(check="1")).content
    )
    assert (
        b"1 problem to fix."
        in client.post(
            "/plans/new", form(check="1", lots="Lot ID,Type,Vials\nL1,A,-3\n")
        ).content
    )
    assert not Plan.objects.exists()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_that_was_checked_can_be_planned_without_choosing_it_again(
    browse, editor: User, encoding: str
) -> None:
    client = browse(editor)
    upload = SimpleUploadedFile("märz.csv", CSV.replace("L1", "Ł1").encode(encoding))
    page = client.post("/plans/new", form(lots="", file=upload, check="1"))
    kept = page.context["form"]["lots"].value()
    assert kept.startswith("Lot ID,Type,Vials\nŁ1,A,19920")
    assert "märz.csv was read" in page.content.decode()
    client.post("/plans/new", form(lots=kept))
    assert Plan.objects.get().lots[0]["lot_id"] == "Ł1"


def test_a_workbook_becomes_a_plan_and_its_rows_can_be_mended(
    browse, editor: User
) -> None:
    file, made = io.BytesIO(), Workbook()
    for row in (["Lot ID", "Type", "Vials"], ["L1", "A", 19920.0], ["L2", "B", "many"]):
        made.active.append(row)
    made.save(file)
    page = browse(editor).post(
        "/plans/new",
        form(lots="", file=SimpleUploadedFile("lots.xlsx", file.getvalue())),
    )
    assert (
        page.status_code,
        "must be a number (got many)" in page.content.decode(),
    ) == (422, True)
    kept = page.context["form"]["lots"].value()
    assert kept == "Lot ID,Type,Vials\nL1,A,19920\nL2,B,many\n"
    browse(editor).post("/plans/new", form(lots=kept.replace("many", "5")))
    assert Plan.objects.get().lots_count == 2


def test_a_file_with_bad_rows_can_be_mended_on_the_page(browse, editor: User) -> None:
    upload = SimpleUploadedFile("lots.csv", b"Lot ID,Type,Vials\nL1,A,many\n")
    page = browse(editor).post("/plans/new", form(lots="", file=upload))
    assert (page.status_code, "L1,A,many" in page.content.decode()) == (422, True)


def test_a_file_that_is_no_text_is_explained_and_not_shown(
    browse, editor: User
) -> None:
    upload = SimpleUploadedFile("lots.csv", b"PK\x03\x04\xff\xfe\x00")
    page = browse(editor).post("/plans/new", form(lots="", file=upload))
    assert page.status_code == 422
    assert "was read" not in page.content.decode()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"lots": ""}, "Upload a file or paste some lots"),
        ({"lots": "[{]"}, "The JSON cannot be used"),
        ({"lots": "Name\nx\n"}, "Missing columns: Lot ID, Type, Vials"),
        ({"lots": "[" * 100_000}, "The JSON cannot be used"),
        (
            {"lots": json.dumps({"lots": ROWS, "start_time": 5})},
            "Invalid start_time format",
        ),
        ({"start_date": "0001-01-01"}, "Give a date from 1970 to 2999."),
        (
            {"start_date": "9999-12-31", "start_clock": "23:00"},
            "Give a date from 1970 to 2999.",
        ),
        ({"strategy": "best"}, "not one of the available choices"),
        ({"window_hours": "-1"}, "greater than or equal to"),
        ({"lots": CSV, "window_hours": "1"}, "at most the window of 1 hours"),
    ],
)
def test_what_cannot_be_planned_is_explained(
    browse, editor: User, fields: dict[str, Any], said: str
) -> None:
    answer = browse(editor).post("/plans/new", form(**fields))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Plan.objects.exists()


def test_a_failed_plan_says_why_and_offers_to_plan_again(browse, editor: User) -> None:
    plan = make_plan(editor)
    Plan.objects.update(strategy="gone")
    runs.run(plan.pk, "w")
    page = browse(editor).get(f"/plans/{plan.pk}").content.decode()
    assert "No plan could be made" in page
    assert "not found" in page
    Plan.objects.update(strategy="smart-pack")
    browse(editor).post(f"/plans/{plan.pk}/again")
    assert Plan.objects.count() == 2


def test_a_plan_is_cancelled_and_planned_again_from_its_page(
    browse, editor: User
) -> None:
    plan, client = make_plan(editor), browse(editor)
    assert (
        f'action="/plans/{plan.pk}/cancel"'
        in client.get(f"/plans/{plan.pk}").content.decode()
    )
    page = client.post(f"/plans/{plan.pk}/cancel", follow=True).content.decode()
    assert "Cancelled by editor" in page
    assert "No plan could be made" not in page
    assert f'action="/plans/{plan.pk}/again"' in page
    late = client.post(f"/plans/{plan.pk}/cancel", follow=True).content.decode()
    assert "there is nothing to cancel" in late
    made = client.post(f"/plans/{plan.pk}/again")
    assert (made["Location"], Plan.objects.count()) == (
        f"/plans/{Plan.objects.first().pk}",
        2,
    )


def test_a_completed_plan_can_be_planned_again(browse, editor: User) -> None:
    plan = make_plan(editor)
    runs.run(plan.pk, "w")
    page = browse(editor).get(f"/plans/{plan.pk}").content.decode()
    assert f'action="/plans/{plan.pk}/again"' in page
    assert "/cancel" not in page


def test_a_waiting_plan_shows_its_progress(browse, editor: User) -> None:
    plan = make_plan(editor)
    page = browse(editor).get(f"/plans/{plan.pk}").content.decode()
    assert f'data-progress="plan:{plan.pk}"' in page
    piece = (
        browse(editor)
        .get(f"/plans/{plan.pk}", headers={"hx-request": "true"})
        .content.decode()
    )
    assert "<html" not in piece


@pytest.mark.parametrize(
    ("form_", "kind"),
    [("csv", "text/csv"), ("json", "application/json"), ("ics", "text/calendar")],
)
def test_results_can_be_kept_as_files(
    browse, editor: User, form_: str, kind: str
) -> None:
    plan = make_plan(editor)
    client = browse(editor)
    assert client.get(f"/plans/{plan.pk}/export.{form_}").status_code == 400
    runs.run(plan.pk, "w")
    answer = client.get(f"/plans/{plan.pk}/export.{form_}")
    assert answer["Content-Type"].startswith(kind)
    assert (
        answer["Content-Disposition"]
        == f'attachment; filename="schedule_{plan.pk}.{form_}"'
    )
    assert client.get(f"/plans/{plan.pk}/export.exe").status_code == 400


@pytest.mark.usefixtures("one_writer")
def test_a_large_plan_is_shown_in_pieces_with_few_queries(
    browse, editor: User, django_assert_max_num_queries
) -> None:
    plan = make_plan(editor, rows=many_rows(700))
    runs.run(plan.pk, "w")
    client = browse(editor)
    with django_assert_max_num_queries(10):
        page = client.get(f"/plans/{plan.pk}").content.decode()
    assert page.count("gantt-row-label") == 40
    with django_assert_max_num_queries(10):
        table = client.get(f"/plans/{plan.pk}?show=activities").content.decode()
    assert table.count("<tr>") == 201
    assert "Later blocks" in page
    assert "Earlier blocks" in client.get(f"/plans/{plan.pk}?block=41").content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "block=²",
        "block=-1",
        "block=0",
        "block=" + "9" * 5000,
        "page=²",
        "page=x",
        "zoom=3",
        "zoom=all",
        "kind=nap",
        "show=everything",
    ],
)
def test_nonsense_in_the_address_shows_the_beginning(
    browse, editor: User, query: str
) -> None:
    plan = make_plan(editor)
    runs.run(plan.pk, "w")
    page = browse(editor).get(f"/plans/{plan.pk}?{query}")
    assert (page.status_code, "Block 1<" in page.content.decode()) == (200, True)


def test_a_foreign_plan_stays_closed_to_every_page(
    browse, editor: User, manager: User
) -> None:
    plan = make_plan(editor)
    runs.run(plan.pk, "w")
    client = browse(manager)
    for method, address in (
        ("get", ""),
        ("get", "/export.csv"),
        ("post", "/delete"),
        ("post", "/again"),
        ("post", "/cancel"),
    ):
        assert getattr(client, method)(f"/plans/{plan.pk}{address}").status_code == 403
    assert Plan.objects.count() == 1


def test_an_empty_list_offers_a_first_plan(browse, editor: User) -> None:
    page = browse(editor).get("/plans").content.decode()
    assert "No plans yet" in page
    assert 'href="/plans/new"' in page
    make_plan(editor)
    assert (
        "No plan is like that"
        in browse(editor).get("/plans?state=failed").content.decode()
    )


@pytest.mark.usefixtures("room_for_many_plans")
def test_a_list_of_many_plans_takes_few_queries_and_pages(
    browse, editor: User, django_assert_max_num_queries
) -> None:
    for number in range(32):
        plan = make_plan(editor, name=f"Plan {number:02d}")
    runs.run(plan.pk, "w")
    client = browse(editor)
    with django_assert_max_num_queries(10):
        first = client.get("/plans").content.decode()
    assert first.count('class="row-link"') == 30
    second = client.get("/plans?state=pending&page=2").content.decode()
    assert "Plan 00" in second
    assert "state=pending" in second.partition('aria-label="Pages"')[2]


def test_a_deleted_plan_is_gone(browse, editor: User) -> None:
    plan = make_plan(editor)
    runs.run(plan.pk, "w")
    browse(editor).post(f"/plans/{plan.pk}/delete")
    assert not Plan.objects.exists()
    assert browse(editor).get(f"/plans/{plan.pk}").status_code == 404


def test_the_list_keeps_one_state(browse, editor: User) -> None:
    runs.run(make_plan(editor, name="Done one").pk, "w")
    make_plan(editor, name="Waiting one")
    page = browse(editor).get("/plans?state=completed").content.decode()
    assert "Done one" in page
    assert "Waiting one" not in page
