"""Asking for a plan in a browser: checked while typing, pasted from a spreadsheet, nothing lost."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from cast import PASSWORD
from fillplanner.models import Plan
from workspaces.models import User

CSV = "Lot ID,Type,Vials\nL1,A,19920\nL2,B,many\n"
PASTE = """(e, text) => { const data = new DataTransfer(); data.setData("text/plain", text);
  e.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})); }"""


@pytest.fixture
def asking(page: Page, asgi_server: str, editor: User) -> Page:
    page.goto(f"{asgi_server}/login?next=/plans/new")
    page.fill("[name=username]", "editor")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.locator("#wizard").wait_for()
    return page


def test_lots_are_checked_while_they_are_typed_and_mended_in_the_table(asking: Page) -> None:
    asking.fill("[name=lots]", CSV)
    expect(asking.locator(".bad-rows .is-wrong")).to_contain_text("must be a number (got many)")
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
    asking.fill("[name=lots]", CSV + "".join(f"M{n},A-type-with-a-long-name-{n},500\n" for n in range(14)))
    asking.locator(".matrix").wait_for()
    assert asking.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
