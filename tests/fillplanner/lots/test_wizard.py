"""Asking for a plan without scripts: lots as text and as a table, what is wrong with
them, strategies, the matrix.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from markup import tight
from vials import ROWS
from workbooks import workbook

from fillplanner.lots import lot_table
from fillplanner.models import Comparison, ConfigTemplate, Plan
from fillplanner.planning.problem import LineConfig
from fillplanner.planning.strategies import STRATEGIES, guidance
from fillplanner.rules import matrix
from workspaces.models import User

pytestmark = pytest.mark.django_db
CSV = "Lot ID,Type,Vials\nL1,A,19920\nL2,B,39840\n"
BAD = "Lot ID,Type,Vials\nL1,A,many\n\nL2,,5\nL1,A,19920\n"


def form(**fields: Any) -> dict[str, Any]:
    return {"strategy": "smart-pack", "lots": CSV, "name": "Pasted"} | fields


def table(*rows: tuple[str, ...], **fields: Any) -> dict[str, Any]:
    """A form whose lots are the cells of a table."""
    columns = zip(
        *[(*row, "", "", "", "", "", "", "")[: len(lot_table.FIELDS)] for row in rows],
        strict=True,
    )
    cells = {
        f"row_{name}": list(cells)
        for name, cells in zip(lot_table.FIELDS, columns, strict=True)
    }
    return {"strategy": "smart-pack", "table": "1", "name": "Typed"} | cells | fields


def cells_of(page: str) -> list[str]:
    return re.findall(r'name="row_lot_id" value="([^"]*)"', page)


# --- what is wrong, while it is typed
# --------------------------------------------------------------------


def test_the_check_marks_each_wrong_cell_and_says_why(browse, editor: User) -> None:
    answer = browse(editor).post("/plans/check", form(lots=BAD))
    page = tight(answer.content.decode())
    assert (answer.status_code, "<html" in page) == (200, False)
    marked = re.findall(
        r'data-row="(\d+)" data-field="(\w+)" data-message="([^"]*)"', page
    )
    assert [(row, name) for row, name, _ in marked] == [
        ("2", "vials"),
        ("4", "lot_type"),
        ("5", "lot_id"),
    ]
    assert "must be a number (got many)" in marked[0][2]
    assert "many<span" in page
    assert not Plan.objects.exists()


def test_the_check_says_what_right_lots_come_to(browse, editor: User) -> None:
    page = browse(editor).post("/plans/check", form()).content.decode()
    assert "2 lots can be planned" in page
    review = page.partition('id="review" hx-swap-oob="true"')[2]
    for said in (
        "2 of 2 types",
        "59,760",
        "3.0",
        "1 at least",
        "35.0 h",
        "About a second",
    ):
        assert said in review


def test_the_check_of_json_marks_its_rows(browse, editor: User) -> None:
    page = (
        browse(editor)
        .post(
            "/plans/check", form(lots=json.dumps([ROWS[0], {**ROWS[1], "vials": -1}]))
        )
        .content
    )
    assert 'data-row="1" data-field="vials"' in tight(page.decode())


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"window_hours": "-1"}, "greater than or equal to"),
        ({"lots": ""}, "Upload a file or paste some lots"),
        ({"more_rules": "{"}, "The JSON cannot be used"),
        ({"lots": "[{]"}, "The JSON cannot be used"),
        (
            {"matrix_type": ["A"], "matrix_0_0": "long"},
            "From A to A: “long” is no number of hours.",
        ),
    ],
)
def test_the_check_names_rules_that_cannot_be(
    browse, editor: User, fields: dict[str, Any], said: str
) -> None:
    assert said in browse(editor).post("/plans/check", form(**fields)).content.decode()


def test_lots_that_fit_no_stretch_of_the_calendar_are_told_before_anything_is_planned(
    browse, editor: User
) -> None:
    rules = json.dumps(
        {"calendar": {"weekly_off": ["monday", "wednesday", "friday", "sunday"]}}
    )
    page = browse(editor).post(
        "/plans/check", form(lots="Lot ID,Type,Vials\nL1,A,1200000\n", more_rules=rules)
    )
    assert "does not fit between blocked hours" in page.content.decode()


def test_the_check_takes_few_queries_and_wants_a_person(
    browse, editor: User, django_assert_max_num_queries
) -> None:
    client = browse(editor)
    with django_assert_max_num_queries(9):
        client.post("/plans/check", form())
    assert browse(None).post("/plans/check", form()).status_code == 302
    assert client.get("/plans/check").status_code == 405


def test_a_long_list_is_not_looked_over_at_every_pause(browse, editor: User) -> None:
    lots = "Lot ID,Type,Vials\n" + "".join(
        f"LOT{n:06d},Type-{n % 7},{n + 1}\n" for n in range(20_000)
    )
    page = browse(editor).post("/plans/check", form(lots=lots)).content.decode()
    assert "The list is long" in page
    assert "can be planned" not in page
    upload = SimpleUploadedFile("lots.csv", lots.encode())
    assert (
        "The list is long"
        in browse(editor)
        .post("/plans/check", form(lots="", file=upload))
        .content.decode()
    )


def test_a_comparison_is_checked_alike(browse, editor: User) -> None:
    asked = form(strategies=["smart-pack", "milp-opt"], milp_time_limit="30")
    page = browse(editor).post("/plans/check?for=comparison", asked).content.decode()
    assert "2 lots can be planned" in page
    assert "2 strategies" in page
    assert "Up to 30 s" in page


HEADER = ["Lot ID", "Type", "Vials"]
BOOK = workbook(
    {
        "May": [[*HEADER, "Remark"], ["L1", "A", 5, "x"], [], ["L2", "B", "many"]],
        "June": [HEADER, ["L3", "A", 5]],
    }
)


def uploaded(**fields: Any) -> dict[str, Any]:
    return form(lots="", file=SimpleUploadedFile("lots.xlsx", BOOK), **fields)


def test_the_check_says_which_sheet_it_read_and_which_columns_it_did_not(
    browse, editor: User
) -> None:
    client = browse(editor)
    page = client.post("/plans/check", uploaded()).content.decode()
    assert "Read from sheet “May”. Other sheets: June." in page
    assert "Column not used: Remark (column D)." in page
    assert 'data-row="4" data-field="vials"' in tight(page)
    page = client.post("/plans/check", uploaded(sheet="June")).content.decode()
    assert "1 lot can be planned" in page
    page = client.post("/plans/check", uploaded(sheet="July")).content.decode()
    assert "It has May, June." in page


def test_without_scripts_the_chosen_sheet_becomes_text_on_the_same_rows(
    browse, editor: User
) -> None:
    client = browse(editor)
    page = client.post("/plans/new", uploaded(check="1"))
    assert page.context["form"]["lots"].value() == (
        "Lot ID,Type,Vials,Remark\nL1,A,5,x\n\nL2,B,many,\n"
    )
    page = client.post("/plans/new", uploaded(check="1", sheet="June"))
    assert page.context["form"]["lots"].value() == "Lot ID,Type,Vials\nL3,A,5\n"
    assert not page.context["form"]["sheet"].value()
    client.post("/plans/new", uploaded(sheet="June"))
    assert Plan.objects.get().lots[0]["lot_id"] == "L3"


# --- a table
# ---------------------------------------------------------------------------------------------


def test_text_becomes_a_table_and_text_again_without_losing_anything(
    browse, editor: User
) -> None:
    client = browse(editor)
    page = client.post(
        "/plans/new",
        form(edit="table", clean_hours="7", allow_waiting="on", strategy="spt-pack"),
    )
    text = page.content.decode()
    assert page.status_code == 200
    assert cells_of(text) == ["L1", "L2", "", "", ""]
    assert re.search(
        r'name="clean_hours"[^>]*value="7"|value="7"[^>]*name="clean_hours"', text
    )
    assert re.search(r'value="spt-pack" checked', text)
    assert re.search(r'name="allow_waiting"[^>]*checked', text)
    back = client.post(
        "/plans/new",
        table(("L1", "A", "19920"), ("L2", "B", "39840"), edit="text", clean_hours="7"),
    )
    assert back.context["form"]["lots"].value() == CSV
    assert not Plan.objects.exists()


def test_cells_become_a_plan(browse, editor: User) -> None:
    row = ("L1", "A", "10", "2.5", "", "2099-01-01T00:00", "high")
    answer = browse(editor).post("/plans/new", table(row, (), ("L2", "B", "39840")))
    assert answer.status_code == 302
    one, two = Plan.objects.get().lots
    assert (one["fill_hours"], one["priority"], two["lot_id"], two["fill_hours"]) == (
        2.5,
        "high",
        "L2",
        2.0,
    )
    assert one["target_end"] > 0


def test_a_full_table_becomes_a_plan(browse, editor: User) -> None:
    rows = [(f"L{number}", "A", "100") for number in range(lot_table.MOST_ROWS)]
    assert browse(editor).post("/plans/new", table(*rows)).status_code == 302
    assert Plan.objects.get().lots_count == lot_table.MOST_ROWS


def test_wrong_cells_are_marked_in_the_table_and_every_cell_stays(
    browse, editor: User
) -> None:
    page = browse(editor).post(
        "/plans/new", table(("L1", "A", "many"), (), ("L2", "", "5"))
    )
    text = page.content.decode()
    assert page.status_code == 422
    assert re.search(
        r'name="row_vials" value="many"[^>]*aria-invalid="true" title="[^"]*must be a number',
        text,
    )
    wrong = text.partition('id="row-4"')[2].partition("</tr>")[0]
    assert re.search(r'name="row_lot_type" value=""[^>]*aria-invalid', wrong)
    assert cells_of(text) == ["L1", "", "L2"]


def test_more_rows_can_be_had(browse, editor: User) -> None:
    page = (
        browse(editor)
        .post("/plans/new", table(("L1", "A", "5"), edit="rows"))
        .content.decode()
    )
    assert cells_of(page) == ["L1"] + [""] * 10


def test_rules_and_start_inside_a_document_move_to_their_fields(
    browse, editor: User
) -> None:
    document = {
        "lots": ROWS,
        "config": {"lines": 2},
        "start_time": "2026-12-01T15:30:00Z",
    }
    client = browse(editor)
    page = client.post("/plans/new", form(lots=json.dumps(document), edit="table"))
    shown = page.context["form"]
    assert cells_of(page.content.decode())[:4] == [row["lot_id"] for row in ROWS]
    assert json.loads(shown["more_rules"].value()) == {"lines": 2}
    assert (shown["start_date"].value(), shown["start_clock"].value()) == (
        "2026-12-01",
        "07:30",
    )


@pytest.mark.parametrize(
    "lots",
    [
        "Name;Age\nx;2\n",
        "[{]",
        "Lot ID,Type,Vials\n" + "".join(f"L{i},A,5\n" for i in range(501)),
    ],
)
def test_what_is_no_table_stays_text_and_says_why(
    browse, editor: User, lots: str
) -> None:
    page = browse(editor).post("/plans/new", form(lots=lots, edit="table"))
    assert page.context["wizard"].table is None
    assert page.context["form"].why_no_table
    assert page.context["form"]["lots"].value() == lots


# --- the matrix and the strategies
# -----------------------------------------------------------------------


def test_the_matrix_has_a_cell_for_each_pair_of_types_and_shows_what_holds_without_it(
    browse, editor: User
) -> None:
    page = (
        browse(editor)
        .post("/plans/check", form(same_type_changeover_hours="3"))
        .content.decode()
    )
    cells = re.findall(
        r'name="(matrix_\d_\d)" value="" placeholder="(\d)"', tight(page)
    )
    assert cells == [
        ("matrix_0_0", "3"),
        ("matrix_0_1", "8"),
        ("matrix_1_0", "8"),
        ("matrix_1_1", "3"),
    ]


def test_cells_of_the_matrix_go_before_a_template(browse, editor: User) -> None:
    rules = {"changeover_matrix": {"A": {"A": 1, "B": 2}}}
    template = ConfigTemplate.objects.create(owner=editor, name="Line", config=rules)
    typed = {"matrix_type": ["A", "B"], "matrix_0_1": "5,5", "matrix_1_0": "0"}
    browse(editor).post("/plans/new", form(template=template.pk, **typed))
    assert Plan.objects.get().config["changeover_matrix"] == {
        "A": {"A": 1, "B": 5.5},
        "B": {"A": 0},
    }


def test_a_matrix_that_still_fits_is_not_drawn_again_under_the_hands_of_who_types(
    browse, editor: User
) -> None:
    client = browse(editor)
    first = client.post("/plans/check", form())
    assert 'id="matrix" hx-swap-oob' in first.content.decode()
    drawn = first.context["wizard"].editor
    typed = {
        "matrix_type": drawn.types,
        "matrix_drawn_for": drawn.drawn_for,
        "matrix_0_1": "5",
    }
    assert (
        'id="matrix"' not in client.post("/plans/check", form(**typed)).content.decode()
    )
    other = client.post(
        "/plans/check", form(**typed, lots=CSV + "L3,C,5\n")
    ).content.decode()
    assert re.search(r'name="matrix_0_1" value="5"', other)
    assert 'name="matrix_2_2"' in other


def test_what_is_wrong_in_the_matrix_stays_and_is_marked(browse, editor: User) -> None:
    page = (
        browse(editor)
        .post("/plans/new", form(matrix_type=["A", "B"], matrix_0_1="-2"))
        .content.decode()
    )
    assert re.search(r'name="matrix_0_1" value="-2"[^>]*aria-invalid="true"', page)
    assert not Plan.objects.exists()


def test_many_types_show_the_first_and_say_so() -> None:
    made = matrix.editor(
        (f"T{i:02d}" for i in range(30)), matrix.TypedHours(), LineConfig()
    )
    assert (len(made.types), made.left_out) == (
        matrix.MOST_TYPES,
        30 - matrix.MOST_TYPES,
    )


def test_every_strategy_says_what_it_is_good_for_and_how_long_it_takes() -> None:
    few, many = guidance.cards(), guidance.cards(20_000, 3600)
    assert [card.name for card in few] == [strategy.name for strategy in STRATEGIES]
    assert all(card.good_for and card.time for card in few)
    assert (few[0].time, many[0].time, many[-1].time) == (
        "about a second",
        "about 2 min",
        "up to 60 min",
    )


def test_a_comparison_is_made_from_a_table_too(browse, editor: User) -> None:
    asked = table(
        ("L1", "A", "5"), ("L2", "B", "7"), strategies=["spt-pack", "lpt-pack"]
    )
    assert browse(editor).post("/comparisons/new", asked).status_code == 302
    assert Comparison.objects.get().lots_count == 2
