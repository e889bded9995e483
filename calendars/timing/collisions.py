"""Which rules make a question impossible: those without which it has an answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import combinations

from calendars.timing.assignment import Account, Question
from calendars.timing.programme import choose, classes_of

SECONDS_TO_EXPLAIN = 2.0


def collisions(question: Question) -> tuple[str, ...]:
    """The kinds of rules of which leaving one, or else two, out makes the question
    answerable; "times" where some post has no time left at all.

    question: one that has no answer.
    """
    if any(not target.scores for target in question.targets):
        return ("times",)
    kinds = [name for name, without in RELAXED.items() if without(question) != question]
    singly = tuple(kind for kind in kinds if answerable(question, (kind,)))
    return singly or first_answerable(question, kinds) or ("times",)


def first_answerable(question: Question, kinds: Sequence[str]) -> tuple[str, ...]:
    """The first two kinds, or else all, without which there is an answer."""
    for count in (2, len(kinds)):
        for left_out in combinations(kinds, min(count, len(kinds))):
            if answerable(question, left_out):
                return left_out
    return ()


def answerable(question: Question, kinds: Sequence[str]) -> bool:
    """Whether the question has an answer without some rules, as far as two seconds tell.

    kinds: names of the rules that are left out, as `RELAXED` has them.
    """
    for kind in kinds:
        question = RELAXED[kind](question)
    contents = {target.content for target in question.targets}
    apart = contents if question.stagger else set()
    classes = classes_of(question, apart)
    return not choose(question, classes, apart, SECONDS_TO_EXPLAIN).impossible


def with_accounts(question: Question, change: Callable[[Account], Account]) -> Question:
    """The question with each account changed so."""
    accounts = {name: change(account) for name, account in question.accounts.items()}
    return replace(question, accounts=accounts)


def without_gap(account: Account) -> Account:
    """The account, its posts as near to each other as they like."""
    return replace(account, gap=timedelta(0))


def without_daily_limit(account: Account) -> Account:
    """The account with any number of posts a day."""
    return replace(account, per_day=None)


def without_weekly_limit(account: Account) -> Account:
    """The account with any number of posts a week."""
    return replace(account, per_week=None)


# The question without a kind of rule, by the kind's name.
RELAXED: dict[str, Callable[[Question], Question]] = {
    "min_interval": lambda question: with_accounts(question, without_gap),
    "per_day": lambda question: with_accounts(question, without_daily_limit),
    "per_week": lambda question: with_accounts(question, without_weekly_limit),
    "platform_interval": lambda question: replace(question, platform_gaps={}),
    "stagger": lambda question: replace(question, stagger=timedelta(0)),
}
