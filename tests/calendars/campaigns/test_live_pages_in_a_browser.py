"""Pages of calendars and trials that change while somebody looks at them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar

import pytest
from calendar_parts import beat, make_calendar
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Page, expect
from visits import visit

from calendars.models import ContentCalendar, Trial
from calendars.results.services import Measurement, ingest
from calendars.trials import services as trials
from calendars.trials.services import Design
from cast import make_content, make_post
from scheduling.models import ChannelAccount, Post
from scheduling.publishing import publish as publishing
from workspaces.models import User, Workspace

pytestmark = pytest.mark.django_db(transaction=True)
Made = TypeVar("Made")


def elsewhere(act: Callable[[], Made]) -> Made:
    """As a worker does it: in a thread with a connection of its own."""

    def run() -> Made:
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(run).result()


def opened(page: Page, server: str, path: str) -> None:
    visit(page, server, path)
    page.evaluate("window.neverReloaded = true")


def publish_first(calendar: ContentCalendar) -> None:
    post = Post.objects.filter(calendar_item__calendar=calendar).earliest(
        "scheduled_at"
    )
    past = timezone.now() - timedelta(seconds=1)
    Post.objects.filter(pk=post.pk).update(scheduled_at=past, due_at=past)
    publishing.publish(post.pk, "worker")
    beat()


def test_bars_of_a_calendar_and_of_the_list_move_while_its_posts_go_out(
    page: Page,
    asgi_server: str,
    editor: User,
    workspace: Workspace,
    channel: ChannelAccount,
) -> None:
    calendar = elsewhere(lambda: make_calendar(editor, workspace))
    opened(page, asgi_server, f"/calendars/{calendar.pk}")
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "0")
    other = page.context.new_page()
    other.goto(f"{asgi_server}/calendars")
    other.locator("#live[data-live-state=connected]").wait_for()
    elsewhere(lambda: publish_first(calendar))
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "33")
    expect(page.locator("tbody .badge", has_text="Published")).to_have_count(1)
    expect(page.get_by_text("3 items, 2 open")).to_be_visible()
    expect(other.get_by_role("progressbar")).to_have_attribute("value", "33")
    assert page.evaluate("window.neverReloaded") is True


def started(user: User, channel: ChannelAccount) -> Trial:
    begin = timezone.now() + timedelta(days=8)
    for n in range(60):
        make_post(
            channel, make_content(channel.workspace), at=begin + timedelta(hours=7 * n)
        )
    variants = [
        {"name": "as planned", "strategy": "standard"},
        {"name": "optimised", "strategy": "optimized"},
    ]
    design = Design("Better?", variants, timezone.now(), begin + timedelta(days=30))
    return trials.start(user, trials.create(user, channel.workspace, design).pk)


def measure(user: User, trial: Trial) -> None:
    """Optimised posts do much better than the others."""
    rows = [
        Measurement(
            f"{given.pk}",
            timezone.now(),
            given.post_id,
            numbers={"engagement_rate": rate},
        )
        for n, given in enumerate(trial.allotted.all())
        for rate in [
            0.3 + 0.01 * (n % 3)
            if given.variant == "optimised"
            else 0.02 + 0.001 * (n % 3)
        ]
    ]
    ingest(user, trial.workspace, rows)


def test_a_trial_shows_its_effect_when_results_come_in(
    page: Page, asgi_server: str, editor: User, channel: ChannelAccount
) -> None:
    trial = elsewhere(lambda: started(editor, channel))
    opened(page, asgi_server, f"/trials/{trial.pk}")
    expect(page.get_by_text("Not enough data yet on optimised").first).to_be_visible()
    expect(page.locator(".effect-unknown")).to_have_count(1)
    elsewhere(lambda: measure(editor, trial))
    expect(page.locator(".effect-band")).to_have_count(1)
    expect(page.get_by_text("more engagement").first).to_be_visible()
    expect(
        page.get_by_role("img", name="Difference of each variant from the control")
    ).to_be_visible()
    assert page.evaluate("window.neverReloaded") is True
