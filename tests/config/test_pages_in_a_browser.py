"""Every page in a real browser at three widths: nothing sticks out, nothing complains, everything has a name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, Page
from vials import make_comparison, many_rows

from config import demo
from fillplanner import runs
from fillplanner.models import Comparison, ConfigTemplate
from fillplanner.notices import note
from fillplanner.services import notices as webhooks
from scheduling import writing
from scheduling.briefs import Brief
from scheduling.models import Post, WritingRun
from scheduling.services.writing import start_run
from templates_ai.models import PromptTemplate
from workspaces.models import User

PAGES = (
    "/", "/calendar", "/schedule", "/schedule?show=trouble", "/channels", "/channels/new", "/content", "/content/new",
    "/outbox", "/analytics", "/analytics?days=365", "/recommendations",
    "/preferences", "/bulk-jobs", "/ai-templates", "/ai-templates/engine", "/ai-templates/try", "/writing",
    "/writing/new", "/content/write", "/plans", "/plans/new", "/comparisons", "/comparisons/new", "/configs",
    "/configs/new", "/workspaces/members", "/workspaces/audit", "/workspaces/settings", "/account", "/notifications",
    "/posts/new", "/search?q=boiler", "/nowhere",
)  # fmt: skip
# What a screen reader would read nothing for.
NAMELESS = """() => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea")]
  .filter((e) => e.checkVisibility() && !(e.innerText || "").trim() && !e.getAttribute("aria-label")
    && !e.getAttribute("title") && !e.labels?.length && !e.querySelector("[aria-label], title, .visually-hidden"))
  .map((e) => e.outerHTML.slice(0, 120))"""
TOO_WIDE = "() => document.documentElement.scrollWidth - window.innerWidth"


@pytest.fixture
def site(asgi_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    # The comparison waits for what the tests do with it.
    monkeypatch.setattr("fillplanner.services.comparisons.ring", lambda *args: None)
    monkeypatch.setattr("scheduling.services.writing.ring", lambda *args: None)
    # Playwright keeps a loop running in this thread, in which live events cannot be sent.
    with ThreadPoolExecutor(1) as other:
        other.submit(load_demo).result()
    return asgi_server


def load_demo() -> None:
    try:
        demo.load()
        owner = User.objects.get(username="manager")
        config = {"changeover_matrix": {f"Vial-{n}": {f"Vial-{m}": 4.5 for m in range(9)} for n in range(9)}}
        webhooks.subscribe(owner, "https://hooks.example.org/" + "a-long-path" * 20)
        note(owner.pk, "schedule.failed", "plan:1", {})
        compared = make_comparison(owner, "smart", "spt", "lpt", "cfs", "hybrid", rows=many_rows(60), name="Long " * 40)
        for plan in list(compared.plans.order_by("pk"))[:4]:
            runs.run(plan.pk, "w")
        write_texts(owner)
        ConfigTemplate.objects.create(owner=owner, name="Line of the long name " * 9, config=config, is_default=True)
    finally:
        connection.close()


def write_texts(owner: User) -> None:
    """A finished run over the last slots of the calendar, about something without blanks."""
    ends = Post.objects.filter(state="planned").latest("scheduled_at").scheduled_at + timedelta(hours=1)
    brief = Brief(about="Winter" * 60, filename="a_name_without_blanks" * 12)
    run = start_run(owner, owner.memberships.get().workspace, brief, ends - timedelta(days=4), ends)
    writing.run(run.pk, "w")


@pytest.fixture
def window(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield context
    context.close()


def sign_in(page: Page, site: str) -> None:
    page.goto(f"{site}/login")
    page.fill("[name=username]", "manager")
    page.fill("[name=password]", demo.PASSWORDS["manager"])
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{site}/")


def addresses() -> list[str]:
    post, empty = (Post.objects.filter(state=state).earliest("scheduled_at") for state in ("published", "planned"))
    plan = User.objects.get(username="manager").plans.get(lots_count=500)
    template = ConfigTemplate.objects.get()
    things = (f"/posts/{post.pk}", f"/posts/{empty.pk}", f"/channels/{post.account_id}", f"/plans/{plan.pk}")
    prompt, run = PromptTemplate.objects.latest("pk"), WritingRun.objects.latest("created_at")
    things += (f"/ai-templates/{prompt.pk}", f"/ai-templates/{prompt.pk}/versions/1", f"/writing/{run.pk}")
    things += (f"/posts/{empty.pk}/write",)
    return [*PAGES, *things, f"/configs/{template.pk}", f"/comparisons/{Comparison.objects.get().pk}"]


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
    page.keyboard.press("ArrowDown")
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
    assert page.locator(".chart-bar").count() == 4
    with ThreadPoolExecutor(1) as other:
        other.submit(run_one, last.pk).result()
    page.locator(".notice-success", has_text="Best: ").wait_for()
    assert page.locator(".chart-bar").count() == 5


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


def test_a_picture_of_the_calendar(site: str, window: BrowserContext) -> None:
    """The README's picture; `PICTURES=docs/images` keeps it."""
    folder = Path(os.environ.get("PICTURES") or settings.DATA_DIR)
    page = window.new_page()
    sign_in(page, site)
    page.goto(f"{site}/calendar")
    page.wait_for_selector("a.slot")
    page.locator("#live[data-live-state=connected]").wait_for()
    page.screenshot(path=folder / "calendar.png")
    assert (folder / "calendar.png").stat().st_size > 20_000
