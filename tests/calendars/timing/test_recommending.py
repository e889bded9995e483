"""Windows on real dates with their reasons."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from calendars.timing.learning import CELLS, Belief, History, cell_of, learn, log_rate
from calendars.timing.recommending import (
    WeekWindow,
    hours_of,
    occurrences,
    week_windows,
)

WEIGHTS = np.full(CELLS, 0.1)
WEIGHTS[cell_of(1, 10) : cell_of(1, 13)] = 0.9
WEIGHTS[cell_of(3, 19)] = 0.95
BERLIN = "Europe/Berlin"


def learned_at(cell: int, posts: int) -> History:
    """So many good results in one cell and as many poor ones elsewhere."""
    other, good, poor = cell_of(0, 5), log_rate(0.15), log_rate(0.02)
    counts, sums, squares = np.zeros(CELLS), np.zeros(CELLS), np.zeros(CELLS)
    for at, value in ((cell, good), (other, poor)):
        counts[at], sums[at], squares[at] = (
            posts,
            posts * value,
            posts * (value**2 + 0.05),
        )
    return History(counts, sums, squares)


def windows_after(belief: Belief) -> list[WeekWindow]:
    return week_windows(hours_of(WEIGHTS, belief), belief)


def test_windows_cover_the_week_once_and_the_best_come_first() -> None:
    found = windows_after(learn(WEIGHTS, History.none()))
    hours = [(w.weekday, w.hour + h) for w in found for h in range(w.hours)]
    assert sorted(hours) == [(day, hour) for day in range(7) for hour in range(24)]
    assert [(w.weekday, w.hour, w.hours) for w in found[:2]] == [(3, 19, 1), (1, 10, 3)]
    scores = [w.score for w in found]
    assert scores == sorted(scores, reverse=True)
    assert all(w.low <= w.score <= w.high and 0 <= w.confidence <= 1 for w in found)


def test_without_results_the_reason_is_the_table_and_that_is_said() -> None:
    best = windows_after(learn(WEIGHTS, History.none()))[0]
    assert {
        "platform_optimized",
        "audience_active_peak",
        "evening_engagement_peak",
        "little_own_data",
    } <= set(best.reasons)
    assert "too little data of your own yet (0 of 20 posts)" in best.evidence
    assert best.sample == 0


def test_results_lift_an_hour_that_the_table_does_not_know() -> None:
    own = cell_of(5, 8)
    belief = learn(WEIGHTS, learned_at(own, 200))
    best = next(
        w
        for w in windows_after(belief)
        if w.weekday == 5 and w.hour <= 8 < w.hour + w.hours
    )
    assert "historical_engagement_high" in best.reasons
    assert "little_own_data" not in best.reasons
    assert best.sample >= 200
    assert best.confidence > 0.9
    assert "beats your average hour with" in best.evidence


def test_a_window_begins_with_its_best_hour() -> None:
    belief = learn(WEIGHTS, learned_at(cell_of(5, 20), 200))
    hours = hours_of(WEIGHTS, belief)
    for window in windows_after(belief):
        first = hours[cell_of(window.weekday, window.hour)]
        rest = [
            hours[cell_of(window.weekday, window.hour + later)].mean
            for later in range(1, window.hours)
        ]
        assert (window.score, window.value, window.confidence) == (
            first.score,
            first.mean,
            first.better,
        )
        assert max(rest, default=first.mean) <= first.mean


def test_a_window_whose_first_hour_is_skipped_is_left_out() -> None:
    weights = np.full(CELLS, 0.1)
    weights[cell_of(6, 2) : cell_of(6, 5)] = 0.9
    belief = learn(weights, History.none())
    windows = week_windows(hours_of(weights, belief), belief)
    start = datetime(2026, 3, 28, tzinfo=UTC)
    night = [
        one.start
        for one in occurrences(windows[:1], start, start + timedelta(days=14), BERLIN)
    ]
    assert (windows[0].weekday, windows[0].hour, windows[0].hours) == (6, 2, 3)
    assert [at.astimezone(ZoneInfo(BERLIN)).date().isoformat() for at in night] == [
        "2026-04-05"
    ]


def test_windows_keep_their_local_hours_over_a_clock_change() -> None:
    start = datetime(2026, 3, 23, tzinfo=UTC)
    found = list(
        occurrences(
            windows_after(learn(WEIGHTS, History.none())),
            start,
            start + timedelta(days=14),
            BERLIN,
        )
    )
    tens = [w.start for w in found if (w.week.weekday, w.week.hour) == (1, 10)]
    assert [at.astimezone(ZoneInfo(BERLIN)).hour for at in tens] == [10, 10]
    assert [at.astimezone(UTC).hour for at in tens] == [9, 8]
    assert all(
        start <= w.start < start + timedelta(days=14) and w.start < w.end for w in found
    )
    night = [
        w
        for w in found
        if w.start.astimezone(ZoneInfo(BERLIN)).date().isoformat() == "2026-03-29"
    ]
    assert sum((w.end - w.start for w in night), timedelta()) == timedelta(hours=23)
