"""The cadence rule, over zones, clock changes and starting days."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.domain.cadence import (
    Cadence,
    CadenceError,
    LocalSlot,
    instant,
    parse_times,
    slots,
)

ZONES = sorted(name for name in available_timezones() if "/" in name)
minutes = st.integers(0, 24 * 60 - 1).map(lambda n: time(n // 60, n % 60))
cadences = st.builds(
    Cadence,
    st.integers(0, 70),
    st.sampled_from(ZONES),
    st.lists(minutes, min_size=1, max_size=6).map(tuple),
)
mondays = st.integers(0, 200).map(lambda n: date(2024, 1, 1) + timedelta(weeks=n))


def week_of(cadence: Cadence, monday: date) -> list[LocalSlot]:
    start = instant(monday, time(0), cadence.zone)
    return slots(
        cadence, start, instant(monday + timedelta(days=7), time(0), cadence.zone)
    )


@pytest.mark.thorough
@given(cadences, mondays)
def test_every_full_week_holds_exactly_the_promised_number(
    cadence: Cadence, monday: date
) -> None:
    assert len(week_of(cadence, monday)) == cadence.posts_per_week


@pytest.mark.thorough
@given(cadences, mondays, st.integers(0, 27 * 24 * 60))
def test_the_grid_does_not_depend_on_when_one_looks(
    cadence: Cadence, monday: date, offset: int
) -> None:
    start = instant(monday, time(0), cadence.zone)
    end = start + timedelta(days=28)
    later = start + timedelta(minutes=offset)
    assert [
        slot for slot in slots(cadence, start, end) if slot.instant >= later
    ] == slots(cadence, later, end)


@pytest.mark.thorough
@given(cadences, mondays)
def test_no_two_slots_share_an_instant_or_a_local_time(
    cadence: Cadence, monday: date
) -> None:
    found = slots(
        cadence,
        instant(monday, time(0), cadence.zone),
        instant(monday, time(0), cadence.zone) + timedelta(days=28),
    )
    assert len({slot.instant for slot in found}) == len(found)
    assert len({(slot.date, slot.time) for slot in found}) == len(found)


@pytest.mark.thorough
@given(cadences, mondays)
def test_the_wall_clock_is_kept_except_where_the_time_does_not_exist(
    cadence: Cadence, monday: date
) -> None:
    for slot in week_of(cadence, monday):
        shown = slot.instant.astimezone(ZoneInfo(slot.zone))
        if (shown.date(), shown.time()) != (slot.date, slot.time):
            assert slot.near_clock_change


@pytest.mark.parametrize(
    ("n", "days"),
    [(1, [0]), (2, [0, 3]), (3, [0, 2, 4]), (5, [0, 1, 2, 4, 5]), (7, list(range(7)))],
)
def test_posts_are_spread_over_the_week(n: int, days: list[int]) -> None:
    monday = date(2026, 11, 23)
    assert [(day - monday).days for day, _ in Cadence(n, "UTC").week(monday)] == days


def test_local_times_are_taken_in_turn_and_do_not_multiply_the_quota() -> None:
    week = list(
        Cadence(4, "UTC", parse_times(["09:00", "17:30"])).week(date(2026, 11, 23))
    )
    assert [clock for _, clock in week] == [
        time(9),
        time(17, 30),
        time(9),
        time(17, 30),
    ]


def test_more_than_seven_wrap_onto_the_same_days_at_different_times() -> None:
    per_day = Counter(day for day, _ in Cadence(9, "UTC").week(date(2026, 11, 23)))
    assert sorted(per_day.values()) == [1, 1, 1, 1, 1, 2, 2]


def test_28_days_hold_four_weeks_from_any_moment() -> None:
    for hour in range(0, 24 * 7, 5):
        start = datetime(2026, 7, 6, tzinfo=UTC) + timedelta(hours=hour)
        assert (
            len(
                slots(
                    Cadence(3, "America/Los_Angeles"), start, start + timedelta(days=28)
                )
            )
            == 12
        )


def test_a_time_inside_the_gap_moves_forward() -> None:
    assert instant(date(2026, 3, 8), time(2, 30), "America/New_York") == datetime(
        2026, 3, 8, 7, 30, tzinfo=UTC
    )


def test_a_doubled_time_is_taken_the_first_time() -> None:
    assert instant(date(2026, 11, 1), time(1, 30), "America/New_York") == datetime(
        2026, 11, 1, 5, 30, tzinfo=UTC
    )


def test_nine_stays_nine_across_a_clock_change() -> None:
    start = datetime(2026, 10, 19, tzinfo=UTC)
    found = slots(Cadence(7, "Europe/Berlin"), start, start + timedelta(days=14))
    assert {
        slot.instant.astimezone(ZoneInfo("Europe/Berlin")).time() for slot in found
    } == {time(9)}
    assert len({slot.instant.time() for slot in found}) == 2


def test_zero_posts_a_week_are_none() -> None:
    start = datetime(2026, 11, 23, tzinfo=UTC)
    assert slots(Cadence(0, "UTC"), start, start + timedelta(days=28)) == []


@pytest.mark.parametrize("bad", ["25:00", "nine", "", "09:00:30", "09:00+02:00"])
def test_bad_times_are_named(bad: str) -> None:
    with pytest.raises(CadenceError, match="not a time of day"):
        parse_times(["09:00", bad])


@pytest.mark.parametrize("n", [-1, 71])
def test_a_count_out_of_range_is_refused(n: int) -> None:
    with pytest.raises(CadenceError, match="0 to 70"):
        Cadence(n, "UTC")


def clock_changes(name: str) -> list[date]:
    """The days of 2024 to 2027 on which the zone's offset changes."""
    zone, day = ZoneInfo(name), date(2024, 1, 1)
    offsets = [
        datetime.combine(day + timedelta(days=n), time(0), zone).utcoffset()
        for n in range(4 * 366)
    ]
    return [
        day + timedelta(days=n)
        for n, pair in enumerate(zip(offsets, offsets[1:], strict=False))
        if len({*pair}) > 1
    ]


@pytest.mark.thorough
@pytest.mark.parametrize("part", range(8))
def test_every_clock_change_of_every_zone_keeps_the_weeks_number_and_the_wall_clock(
    part: int,
) -> None:
    seen = 0
    for name in ZONES[part::8]:
        for changed in clock_changes(name):
            seen += 1
            monday = changed - timedelta(days=changed.weekday())
            for n, clocks in (
                (7, (time(0, 30), time(2, 30), time(3, 0))),
                (21, (time(1, 59), time(2, 0), time(23, 30))),
            ):
                found = week_of(Cadence(n, name, clocks), monday)
                assert len(found) == n, (name, changed)
                assert len({slot.instant for slot in found}) == n, (name, changed)
                for slot in found:
                    shown = slot.instant.astimezone(ZoneInfo(name))
                    kept = (shown.date(), shown.time().replace(fold=0)) == (
                        slot.date,
                        slot.time,
                    )
                    assert kept or slot.near_clock_change, (name, changed, slot)
    assert seen > 50
