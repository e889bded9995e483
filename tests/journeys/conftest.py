"""The product as people start it, with a browser in front of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from patience import PAGE_MILLISECONDS
from playwright.sync_api import Page
from visits import settle

from config.demo import PASSWORDS
from products import Product

# Posts of the outbox stay in Publishing long enough to be seen there, and whoever takes
# over from a worker that was killed need not wait long.
UNHURRIED = {"OUTBOX_SECONDS": "5", "PUBLISH_LEASE_SECONDS": "12"}
SHORT_LEASES = {
    f"{name}_LEASE_SECONDS": seconds
    for name, seconds in {
        "PLAN": "4",
        "BULK": "3",
        "OPTIMIZE": "1",
        "WRITING": "1",
    }.items()
}
# Engines on this machine.
OPEN = {"OUTGOING_ALLOW_PRIVATE": "true"}


@pytest.fixture(scope="session")
def journeys(
    loaded_demo: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Product]:
    """Everything embedded, with demo data. Starting it takes longer than most journeys,
    which therefore share it.
    """
    folder = tmp_path_factory.mktemp("journeys") / "data"
    product = Product(Path(shutil.copytree(loaded_demo, folder)))
    product.environment |= UNHURRIED | SHORT_LEASES | OPEN
    with product.running():
        yield product


@pytest.fixture
def product(journeys: Product) -> Product:
    """All of it well again, whatever the journey before has killed."""
    journeys.whole()
    return journeys


@pytest.fixture
def manager_page(product: Product, page: Page) -> Page:
    """A browser window of the demo's manager, at home."""
    page.set_default_timeout(PAGE_MILLISECONDS)
    page.goto(f"http://127.0.0.1:{product.port}/login")
    page.fill("[name=username]", "manager")
    page.fill("[name=password]", PASSWORDS["manager"])
    page.press("[name=password]", "Enter")
    settle(page)
    page.evaluate("window.neverReloaded = true")
    return page
