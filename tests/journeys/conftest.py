"""The product as people start it, with a browser in front of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page
from visits import visit

from config.demo import PASSWORDS
from products import ROOT, Product, clean_environment


@pytest.fixture(scope="session")
def loaded_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as the first start prepares it, made once for all journeys of a process."""
    folder = tmp_path_factory.mktemp("demo") / "data"
    environment = clean_environment(DATA_DIR=str(folder), LOG_LEVEL="WARNING")
    for command in (["migrate", "--verbosity", "0"], ["demo_data"]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True)
    return folder


@pytest.fixture
def data(loaded_demo: Path, tmp_path: Path) -> Path:
    """A data folder with demo data, for one product."""
    return Path(shutil.copytree(loaded_demo, tmp_path / "data"))


@pytest.fixture
def product(data: Path) -> Iterator[Product]:
    """Everything embedded, with demo data, an outbox slow enough to be caught in the act, and short leases."""
    made = Product(data)
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
