"""Job 2: a list of lots, messages for bad rows, a plan by a worker, live progress,
figures, chart and files.
"""

from __future__ import annotations

import csv
import io
import json
import os
import random
import re
import signal
import urllib.request
from typing import Any

import pytest
from patience import WORKER_MILLISECONDS, until
from playwright.sync_api import Page, expect

from products import Product

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
# Enough to keep a worker busy for seconds.
LOTS = 5_000


def order_book(count: int) -> str:
    """A CSV of lots, the same ones every time."""
    chance = random.Random(7)
    rows = [
        f"LOT{n:04d},Vial{chance.choice('ABCDEFGH')},{chance.randrange(40_000, 1_200_000, 1_000)}"
        for n in range(count)
    ]
    return "Lot ID,Type,Vials\n" + "\n".join(rows) + "\n"


def call(product: Product, path: str, token: str = "", body: Any = None) -> Any:
    """What a program gets: JSON from the API."""
    headers = {"Content-Type": "application/json"} | (
        {"Authorization": f"Bearer {token}"} if token else {}
    )
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(
        f"http://127.0.0.1:{product.port}/api/v1/{path}", data, headers
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def test_a_plan_is_made_even_when_its_worker_is_killed(
    product: Product, manager_page: Page
) -> None:
    page = manager_page
    token = call(
        product, "auth/login", body={"username": "manager", "password": "demo-manager"}
    )["access_token"]

    page.get_by_role("link", name="Plans").first.click()
    page.get_by_role("link", name="New plan").click()
    page.get_by_label("Or paste the lots").fill("Lot ID,Type,Vials\nL1,A,many\n")
    page.get_by_role("button", name="Plan", exact=True).click()
    expect(
        page.get_by_text("Row 2: 'vials' must be a number (got many)").first
    ).to_be_visible()

    page.get_by_role("textbox", name="Name optional").fill("Journey plan")
    page.get_by_label("Or paste the lots").fill("")
    lots = {
        "name": "lots.csv",
        "mimeType": "text/csv",
        "buffer": order_book(LOTS).encode(),
    }
    page.get_by_label("File").set_input_files(lots)  # type: ignore[arg-type]  # a file made on the spot
    page.get_by_role("button", name="Plan", exact=True).click()
    page.wait_for_url(re.compile(r"/plans/\d+$"))
    page.evaluate("window.neverReloaded = true")
    number = int(page.url.rsplit("/", 1)[1])

    state = page.locator("#plan .badge").first
    expect(state).to_have_text(re.compile("Running"), timeout=WORKER_MILLISECONDS)
    until(
        lambda: (
            "Placed" in page.locator("[data-progress-message]").inner_text() or None
        ),
        "live progress",
    )
    os.killpg(product.child("plans"), signal.SIGKILL)
    assert call(product, f"schedule/{number}", token)["status"] == "running"

    expect(state).to_have_text(re.compile("Completed"), timeout=WORKER_MILLISECONDS)
    assert page.evaluate("window.neverReloaded") is True
    expect(page.locator("svg.gantt .act-clean").first).to_be_visible()

    served = call(product, f"schedule/{number}", token)["result"]
    assert served["lots_scheduled"] == LOTS
    assert served["lower_bound"] <= served["makespan"]
    with page.expect_download() as found:
        page.get_by_role("link", name="CSV").click()
    rows = list(csv.DictReader(io.StringIO(found.value.path().read_text())))
    assert len(rows) == len(served["activities"])
    assert sum(row["Kind"] == "fill" for row in rows) == LOTS
