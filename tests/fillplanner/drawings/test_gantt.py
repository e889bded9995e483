"""Geometry of the chart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from fillplanner.drawings.gantt import CHART, ROWS_AT_ONCE, View, blocks, chart
from fillplanner.drawings.overview import WIDTH, overview
from fillplanner.planning.plan import build_plan
from fillplanner.planning.problem import LineConfig, Lot

BEGIN = datetime(2026, 11, 21, 8, tzinfo=UTC)


def activities(sizes: list[list[float]]) -> list[dict[str, object]]:
    made = [
        [Lot(f"L{i}-{j}", "AB"[j % 2], 1, hours) for j, hours in enumerate(block)]
        for i, block in enumerate(sizes)
    ]
    return [row.to_wire() for row in build_plan(made, LineConfig()).activities]


def test_every_block_is_a_row() -> None:
    rows = activities([[10, 20], [30]])
    assert [len(block) for block in blocks(rows)] == [4, 2]
    drawn = chart(rows, BEGIN)
    assert [row.number for row in drawn.rows] == [1, 2]
    assert drawn.rows[1].starts == datetime(2026, 11, 23, 22, tzinfo=UTC)


def test_bars_follow_each_other_and_the_longest_row_fills_the_width() -> None:
    first = chart(activities([[10, 20], [30]]), BEGIN).rows[0].bars
    assert first[0].x == 0
    for before, bar in zip(first, first[1:], strict=False):
        assert abs(before.x + before.width - bar.x) < 0.1
    assert abs(first[-1].x + first[-1].width - CHART) < 0.1


def test_labels_stand_only_where_they_fit() -> None:
    bars = chart(activities([[0.2, 100]]), BEGIN).rows[0].bars
    assert [bar.label for bar in bars] == ["Clean", "", "", "L0-1"]
    assert bars[1].title.startswith("Fill L0-0 (A)\n")


def test_a_large_plan_is_drawn_window_by_window_on_one_scale() -> None:
    rows = activities([[5]] * 90 + [[90]])
    first, last = chart(rows, BEGIN), chart(rows, BEGIN, View(first=81))
    assert (len(first.rows), first.first, first.last, first.total) == (
        ROWS_AT_ONCE,
        1,
        40,
        91,
    )
    assert (last.first, last.last) == (81, 91)
    assert first.rows[0].bars[0].width == last.rows[0].bars[0].width
    assert chart(rows, BEGIN, View(first=999)).first == 91


def test_rows_say_when_they_begin_on_the_chosen_clock() -> None:
    drawn = chart(activities([[5]]), BEGIN, View(zone=ZoneInfo("America/Los_Angeles")))
    assert drawn.rows[0].starts_text == "Sat 21 Nov, 00:00"


def test_ticks_are_few_and_stand_apart() -> None:
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
    for zoom in (None, 1, 4, 8, 24):
        places = [x for x, _ in chart(activities([[96]]), BEGIN, View(zoom=zoom)).ticks]
        assert all(
            after - before >= 64
            for before, after in zip(places, places[1:], strict=False)
        )
    assert chart(activities([[96]]), BEGIN, View(zoom=1)).ticks[1][1] == "0.25 h"


def test_a_zoom_is_the_hours_across_the_chart() -> None:
    drawn = chart(activities([[96]]), BEGIN, View(zoom=8))
    assert drawn.scale * 8 == CHART
    assert drawn.width == 120 * CHART / 8 + 8
    assert drawn.rows[0].bars[0].width == 24 * CHART / 8


def test_only_the_wanted_kinds_are_drawn_where_they_are() -> None:
    rows = activities([[10, 20]])
    bars = chart(rows, BEGIN, View(kinds=frozenset({"changeover"}))).rows[0].bars
    everything = chart(rows, BEGIN).rows[0].bars
    assert [bar.kind for bar in bars] == ["changeover"]
    assert bars[0].x == everything[2].x


def test_what_is_looked_for_is_found_by_lot_type_or_note_whatever_the_case() -> None:
    rows = activities([[5]] * 60 + [[10, 20]])
    drawn = chart(rows, BEGIN, View(find="l60-1"))
    assert (drawn.hits, drawn.hit_blocks, drawn.first) == (1, (61,), 61)
    assert [bar.hit for bar in drawn.rows[0].bars] == [False, False, False, True]
    assert chart(rows, BEGIN, View(find="type CHANGE")).hits == 1
    assert chart(rows, BEGIN, View(find="A")).next_hit == 41
    nothing = chart(rows, BEGIN, View(find="Z9"))
    assert (nothing.hits, nothing.first, nothing.next_hit) == (0, 1, None)


def test_now_stands_in_the_block_it_is_in() -> None:
    rows = activities([[10], [20]])
    drawn = chart(rows, BEGIN, View(now=BEGIN + timedelta(hours=40)))
    assert [row.now_x for row in drawn.rows] == [None, round(6 * drawn.scale, 2)]
    assert all(
        row.now_x is None
        for row in chart(rows, BEGIN, View(now=BEGIN - timedelta(hours=1))).rows
    )


def test_a_bar_says_what_when_and_how_long() -> None:
    said = chart(activities([[10, 20]]), BEGIN).rows[0].bars[1].title
    assert (
        said
        == "Fill L0-0 (A)\nSun 22 Nov, 08:00 to Sun 22 Nov, 18:00\n24.00 h to 34.00 h, 10.00 h long"
    )


def test_the_whole_plan_has_every_hour_of_every_line_on_one_strip() -> None:
    config = LineConfig(lines=2)
    lots = [[Lot(f"L{i}", "A", 1, 30.0)] for i in range(4)]
    plan = build_plan(lots, config, [(0, 0.0), (1, 0.0), (0, 54.0), (1, 60.0)])
    drawn = overview(
        [row.to_wire() for row in plan.activities],
        BEGIN,
        now=BEGIN + timedelta(hours=57),
    )
    assert len(drawn.strips) == 2
    assert drawn.now_x == WIDTH / 2
    assert [strip.paths["clean"].count("M") for strip in drawn.strips] == [2, 2]
    assert (drawn.shown_x, drawn.shown_width) == (0, WIDTH)


@pytest.mark.thorough
def test_a_huge_plan_stays_a_small_drawing_with_a_link_a_window() -> None:
    rows = activities([[5, 3, 2, 4]] * 1500)
    drawn = overview(rows, BEGIN, first=41)
    assert len(rows) == 12_000
    assert (
        sum(len(path) for strip in drawn.strips for path in strip.paths.values())
        < 60_000
    )
    assert [(part.first, part.last) for part in drawn.windows[:2]] == [
        (1, 40),
        (41, 80),
    ]
    assert len(drawn.windows) == 38
    assert drawn.shown_x == drawn.windows[1].x
    assert len(drawn.dates) <= 11


def test_dates_stand_at_local_midnights_over_a_change_of_clocks() -> None:
    zone = ZoneInfo("Europe/Berlin")
    begin = datetime(2026, 10, 24, 0, tzinfo=zone)
    drawn = overview(activities([[72]]), begin, zone=zone)
    hours = [round(x * 96 / WIDTH, 1) for x, _ in drawn.dates]
    assert hours == [24.0, 49.0, 73.0]
