"""Every page in a real browser at three widths: nothing sticks out, nothing complains, everything has a name."""

from __future__ import annotations

import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from demo_site import addresses, sign_in
from django.conf import settings
from django.db import connection
from playwright.sync_api import BrowserContext, Page

from fillplanner import runs
from fillplanner.models import Comparison
from scheduling.models import Post
from workspaces.models import User

# What a screen reader would read nothing for.
NAMELESS = """() => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea")]
  .filter((e) => e.checkVisibility() && !e.closest("[aria-hidden=true]"))
  .filter((e) => !(e.innerText || "").trim()
    && !e.getAttribute("aria-label") && !e.getAttribute("title") && !e.labels?.length
    && !e.querySelector("[aria-label], title, .visually-hidden"))
  .map((e) => e.outerHTML.slice(0, 120))"""
# A folder for a picture of every page at every width: PICTURES_OF_ALL=var/pictures make test ARGS="-k every_page".
PICTURES_OF_ALL = os.environ.get("PICTURES_OF_ALL")
TOO_WIDE = "() => document.documentElement.scrollWidth - window.innerWidth"


def test_every_page_fits_and_is_quiet(site: str, window: BrowserContext) -> None:
    page, troubles = window.new_page(), []
    page.on("pageerror", lambda error: troubles.append(f"{page.url}: {error}"))
    page.on(
        "console",
        lambda said: said.type == "error" and "404" not in said.text and troubles.append(f"{page.url}: {said.text}"),
    )
    sign_in(page, site)
    for address in addresses():
        for width in (1440, 800, 360):
            page.set_viewport_size({"width": width, "height": 800})
            if width == 1440:
                page.goto(site + address)
                troubles += [f"{address}: nameless {element}" for element in page.evaluate(NAMELESS)]
            if PICTURES_OF_ALL:
                page.screenshot(
                    path=Path(PICTURES_OF_ALL) / f"{re.sub('[^a-z0-9]+', '-', address)[1:] or 'home'}-{width}.png"
                )
            if page.evaluate(TOO_WIDE) > 0:
                troubles.append(f"{address} is too wide at {width}")
    assert troubles == []


def test_the_keyboard_is_enough_to_fill_and_schedule_a_slot(site: str, window: BrowserContext) -> None:
    page = window.new_page()
    sign_in(page, site)
    empty = Post.objects.filter(state="planned").latest("scheduled_at")
    page.goto(f"{site}/posts/{empty.pk}")
    page.keyboard.press("Tab")
    assert "Skip" in page.evaluate("document.activeElement.innerText")
    page.focus("#id_content")
    # Which slot is the last depends on the hour; this text fits every platform.
    page.keyboard.type("Winter opening hours")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".badge-scheduled")
    empty.refresh_from_db()
    assert empty.state == "scheduled"


def test_results_of_a_comparison_land_on_the_open_page(site: str, window: BrowserContext) -> None:
    page, last = window.new_page(), Comparison.objects.get().plans.latest("pk")
    sign_in(page, site)
    page.goto(f"{site}/comparisons/{last.comparison_id}")
    page.locator("#live[data-live-state=connected]").wait_for()
    assert page.locator(".compare-chart .chart-bar").count() == 4
    with ThreadPoolExecutor(1) as other:
        other.submit(run_one, last.pk).result()
    page.locator(".notice-success", has_text="Best: ").wait_for()
    assert page.locator(".compare-chart .chart-bar").count() == 5


def run_one(plan_id: int) -> None:
    try:
        runs.run(plan_id, "w")
    finally:
        connection.close()


def test_ctrl_k_finds_things(site: str, window: BrowserContext) -> None:
    page = window.new_page()
    sign_in(page, site)
    page.keyboard.press("Control+k")
    page.keyboard.type("boiler")
    page.locator("#search-results a", has_text="Five signs your boiler needs a check").wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url("**/content/*")


def test_pictures_of_the_main_pages(site: str, window: BrowserContext) -> None:
    """The README's pictures; `PICTURES=docs/images` keeps them."""
    folder = Path(os.environ.get("PICTURES") or settings.DATA_DIR)
    page = window.new_page()
    sign_in(page, site)
    plan = User.objects.get(username="manager").plans.get(lots_count=15)
    for name, address, shows in (
        ("calendar", "/calendar", "a.slot"), ("schedule", "/schedule", ".post-card"),
        ("plan", f"/plans/{plan.pk}", "svg.gantt"), ("recommendations", "/recommendations", ".pick"),
        ("compose", "/posts/new", "[name=channels]"),
    ):  # fmt: skip
        page.goto(site + address)
        page.locator(shows).first.wait_for()
        page.locator("#live[data-live-state=connected]").wait_for()
        if name == "compose":
            compose(page)
        page.screenshot(path=folder / f"{name}.png")
        assert (folder / f"{name}.png").stat().st_size > 20_000


def compose(page: Page) -> None:
    """Type a post, and wait for what the platforms say of it."""
    page.get_by_label("Title").fill("Frost is coming")
    page.get_by_role("textbox", name="Text", exact=True).fill("Drain the garden tap before the first night below zero.")
    for box in page.locator("[name=channels]").all()[:3]:
        box.check()
    page.locator("#previews .preview").nth(2).wait_for()
    page.evaluate("scrollTo(0, 0)")


def test_the_keyboard_goes_everywhere(site: str, window: BrowserContext) -> None:
    page = window.new_page()
    sign_in(page, site)
    page.keyboard.press("?")
    page.locator("#shortcuts-dialog[open]").get_by_text("Needs attention").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("x")
    page.wait_for_url("**/attention")
    page.keyboard.press("Control+k")
    page.locator("#search-results a", has_text="Optimise").wait_for()
    page.keyboard.type("compare strat")
    page.locator("#search-results li:first-child a", has_text="Comparisons").wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url("**/comparisons")
    page.get_by_role("link", name="Comparisons").and_(page.locator("[aria-current]")).first.wait_for()
