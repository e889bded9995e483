"""Axes: values lie where they should, and marks stand at round values inside."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.svg import Scale, from_zero, marks, polyline, round_step

STEPS = (0.25, 0.5, 1, 2, 4, 6, 12, 24)


def test_a_height_is_counted_from_above() -> None:
    up = Scale(10, 20, 200, 0)
    assert [up.at(value) for value in (10, 15, 20)] == [200, 100, 0]
    assert up.length(5) == 100


def test_an_axis_of_nothing_has_a_length_all_the_same() -> None:
    assert from_zero(0, 0, 100).at(0) == 0


@given(
    st.floats(-1e6, 1e6),
    st.floats(0.001, 1e6),
    st.floats(0, 1),
    st.integers(-500, 500),
    st.integers(501, 2000),
)
def test_a_value_lies_between_the_ends_in_its_share(
    low: float, span: float, share: float, begin: int, end: int
) -> None:
    scale = Scale(low, low + span, begin, end, digits=3)
    value = scale.within(low + share * span)
    assert begin - 0.001 <= scale.at(value) <= end + 0.001
    assert scale.at(low) == begin


@pytest.mark.parametrize(("least", "step"), [(0, 0.25), (0.6, 1), (6, 6), (99, 24)])
def test_marks_are_as_close_as_they_may(least: float, step: float) -> None:
    assert round_step(STEPS, least) == step


@pytest.mark.parametrize(
    ("step", "first", "last", "expected"),
    [
        (2, 0, 5, [0, 2, 4]),
        (2, 1, 6, [2, 4, 6]),
        (0.1, -0.2, 0.1, [-0.2, -0.1, 0, 0.1]),
        (5, 1, 4, []),
    ],
)
def test_marks_stand_at_multiples_within(
    step: float, first: float, last: float, expected: list[float]
) -> None:
    assert marks(step, first, last) == pytest.approx(expected)


def test_a_path_goes_through_its_points() -> None:
    assert polyline([(0, 1), (2.5, 3)]) == "M0 1L2.5 3"
