"""Choosing times for many contents on many platforms: best first, never too often,
never too close.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendars.timing.spreading import Offer, Pace, lane, spread, week

MONDAY = datetime(2027, 1, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
OFFERS = st.lists(
    st.tuples(st.integers(0, 24 * 28), st.floats(0, 1)),
    max_size=60,
    unique_by=lambda one: one[0],
)
PACES = st.builds(
    Pace,
    st.sampled_from(["UTC", "America/Los_Angeles", "Asia/Kolkata"]),
    st.none() | st.integers(0, 3),
    st.none() | st.integers(0, 5),
    st.integers(0, 48).map(lambda hours: hours * HOUR),
)


def offers_at(*hours: float) -> list[Offer]:
    """The earlier in the list, the better."""
    return [Offer(MONDAY + hour * HOUR, 1 - n / 100) for n, hour in enumerate(hours)]


@pytest.mark.thorough
@given(OFFERS, OFFERS, PACES, PACES, st.integers(1, 8), st.integers(0, 12))
def test_no_wish_is_ever_broken(
    one, other, pace: Pace, slower: Pace, contents: int, stagger: int
) -> None:
    made = {
        name: lane(
            {"": [Offer(MONDAY + hour * HOUR, score) for hour, score in offers]}, its
        )
        for name, offers, its in (("x", one, pace), ("tiktok", other, slower))
    }
    wanted = [(f"v{n}", platform) for n in range(contents) for platform in made]
    chosen = spread(wanted, made, stagger * HOUR, {}, {})
    for platform, its in (("x", pace), ("tiktok", slower)):
        times = sorted(at for (_, where), at in chosen.items() if where == platform)
        assert len(set(times)) == len(times)
        assert all(later - earlier >= its.gap for earlier, later in pairwise(times))
        days = [at.astimezone(ZoneInfo(its.zone)).date() for at in times]
        assert (
            its.per_day is None or max(Counter(days).values(), default=0) <= its.per_day
        )
        assert (
            its.per_week is None
            or max(Counter(map(week, days)).values(), default=0) <= its.per_week
        )
    for n in range(contents):
        both = [at for (content, _), at in chosen.items() if content == f"v{n}"]
        assert len(both) < 2 or abs(both[0] - both[1]) >= stagger * HOUR


def test_the_first_content_gets_the_best_time_and_all_get_different_ones() -> None:
    lanes = {"x": lane({"": offers_at(30, 10, 50)}, Pace("UTC"))}
    chosen = spread(
        [("a", "x"), ("b", "x"), ("c", "x"), ("d", "x")], lanes, HOUR, {}, {}
    )
    assert [chosen.get((name, "x")) for name in "abcd"] == [
        *(MONDAY + hour * HOUR for hour in (30, 10, 50)),
        None,
    ]


def test_posts_that_are_there_count() -> None:
    lanes = {
        "x": lane(
            {"": offers_at(10, 11, 40)},
            Pace("UTC", gap=12 * HOUR),
            times=[MONDAY + 9 * HOUR],
        )
    }
    assert spread([("a", "x")], lanes, HOUR, {}, {}) == {("a", "x"): MONDAY + 40 * HOUR}


def test_one_contents_platforms_keep_apart_also_from_earlier_runs() -> None:
    lanes = {
        "x": lane({"": offers_at(10, 13)}, Pace("UTC")),
        "tiktok": lane({"": offers_at(10, 12)}, Pace("UTC")),
    }
    assert spread([("a", "x"), ("a", "tiktok")], lanes, 2 * HOUR, {}, {}) == {
        ("a", "x"): MONDAY + 10 * HOUR,
        ("a", "tiktok"): MONDAY + 12 * HOUR,
    }
    again = {"x": lane({"": offers_at(10, 13)}, Pace("UTC"))}
    known = {"a": [MONDAY + 11 * HOUR]}
    assert spread([("a", "x")], again, 2 * HOUR, known, {}) == {
        ("a", "x"): MONDAY + 13 * HOUR
    }


def test_each_format_has_times_of_its_own_and_shares_the_pace() -> None:
    offered = {"": offers_at(10, 40), "reel": offers_at(30, 31)}
    lanes = {"instagram": lane(offered, Pace("UTC", gap=2 * HOUR))}
    formats = {("a", "instagram"): "reel", ("b", "instagram"): "reel"}
    wanted = [(name, "instagram") for name in "abc"]
    chosen = spread(wanted, lanes, HOUR, {}, formats)
    assert chosen == {
        ("a", "instagram"): MONDAY + 30 * HOUR,
        ("c", "instagram"): MONDAY + 10 * HOUR,
    }


def test_a_week_is_full_on_the_local_calendar() -> None:
    pace = Pace("America/Los_Angeles", per_week=1)
    # Sunday evening in Los Angeles is Monday in UTC.
    lanes = {"x": lane({"": offers_at(2, 12, 24 * 7 + 12)}, pace)}
    chosen = spread([("a", "x"), ("b", "x"), ("c", "x")], lanes, HOUR, {}, {})
    assert [chosen[name, "x"] - MONDAY for name in "abc"] == [
        2 * HOUR,
        12 * HOUR,
        (24 * 7 + 12) * HOUR,
    ]
