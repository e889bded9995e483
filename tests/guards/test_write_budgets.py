"""What writing through the programming interface and the pages asks the database."""

from __future__ import annotations

import pytest

from benchmarks import writes
from scheduling.models import Post

MOST = {
    "create and schedule": 18,
    "change everything": 24,
    "move": 14,
    "send now": 18,
    "move twenty": 80,
}


@pytest.mark.django_db
def test_no_write_asks_the_database_too_often() -> None:
    costs = writes.costs()
    assert {name: cost for name, cost in costs.items() if cost > MOST[name]} == {}
    assert costs.keys() == MOST.keys()
    assert not Post.objects.filter(state="failed").exists()
