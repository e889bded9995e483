"""The product as people start it, with a browser in front of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page
from visits import visit

from config.demo import PASSWORDS
from products import Product


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    """Everything embedded, with demo data, an outbox slow enough to be caught in the act, and short leases."""
    made = Product(tmp_path / "data")
    made.environment |= {"OUTBOX_SECONDS": "5", "PUBLISH_LEASE_SECONDS": "12", "PLAN_LEASE_SECONDS": "4"}
    with made.running() as running:
        running.whole()
        yield running


@pytest.fixture
def manager_page(product: Product, page: Page) -> Page:
    """A browser window of the demo's manager, at home."""
    visit(page, f"http://127.0.0.1:{product.port}", "/", "manager", PASSWORDS["manager"])
    page.evaluate("window.neverReloaded = true")
    return page
