"""Posts that gain nothing by a move stay where they are, as far as the rules let them;
and which rule does not. Pure.

Some rules bind only posts that move: a platform's usual rhythm says how near others a
post may be put, and is no reason to take away one that stands. So there are two
questions, alike but for their accounts' rules: the one that was answered, and the one
whose rules also bind posts that stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from calendars.timing.assignment import (
    Account,
    Fixed,
    Question,
    Target,
    judge,
    value_of,
)
from calendars.timing.greedy import Board
from calendars.timing.optimise import CLOSE, FEASIBLE, INFEASIBLE, OPTIMAL, Answer
from calendars.timing.programme import STAY

# In the order in which they are named.
RULES = ("min_interval", "per_day", "per_week", "platform_interval", "stagger")


def stayed(question: Question, standing: Question, answer: Answer) -> Answer:
    """The answer without the moves that gain nothing and that no rule which binds
    standing posts forces.

    question: the one that was answered.
    standing: the same with only the rules that also bind posts which stand.
    answer: to `question`; an infeasible one comes back as it is.
    """
    if answer.status == INFEASIBLE:
        return answer
    times = dict(answer.times)
    idle = sorted(
        idle_moves(standing, times), key=lambda target: (gain(target, times), target.id)
    )
    has_returned = True
    while has_returned:
        has_returned = False
        for target in idle:
            candidate = times | {target.id: target.current}
            if candidate != times and may_stay(question, standing, target, candidate):
                times = candidate
                has_returned = True
    if times == answer.times:
        return answer
    return valued(question, standing, answer, times)


def idle_moves(standing: Question, times: Mapping[str, datetime]) -> list[Target]:
    """The moves after which a post is worth no more, of posts that might as well stay."""
    return [
        target
        for target in standing.targets
        if target.current in target.scores
        and times[target.id] != target.current
        and gain(target, times) <= STAY
    ]


def gain(target: Target, times: Mapping[str, datetime]) -> float:
    """By how much its score is better than where it is now."""
    return target.scores[times[target.id]] - target.scores[target.current]


def may_stay(
    question: Question,
    standing: Question,
    target: Target,
    times: Mapping[str, datetime],
) -> bool:
    """Whether these times, by which the target stays, break no rule: none that binds
    standing posts, and none at all beside a post that moves.
    """
    near = neighbours(standing, target)
    moving: list[Target] = []
    fixed = list(near.fixed)
    for neighbour in near.targets:
        if times[neighbour.id] == neighbour.current:
            fixed.append(fixed_now(neighbour))
        else:
            moving.append(neighbour)
    beside_moves = replace(
        near, accounts=question.accounts, targets=tuple(moving), fixed=tuple(fixed)
    )
    return not judge(near, times) and not judge(beside_moves, times)


def fixed_now(target: Target) -> Fixed:
    """The target as a post that stays where it is."""
    return Fixed(target.account, target.content, target.current)


def neighbours(question: Question, target: Target) -> Question:
    """The question about the posts that rules may keep apart from the target's: of its
    platform or its content.
    """
    platform = question.platform(target.account)

    def is_near(other: Target | Fixed) -> bool:
        return (
            question.platform(other.account) == platform
            or other.content == target.content
        )

    targets = tuple(filter(is_near, question.targets))
    fixed = tuple(filter(is_near, question.fixed))
    return replace(question, targets=targets, fixed=fixed)


def valued(
    question: Question, standing: Question, answer: Answer, times: dict[str, datetime]
) -> Answer:
    """The answer with these times. They keep to less than the question did, so that its
    bound no longer holds: the sum of what is best for each by itself does.
    """
    value = value_of(standing, times)
    if value <= answer.value + CLOSE:
        bound = max(answer.bound, value)
    else:
        bound = max(value, best_singly(question, standing))
    is_proven = bound - value <= STAY * len(times) + CLOSE
    return replace(
        answer,
        times=times,
        value=value,
        bound=bound,
        status=OPTIMAL if is_proven else FEASIBLE,
    )


def best_singly(question: Question, standing: Question) -> float:
    """The sum of what is best for each post, were it alone."""
    free = {target.id: target.scores for target in question.targets}
    total = 0.0
    for target in standing.targets:
        here = target.scores.get(target.current, 0.0)
        total += max([*free[target.id].values(), here])
    return total


def broken_rule(standing: Question, target: Target) -> str:
    """The kind of rule that the target breaks where it stands, among all others where
    they stand; blank for none.
    """
    near = neighbours(standing, target)
    others = [
        fixed_now(neighbour) for neighbour in near.targets if neighbour.id != target.id
    ]
    beside = replace(near, targets=(), fixed=(*near.fixed, *others))
    for rule in RULES:
        board = Board(only(beside, rule))
        if not board.takes(target.account, target.content, target.current):
            return rule
    return ""


def only(question: Question, rule: str) -> Question:
    """The question with this kind of rule alone."""
    accounts = {
        key: only_account(account, rule) for key, account in question.accounts.items()
    }
    gaps = question.platform_gaps if rule == "platform_interval" else {}
    stagger = question.stagger if rule == "stagger" else timedelta(0)
    return replace(question, accounts=accounts, platform_gaps=gaps, stagger=stagger)


def only_account(account: Account, rule: str) -> Account:
    """The account with one of its rules and none of the others.

    rule: `min_interval`, `per_day` or `per_week`.
    """
    return replace(
        account,
        gap=account.gap if rule == "min_interval" else timedelta(0),
        per_day=account.per_day if rule == "per_day" else None,
        per_week=account.per_week if rule == "per_week" else None,
    )
