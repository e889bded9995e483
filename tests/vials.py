"""Plans that tests tell their stories with."""

from __future__ import annotations

from typing import Any

import pytest

from fillplanner.models import Comparison, Plan
from fillplanner.services import comparisons
from fillplanner.services.plans import PlanRequest, create
from workspaces.models import User

ROWS: list[dict[str, Any]] = [
    {"lot_id": "LOT001", "lot_type": "Product-A", "vials": 1000, "fill_hours": 2.5},
    {"lot_id": "LOT002", "lot_type": "Product-B", "vials": 1500, "fill_hours": 2.5},
    {"lot_id": "LOT003", "lot_type": "Product-A", "vials": 800, "fill_hours": 2.0},
    {"lot_id": "LOT004", "lot_type": "Product-C", "vials": 1200, "fill_hours": 2.0},
]


@pytest.fixture
def room_for_many_plans(settings: Any) -> None:
    """For tests of lists that are longer than what one person may leave unfinished."""
    settings.PLANS_OPEN_PER_PERSON = 1000


@pytest.fixture
def one_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that run long plans within a transaction: on SQLite another thread's
    beat would wait for its lock.
    """
    monkeypatch.setattr("common.runs.BEAT_SECONDS", 3600.0)


def make_plan(user: User, **asked: Any) -> Plan:
    """A plan that nobody has run yet: no transaction commits, so no bell rings."""
    return create(user, PlanRequest(**{"rows": ROWS, "name": "Mine"} | asked))


def many_rows(count: int) -> list[dict[str, Any]]:
    return [
        {
            "lot_id": f"L{i:04d}",
            "lot_type": f"T{i % 4}",
            "vials": 1000,
            "fill_hours": 1 + (i * 37 % 590) / 10,
        }
        for i in range(count)
    ]


def make_comparison(user: User, *strategies: str, **asked: Any) -> Comparison:
    """A comparison that nobody has run yet."""
    wanted = {
        "rows": ROWS,
        "name": "Which",
        "strategies": strategies or ("smart-pack", "lpt-pack"),
    }
    return comparisons.create(user, comparisons.ComparisonRequest(**wanted | asked))
