"""A rule template written in a browser: types and rows added in their place, kept, and
opened again as it was.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from visits import visit

from fillplanner.models import ConfigTemplate
from workspaces.models import User


@pytest.fixture
def writing(page: Page, asgi_server: str, editor: User) -> Page:
    visit(page, asgi_server, "/configs/new")
    return page


def test_a_template_is_written_without_json(writing: Page) -> None:
    writing.fill("#id_clean_hours", "6")
    writing.fill("#matrix-more", "A, B")
    writing.get_by_role("button", name="Add", exact=True).click()
    expect(writing.locator("#matrix-more")).to_be_focused()
    writing.locator("[name=matrix_0_1]").fill("1.5")
    writing.locator("#rules-calendar summary").click()
    writing.fill("#days_off-0 input", "2027-01-01")
    writing.locator("button[value='more:days_off']").click()
    expect(writing.locator("#days_off-1 input")).to_be_focused()
    expect(writing.locator("[name=matrix_0_1]")).to_have_value("1.5")
    writing.fill("#id_name", "Line 2")
    # Enter saves, though the buttons of rows and types stand before that one.
    writing.press("#id_name", "Enter")
    writing.wait_for_url(re.compile(r"/configs/\d+$"))
    config = ConfigTemplate.objects.get().config
    assert config["calendar"]["days_off"] == ["2027-01-01"]
    assert (config["clean_hours"], config["changeover_matrix"]) == (
        6,
        {"A": {"B": 1.5}},
    )
    expect(writing.locator("#days_off-0 input")).to_have_value("2027-01-01")
    for width in (1440, 768, 360):
        writing.set_viewport_size({"width": width, "height": 800})
        assert (
            writing.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        )
