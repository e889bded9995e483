"""Moves that gain nothing are taken back where the rules let them, and the rule that
does not is known.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from calendars.timing.assignment import Account, Fixed, Question, Target, judge
from calendars.timing.optimise import OPTIMAL, optimise
from calendars.timing.staying import broken_rule, stayed

MONDAY = datetime(2027, 1, 4, tzinfo=UTC)
USUAL = Account("a", "x", gap=timedelta(hours=6), per_week=2)
PLAIN = Account("a", "x")


def hour(number: int) -> datetime:
    return MONDAY + timedelta(hours=number)


def asked(
    targets: tuple[Target, ...], fixed: tuple[Fixed, ...] = (), plain: Account = PLAIN
) -> list[Question]:
    """With the usual rhythm, and with only the rules that bind what stands."""
    return [Question({"a": account}, targets, fixed) for account in (USUAL, plain)]


def target(name: str, current: int, **scores: float) -> Target:
    times = {hour(int(key[1:])): score for key, score in scores.items()}
    return Target(name, "a", f"content {name}", hour(current), times)


def test_the_usual_rhythm_moves_nobody_who_gains_nothing() -> None:
    one = target("one", 8, h8=0.9, h20=0.9, h30=0.4)
    question, standing = asked((one,), (Fixed("a", "other", hour(7)),))
    found = optimise(question)
    assert found.times == {"one": hour(20)}
    kept = stayed(question, standing, found)
    assert (kept.times, kept.status, kept.value) == ({"one": hour(8)}, OPTIMAL, 0.9)
    assert broken_rule(standing, one) == ""


def test_a_gain_is_taken_within_the_rhythm() -> None:
    one = target("one", 8, h8=0.5, h9=1.0, h20=0.9)
    question, standing = asked((one,), (Fixed("a", "other", hour(7)),))
    assert stayed(question, standing, optimise(question)).times == {"one": hour(20)}


def test_a_post_does_not_stay_beside_one_that_moves_to_it() -> None:
    one, other = target("one", 8, h8=0.5, h20=0.5), target("other", 40, h40=0.1, h9=1.0)
    question, standing = asked((one, other))
    found = stayed(question, standing, optimise(question))
    assert found.times == {"one": hour(20), "other": hour(9)}
    assert broken_rule(standing, one) == ""


@pytest.mark.parametrize(
    ("rules", "named"),
    [
        (replace(PLAIN, gap=timedelta(hours=3)), "min_interval"),
        (replace(PLAIN, per_day=1), "per_day"),
        (replace(PLAIN, per_week=1), "per_week"),
    ],
)
def test_a_rule_that_binds_what_stands_moves_it_and_is_named(
    rules: Account, named: str
) -> None:
    one = target("one", 8, h8=0.9, h200=0.4)
    question, standing = asked((one,), (Fixed("a", "other", hour(7)),), rules)
    found = stayed(question, standing, optimise(question))
    assert found.times == {"one": hour(200)}
    assert broken_rule(standing, one) == named
    assert judge(standing, found.times) == []
