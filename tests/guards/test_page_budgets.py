"""What pages may cost: their own styles and scripts together, and the questions that
each asks the database.
"""

from __future__ import annotations

import re
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


STATIC = Path(settings.BASE_DIR) / "static"
SCRIPT = re.compile(r'<script[^>]* src="/static/(js/[^"]+)"')
IMPORT = re.compile(r'^import [^;]*"\./([^"]+)";', re.MULTILINE)


def weight(page: str) -> int:
    """Bytes of our own styles, and of the scripts that the page names and they import."""
    waiting = set(SCRIPT.findall(page))
    scripts: set[str] = set()
    while waiting:
        scripts |= waiting
        texts = [(STATIC / name).read_text() for name in waiting]
        imported = {f"js/{name}" for text in texts for name in IMPORT.findall(text)}
        waiting = imported - scripts
    styles = STATIC.glob("css/*.css")
    return sum(
        path.stat().st_size for path in [*styles, *(STATIC / name for name in scripts)]
    )


@pytest.mark.django_db
@pytest.mark.usefixtures("one_writer")
def test_no_page_is_heavy_or_asks_the_database_too_often(client: Client) -> None:
    demo.load()
    client.force_login(User.objects.get(username="manager"))
    costs: dict[str, Any] = {}
    weights: dict[str, int] = {}
    # What a process asks once and remembers.
    client.get("/")
    for address in PAGES:
        with CaptureQueriesContext(connection) as queries:
            page = client.get(address).content.decode()
        costs[address] = len(queries)
        weights[address] = weight(page)
    assert {
        address: cost for address, cost in costs.items() if cost > MOST_QUERIES
    } == {}
    assert max(weights.values()) > weight("") > 0
    assert {
        address: bytes_ for address, bytes_ in weights.items() if bytes_ > MOST_BYTES
    } == {}
