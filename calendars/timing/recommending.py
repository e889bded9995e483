"""From beliefs about the hours of a week to windows on real dates, each with its reasons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from calendars.timing.learning import CELLS, DAYS, ENOUGH, HOURS, Array, Belief, cell_of
from scheduling.cadence import instant

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# An hour joins the window of a better one beside it when it is nearly as good.
NEARLY, LONGEST = 0.95, 3
HIGH, EVENING, LIKELY, LIFTED = 0.8, 18, 0.8, 0.05
BEST_DAYS = 3


@dataclass(frozen=True)
class WeekWindow:
    """Hours of every week: weekday (Monday 0), first hour, number of hours; score, interval of it (90 %), confidence
    (the probability that it beats the account's average hour), posts that speak for it, reasons as codes and as a
    sentence."""

    weekday: int
    hour: int
    hours: int
    score: float
    low: float
    high: float
    confidence: float
    sample: int
    reasons: tuple[str, ...]
    sentence: str


@dataclass(frozen=True)
class Window:
    """A week's window on a date, from start to end (aware)."""

    start: datetime
    end: datetime
    week: WeekWindow


def week_windows(weights: Array, belief: Belief) -> list[WeekWindow]:
    """Windows that do not overlap and cover the week, the best first."""
    means, free, made = belief.mean, [True] * CELLS, []
    best_days = set(means.reshape(DAYS, HOURS).max(axis=1).argsort()[::-1][:BEST_DAYS].tolist())
    for cell in sorted(range(CELLS), key=lambda cell: (-means[cell], cell)):
        if free[cell]:
            cells = stretch(means, free, cell)
            for taken in cells:
                free[taken] = False
            made.append(window_of(weights, belief, cells, best_days))
    return made


def stretch(means: Array, free: Sequence[bool], best: int) -> list[int]:
    """The best cell with the neighbours of its day that are free and nearly as good."""
    weekday, cells = best // HOURS, [best]
    while len(cells) < LONGEST:
        edges = [cell for cell in (cells[0] - 1, cells[-1] + 1) if cell // HOURS == weekday]
        beside = [cell for cell in edges if free[cell] and means[cell] >= NEARLY * means[best]]
        if not beside:
            break
        cells = sorted([*cells, max(beside, key=lambda cell: means[cell])])
    return cells


def window_of(weights: Array, belief: Belief, cells: Sequence[int], best_days: set[int]) -> WeekWindow:
    best = max(cells, key=lambda cell: belief.mean[cell])
    low, high = belief.interval(best)
    weekday, hour = divmod(cells[0], HOURS)
    reasons = tuple(reasons_for(weights, belief, best, best_days))
    return WeekWindow(
        weekday, hour, len(cells), clipped(float(belief.mean[best])), clipped(low), clipped(high),
        float(belief.better[best]), int(belief.nearby[best]), reasons,
        sentence_for(weights, belief, best, weekday, hour, len(cells)),
    )  # fmt: skip


def reasons_for(weights: Array, belief: Belief, cell: int, best_days: set[int]) -> Iterator[str]:
    weekday, hour = divmod(cell, HOURS)
    if weights[cell] >= HIGH:
        yield "platform_optimized"
    if is_lifted(weights, belief, cell):
        yield "historical_engagement_high"
    if belief.mean[cell] >= belief.mean[cell_of(weekday, 0) : cell_of(weekday, 0) + HOURS].max() - 1e-9:
        yield "audience_active_peak"
    if weekday in best_days and belief.mean[cell] >= HIGH:
        yield "weekday_pattern_match"
    if hour >= EVENING and belief.mean[cell] >= HIGH:
        yield "evening_engagement_peak"
    if not belief.is_learned:
        yield "little_own_data"


def is_lifted(weights: Array, belief: Belief, cell: int) -> bool:
    """Whether the account's own results put the hour higher than the table does."""
    own = belief.nearby[cell] > 0 and belief.better[cell] >= LIKELY
    return bool(own and belief.mean[cell] > weights[cell] + LIFTED)


def sentence_for(weights: Array, belief: Belief, cell: int, weekday: int, hour: int, hours: int) -> str:
    """What a planner is told about it."""
    when = f"{WEEKDAYS[weekday]} {hour:02}:00 to {(hour + hours) % HOURS:02}:00"
    table = f"general timing data rate it {weights[cell]:.0%}"
    if not belief.is_learned:
        own = f"too little data of your own yet ({belief.posts} of {ENOUGH} posts)"
        return f"{when}: {table}; {own}."
    nearby, better = int(belief.nearby[cell]), belief.better[cell]
    posts = f"{nearby} of your posts around then" if nearby else "your posts at other hours"
    return f"{when}: {table}; by {posts} it beats your average hour with {better:.0%} probability."


def clipped(value: float) -> float:
    return min(1.0, max(0.0, value))


def occurrences(windows: Iterable[WeekWindow], start: datetime, end: datetime, zone: str) -> Iterator[Window]:
    """The windows on each date whose start is in [start, end), in the zone's local time; those that a clock change
    leaves without length are left out."""
    by_day: dict[int, list[WeekWindow]] = {}
    for window in windows:
        by_day.setdefault(window.weekday, []).append(window)
    local = ZoneInfo(zone)
    day, last = start.astimezone(local).date(), end.astimezone(local).date()
    while day <= last:
        for window in by_day.get(day.weekday(), ()):
            begins, ends = on_the_hour(day, window.hour, zone), on_the_hour(day, window.hour + window.hours, zone)
            if start <= begins < end and begins < ends:
                yield Window(begins, ends, window)
        day += timedelta(days=1)


def on_the_hour(day: date, hour: int, zone: str) -> datetime:
    """When it is that hour (24 is the next midnight) of that day there."""
    return instant(day + timedelta(days=hour // HOURS), time(hour % HOURS), zone)
