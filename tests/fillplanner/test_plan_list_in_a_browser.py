"""The list of plans in a browser: narrowed while typing, and what is typed survives
what happens meanwhile.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

from django.db import connection
from playwright.sync_api import Page, expect
from vials import make_plan
from visits import visit

from workspaces.models import User


def two_plans(user: User) -> None:
    try:
        for name in ("Autumn", "Winter"):
            make_plan(user, name=name, strategy="spt-pack")
    finally:
        connection.close()


def test_the_list_narrows_while_one_types_and_a_change_meanwhile_takes_nothing_away(
    page: Page, asgi_server: str, editor: User
) -> None:
    # Playwright keeps a loop running in this thread, in which live events cannot be sent.
    with ThreadPoolExecutor(1) as other:
        other.submit(two_plans, editor).result()
    visit(page, asgi_server, "/plans")
    expect(page.locator(".row-link")).to_have_count(2)
    find = page.locator("#plans-find")
    find.press_sequentially("win")
    with page.expect_response(re.compile(r"/plans(\?|$)")):
        page.evaluate("document.body.dispatchEvent(new CustomEvent('live:plans'))")
    expect(find).to_have_value("win")
    expect(page.locator(".row-link")).to_have_text(["Winter"])
    assert "find=win" in page.url
    assert page.evaluate("document.activeElement.id") == "plans-find"
    page.locator("#plans-state").select_option("failed")
    expect(page.locator(".empty-title")).to_have_text("No plan is like that")
    page.get_by_role("link", name="Clear").click()
    expect(page.locator(".row-link")).to_have_count(2)
    expect(find).to_have_value("")
