"""Asking for a plan in a browser: checked while typing, pasted from a spreadsheet, nothing lost."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect
from visits import visit
from workbooks import workbook

from fillplanner.models import ConfigTemplate, Plan
from workspaces.models import User

CSV = "Lot ID,Type,Vials\nL1,A,19920\nL2,B,many\n"
PASTE = """(e, text) => { const data = new DataTransfer(); data.setData("text/plain", text);
  e.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})); }"""


@pytest.fixture
def asking(page: Page, asgi_server: str, editor: User) -> Page:
    visit(page, asgi_server, "/plans/new")
    return page


def test_lots_are_checked_while_they_are_typed_and_mended_in_the_table(
    asking: Page,
) -> None:
    asking.fill("[name=lots]", CSV)
    expect(asking.locator(".bad-rows .is-wrong")).to_contain_text(
        "must be a number (got many)"
    )
    asking.locator("button[value=table]").click()
    wrong = asking.locator("#row-3 [name=row_vials]")
    expect(wrong).to_have_value("many")
    asking.locator("[name=clean_hours]").fill("6")
    expect(wrong).to_have_attribute("aria-invalid", "true")
    wrong.fill("39840")
    expect(asking.locator(".notice-success")).to_contain_text("2 lots can be planned")
    expect(wrong).not_to_have_attribute("aria-invalid", "true")
    expect(asking.locator("#review")).to_contain_text("15.0 h")
    asking.locator("[name=matrix_1_0]").fill("1")
    expect(asking.locator("#review")).to_contain_text("10.0 h")
    asking.locator(".wizard-side .btn-primary").click()
    asking.wait_for_url(re.compile(r"/plans/\d+$"))
    plan = Plan.objects.get()
    assert (plan.lots_count, plan.config["clean_hours"]) == (2, 6)
    assert plan.config["changeover_matrix"] == {"B": {"A": 1}}


def test_cells_of_a_spreadsheet_are_pasted_and_rows_grow(asking: Page) -> None:
    asking.locator("button[value=table]").click()
    first = asking.locator("#row-2 [name=row_lot_id]")
    lots = "".join(f"P{n}\tA\t{1000 + n}\r\n" for n in range(6))
    first.evaluate(PASTE, lots)
    expect(asking.locator("#row-7 [name=row_vials]")).to_have_value("1005")
    expect(asking.locator(".notice-success")).to_contain_text("6 lots can be planned")
    first.focus()
    asking.keyboard.press("Enter")
    assert asking.evaluate("document.activeElement.closest('tr').id") == "row-3"


@pytest.mark.parametrize("width", [1440, 360])
def test_the_page_fits_with_everything_on_it(asking: Page, width: int) -> None:
    asking.set_viewport_size({"width": width, "height": 800})
    asking.fill(
        "[name=lots]",
        CSV + "".join(f"M{n},A-type-with-a-long-name-{n},500\n" for n in range(14)),
    )
    asking.locator(".matrix").wait_for()
    assert asking.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_rows_of_rules_are_added_and_taken_out_without_losing_the_place(
    asking: Page,
) -> None:
    asking.fill("[name=lots]", CSV.replace("many", "39840"))
    asking.locator("#rules-frozen_blocks summary").click()
    asking.fill("#frozen_blocks-1 input", "L9")
    asking.locator("#id_name").focus()
    expect(asking.locator("#check")).to_contain_text("L9, which is not among the lots")
    expect(asking.locator("#frozen_blocks-1 + tr .rule-wrong")).to_have_text(
        "L9, which is not among the lots"
    )
    expect(asking.locator("#frozen_blocks-1 input")).to_have_attribute(
        "aria-invalid", "true"
    )
    asking.fill("#frozen_blocks-1 input", "L2, L1")
    expect(asking.locator(".rule-wrong")).to_have_count(0)
    asking.locator("#rules-calendar summary").click()
    for row in range(3):
        asking.fill(f"#days_off-{row} input", f"2027-01-0{row + 1}")
        asking.locator("button[value='more:days_off']").click()
        expect(asking.locator(f"#days_off-{row + 1} input")).to_be_focused()
    asking.locator("button[value='drop:days_off:0']").click()
    expect(asking.locator("#days_off-0 input")).to_have_value("2027-01-02")
    expect(asking.locator("#frozen_blocks-1 input")).to_have_value("L2, L1")
    asking.locator(".wizard-side .btn-primary").click()
    asking.wait_for_url(re.compile(r"/plans/\d+$"))
    config = Plan.objects.get().config
    assert config["calendar"]["days_off"] == ["2027-01-02", "2027-01-03"]
    assert config["frozen_blocks"] == [["L2", "L1"]]


def test_a_chosen_template_fills_in_the_rules_at_once(
    asking: Page, editor: User
) -> None:
    made = ConfigTemplate.objects.create(
        owner=editor,
        name="Line 2",
        config={"clean_hours": 6, "calendar": {"shifts": [["22:00", "06:00"]]}},
    )
    asking.reload()
    asking.fill("[name=lots]", CSV.replace("many", "59760"))
    asking.select_option("#id_template", str(made.pk))
    expect(asking.locator("#id_clean_hours")).to_have_value("6")
    expect(asking.locator("#shifts-0 [name=shifts_end]")).to_have_value("06:00")
    expect(asking.locator("#review")).to_contain_text(
        "does not fit between blocked hours"
    )
    asking.locator("button[value='drop:shifts:0']").click()
    expect(asking.locator("#review")).to_contain_text("16.0 h")


def test_the_sheets_of_a_workbook_are_offered_and_the_chosen_one_is_checked(
    asking: Page,
) -> None:
    header, sheet = ["Lot ID", "Type", "Vials"], asking.locator("[name=sheet]")
    data = workbook({"A": [header, ["L1", "A", "x"]], "B": [header, ["L2", "A", 5]]})
    expect(sheet).not_to_be_visible()
    file = {"name": "lots.xlsx", "mimeType": "application/zip", "buffer": data}
    asking.set_input_files("[name=file]", file)
    expect(asking.locator(".bad-rows .is-wrong")).to_contain_text("(got x)")
    sheet.select_option("B")
    expect(asking.locator(".notice-success")).to_contain_text("1 lot can be planned")
    slow: list[Route] = []

    def hold(route: Route) -> None:
        slow.append(route)

    asking.route("**/sheets", hold)
    asking.set_input_files(
        "[name=file]", file | {"name": "a.csv", "buffer": CSV.encode()}
    )
    expect(asking.locator(".bad-rows .is-wrong")).to_contain_text("(got many)")
    slow[0].continue_()
    expect(sheet).to_have_count(0)
