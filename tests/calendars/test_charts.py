"""What the server's charts say and where it lies."""

from __future__ import annotations

from calendars.charts import (
    EFFECTS_LEFT,
    EFFECTS_WIDTH,
    HEIGHT,
    NamedEffect,
    effect_chart,
    ticks,
)


def test_levels_are_those_of_the_largest_value_and_its_half() -> None:
    assert [(tick.y, tick.label) for tick in ticks(10)] == [
        (HEIGHT / 2, "5"),
        (0.0, "10"),
    ]
    assert [tick.label for tick in ticks(5)] == ["5"]
    assert [tick.label for tick in ticks(5.0, "%")] == ["2.5 %", "5.0 %"]
    assert ticks(0) == []


def test_intervals_lie_where_their_bounds_are_and_zero_is_between() -> None:
    chart = effect_chart(
        [NamedEffect("a", 0.5, 0.25, 1.0), NamedEffect("b", -0.1, -0.5, 0.25)]
    )
    first, second = chart.rows
    ticks_at = {label: x for x, label in chart.ticks}
    assert (first.low, first.estimate, first.low + first.width) == (
        ticks_at["+25%"],
        ticks_at["+50%"],
        ticks_at["+100%"],
    )
    assert second.low == ticks_at["-50%"] == EFFECTS_LEFT
    assert chart.zero == ticks_at["0"]
    assert first.label == "a: +50%, between +25% and +100%"
    assert second.y > first.y


def test_what_is_not_known_yet_has_a_frame_from_end_to_end() -> None:
    [row] = effect_chart([NamedEffect("a", 0.0, -1.0, None)]).rows
    assert not row.is_known
    assert row.label == "a: not enough data yet"
    assert (row.low, row.low + row.width) == (EFFECTS_LEFT, EFFECTS_WIDTH - 30)


def test_an_interval_without_end_stays_in_the_picture() -> None:
    chart = effect_chart([NamedEffect("a", 2.0, 0.5, 90.0)])
    assert chart.rows[0].low + chart.rows[0].width <= EFFECTS_WIDTH
    assert len(chart.ticks) <= 8
