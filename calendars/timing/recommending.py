"""From beliefs about the hours of a week to windows on real dates, each with its
reasons.

A window begins with its best hour and is worth what that hour is, so whoever posts when
it begins gets what it says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from calendars.timing.learning import (
    CELLS,
    DAYS,
    ENOUGH,
    HALF_INTERVAL,
    HOURS,
    Array,
    Belief,
)
from scheduling.domain.cadence import instant

WEEKDAYS = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
)
# An hour joins the window of a better one beside it when it is nearly as good.
NEARLY = 0.95
LONGEST = 3
HIGH = 0.8
EVENING = 18
LIKELY = 0.8
LIFTED = 0.05
BEST_DAYS = 3
# What is believed is never said to be certain.
CERTAIN = 0.99
# Scores are equal when they are told as the same number.
SCORE_DIGITS = 4
# By how little hours with the full score differ for whoever adds up scores: less than
# staying is worth.
BEYOND = 2e-6


@dataclass(frozen=True)
class WeekWindow:
    """Hours of every week. What is said of them is that of the first hour.

    weekday: Monday is 0.
    hour, hours: the first hour (0..23), and how many there are.
    value: the score before it was held to 0..1: what windows are ranked by.
    score: 0..1.
    low, high: interval of the score (90 %).
    confidence: the probability that it beats the account's average hour.
    sample: posts that speak for it.
    reasons, evidence: reasons as codes, and as a sentence.
    """

    weekday: int
    hour: int
    hours: int
    value: float
    score: float
    low: float
    high: float
    confidence: float
    sample: int
    reasons: tuple[str, ...]
    evidence: str


@dataclass(frozen=True)
class Window:
    """A week's window on a date, from start to end (aware)."""

    start: datetime
    end: datetime
    week: WeekWindow

    def text(self, zone: str) -> str:
        """`Tuesday 20:00 to 22:00`, on the clock of the zone."""
        start = self.start.astimezone(ZoneInfo(zone))
        end = self.end.astimezone(ZoneInfo(zone))
        return f"{WEEKDAYS[start.weekday()]} {start:%H:%M} to {end:%H:%M}"


@dataclass(frozen=True)
class Hour:
    """One hour of the week.

    hour: its number on the day's clock (0..23).
    weight: what the table says (0..1).
    mean, deviation: what is believed, in weights.
    better: the probability that it beats the average hour.
    nearby: posts in it and near it.
    is_best_of_day: whether no hour of its day is better.
    is_on_best_day: whether its day is one of the best.
    """

    hour: int
    weight: float
    mean: float
    deviation: float
    better: float
    nearby: int
    is_best_of_day: bool
    is_on_best_day: bool

    @property
    def score(self) -> float:
        """What is believed, held to 0..1, as everybody is told it."""
        return round(clipped(self.mean), SCORE_DIGITS)

    @property
    def worth(self) -> float:
        """The score, for whoever adds up scores: of two hours with the full score the
        better one counts a trace more, too little to be a reason to move a post.
        """
        return self.score + BEYOND * max(0.0, self.mean - 1.0)

    @property
    def is_lifted(self) -> bool:
        """Whether the account's own results put the hour higher than the table does."""
        return (
            self.nearby > 0
            and self.better >= LIKELY
            and self.mean > self.weight + LIFTED
        )


def hours_of(weights: Array, belief: Belief) -> list[Hour]:
    """The 168 hours, Monday 00 h first, as plain numbers: reading arrays one by one is slow.

    weights: the table's (168).
    belief: what is believed of the same hours.
    """
    peaks = belief.mean.reshape(DAYS, HOURS).max(axis=1)
    best_days = peaks.argsort()[::-1][:BEST_DAYS]
    is_best_day = np.isin(np.arange(DAYS), best_days)
    columns = (
        np.arange(CELLS) % HOURS,
        weights,
        belief.mean,
        belief.deviation,
        belief.better,
        belief.nearby.astype(int),
        belief.mean >= np.repeat(peaks, HOURS) - 1e-9,
        np.repeat(is_best_day, HOURS),
    )
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [Hour(*row) for row in rows]


def week_windows(hours: Sequence[Hour], belief: Belief) -> list[WeekWindow]:
    """Windows that do not overlap and cover the week's hours, the best first."""
    free = [True] * CELLS
    windows = []
    for cell in sorted(range(CELLS), key=lambda cell: (-hours[cell].mean, cell)):
        if free[cell]:
            cells = stretch(hours, free, cell)
            for covered in cells:
                free[covered] = False
            windows.append(window_of(hours[cell], cells, belief))
    return windows


def stretch(hours: Sequence[Hour], free: Sequence[bool], best: int) -> list[int]:
    """The best cell with the next ones of its day while they are free and nearly as good.

    hours, free: of all 168 cells.
    best: the number of the cell.
    """
    least = NEARLY * hours[best].mean
    cells = [best]
    day_ends = (best // HOURS + 1) * HOURS
    for cell in range(best + 1, min(best + LONGEST, day_ends)):
        if not free[cell] or hours[cell].mean < least:
            break
        cells.append(cell)
    return cells


def window_of(best: Hour, cells: Sequence[int], belief: Belief) -> WeekWindow:
    """The window of these cells, the best one first."""
    weekday, hour = divmod(cells[0], HOURS)
    half = HALF_INTERVAL * best.deviation
    return WeekWindow(
        weekday=weekday,
        hour=hour,
        hours=len(cells),
        value=best.mean,
        score=best.score,
        low=clipped(best.mean - half),
        high=clipped(best.mean + half),
        confidence=best.better,
        sample=best.nearby,
        reasons=tuple(reasons_for(best, belief.is_learned)),
        evidence=evidence_for(best, belief),
    )


def reasons_for(best: Hour, is_learned: bool) -> Iterator[str]:
    """Codes of what speaks for the hour, the strongest reason first; the last one says
    that it is the table that speaks.
    """
    if best.weight >= HIGH:
        yield "platform_optimized"
    if best.is_lifted:
        yield "historical_engagement_high"
    if best.is_best_of_day:
        yield "audience_active_peak"
    if best.is_on_best_day and best.mean >= HIGH:
        yield "weekday_pattern_match"
    if best.hour >= EVENING and best.mean >= HIGH:
        yield "evening_engagement_peak"
    if not is_learned:
        yield "little_own_data"


def evidence_for(best: Hour, belief: Belief) -> str:
    """What a planner is told about it."""
    table = f"general timing data rate it {best.weight:.0%}"
    if not belief.is_learned:
        own = f"too little data of your own yet ({belief.posts} of {ENOUGH} posts)"
        return f"{table}; {own}."
    posts = (
        f"{best.nearby} of your posts around then"
        if best.nearby
        else "your posts at other hours"
    )
    return (
        f"{table}; by {posts} it beats your average hour with "
        f"{min(best.better, CERTAIN):.0%} probability."
    )


def clipped(value: float) -> float:
    """The value held to 0..1."""
    return min(1.0, max(0.0, value))


def occurrences(
    windows: Iterable[WeekWindow], start: datetime, end: datetime, zone: str
) -> Iterator[Window]:
    """The windows on each date, those whose first hour a clock change skips aside.

    start, end: windows begin in [start, end); aware.
    zone: an IANA name; windows are in its local time.
    """
    by_day: dict[int, list[WeekWindow]] = defaultdict(list)
    for window in windows:
        by_day[window.weekday].append(window)
    local = ZoneInfo(zone)
    day = start.astimezone(local).date()
    last = end.astimezone(local).date()
    while day <= last:
        for window in by_day[day.weekday()]:
            on_date = window_on(day, window, zone)
            if on_date is not None and start <= on_date.start < end:
                yield on_date
        day += timedelta(days=1)


def window_on(day: date, window: WeekWindow, zone: str) -> Window | None:
    """The window on a date; None where the zone's clocks skip its first hour then."""
    begins = on_the_hour(day, window.hour, zone)
    ends = on_the_hour(day, window.hour + window.hours, zone)
    local_time = begins.astimezone(ZoneInfo(zone))
    is_skipped = (local_time.date(), local_time.hour) != (day, window.hour)
    return None if is_skipped else Window(begins, ends, window)


def on_the_hour(day: date, hour: int, zone: str) -> datetime:
    """When it is that hour (24 is the next midnight) of that day there; aware UTC."""
    days, hour_of_day = divmod(hour, HOURS)
    return instant(day + timedelta(days=days), time(hour_of_day), zone)
