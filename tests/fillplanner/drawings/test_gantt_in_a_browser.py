"""The Gantt chart under pointer and keyboard, in a browser."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from playwright.sync_api import Page, Route, expect
from vials import make_plan, many_rows
from visits import visit

from fillplanner import runs
from fillplanner.models import Plan
from workspaces.models import User

FOCUSED = "document.activeElement.getAttribute('aria-label')"


@pytest.fixture
def plan(asgi_server: str, editor: User) -> Plan:
    # Playwright keeps a loop running in this thread, in which live events cannot be sent.
    with ThreadPoolExecutor(1) as other:
        return other.submit(planned, editor).result()


def planned(user: User) -> Plan:
    try:
        made = make_plan(user, rows=many_rows(300), strategy="spt-pack")
        runs.run(made.pk, "w")
        return made
    finally:
        connection.close()


@pytest.fixture
def shown(page: Page, asgi_server: str, plan: Plan) -> Page:
    visit(page, asgi_server, f"/plans/{plan.pk}")
    page.locator(".gantt .act").first.wait_for()
    return page


def test_arrow_keys_go_from_bar_to_bar_and_tell_what_they_are(shown: Page) -> None:
    shown.locator(".gantt-wrap").focus()
    shown.keyboard.press("ArrowRight")
    assert shown.evaluate(FOCUSED).startswith("Scheduled clean")
    shown.keyboard.press("ArrowRight")
    assert shown.evaluate(FOCUSED).startswith("Fill ")
    expect(shown.locator(".gantt-tip")).to_contain_text("h long")
    shown.keyboard.press("ArrowDown")
    assert shown.evaluate(
        "document.activeElement.parentElement.previousElementSibling !== null"
    )
    shown.keyboard.press("End")
    assert shown.evaluate("document.activeElement.matches('.act')")
    shown.keyboard.press("Escape")
    assert shown.evaluate("document.activeElement.matches('.gantt-wrap')")
    expect(shown.locator(".gantt-tip")).to_be_hidden()


def test_keys_zoom_and_keep_the_hour_in_the_middle(shown: Page) -> None:
    middle = (
        "(w => (w.scrollLeft + w.clientWidth / 2) / "
        "w.dataset.gantt)(document.querySelector('.gantt-wrap'))"
    )
    shown.locator("#zoom-24").click()
    shown.wait_for_url("**zoom=24*")
    shown.locator('[data-gantt="37.5"]').evaluate("e => { e.scrollLeft = 1500 }")
    before = shown.evaluate(middle)
    shown.locator(".gantt-wrap").focus()
    shown.keyboard.press("+")
    shown.wait_for_url("**zoom=8*")
    expect(shown.locator("#zoom-8")).to_have_attribute("aria-current", "true")
    shown.wait_for_function(f"Math.abs({middle} - {before}) < 1")
    assert shown.evaluate("document.activeElement.matches('.gantt-wrap')")
    shown.keyboard.press("-")
    shown.wait_for_url("**zoom=24*")


def test_a_search_typed_lights_what_it_finds_without_losing_the_field(
    shown: Page, plan: Plan
) -> None:
    shown.set_viewport_size({"width": 1440, "height": 1500})
    last = next(
        row["lot_id"] for row in reversed(runs_activities(plan)) if row["lot_id"]
    )
    shown.locator("#plan-find").press_sequentially(last, delay=20)
    shown.wait_for_url(f"**find={last}&**")
    hit = shown.locator(".act.is-hit")
    # Whoever types slowly sees what the first letters find, too.
    expect(hit).to_have_count(1)
    expect(hit).to_be_in_viewport()
    assert shown.evaluate("document.activeElement.id") == "plan-find"
    shown.locator("#kind-clean").uncheck()
    expect(shown.locator(".act-clean")).to_have_count(0)
    assert shown.locator(".act-fill").count() > 0


def test_what_is_typed_and_unticked_while_an_answer_is_on_its_way_is_asked_for_next(
    shown: Page, plan: Plan
) -> None:
    last = next(
        row["lot_id"] for row in reversed(runs_activities(plan)) if row["lot_id"]
    )
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    shown.route("**find=*", hold, times=1)
    with shown.expect_request("**find=*"):
        shown.locator("#plan-find").press_sequentially(last[:2])
    shown.locator("#plan-find").press_sequentially(last[2:])
    shown.locator("#kind-clean").uncheck()
    waiting[0].continue_()
    expect(shown.locator(".act.is-hit")).to_have_count(1)
    expect(shown.locator("#plan-find")).to_have_value(last)
    shown.wait_for_url(f"**find={last}*")
    expect(shown.locator(".act-clean")).to_have_count(0)


def runs_activities(plan: Plan) -> list[dict[str, str]]:
    return Plan.objects.select_related("result").get(pk=plan.pk).result.activities


@pytest.mark.parametrize("width", [1440, 360])
def test_every_tab_fits(shown: Page, width: int) -> None:
    shown.set_viewport_size({"width": width, "height": 800})
    for tab in ("activities", "statistics", "rules", "chart"):
        shown.locator(f"#tab-{tab}").click()
        expect(shown.locator(f"#tab-{tab}")).to_have_attribute("aria-current", "page")
        assert shown.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_pointer_is_told_what_it_rests_on(shown: Page) -> None:
    shown.locator(".act-fill").first.hover()
    tip = shown.locator(".gantt-tip")
    expect(tip).to_contain_text("Fill ")
    assert shown.locator(".act-fill").first.locator("title").count() == 0
    shown.locator("h1").hover()
    expect(tip).to_be_hidden()
