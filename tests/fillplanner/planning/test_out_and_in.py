"""Lots that left as a table come back as they were, whatever they are called."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.texts import clean
from fillplanner.lots.lot_table import csv_of_lots
from fillplanner.planning.intake import read_lots, read_lots_file
from fillplanner.planning.problem import LineConfig, Lot

CONFIG = LineConfig()
START = datetime(2026, 11, 30, 8, tzinfo=UTC)
# Target times are kept in hours and written as moments, exact to a microsecond.
MICROSECOND = 1 / 3_600_000_000

NAMES = st.text(
    st.sampled_from("'=+-@;,\" .019eA\u0301_")
    | st.characters(codec="utf-8", categories=("L", "N", "P", "S")),
    min_size=1,
    max_size=8,
).map(clean)
MOMENTS = st.datetimes(
    datetime(2026, 12, 1), datetime(2027, 1, 1), timezones=st.just(UTC)
)
ROWS = st.fixed_dictionaries(
    {"lot_id": NAMES, "lot_type": NAMES, "vials": st.integers(1, 200_000)},
    optional={
        "fill_hours": st.floats(0.01, 100),
        "target_end": MOMENTS.map(datetime.isoformat),
        "priority": st.sampled_from(sorted(CONFIG.priority_levels)),
    },
)


def came_back(lots: list[Lot]) -> list[Lot]:
    kept = [asdict(lot) for lot in lots]
    text = csv_of_lots(kept, START, CONFIG.fill_rate_vph)
    report = read_lots_file(text.encode(), CONFIG, START)
    assert not report.errors
    return report.lots


def facts(lot: Lot) -> dict[str, Any]:
    times = {"target_start", "target_end"}
    return {name: value for name, value in asdict(lot).items() if name not in times}


@settings(max_examples=200, deadline=None)
@given(
    st.lists(ROWS, min_size=1, max_size=3, unique_by=lambda row: row["lot_id"].strip())
)
def test_lots_come_back_as_they_were(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        row.setdefault("fill_hours", row["vials"] / CONFIG.fill_rate_vph)
    lots = read_lots(rows, CONFIG, START).lots
    after_all = came_back(lots) if lots else []
    for before, after in zip(lots, after_all, strict=True):
        assert facts(after) == facts(before)
        assert after.target_end == pytest.approx(before.target_end, abs=MICROSECOND)


@pytest.mark.parametrize("name", ["A  B", "=x", "'=x", "''-1", "0012", "1e5", '"x"'])
def test_names_that_spreadsheets_would_change_stay(name: str) -> None:
    row = {"lot_id": name, "lot_type": name, "vials": 5, "fill_hours": 1.5}
    lots = read_lots([row], CONFIG, START).lots
    assert came_back(lots) == lots


def test_members_that_say_nothing_of_a_lot_are_named() -> None:
    row = {"lot_id": "L1", "lot_type": "A", "vials": 5, "fill_hours": 1}
    target = (START + timedelta(hours=9)).isoformat()
    known = row | {"target_start": target, "target_end": target, "priority": "high"}
    assert not read_lots([known], CONFIG, START).warnings
    other = row | {"lot_id": "L2", "due_date": target, "Colour": "red"}
    report = read_lots([known, other], CONFIG, START)
    assert report.valid
    assert report.warnings == ["Not used: Colour, due_date."]
