"""Texts for a week of empty slots: an engine is chosen, a run is watched, its worker
killed, its drafts approved.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator

import pytest
from chat_servers import ChatServer, chat_server
from patience import WORKER_MILLISECONDS
from playwright.sync_api import Page, expect

from products import Product

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with chat_server() as running:
        running.seconds = 0.4
        yield running


def test_a_week_is_written_live_even_when_its_worker_is_killed(
    product: Product, server: ChatServer, manager_page: Page
) -> None:
    page, home = manager_page, f"http://127.0.0.1:{product.port}"

    page.get_by_role("link", name="AI templates").first.click()
    page.get_by_role("link", name="Engine and budget").click()
    page.get_by_label("OpenAI-compatible").check()
    page.get_by_label("Address").fill(server.url)
    page.get_by_label("Model").fill("m")
    page.get_by_label("Seconds to wait").fill("5")
    page.get_by_role("textbox", name="Key").fill("sk-journey")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("A key is kept, encrypted.")).to_be_visible()

    page.get_by_role("link", name="Calendar").first.click()
    page.locator(".page-actions summary").click()
    page.get_by_role("link", name="Fill empty slots").click()
    page.get_by_label("What is it about?").fill("What to check before the first frost")
    page.get_by_role("button", name="Write texts").click()
    page.wait_for_url(re.compile("/writing/[0-9a-f-]{36}$"))
    page.evaluate("window.neverReloaded = true")
    slots = page.locator("tbody tr").count()
    assert slots > 5

    written = page.locator("tbody .badge", has_text="Written")
    expect(written.nth(1)).to_be_visible(timeout=WORKER_MILLISECONDS)
    os.killpg(product.child("default"), signal.SIGKILL)
    expect(page.get_by_text("Completed")).to_be_visible(timeout=WORKER_MILLISECONDS)
    expect(written).to_have_count(slots)
    assert page.evaluate("window.neverReloaded") is True
    assert server.keys[-1] == "Bearer sk-journey"

    page.get_by_role("button", name="Approve and schedule").click()
    page.get_by_role("button", name="Schedule them").click()
    expect(page.locator(".toast", has_text="Scheduled").first).to_be_visible()
    page.goto(f"{home}/content?q=Dawn+launch")
    expect(page.locator(".content-card")).to_have_count(slots)
