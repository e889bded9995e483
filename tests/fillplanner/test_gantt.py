"""Geometry of the chart."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from fillplanner.gantt import CHART, LABELS, ROWS_AT_ONCE, blocks, chart
from fillplanner.planning.plan import build_plan
from fillplanner.planning.problem import LineConfig, Lot

BEGIN = datetime(2026, 11, 21, 8, tzinfo=UTC)


def activities(sizes: list[list[float]]) -> list[dict[str, object]]:
    made = [[Lot(f"L{i}-{j}", "AB"[j % 2], 1, hours) for j, hours in enumerate(block)] for i, block in enumerate(sizes)]
    return [row.to_wire() for row in build_plan(made, LineConfig()).activities]


def test_every_block_is_a_row() -> None:
    rows = activities([[10, 20], [30]])
    assert [len(block) for block in blocks(rows)] == [4, 2]
    drawn = chart(rows, BEGIN)
    assert [row.number for row in drawn.rows] == [1, 2]
    assert drawn.rows[1].starts == datetime(2026, 11, 23, 22, tzinfo=UTC)


def test_bars_follow_each_other_and_the_longest_row_fills_the_width() -> None:
    first = chart(activities([[10, 20], [30]]), BEGIN).rows[0].bars
    assert first[0].x == LABELS
    for before, bar in zip(first, first[1:], strict=False):
        assert abs(before.x + before.width - bar.x) < 0.1
    assert abs(first[-1].x + first[-1].width - (LABELS + CHART)) < 0.1


def test_labels_stand_only_where_they_fit() -> None:
    bars = chart(activities([[0.2, 100]]), BEGIN).rows[0].bars
    assert [bar.label for bar in bars] == ["Clean", "", "", "L0-1"]
    assert bars[1].title.startswith("Fill L0-0 (A): ")


def test_a_large_plan_is_drawn_window_by_window_on_one_scale() -> None:
    rows = activities([[5]] * 90 + [[90]])
    first, last = chart(rows, BEGIN), chart(rows, BEGIN, first=81)
    assert (len(first.rows), first.first, first.last, first.total) == (ROWS_AT_ONCE, 1, 40, 91)
    assert (last.first, last.last) == (81, 91)
    assert first.rows[0].bars[0].width == last.rows[0].bars[0].width
    assert chart(rows, BEGIN, first=999).first == 91


def test_rows_say_when_they_begin_on_the_chosen_clock() -> None:
    drawn = chart(activities([[5]]), BEGIN, zone=ZoneInfo("America/Los_Angeles"))
    assert drawn.rows[0].starts_text == "Sat 21 Nov, 00:00"


def test_ticks_are_few() -> None:
    assert [text for _, text in chart(activities([[5]]), BEGIN).ticks] == [
        "0 h",
        "4 h",
        "8 h",
        "12 h",
        "16 h",
        "20 h",
        "24 h",
        "28 h",
    ]
    assert len(chart(activities([[96]]), BEGIN).ticks) <= 13
