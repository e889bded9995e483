"""The whole product with the demo's data, and one of everything that people make in it,
for browser tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page
from vials import make_comparison, many_rows
from visits import visit

from calendars.models import BulkRun, ContentCalendar, OptimizationRun, Trial
from calendars.optimiser import services as optimisation
from calendars.trials import services as trials
from calendars.trials.services import Design
from calendars.video_batches import services as generating
from calendars.video_batches.adapt import Source
from calendars.video_batches.services import BulkOrder, Fault, Video
from cast import make_content
from config import demo
from fillplanner import runs
from fillplanner.models import Comparison, ConfigTemplate
from fillplanner.notices.outbox import note
from fillplanner.services import notices as webhooks
from scheduling.models import Post, WritingRun
from scheduling.writing import worker as writing
from scheduling.writing.brief import Brief
from scheduling.writing.services import start_run
from templates_ai.models import PromptTemplate
from workspaces.models import User

PAGES = (
    "/",
    "/calendar",
    "/calendar?view=week",
    "/calendar?view=day",
    "/calendar?view=list",
    "/calendar/new",
    "/schedule",
    "/schedule?show=trouble",
    "/channels",
    "/channels/new",
    "/content",
    "/content/new",
    "/outbox",
    "/attention",
    "/blackouts",
    "/blackouts/new",
    "/queue/settings",
    "/analytics",
    "/analytics?days=365",
    "/recommendations",
    "/calendars",
    "/optimise",
    "/trials",
    "/preferences",
    "/bulk-jobs",
    "/ai-templates",
    "/ai-templates/engine",
    "/ai-templates/try",
    "/writing",
    "/writing/new",
    "/content/write",
    "/plans",
    "/plans/new",
    "/comparisons",
    "/comparisons/new",
    "/configs",
    "/configs/new",
    "/workspaces/members",
    "/workspaces/audit",
    "/workspaces/settings",
    "/account",
    "/notifications",
    "/posts/new",
    "/posts/import",
    "/search?q=boiler",
    "/nowhere",
)


TIMED: dict[type[Any], str] = {
    BulkRun: "bulk-jobs",
    ContentCalendar: "calendars",
    Trial: "trials",
    OptimizationRun: "optimise",
}


@pytest.fixture
def site(asgi_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    # The comparison waits for what the tests do with it.
    monkeypatch.setattr("fillplanner.services.comparisons.ring", lambda *args: None)
    monkeypatch.setattr("scheduling.writing.services.ring", lambda *args: None)
    # Playwright keeps a loop running in this thread, in which live events cannot be sent.
    with ThreadPoolExecutor(1) as other:
        other.submit(load_demo).result()
    return asgi_server


def load_demo() -> None:
    try:
        demo.load()
        owner = User.objects.get(username="manager")
        config = {
            "changeover_matrix": {
                f"Vial-{n}": {f"Vial-{m}": 4.5 for m in range(9)} for n in range(9)
            }
        }
        webhooks.subscribe(owner, "https://hooks.example.org/" + "a-long-path" * 20)
        note(owner.pk, "schedule.failed", "plan:1", {})
        compared = make_comparison(
            owner,
            "smart",
            "spt",
            "lpt",
            "cfs",
            "hybrid",
            rows=many_rows(60),
            name="Long " * 40,
        )
        for plan in list(compared.plans.order_by("pk"))[:4]:
            runs.run(plan.pk, "w")
        make_content(
            owner.memberships.get().workspace,
            title="Short tags",
            hashtags=["a", "at", "on"],
        )
        write_texts(owner)
        choose_times(owner)
        ConfigTemplate.objects.create(
            owner=owner,
            name="Line of the long name " * 9,
            config=config,
            is_default=True,
        )
    finally:
        connection.close()


def write_texts(owner: User) -> None:
    """A finished run over the last slots of the calendar, about something without blanks."""
    ends = Post.objects.filter(state="planned").latest(
        "scheduled_at"
    ).scheduled_at + timedelta(hours=1)
    brief = Brief(about="Winter" * 60, filename="a_name_without_blanks" * 12)
    run = start_run(
        owner, owner.memberships.get().workspace, brief, ends - timedelta(days=4), ends
    )
    writing.run(run.pk, "w")


def choose_times(owner: User) -> None:
    """A bulk job with a row that is no video, a trial that runs, and better times, each
    with the longest names.
    """
    workspace = owner.memberships.get().workspace
    videos = [Video(f"{'video' * 20} {n}", Source("Leak" * 40)) for n in range(3)]
    order = BulkOrder(
        "job_without_blanks" * 9, videos, ("youtube", "tiktok"), title="Spring" * 30
    )
    generating.start(owner, workspace, order, [Fault(4, "video_job_id is missing")])
    variants = [
        {"name": "Variant" * 8, "strategy": "standard"},
        {"name": "Other" * 8, "strategy": "optimized"},
    ]
    now = timezone.now()
    design = Design(
        "Hypothesis" * 12, variants, now, now + timedelta(days=30), ("youtube",)
    )
    trials.start(owner, trials.create(owner, workspace, design).pk)
    soon = optimisation.open_posts(owner, workspace, now, now + timedelta(days=9))
    optimisation.optimise(owner, workspace, optimisation.Request(soon))


@pytest.fixture
def window(
    browser: Browser, browser_context_args: dict[str, Any]
) -> Iterator[BrowserContext]:
    chosen = {**browser_context_args, "viewport": {"width": 1440, "height": 900}}
    context = browser.new_context(**chosen)
    yield context
    context.close()


def sign_in(page: Page, site: str) -> None:
    visit(page, site, "/", "manager")


def addresses() -> list[str]:
    post, empty = (
        Post.objects.filter(state=state).earliest("scheduled_at")
        for state in ("published", "planned")
    )
    plan = User.objects.get(username="manager").plans.get(lots_count=500)
    template = ConfigTemplate.objects.get()
    things = (
        f"/posts/{post.pk}",
        f"/posts/{empty.pk}",
        f"/channels/{post.account_id}",
        f"/plans/{plan.pk}",
    )
    things += (
        f"/plans/{plan.pk}?show=statistics",
        f"/plans/{plan.pk}?show=activities",
        f"/plans/new?from={plan.pk}",
    )
    prompt, run = (
        PromptTemplate.objects.latest("pk"),
        WritingRun.objects.latest("created_at"),
    )
    things += (
        f"/ai-templates/{prompt.pk}",
        f"/ai-templates/{prompt.pk}/versions/1",
        f"/writing/{run.pk}",
    )
    things += (f"/posts/{empty.pk}/write", f"/calendar/slots/{empty.pk}")
    for model, address in TIMED.items():
        things += (f"/{address}/{model.objects.latest('created_at').pk}",)
    return [
        *PAGES,
        *things,
        f"/configs/{template.pk}",
        f"/comparisons/{Comparison.objects.get().pk}",
    ]
