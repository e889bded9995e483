"""What pages may cost: their own styles and scripts together, and the questions that
each asks the database.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from demo_site import PAGES
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from config import demo
from workspaces.models import User

MOST_BYTES, MOST_QUERIES = 150_000, 15


def test_own_styles_and_scripts_stay_light() -> None:
    files = [
        path
        for kind in ("css", "js")
        for path in (Path(settings.BASE_DIR) / "static" / kind).rglob(f"*.{kind}")
    ]
    assert 0 < sum(path.stat().st_size for path in files) <= MOST_BYTES


@pytest.mark.django_db
@pytest.mark.usefixtures("one_writer")
def test_no_page_asks_the_database_too_often(client: Client) -> None:
    demo.load()
    client.force_login(User.objects.get(username="manager"))
    costs: dict[str, Any] = {}
    # What a process asks once and remembers.
    client.get("/")
    for address in PAGES:
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        costs[address] = len(queries)
    assert {
        address: cost for address, cost in costs.items() if cost > MOST_QUERIES
    } == {}
