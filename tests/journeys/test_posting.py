"""Job 1: a channel with a cadence, planned slots, content, a scheduled post, and the
outbox that shows it.
"""

from __future__ import annotations

import os
import re
import signal

import pytest
from patience import WORKER_MILLISECONDS
from playwright.sync_api import Page, expect

from products import Product

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


def test_a_post_goes_out_live_even_when_its_worker_is_killed(
    product: Product, manager_page: Page
) -> None:
    page, home = manager_page, f"http://127.0.0.1:{product.port}"

    page.get_by_role("link", name="Channels").first.click()
    page.get_by_role("link", name="Add a channel").click()
    page.get_by_label("Name").fill("Journey channel")
    page.get_by_label("Platform").select_option("bluesky")
    page.get_by_label("Posts per week").fill("7")
    page.get_by_label("Local times").fill("23:55")
    page.get_by_label("Time zone").select_option("America/Los_Angeles")
    page.get_by_role("button", name="Add channel").click()
    expect(page.get_by_text("Journey channel").first).to_be_visible()

    page.get_by_role("link", name="Content", exact=True).first.click()
    page.get_by_role("link", name="New content").click()
    page.get_by_label("Title").fill("A journey's post")
    page.get_by_label("Caption").fill("Written on the way.")
    page.get_by_role("button", name="Save").click()

    page.get_by_role("link", name="Calendar").first.click()
    page.get_by_role("button", name="Top off 28 days").click()
    # A slot of the demo's channels may have come into reach meanwhile.
    expect(page.get_by_text(re.compile(r"Created \d+ new slots"))).to_be_visible()
    slot = page.locator("a.slot-planned", has_text="Journey channel").first
    expect(slot).to_be_visible()
    assert "dashed" in slot.evaluate(
        "element => getComputedStyle(element).borderTopStyle"
    )
    slot.click()

    page.get_by_role("radio", name="A journey's post").check()
    page.get_by_role("button", name="Schedule", exact=True).click()
    expect(page.get_by_text("Filled and scheduled.")).to_be_visible()
    page.locator("a.slot-scheduled", has_text="A journey's post").click()
    state = page.locator(".facts .badge")
    expect(state).to_have_text(re.compile("Scheduled"))
    page.get_by_role("button", name="Post now").click()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("On its way.")).to_be_visible()
    page.evaluate("window.neverReloaded = true")

    expect(state).to_have_text(re.compile("Publishing"), timeout=WORKER_MILLISECONDS)
    os.killpg(product.child("publishing"), signal.SIGKILL)
    expect(state).to_have_text(re.compile("Published"), timeout=WORKER_MILLISECONDS)
    assert page.evaluate("window.neverReloaded") is True

    page.goto(f"{home}/outbox")
    expect(page.get_by_text("Written on the way.")).to_have_count(1)
