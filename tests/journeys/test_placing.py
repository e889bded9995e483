"""A bulk job of a thousand posts and better times for them: workers are killed at it,
the results come all the same.
"""

from __future__ import annotations

import csv
import os
import re
import signal
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from patience import WORKER_MILLISECONDS, until
from playwright.sync_api import Page, expect

from products import Product

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
VIDEOS = 60


def newest(product: Product, table: str) -> tuple[str, int]:
    """State and number of workers lost of the newest run."""
    newest_first = (
        f"SELECT state, losses FROM calendars_{table} ORDER BY created_at DESC LIMIT 1"
    )
    for state, losses in product.rows(newest_first):
        return state, losses
    return "", 0


def was_lost_and_completed(product: Product, table: str) -> bool:
    """A busy machine may cost a run one more worker than the one that was killed."""
    state, losses = newest(product, table)
    return state == "completed" and losses >= 1


def kill_worker_at(product: Product, table: str, queue: str) -> None:
    until(
        lambda: newest(product, table)[0] == "running", f"a worker at the {table}", 60
    )
    os.killpg(product.child(queue), signal.SIGKILL)


def file_of_videos(folder: Path) -> Path:
    file = folder / "videos.csv"
    with file.open("w", newline="") as text:
        rows = csv.writer(text)
        rows.writerow(["video_job_id", "title", "hashtags"])
        rows.writerows(
            [f"video {n}", f"Radiator tip {n}", "heating home"] for n in range(VIDEOS)
        )
        rows.writerow(["", "has no id", ""])
    return file


def test_a_large_job_is_placed_and_its_posts_get_better_times_though_workers_die(
    product: Product, manager_page: Page, tmp_path: Path
) -> None:
    page, home = manager_page, f"http://127.0.0.1:{product.port}"

    page.goto(f"{home}/bulk-jobs")
    page.get_by_label("File", exact=True).set_input_files(file_of_videos(tmp_path))
    page.fill("[name=job]", "winter")
    page.fill("[name=days]", "90")
    page.get_by_role("button", name="Plan").click()
    page.wait_for_url(re.compile("/bulk-jobs/[0-9a-f-]{36}$"))
    page.evaluate("window.neverReloaded = true")
    expect(page.get_by_text(f"of {3 * VIDEOS} posts").first).to_be_visible()
    expect(page.locator("tbody tr").first).to_be_visible(timeout=WORKER_MILLISECONDS)
    kill_worker_at(product, "bulkrun", "default")
    expect(page.locator(".badge", has_text="Completed")).to_be_visible(
        timeout=WORKER_MILLISECONDS
    )
    expect(page.get_by_text(f"{3 * VIDEOS} of {3 * VIDEOS} posts")).to_be_visible()
    expect(
        page.get_by_text(f"Row {VIDEOS + 2}: video_job_id is missing")
    ).to_be_visible()
    assert page.evaluate("window.neverReloaded") is True
    assert was_lost_and_completed(product, "bulkrun")

    page.goto(f"{home}/optimise")
    page.fill("[name=last]", f"{timezone.now() + timedelta(days=60):%Y-%m-%d}")
    page.get_by_role("button", name="Find better times").click()
    page.wait_for_url(re.compile("/optimise/[0-9a-f-]{36}$"))
    page.evaluate("window.neverReloaded = true")
    kill_worker_at(product, "optimizationrun", "plans")
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_role("heading", name="Before and after")).to_be_visible(
        timeout=WORKER_MILLISECONDS
    )
    assert page.evaluate("window.neverReloaded") is True
    assert was_lost_and_completed(product, "optimizationrun")
