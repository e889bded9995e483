"""Keys that are pressed before a page's scripts listen."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect
from visits import visit

from workspaces.models import User

LATE = re.compile(r"/js/(calendar-keys|search)\b")


@pytest.fixture
def slow(page: Page, asgi_server: str, editor: User) -> Page:
    """Signed in; the scripts that hear keys come only when `unroute` lets them through."""
    visit(page, asgi_server)
    page.route(LATE, lambda route: None)
    return page


def half_open(page: Page, address: str) -> None:
    page.goto(address, wait_until="commit")
    page.locator("#shortcuts-dialog").wait_for(state="attached")
    assert page.locator("html[data-ready]").count() == 0


def test_a_letter_turns_the_page_of_the_calendar(
    slow: Page, asgi_server: str, monday: date
) -> None:
    half_open(slow, f"{asgi_server}/calendar?view=week&date={monday}")
    slow.keyboard.press("j")
    slow.unroute(LATE)
    slow.wait_for_url(f"**date={monday + timedelta(days=7)}*")


def test_what_is_typed_after_ctrl_k_is_searched(slow: Page, asgi_server: str) -> None:
    half_open(slow, f"{asgi_server}/plans")
    slow.keyboard.press("Control+k")
    slow.keyboard.type("members")
    slow.unroute(LATE)
    expect(slow.locator("#search-input")).to_have_value("members")
    expect(slow.locator("#search-results li:first-child a")).to_contain_text("Members")
    expect(slow.locator("html[data-ready]")).to_be_attached()
