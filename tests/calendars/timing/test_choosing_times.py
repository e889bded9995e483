"""Times chosen together: against every other choice on small questions, against the
judge on large ones.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from calendars.timing.assignment import (
    Account,
    Fixed,
    Question,
    Target,
    judge,
    value_of,
)
from calendars.timing.optimise import INFEASIBLE, OPTIMAL, optimise
from calendars.timing.programme import STAY

SUNDAY = datetime(2026, 3, 29, tzinfo=UTC)


def hour(number: float) -> datetime:
    """Around the night in which Berlin loses an hour."""
    return SUNDAY + timedelta(hours=number)


def small(chance: random.Random) -> Question:
    """Up to six posts, up to twelve times, any rules."""
    accounts = {
        name: Account(
            name,
            platform,
            "Europe/Berlin",
            timedelta(hours=chance.choice((0, 0, 2, 5))),
            chance.choice((None, None, 1, 2)),
            chance.choice((None, None, 2, 3)),
        )
        for name, platform in (("a", "x"), ("b", "x"), ("c", "y"))
    }
    times = [hour(chance.randrange(-30, 60)) for _ in range(chance.randrange(3, 13))]
    shared = {at: round(chance.random(), 3) for at in times}
    targets = []
    for number in range(chance.randrange(1, 5 if len(shared) > 8 else 7)):
        scores = (
            shared
            if chance.random() < 0.5
            else {
                at: round(chance.random(), 3) for at in times if chance.random() < 0.8
            }
        )
        current = chance.choice(times)
        if chance.random() < 0.4:
            # A time of its own, at which the others may not be.
            current = hour(chance.randrange(-30, 60) + 0.25)
            scores = scores | {current: round(chance.random(), 3)}
        targets.append(
            Target(
                f"t{number}",
                chance.choice("abc"),
                f"content{number % 3}",
                current,
                scores,
            )
        )
    fixed = tuple(
        Fixed(
            chance.choice("abc"),
            f"content{chance.randrange(3)}",
            hour(chance.randrange(-30, 60)),
        )
        for _ in range(chance.choice((0, 0, 1, 2)))
    )
    return Question(
        accounts,
        tuple(targets),
        fixed,
        {"x": timedelta(hours=chance.choice((0, 0, 3)))},
        timedelta(hours=chance.choice((0, 0, 1, 4))),
    )


def every_choice(question: Question) -> Iterator[dict[str, datetime]]:
    names = [target.id for target in question.targets]
    for times in product(*(target.scores for target in question.targets)):
        yield dict(zip(names, times, strict=True))


def reachable(question: Question) -> float | None:
    """The best sum of all choices without fault, looked at best first."""
    valued = sorted(
        every_choice(question), key=lambda times: -value_of(question, times)
    )
    return next(
        (value_of(question, times) for times in valued if not judge(question, times)),
        None,
    )


@pytest.mark.thorough
@pytest.mark.parametrize("part", range(10))
def test_no_choice_is_better_than_the_one_found(part: int) -> None:
    chance = random.Random(part)
    outcomes = set()
    for _ in range(20):
        question = small(chance)
        while (
            len(list(question.targets)) > 4
            and max(len(t.scores) for t in question.targets) > 6
        ):
            question = small(chance)
        best, found = reachable(question), optimise(question)
        outcomes.add(found.status)
        if best is None:
            assert found.status == INFEASIBLE
            assert found.collisions
        else:
            assert found.status == OPTIMAL
            assert judge(question, found.times) == []
            assert found.value == pytest.approx(best, abs=STAY * 6)
            assert found.bound >= best - 1e-9
    assert OPTIMAL in outcomes


def large(days: int = 28, posts: int = 40, stagger: float = 3) -> Question:
    chance = random.Random(f"{days} {posts} {stagger}")
    names = ("youtube", "tiktok", "instagram", "x", "linkedin")
    accounts = {
        name: Account(name, name, "Europe/Berlin", timedelta(hours=8), 3, 14)
        for name in names
    }
    times = [hour(k) for k in range(days * 24)]
    worth = {
        name: {
            at: 0.2 + 0.6 * (9 <= at.hour < 17) + 0.2 * chance.random() for at in times
        }
        for name in names
    }
    targets = tuple(
        Target(f"{name}{p}", name, f"content{p}", chance.choice(times), worth[name])
        for name in names
        for p in range(posts)
    )
    fixed = tuple(
        Fixed(name, f"fixed{k}", chance.choice(times))
        for name in names
        for k in range(5)
    )
    return Question(accounts, targets, fixed, stagger=timedelta(hours=stagger))


@pytest.mark.thorough
def test_two_hundred_posts_get_the_best_times_there_are() -> None:
    question, heard = large(), []
    found = optimise(
        question, 60, lambda phase, value, bound: heard.append((phase, value, bound))
    )
    assert found.status == OPTIMAL
    assert judge(question, found.times) == []
    assert found.greedy_value is not None
    assert found.value >= found.greedy_value
    assert found.gap_percent < 0.01
    assert heard[0][0] == "greedy"
    assert all(value <= bound + 1e-6 for _, value, bound in heard)


@pytest.mark.thorough
def test_posts_that_are_at_times_of_their_own_do_not_make_it_harder() -> None:
    question = large()
    targets = []
    for number, target in enumerate(question.targets):
        current = target.current + timedelta(minutes=1 + number % 59)
        scores = {**target.scores, current: target.scores[target.current]}
        targets.append(replace(target, current=current, scores=scores))
    found = optimise(replace(question, targets=tuple(targets)), 60)
    assert (
        found.status,
        judge(replace(question, targets=tuple(targets)), found.times),
    ) == (OPTIMAL, [])


def test_between_equals_a_post_stays_where_it_is() -> None:
    times = {hour(k): 0.5 for k in range(12)}
    question = Question(
        {"a": Account("a", "x")}, (Target("t", "a", "c", hour(7), times),)
    )
    assert optimise(question).times == {"t": hour(7)}


@pytest.mark.parametrize(
    ("account", "stagger", "kinds"),
    [
        (Account("a", "x", gap=timedelta(hours=3)), 0, ("min_interval",)),
        (Account("a", "x", per_day=1), 0, ("per_day",)),
        (
            Account("a", "x", gap=timedelta(hours=3), per_week=1),
            0,
            ("min_interval", "per_week"),
        ),
    ],
)
def test_an_impossible_question_names_what_collides(
    account: Account, stagger: float, kinds: tuple[str, ...]
) -> None:
    times = {hour(k): 0.5 for k in range(2, 5)}
    targets = tuple(Target(f"t{k}", "a", f"c{k}", hour(2), times) for k in range(2))
    found = optimise(
        Question({"a": account}, targets, stagger=timedelta(hours=stagger))
    )
    assert (found.status, found.collisions, found.times) == (INFEASIBLE, kinds, {})


def test_a_post_without_any_time_is_told_apart() -> None:
    targets = (Target("t", "a", "c", hour(2), {}),)
    assert optimise(Question({"a": Account("a", "x")}, targets)).collisions == (
        "times",
    )


def test_posts_of_one_content_keep_apart_even_where_swaps_do_not_help() -> None:
    accounts = {"a": Account("a", "x"), "b": Account("b", "y")}
    targets = (
        Target("one", "a", "c", hour(0), {hour(0): 1.0, hour(1): 0.1}),
        Target("two", "b", "c", hour(0), {hour(0): 1.0, hour(2): 0.3}),
    )
    found = optimise(Question(accounts, targets, stagger=timedelta(hours=2)))
    assert found.times == {"one": hour(0), "two": hour(2)}
    assert found.status == OPTIMAL
