"""Results of the filling dialect as files: every format, its name, its type and its facts."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from icalendar import Calendar
from openpyxl import load_workbook
from rest_framework.test import APIClient
from vials import ROWS, make_plan

from fillplanner import runs
from fillplanner.exports import fonts
from fillplanner.exports.files import XLSX
from fillplanner.models import Plan
from workspaces.models import User

pytestmark = pytest.mark.django_db
START = datetime(2026, 1, 1, 8, tzinfo=UTC)
NAMES = ["Summary", "Activities", "Configuration"]


@pytest.fixture
def client(api, editor: User) -> APIClient:
    made: APIClient = api(editor)
    return made


@pytest.fixture
def plan(editor: User) -> Plan:
    """Lots whose words are awkward in a file."""
    rows = [
        ROWS[0] | {"lot_id": "=1+2", "lot_type": "Жидкость"},
        ROWS[1] | {"lot_id": "+49", "lot_type": "東京"},
        ROWS[2] | {"lot_id": "-x"},
        ROWS[3] | {"lot_id": "@y", "lot_type": "<b>&"},
    ]
    config = {"window_hours": 24, "changeover_matrix": {"A": {"B": 3}}}
    made = make_plan(
        editor, rows=rows, name='Jänner; "2026",\n<1>', config=config, start_time=START
    )
    done = runs.run(made.pk, "w")
    assert done is not None
    return done


def export(client: APIClient, plan: Plan, form: str, **query: str) -> Any:
    return client.get(f"/api/v1/schedule/{plan.pk}/export", {"format": form, **query})


@pytest.mark.parametrize(
    ("form", "kind", "name"),
    [
        ("json", "application/json", "schedule_{}.json"),
        ("csv", "text/csv; charset=utf-8", "schedule_{}.csv"),
        ("ics", "text/calendar; charset=utf-8", "schedule_{}.ics"),
        ("xlsx", XLSX, "schedule_{}_report.xlsx"),
        ("excel", XLSX, "schedule_{}_report.xlsx"),
        ("pdf", "application/pdf", "schedule_{}_report.pdf"),
    ],
)
def test_every_format_has_its_type_and_name(
    client: APIClient, plan: Plan, form: str, kind: str, name: str
) -> None:
    answer = export(client, plan, form)
    assert (answer.status_code, answer["Content-Type"]) == (200, kind)
    assert (
        answer["Content-Disposition"]
        == f'attachment; filename="{name.format(plan.pk)}"'
    )


@pytest.mark.parametrize("form", ["xlsx", "excel", "pdf", "ics", "csv"])
def test_no_format_is_made_before_there_is_a_result(
    client: APIClient, editor: User, form: str
) -> None:
    waiting = make_plan(editor)
    answer = export(client, waiting, form)
    assert (answer.status_code, answer.json()) == (
        400,
        {"detail": "Schedule not completed yet"},
    )
    Plan.objects.filter(pk=waiting.pk).update(state="completed")
    lost = export(client, waiting, form)
    assert (lost.status_code, lost.json()) == (
        404,
        {"detail": "Schedule result not found"},
    )


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("format=docx", 400),
        ("include_charts=perhaps", 422),
        ("bom=x", 422),
        ("format=ics&events=days", 422),
        ("include_charts=0", 200),
    ],
)
def test_options_that_mean_nothing_are_refused(
    client: APIClient, plan: Plan, query: str, status: int
) -> None:
    assert (
        client.get(f"/api/v1/schedule/{plan.pk}/export?{query}").status_code == status
    )


def test_somebody_elses_plan_is_exported_to_nobody(
    api, plan: Plan, manager: User
) -> None:
    for form in ("pdf", "xlsx", "ics"):
        assert export(api(manager), plan, form).status_code == 403


# --- csv
# -------------------------------------------------------------------------------------------------


def test_csv_has_a_byte_order_mark_only_on_request(
    client: APIClient, plan: Plan
) -> None:
    plain, marked = (
        export(client, plan, "csv").content,
        export(client, plan, "csv", bom="1").content,
    )
    assert marked == b"\xef\xbb\xbf" + plain
    assert plain.startswith(b"Start,End,Kind,Lot ID,Lot Type,Note,Duration (h)\n")


def test_csv_carries_the_figures_on_request(client: APIClient, plan: Plan) -> None:
    rows = list(
        csv.DictReader(
            io.StringIO(export(client, plan, "csv", figures="true").content.decode())
        )
    )
    assert len(rows) == len(plan.result.activities)
    assert {row["Solver Status"] for row in rows} == {plan.result.solver_status}
    assert float(rows[0]["Lower Bound (h)"]) == plan.result.lower_bound
    assert {"Gap (%)", "Solver", "Runtime (s)"} <= set(rows[0])


# --- xlsx
# ------------------------------------------------------------------------------------------------


def book_of(answer: Any) -> Any:
    return load_workbook(io.BytesIO(answer.content))


def test_the_workbook_has_numbers_times_and_texts(
    client: APIClient, plan: Plan
) -> None:
    book = book_of(export(client, plan, "xlsx"))
    assert book.sheetnames == NAMES
    sheet = book["Activities"]
    first, second = list(sheet.iter_rows(min_row=2, max_row=3, values_only=True))
    assert first[:5] == (
        0,
        24,
        datetime(2026, 1, 1, 8),
        datetime(2026, 1, 2, 8),
        "clean",
    )
    assert (second[0], second[4]) == (24, "fill")
    assert [sheet.freeze_panes, book["Summary"].freeze_panes] == ["A2", "A2"]
    assert sheet.max_row == len(plan.result.activities) + 1
    assert sheet["A2"].number_format == "#,##0.00"


def test_no_text_of_the_workbook_is_a_formula(client: APIClient, plan: Plan) -> None:
    cells = [
        cell
        for row in book_of(export(client, plan, "xlsx"))["Activities"].iter_rows()
        for cell in row
    ]
    assert {"=1+2", "+49", "-x", "@y"} <= {cell.value for cell in cells}
    assert "f" not in {cell.data_type for cell in cells}
    assert all(
        cell.quotePrefix for cell in cells if cell.value in {"=1+2", "+49", "-x", "@y"}
    )


def test_the_workbooks_summary_and_rules(client: APIClient, plan: Plan) -> None:
    book = book_of(export(client, plan, "xlsx"))
    told = {
        name: value for name, value, *_ in book["Summary"].iter_rows(values_only=True)
    }
    result = plan.result
    assert told["Plan"] == 'Jänner; "2026",<1>'
    assert (told["Makespan (h)"], told["Lower bound (h)"]) == (
        result.makespan,
        result.lower_bound,
    )
    assert (told["Gap (%)"], told["Solver"]) == (result.gap_percent, "smart-pack")
    assert (told["Solver status"], told["Runtime (s)"]) == (
        result.solver_status,
        result.runtime_seconds,
    )
    rules = dict(book["Configuration"].iter_rows(values_only=True))
    assert (rules["Window (h)"], rules["Changeover A → B (h)"]) == (24, 3)


def test_charts_of_the_workbook_can_be_left_out(client: APIClient, plan: Plan) -> None:
    assert len(book_of(export(client, plan, "xlsx"))["Summary"]._charts) == 1
    assert (
        book_of(export(client, plan, "xlsx", include_charts="false"))["Summary"]._charts
        == []
    )


# --- pdf
# -------------------------------------------------------------------------------------------------


def test_the_pdf_has_pages_and_fewer_without_charts(
    client: APIClient, plan: Plan
) -> None:
    whole, plain = (
        export(client, plan, "pdf").content,
        export(client, plan, "pdf", include_charts="false").content,
    )
    assert whole.startswith(b"%PDF-") and whole.rstrip().endswith(b"%%EOF")
    assert (whole.count(b"/Type /Page\n"), plain.count(b"/Type /Page\n")) == (4, 3)


@pytest.mark.parametrize("path", [fonts.BUNDLED, fonts.SYSTEM])
def test_the_pdf_is_made_with_either_font(
    client: APIClient, plan: Plan, settings, path: Any
) -> None:
    if not path.is_file():
        pytest.skip(f"no {path.name} on this system")
    settings.PDF_FONT = str(path)
    fonts.letters.cache_clear()
    try:
        assert export(client, plan, "pdf").content.startswith(b"%PDF-")
    finally:
        fonts.letters.cache_clear()


def test_letters_that_no_font_has_are_question_marks() -> None:
    vera = fonts.registered(fonts.BUNDLED)
    assert vera.runs("a→Ж") == [("Slotline", "a->?")]
    assert vera.runs("x東") == [("Slotline", "x"), ("HeiseiMin-W3", "東")]
    assert vera.markup("<東&") == '&lt;<font name="HeiseiMin-W3">東</font>&amp;'
    assert vera.plainly("L東Ж") == "L??"
    assert vera.runs("\U0001f600") == [("Slotline", "?")]
    fonts.letters.cache_clear()


# --- ics
# -------------------------------------------------------------------------------------------------


def events_of(answer: Any) -> list[Any]:
    return list(Calendar.from_ical(answer.content).walk("VEVENT"))


def test_the_calendar_has_an_event_for_every_activity(
    client: APIClient, plan: Plan
) -> None:
    answer = export(client, plan, "ics")
    calendar, events = Calendar.from_ical(answer.content), events_of(answer)
    assert str(calendar["X-WR-CALNAME"]) == plan.name
    assert f"Solver status: {plan.result.solver_status}" in str(
        calendar["X-WR-CALDESC"]
    )
    assert len(events) == len(plan.result.activities)
    assert (events[0]["DTSTART"].dt, events[0]["DTEND"].dt) == (
        START,
        START.replace(day=2),
    )
    assert events[0]["DTSTAMP"].dt == plan.ended_at.replace(microsecond=0)
    assert {str(event["SUMMARY"]) for event in events} >= {
        "Clean",
        "Fill =1+2 (Жидкость)",
    }
    assert len({str(event["UID"]) for event in events}) == len(events)
    assert export(client, plan, "ics").content == answer.content
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))


def test_the_calendar_can_have_an_event_for_every_block(
    client: APIClient, plan: Plan
) -> None:
    events = events_of(export(client, plan, "ics", events="blocks"))
    assert len(events) == plan.result.kpis["Clean Blocks"]
    assert str(events[0]["UID"]) == f"plan-{plan.pk}-block-1@slotline"


def test_what_takes_no_time_has_no_end(client: APIClient, editor: User) -> None:
    instant = make_plan(editor, config={"clean_hours": 0}, start_time=START)
    runs.run(instant.pk, "w")
    clean = events_of(export(client, instant, "ics"))[0]
    assert "DTEND" not in clean
