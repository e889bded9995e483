"""An exact run on the page while it goes on: best and bound live, left and come back
to, cancelled.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Page, expect
from vials import make_plan
from visits import visit

from fillplanner import runs
from fillplanner.models import Plan
from fillplanner.planning.solve import Progress
from workspaces.models import User


def aside(act: Callable[..., Any], *args: Any) -> Any:
    """Playwright keeps a loop running in this thread, in which live events cannot be sent."""

    def whole() -> Any:
        try:
            return act(*args)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:
        return other.submit(whole).result()


@pytest.fixture
def reporter(
    asgi_server: str, editor: User, monkeypatch: pytest.MonkeyPatch
) -> runs.Reporter:
    monkeypatch.setattr("common.runs.REPORT_EVERY_SECONDS", 0.0)
    monkeypatch.setattr("fillplanner.services.plans.ring", lambda *args: None)

    def begin() -> runs.Reporter:
        return runs.Reporter(runs.claim(make_plan(editor, strategy="milp-opt").pk, "w"))

    made: runs.Reporter = aside(begin)
    return made


def test_best_and_bound_close_in_on_the_open_page_until_it_is_cancelled(
    page: Page, asgi_server: str, reporter: runs.Reporter
) -> None:
    address = f"/plans/{reporter.plan.pk}"
    visit(page, asgi_server, address)
    aside(reporter.hear, Progress(85.0, "Improving", None, 4, 4, 90.0, 40.0))
    expect(page.locator("#solver")).to_contain_text(
        "Best plan 90.00 h, no plan under 40.00 h"
    )
    aside(reporter.hear, Progress(85.0, "Improving", None, 4, 4, 80.0, 75.0))
    expect(page.locator("#solver")).to_contain_text("6.67 % apart")
    page.goto(f"{asgi_server}/plans")
    page.goto(asgi_server + address)
    expect(page.locator("#solver")).to_contain_text("6.67 % apart")
    assert "L" in (page.locator("#solver .line-1").first.get_attribute("d") or "")
    page.get_by_role("button", name="Cancel", exact=True).first.click()
    page.locator("dialog[open]").get_by_role("button", name="Cancel planning").click()
    expect(page.locator("#plan")).to_contain_text("Planning was cancelled")
    aside(reporter.hear, Progress(86.0, "Improving", None, 4, 4, 79.0, 75.0))
    assert reporter.claim.lost()
    assert Plan.objects.get().state == "failed"
