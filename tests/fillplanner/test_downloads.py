"""Each file that a plan's page offers, opened by a program that reads its kind."""

from __future__ import annotations

import csv
import io
import json

import pytest
from icalendar import Calendar
from openpyxl import load_workbook
from PIL import Image
from vials import make_plan, many_rows

from fillplanner import runs
from fillplanner.models import Plan
from workspaces.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(editor: User) -> Plan:
    made = make_plan(editor, rows=many_rows(60), strategy="lpt-pack", name="Übung <1>")
    runs.run(made.pk, "w")
    made.refresh_from_db()
    return made


@pytest.fixture
def fetch(browse, editor: User, plan: Plan):
    client = browse(editor)
    page = client.get(f"/plans/{plan.pk}").content.decode()

    def get(form: str) -> bytes:
        assert f'href="/plans/{plan.pk}/export.{form}"' in page
        answer = client.get(f"/plans/{plan.pk}/export.{form}")
        assert answer["Content-Disposition"].startswith("attachment; filename=")
        return answer.content

    return get


def test_csv_has_a_row_an_activity(plan: Plan, fetch) -> None:
    rows = list(csv.DictReader(io.StringIO(fetch("csv").decode())))
    assert len(rows) == len(plan.result.activities)
    assert rows[0]["Kind"] == "clean"


def test_json_has_the_result(plan: Plan, fetch) -> None:
    assert json.loads(fetch("json"))["results"]["makespan"] == plan.result.makespan


def test_the_workbook_has_its_sheets(plan: Plan, fetch) -> None:
    book = load_workbook(io.BytesIO(fetch("xlsx")))
    assert book.sheetnames == ["Summary", "Activities", "Configuration"]
    assert book["Activities"].max_row == len(plan.result.activities) + 1


def test_the_report_is_a_whole_pdf(fetch) -> None:
    data = fetch("pdf")
    assert data.startswith(b"%PDF-")
    assert data.rstrip().endswith(b"%%EOF")
    assert data.count(b"/Type /Page\n") >= 3


def test_the_calendar_has_an_event_an_activity(plan: Plan, fetch) -> None:
    events = Calendar.from_ical(fetch("ics")).walk("VEVENT")
    assert len(events) == len(plan.result.activities)
    assert events[0].decoded("dtstart") == plan.start_time.replace(microsecond=0)


def test_the_picture_shows_every_block_in_the_colours_of_the_page(
    plan: Plan, fetch
) -> None:
    image = Image.open(io.BytesIO(fetch("png")))
    image.load()
    assert image.format == "PNG"
    blocks = plan.result.kpis["Clean Blocks"]
    assert image.size == (2216, 2 * (72 + 40 * blocks + 28))
    colours = {pixel for _, pixel in image.convert("RGB").getcolors(maxcolors=256)}
    for wanted in ((0x19, 0x76, 0xD2), (0xFF, 0x98, 0x00), (0xF4, 0x58, 0x4C)):
        assert any(
            max(abs(a - b) for a, b in zip(wanted, seen, strict=True)) < 8
            for seen in colours
        )


def test_a_picture_of_a_huge_plan_says_what_it_leaves_out(editor: User, browse) -> None:
    made = make_plan(editor, rows=many_rows(700), strategy="spt-pack")
    runs.run(made.pk, "w")
    made.refresh_from_db()
    assert made.result.kpis["Clean Blocks"] > 200
    image = Image.open(
        io.BytesIO(browse(editor).get(f"/plans/{made.pk}/export.png").content)
    )
    assert image.size[1] == 2 * (72 + 40 * 200 + 28)


@pytest.mark.parametrize("form", ["csv", "json", "xlsx", "pdf", "ics", "png"])
def test_nobody_else_gets_a_file(browse, manager: User, plan: Plan, form: str) -> None:
    assert browse(manager).get(f"/plans/{plan.pk}/export.{form}").status_code == 403
    assert browse(None).get(f"/plans/{plan.pk}/export.{form}").status_code == 302
