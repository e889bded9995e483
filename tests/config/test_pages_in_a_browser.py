"""Every page in a browser, at three widths and in both themes: nothing sticks out,
complains or shuts people out.
"""

from __future__ import annotations

import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote_plus

import pytest
from axe_playwright_python.sync_playwright import Axe
from demo_site import addresses, sign_in
from django.conf import settings
from django.db import connection
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page

from config.menu import MENU
from fillplanner import runs
from fillplanner.models import Comparison
from scheduling.models import Post
from workspaces.models import User

# What a screen reader would read nothing for.
NAMELESS = """() => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea")]
  .filter((e) => e.checkVisibility() && !e.closest("[aria-hidden=true]"))
  .filter((e) => !(e.innerText || "").trim()
    && !e.getAttribute("aria-label") && !e.getAttribute("title") && !e.labels?.length
    && !e.querySelector("[aria-label], title, .visually-hidden, img:not([alt=''])"))
  .map((e) => e.outerHTML.slice(0, 120))"""
# A folder for a picture of every page at every width: PICTURES_OF_ALL=var/pictures make
# test ARGS="-k every_page".
PICTURES_OF_ALL = os.environ.get("PICTURES_OF_ALL")
TOO_WIDE = "() => document.documentElement.scrollWidth - window.innerWidth"
# From a phone up; pages are opened and judged at the last.
WIDTHS = (360, 800, 1440)
# Rows of a table that become cards have no reason to be wider than their frame.
WIDE_CARDS = """() => [...document.querySelectorAll(".table-wrap:has(> .table-cards)")]
  .filter((wrap) => wrap.scrollWidth > wrap.clientWidth).map((wrap) => wrap.innerText.slice(0, 60))"""
# Of fields beside each other, those whose inputs begin neither at the same height nor
# in another row.
UNEVEN = """() => [...document.querySelectorAll(".form-grid, .field-row, .filters")].flatMap((row) => {
  const input = "input:not([type=checkbox], [type=hidden]), select";
  const inputs = [...row.children].map((field) => field.querySelector(input));
  const tops = inputs.filter((one) => one?.checkVisibility()).map((one) => one.getBoundingClientRect().top);
  return tops.some((a) => tops.some((b) => b - a > 1 && b - a < 30)) ? [row.innerText.slice(0, 80)] : [];
})"""
GRAVE = ("serious", "critical")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
THEMES: dict[Literal["light", "dark"], Any] = {
    "light": RULES,
    "dark": {"type": "rule", "values": ["color-contrast"]},
}
# What comes after so many of a kind is built as they are, and each element costs the audit.
REPEATED = "main :is(tbody > tr, li, option, svg *, .day, [aria-labelledby^=day-]):nth-child(n + 5)"
# The same on every page.
FRAME = ".sidebar > *, .bottombar > *, .dialog > *"
TAKE_OUT = "(chosen) => document.querySelectorAll(chosen).forEach((element) => element.remove())"
AUDIT = "(options) => axe.run(options).then((found) => found.violations)"


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_every_page_fits_is_quiet_and_shuts_nobody_out(
    site: str, window: BrowserContext
) -> None:
    page, troubles = window.new_page(), []
    page.on("pageerror", lambda error: troubles.append(f"{page.url}: {error}"))
    page.on(
        "console",
        lambda said: (
            said.type == "error"
            and "404" not in said.text
            and troubles.append(f"{page.url}: {said.text}")
        ),
    )
    sign_in(page, site)
    page.set_viewport_size({"width": WIDTHS[-1], "height": 800})
    in_menu = {reverse(entry.name) for group in MENU for entry in group.entries}
    for address in addresses():
        page.goto(site + address)
        found = [f"nameless {element}" for element in page.evaluate(NAMELESS)]
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            picture(page, address, width)
            if page.evaluate(TOO_WIDE) > 0:
                found.append(f"too wide at {width}")
            if width == WIDTHS[0] and address in in_menu:
                found += troubles_of_a_phone(page)
        page.evaluate(TAKE_OUT, REPEATED if address == "/" else f"{REPEATED}, {FRAME}")
        found += barriers(page)
        in_menu.discard(address)
        troubles += [f"{address}: {trouble}" for trouble in found]
    assert (troubles, in_menu) == ([], set())


def troubles_of_a_phone(page: Page) -> list[str]:
    wide = [f"scrolls sideways: {text}" for text in page.evaluate(WIDE_CARDS)]
    uneven = [f"has uneven fields: {text}" for text in page.evaluate(UNEVEN)]
    return wide + uneven


def picture(page: Page, address: str, width: int) -> None:
    if PICTURES_OF_ALL:
        name = re.sub("[^a-z0-9]+", "-", address)[1:] or "home"
        page.screenshot(path=Path(PICTURES_OF_ALL) / f"{name}-{width}.png")


def barriers(page: Page) -> list[str]:
    """What axe-core finds that is grave: in the light theme by all rules, in the dark
    one by that about colours.
    """
    found = []
    page.evaluate(Axe().axe_script)
    for theme, rules in THEMES.items():
        page.emulate_media(color_scheme=theme)
        options = {"runOnly": rules, "resultTypes": ["violations"], "preload": False}
        for rule in page.evaluate(AUDIT, options):
            if rule["impact"] in GRAVE:
                found.append(
                    f"{theme}: {rule['id']}: {rule['nodes'][0]['html'][:160]} "
                    f"({len(rule['nodes'])})"
                )
    page.emulate_media(color_scheme="light")
    return found


def test_results_of_a_comparison_land_on_the_open_page(
    site: str, window: BrowserContext
) -> None:
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


def test_pictures_of_the_main_pages(site: str, window: BrowserContext) -> None:
    """The README's pictures; `PICTURES=docs/images` keeps them."""
    folder = Path(os.environ.get("PICTURES") or settings.DATA_DIR)
    page = window.new_page()
    sign_in(page, site)
    plan = User.objects.get(username="manager").plans.get(lots_count=15)
    for name, address, shows in (
        ("calendar", "/calendar", "a.slot"),
        ("schedule", "/schedule", ".post-card"),
        ("plan", f"/plans/{plan.pk}", "svg.gantt"),
        ("recommendations", "/recommendations", ".pick"),
        ("compose", "/posts/new", "[name=channels]"),
    ):
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
    page.get_by_role("textbox", name="Text", exact=True).fill(
        "Drain the garden tap before the first night below zero."
    )
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
    find(page, "compare strat", "Comparisons")
    page.wait_for_url("**/comparisons")
    page.get_by_role("link", name="Comparisons").and_(
        page.locator("[aria-current]")
    ).first.wait_for()
    find(page, "boiler", "Five signs your boiler needs a check")
    page.wait_for_url("**/content/*")
    fill_and_schedule(page, site)


def find(page: Page, words: str, among: str) -> None:
    """Open the first thing that all of the words find; `among` what they find is a title."""
    page.keyboard.press("Control+k")
    page.locator("#search-results a", has_text="Optimise").wait_for()
    with page.expect_response(
        lambda answer: f"q={quote_plus(words)}" in answer.url.replace("%20", "+")
    ):
        page.keyboard.type(words)
    page.locator("#search-results a", has_text=among).wait_for()
    page.keyboard.press("Enter")


def fill_and_schedule(page: Page, site: str) -> None:
    """An empty slot, by keys alone."""
    slots = Post.objects.filter(
        state="planned", account__platform__in=("x", "mastodon")
    )
    empty = slots.latest("scheduled_at")
    page.goto(f"{site}/posts/{empty.pk}")
    page.keyboard.press("Tab")
    assert "Skip" in page.evaluate("document.activeElement.innerText")
    page.focus("#id_content")
    # Which slot is the last depends on the hour; this text fits where no picture is
    # needed. Its first letters are enough.
    page.keyboard.type("Winter op")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".badge-scheduled")
    empty.refresh_from_db()
    assert empty.state == "scheduled"
