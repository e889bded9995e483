"""How instants are worded: wall clocks, clock changes, countdowns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.template import Context, Template

from common.templatetags import moments

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def rendered(source: str, **context: object) -> str:
    return Template("{% load look %}" + source).render(Context(context))


@time_machine.travel(NOON, tick=False)
def test_a_time_is_shown_on_the_wall_clock_of_the_zone() -> None:
    html = rendered(
        "{% local_time at 'Europe/Berlin' %}", at=datetime(2026, 11, 23, 8, tzinfo=UTC)
    )
    assert ">Mon 23 Nov, 09:00</time>" in html
    assert (
        'datetime="2026-11-23T08:00:00Z"' in html
        and 'data-zone="Europe/Berlin"' in html
    )
    assert (
        "Monday 23 November 2026, 09:00 CET (Europe/Berlin)" in html
        and "08:00 UTC" in html
    )


@time_machine.travel(NOON, tick=False)
@pytest.mark.parametrize(
    ("utc_hour", "day", "shown"),
    [
        (8, 24, "Sat 24 Oct, 10:00"),
        (8, 26, "Mon 26 Oct, 09:00"),
        (7, 23, "Fri 23 Oct, 09:00"),
    ],
)
def test_the_same_utc_hour_moves_on_the_wall_across_a_clock_change(
    utc_hour: int, day: int, shown: str
) -> None:
    html = rendered(
        "{% local_time at 'Europe/Berlin' %}",
        at=datetime(2026, 10, day, utc_hour, tzinfo=UTC),
    )
    assert f">{shown}</time>" in html


@time_machine.travel(NOON, tick=False)
def test_an_hour_that_happens_twice_names_its_offset() -> None:
    first, second = (
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    )
    assert ">Sun 25 Oct, 02:30 CEST</time>" in rendered(
        "{% local_time at 'Europe/Berlin' %}", at=first
    )
    assert ">Sun 25 Oct, 02:30 CET</time>" in rendered(
        "{% local_time at 'Europe/Berlin' %}", at=second
    )


def test_a_time_near_a_clock_change_says_so_and_others_do_not() -> None:
    spring = datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert "Clocks go forward 1 h in the day after" in moments.clock_change(
        spring - timedelta(hours=3), "Europe/Berlin"
    )
    assert "Clocks go forward 1 h in the day before" in moments.clock_change(
        spring + timedelta(hours=3), "Europe/Berlin"
    )
    assert moments.clock_change(spring + timedelta(days=3), "Europe/Berlin") == ""
    assert moments.clock_change(spring, "Asia/Tokyo") == ""
    assert 'class="clock-change"' in rendered(
        "{% local_time at 'Europe/Berlin' %}", at=spring
    )


def test_the_channels_own_time_stands_beside_only_where_its_clocks_differ() -> None:
    source = "{% local_time at 'Europe/Berlin' other beside=True %}"
    at = datetime(2026, 11, 23, 1, tzinfo=UTC)
    assert "Sun 20:00 New York" in rendered(source, at=at, other="America/New_York")
    assert "moment-other" not in rendered(source, at=at, other="Europe/Paris")


@time_machine.travel(NOON, tick=False)
def test_another_year_is_named() -> None:
    assert ">Sat 2 Jan 2027, 12:00</time>" in rendered(
        "{% local_time at 'UTC' %}", at=datetime(2027, 1, 2, 12, tzinfo=UTC)
    )


def test_a_time_without_zone_is_shown_in_the_persons_then_the_workspaces() -> None:
    def shown(person: str, workspace: str) -> str:
        request = SimpleNamespace(
            user=SimpleNamespace(zone=person), workspace=SimpleNamespace(zone=workspace)
        )
        return rendered("{% local_time at style='time' %}", at=NOON, request=request)

    assert ">21:00</time>" in shown("Asia/Tokyo", "Europe/Berlin")
    assert ">13:00</time>" in shown("", "Europe/Berlin")
    assert ">12:00</time>" in shown("", "")


def test_a_missing_time_is_a_dash_and_a_naive_one_is_refused() -> None:
    assert (
        "–" in rendered("{% local_time None %}")
        and rendered("{% countdown None %}") == "–"
    )
    with pytest.raises(ValueError, match="needs a zone"):
        rendered("{% countdown at %}", at=datetime(2026, 1, 1))


@time_machine.travel(NOON, tick=False)
@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (7500, "in 2 h 5 min"),
        (7200, "in 2 h"),
        (252, "in 4 min 12 s"),
        (42, "in 42 s"),
        (0, "now"),
        (-300, "5 min ago"),
        (273600, "in 3 d 4 h"),
    ],
)
def test_a_countdown_names_its_two_largest_units(seconds: int, words: str) -> None:
    at = NOON + timedelta(seconds=seconds)
    expected = f'<span class="countdown" data-countdown="{at:%Y-%m-%dT%H:%M:%SZ}">{words}</span>'
    assert rendered("{% countdown at %}", at=at) == expected
