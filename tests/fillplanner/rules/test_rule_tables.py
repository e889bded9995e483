"""Rules that come in rows, without scripts: working hours, priorities, frozen blocks
and target times.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from html import unescape
from typing import Any

import pytest
from markup import tight
from sent_forms import sent_back
from vials import make_plan

from fillplanner.lots import lot_table
from fillplanner.models import ConfigTemplate, Plan
from fillplanner.planning.rules import read_config, to_wire
from fillplanner.rules import rule_tables
from fillplanner.wall_clock import from_wall, to_wall
from workspaces.models import User

pytestmark = pytest.mark.django_db
CSV = "Lot ID,Type,Vials\nL1,A,19920\nL2,B,39840\n"
CALENDAR = {
    "zone": "Europe/Berlin",
    "weekly_off": ["sunday"],
    "days_off": ["2026-12-25"],
    "shifts": [["06:00", "22:00"]],
    "blocked": [
        {"start": "2026-12-02T10:00:00+01:00", "end": "2026-12-02T14:00:00+01:00"}
    ],
}
RULES = {
    "clean_hours": 4,
    "calendar": CALENDAR,
    "priority_levels": {"rush": 5, "usual": 1},
    "frozen_blocks": [["L2", "L1"]],
}
FIELDS = {
    "calendar_zone": "Europe/Berlin",
    "weekly_off": ["sunday"],
    "days_off_day": ["", "2026-12-25"],
    "shifts_start": ["06:00", ""],
    "shifts_end": ["22:00", ""],
    "blocked_start": ["2026-12-02T10:00"],
    "blocked_end": ["2026-12-02T14:00"],
    "priority_levels_name": ["rush", "usual"],
    "priority_levels_weight": ["5", "1"],
    "frozen_blocks_lots": ["L2, L1"],
}


def form(**fields: Any) -> dict[str, Any]:
    return {"strategy": "smart-pack", "lots": CSV, "name": "Typed"} | fields


def sent(page: str) -> dict[str, Any]:
    """Every field of the rules as a browser would send it back unchanged."""
    return sent_back(page.partition('id="rules"')[2].partition("</section>")[0])


def rules_of(plan: Plan) -> dict[str, Any]:
    return {
        key: plan.config[key]
        for key in ("clean_hours", *rule_tables.KEYS)
        if key in plan.config
    }


def test_rows_become_rules(browse, editor: User) -> None:
    assert (
        browse(editor).post("/plans/new", form(clean_hours="4", **FIELDS)).status_code
        == 302
    )
    assert rules_of(Plan.objects.get()) == RULES


def test_rows_left_blank_change_nothing(browse, editor: User) -> None:
    client = browse(editor)
    fields = sent(client.get("/plans/new").content.decode())
    assert fields["shifts_start"] == ["", ""]
    assert fields["priority_levels_name"] == ["high", "medium", "low", "", ""]
    client.post("/plans/new", form(**fields))
    assert rules_of(Plan.objects.get()) == {"clean_hours": 24}


@pytest.mark.parametrize(
    ("fields", "row", "said"),
    [
        (
            {"shifts_start": ["", "06:00"], "shifts_end": ["", ""]},
            "shifts-0",
            "Shifts, row 1: A shift needs a time from",
        ),
        (
            {"days_off_day": ["2026-12-24", "2026-13-25"]},
            "days_off-1",
            "Days off, row 2: This is no day.",
        ),
        (
            {
                "blocked_start": ["2026-12-02T10:00"],
                "blocked_end": ["2026-12-01T10:00"],
            },
            "blocked-0",
            "after it, an end",
        ),
        (
            {"priority_levels_name": ["a", "A"], "priority_levels_weight": ["1", "2"]},
            "priority_levels-1",
            "given before",
        ),
        (
            {"priority_levels_name": [""], "priority_levels_weight": ["2"]},
            "priority_levels-0",
            "needs a name",
        ),
        (
            {"frozen_blocks_lots": ["L1", "L9, L2"]},
            "frozen_blocks-1",
            "row 2: L9, which is not among the lots",
        ),
        (
            {"frozen_blocks_lots": ["L1", "L2, L1"]},
            "frozen_blocks-1",
            "row 2: L1 more than once",
        ),
        (
            {"frozen_blocks_lots": ["L2, L1"], "window_hours": "10"},
            "frozen_blocks-0",
            "longer than the window of 10",
        ),
    ],
)
def test_what_is_wrong_is_said_beside_the_row_and_everything_stays(
    browse, editor: User, fields: dict[str, Any], row: str, said: str
) -> None:
    answer = browse(editor).post("/plans/new", form(**fields))
    page = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert said in page.partition("data-form-errors")[2].partition("</ul>")[0]
    marked = page.partition(f'id="{row}"')[2].partition("<tr id=")[0]
    assert 'aria-invalid="true"' in marked
    assert "rule-wrong" in marked
    assert page.count('class="rule-wrong"') == 1
    assert ", load" not in page
    back = sent(page)
    for name, texts in fields.items():
        assert [text for text in back[name] if text] == [
            text for text in texts if text
        ] or name == "window_hours"
    assert not Plan.objects.exists()


def test_a_calendar_without_a_working_day_is_told_beside_its_days(
    browse, editor: User
) -> None:
    days = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ]
    page = browse(editor).post("/plans/new", form(weekly_off=days)).content.decode()
    assert (
        "This leaves no working day"
        in page.partition("Off every week")[2].partition("</fieldset>")[0]
    )


def test_a_plan_that_is_changed_has_its_rules_filled_in(browse, editor: User) -> None:
    rows = [
        {
            "lot_id": name,
            "lot_type": "A",
            "vials": 1,
            "fill_hours": 2,
            "priority": "rush",
        }
        for name in ("L1", "L2")
    ]
    old = make_plan(editor, rows=rows, config={**RULES, "seed": 7})
    client = browse(editor)
    page = client.get(f"/plans/new?from={old.pk}")
    fields = sent(page.content.decode())
    assert fields["weekly_off"] == ["sunday"]
    assert fields["blocked_start"][0] == "2026-12-02T10:00"
    assert fields["frozen_blocks_lots"][0] == "L2, L1"
    assert json.loads(page.context["form"]["more_rules"].value()) == {"seed": 7}
    client.post(
        "/plans/new",
        {
            **fields,
            "strategy": "smart-pack",
            "lots": page.context["form"]["lots"].value(),
            "more_rules": '{"seed": 7}',
        },
    )
    assert Plan.objects.exclude(pk=old.pk).get().config == old.config


def template(owner: User, **more: Any) -> ConfigTemplate:
    return ConfigTemplate.objects.create(owner=owner, name="Line", config=RULES | more)


def test_a_default_template_is_filled_in_and_can_be_changed_back_to_what_is_usual(
    browse, editor: User
) -> None:
    made = template(editor)
    ConfigTemplate.objects.filter(pk=made.pk).update(is_default=True)
    client = browse(editor)
    fields = sent(client.get("/plans/new").content.decode())
    assert (fields["clean_hours"], fields["shifts_end"][0], fields["template"]) == (
        ["4"],
        "22:00",
        str(made.pk),
    )
    client.post("/plans/new", form(**fields))
    assert rules_of(Plan.objects.get()) == RULES
    Plan.objects.all().delete()
    blank = dict.fromkeys(
        (
            "frozen_blocks_lots",
            "priority_levels_name",
            "priority_levels_weight",
            "weekly_off",
        ),
        "",
    )
    client.post(
        "/plans/new", form(**fields | blank | {"clean_hours": "24", "weekly_off": []})
    )
    assert rules_of(Plan.objects.get()) == {
        "clean_hours": 24,
        "calendar": {**CALENDAR, "weekly_off": []},
    }


def test_a_template_is_filled_in_on_the_whole_page_or_in_its_piece(
    browse, editor: User
) -> None:
    made, client = template(editor), browse(editor)
    for address in (
        "/plans/new",
        "/plans/rules?for=plan",
        "/comparisons/new",
        "/plans/rules?for=comparison",
    ):
        page = client.post(
            address,
            form(
                strategies=["smart-pack"],
                template=made.pk,
                edit="fill",
                clean_hours="9",
            ),
        )
        text = page.content.decode()
        fields = sent(text)
        assert (page.status_code, "<html" in text) == (200, "new" in address)
        assert (fields["clean_hours"], fields["filled_from"]) == (["4"], [str(made.pk)])
        assert fields["priority_levels_name"][:2] == ["rush", "usual"]


def test_somebody_elses_private_template_fills_in_nothing(
    browse, editor: User, viewer: User
) -> None:
    made = template(viewer)
    page = (
        browse(editor)
        .post("/plans/rules", form(template=made.pk, edit="fill", clean_hours="9"))
        .content.decode()
    )
    assert sent(page)["clean_hours"] == ["9"]
    assert "22:00" not in page


def test_rows_are_added_and_taken_out(browse, editor: User) -> None:
    client = browse(editor)
    more = client.post("/plans/rules", form(**FIELDS, edit="more:shifts"))
    fields = sent(more.content.decode())
    assert fields["shifts_start"] == ["06:00", "", "", ""]
    drawn = tight(more.content.decode())
    assert re.search(r'id="shifts-1"><td><input[^>]* autofocus', drawn)
    assert more["HX-Trigger-After-Settle"] == "rules"
    less = sent(
        client.post(
            "/plans/rules", form(**FIELDS, edit="drop:days_off:0")
        ).content.decode()
    )
    assert (less["days_off_day"], less["frozen_blocks_lots"][0]) == (["", ""], "L2, L1")
    same = sent(
        client.post(
            "/plans/rules", form(**FIELDS, edit="drop:days_off:9")
        ).content.decode()
    )
    assert same["days_off_day"][0] == "2026-12-25"
    assert client.post("/plans/rules", form(**FIELDS)).status_code == 400


def test_rules_written_as_json_move_into_their_rows(browse, editor: User) -> None:
    written = json.dumps({"calendar": CALENDAR, "frozen_blocks": "none", "seed": 3})
    client = browse(editor)
    page = client.post("/plans/new", form(more_rules=written, edit="table"))
    assert page.context["form"]["more_rules"].value() == written
    page = client.post(
        "/plans/new",
        form(more_rules=written.replace('"none"', '[["L1"]]'), edit="table"),
    )
    assert json.loads(page.context["form"]["more_rules"].value()) == {"seed": 3}
    assert sent(page.content.decode())["shifts_start"][0] == "06:00"


def test_the_piece_takes_few_queries_however_many_rows(
    browse, editor: User, django_assert_max_num_queries
) -> None:
    client, days = (
        browse(editor),
        [
            f"2026-{month:02d}-{day:02d}"
            for month in range(1, 13)
            for day in range(1, 29)
        ],
    )
    with django_assert_max_num_queries(8):
        page = client.post(
            "/plans/rules", form(days_off_day=days, edit="more:days_off")
        )
    assert len(sent(page.content.decode())["days_off_day"]) == len(days) + 3


def test_target_times_stand_on_the_persons_clock_in_the_table(
    browse, editor: User
) -> None:
    User.objects.filter(pk=editor.pk).update(zone="Europe/Berlin")
    client = browse(editor)
    text = "Lot ID,Type,Vials,Target Start,Target End,Priority\nL1,A,5,2026-12-01T07:00Z,soon,high\n"
    page = client.post("/plans/new", form(lots=text, edit="table"))
    assert page.context["wizard"].table[0][4:] == ["2026-12-01 08:00", "soon", "high"]
    assert "Europe/Berlin" in page.content.decode()
    assert '<option value="medium">' in page.content.decode()
    row = ["L1", "A", "5", "", "2026-12-01 08:00", "2026-12-01 09:00", ""]
    cells = {
        f"row_{name}": cell for name, cell in zip(lot_table.FIELDS, row, strict=True)
    }
    fields = {
        "strategy": "smart-pack",
        "table": "1",
        "start_date": "2026-12-01",
        "start_clock": "06:00",
    }
    assert client.post("/plans/new", cells | fields).status_code == 302
    lot = Plan.objects.get().lots[0]
    assert (lot["target_start"], lot["target_end"]) == (2.0, 3.0)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-29T03:30:00+02:00",
        "2026-10-25T01:30:00+00:00",
        "2026-10-25T00:30:00+00:00",
        "2026-12-01T08:00:07+01:00",
        "0001-01-01T00:00:00+00:00",
        "9999-12-31T23:59:00-12:00",
    ],
)
def test_a_moment_on_the_wall_clock_stays_the_same_moment(text: str) -> None:
    back = from_wall(to_wall(text, "Europe/Berlin"), "Europe/Berlin")
    assert datetime.fromisoformat(back) == datetime.fromisoformat(text)


@pytest.mark.parametrize(
    "text", ["soon", "2026-12-01T08:00", "", "2026-10-25T01:30:00+00:00"]
)
def test_what_the_clock_cannot_show_stays_as_it_is(text: str) -> None:
    assert to_wall(text, "Europe/Berlin") == text


@pytest.mark.parametrize("ids", [["A"], ["A", "B 2"], ["A,1", "B"], ['A"1', "B"]])
def test_ids_in_a_row_come_back_as_they_were(ids: list[str]) -> None:
    config = to_wire(read_config({"frozen_blocks": [ids]}))
    assert rule_tables.typed_from(config, "UTC").wire()["frozen_blocks"] == [ids]


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        ("2026-11-01T01:30:00-08:00", "text"),
        ("2026-11-01T03:30:00-08:00", "datetime-local"),
    ],
)
def test_a_moment_of_an_hour_that_comes_twice_is_shown_with_its_offset(
    start: str, kind: str
) -> None:
    calendar = {
        "zone": "America/Los_Angeles",
        "blocked": [{"start": start, "end": "2026-11-01T05:00:00-08:00"}],
    }
    typed = rule_tables.typed_from({"calendar": calendar}, "UTC")
    cell = rule_tables.shown("blocked", typed, False).rows[0].cells[0]
    assert cell.kind == kind
    assert typed.wire()["calendar"]["blocked"][0]["start"] == start
    assert cell.value == (start if kind == "text" else "2026-11-01T03:30")
