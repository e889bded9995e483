"""Choosing times for all posts together, for the greatest sum of scores, with a proven
bound.

Posts of one account that are worth the same at every time are one class, and what is
chosen first is only how many of a class go out at each time. Gaps and limits then
concern stretches of consecutive times, and a linear programme whose rows are intervals
has whole-numbered corners (Fulkerson & Gross 1965), so that HiGHS needs next to no
branching. What the classes leave open, which content goes where, is settled by swaps,
which change no score. Contents that cannot be kept apart that way become classes of
their own with rows for the stagger, and the programme is solved again. Every such
programme is a relaxation of the question: its bound is valid whatever comes after.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import combinations

import pulp

from calendars.timing.assignment import Account, Question, Target, judge, value_of
from calendars.timing.greedy import INSTANT, Board, greedy
from calendars.timing.staggering import divide

OPTIMAL, FEASIBLE, INFEASIBLE = "optimal", "feasible", "infeasible"
# What staying is worth: enough to decide between equals, too little to decide anything else.
STAY = 1e-5
CLOSE = 1e-6
SECONDS_TO_EXPLAIN = 2.0
Group = tuple[Target, ...]
Period = tuple[str, Hashable]


@dataclass(frozen=True)
class Answer:
    """Times by target id (empty when infeasible), the sum of their scores, a bound no
    answer can pass, the sum a greedy choice reaches (None when it finds no place for
    some post), and for infeasible questions which kinds of rules collide.
    """

    times: Mapping[str, datetime]
    value: float
    bound: float
    status: str
    greedy_value: float | None
    seconds: float
    collisions: tuple[str, ...] = ()

    @property
    def gap_percent(self) -> float:
        """How much more the bound is, in percent of it; 0 proves the answer optimal."""
        return (
            max(0.0, round(100 * (self.bound - self.value) / self.bound, 6))
            if self.bound > 0
            else 0.0
        )


@dataclass(frozen=True)
class Choice:
    """How often each class goes out when, and the programme's bound; no times where
    there are none.
    """

    chosen: list[list[datetime]] | None
    bound: float
    impossible: bool


def optimise(
    question: Question,
    seconds: float = 10.0,
    listen: Callable[[str, float, float], None] | None = None,
) -> Answer:
    """The best times found in so many seconds. `listen` hears phase, best value so far
    (or -inf) and bound.
    """
    begun = time.monotonic()
    say = listen or (lambda phase, value, bound: None)
    question = freed(question)
    first = greedy(question)
    greedy_value = (
        value_of(question, first) if len(first) == len(question.targets) else None
    )
    best = first if greedy_value is not None else None
    bound = sum(max(target.scores.values(), default=0.0) for target in question.targets)
    say("greedy", worth(question, best), bound)
    apart: set[str] = set()
    while question.targets:
        classes = classes_of(question, apart)
        choice = choose(question, classes, apart, begun + seconds - time.monotonic())
        if choice.impossible:
            return Answer(
                {},
                0.0,
                0.0,
                INFEASIBLE,
                None,
                time.monotonic() - begun,
                collisions(question),
            )
        bound = min(bound, choice.bound)
        if choice.chosen is None:
            break
        times, close = divide(question, classes, choice.chosen)
        if not close and (
            best is None or merit(question, times) >= merit(question, best)
        ):
            best = times
        say("optimise", worth(question, best), bound)
        if not close or close <= apart or time.monotonic() > begun + seconds:
            break
        apart |= close
    return answer(question, best, bound, greedy_value, time.monotonic() - begun)


def merit(question: Question, times: Mapping[str, datetime]) -> float:
    """What choices are compared by: the sum of the scores, and among equals the number
    of posts that stay.
    """
    staying = sum(times[target.id] == target.current for target in question.targets)
    return value_of(question, times) + STAY * staying


def worth(question: Question, best: Mapping[str, datetime] | None) -> float:
    return value_of(question, best) if best else float("-inf")


def answer(
    question: Question,
    best: dict[str, datetime] | None,
    bound: float,
    greedy_value: float | None,
    seconds: float,
) -> Answer:
    if best is None:
        return Answer({}, 0.0, bound, INFEASIBLE, None, seconds, ("time",))
    if faults := judge(question, best):
        raise AssertionError("; ".join(faults[:5]))
    value = value_of(question, best)
    proven = bound - value <= STAY * len(question.targets) + CLOSE
    return Answer(
        best,
        value,
        max(bound, value),
        OPTIMAL if proven else FEASIBLE,
        greedy_value,
        seconds,
    )


def freed(question: Question) -> Question:
    """The question without the times that posts which stay make impossible."""
    board = Board(question)
    targets = tuple(
        replace(
            t,
            scores={
                at: score
                for at, score in t.scores.items()
                if board.takes(t.account, t.content, at)
            },
        )
        for t in question.targets
    )
    return replace(question, targets=targets)


def classes_of(question: Question, apart: set[str]) -> list[Group]:
    """Targets that may swap; those of contents `apart` are each by itself.

    A time that only one post may have, because it is there now, sets it apart from no
    other: either it stays, or it takes one of the times that all of them may have.
    """
    counts = Counter(
        (target.account, at) for target in question.targets for at in target.scores
    )
    groups: dict[Hashable, list[Target]] = defaultdict(list)
    for target in question.targets:
        alone = target.id if target.content in apart else ""
        shared = dict(target.scores)
        if counts[target.account, target.current] == 1:
            shared.pop(target.current, None)
        groups[target.account, frozenset(shared.items()), alone].append(target)
    return [tuple(group) for group in groups.values()]


def scores_of(group: Group) -> dict[datetime, float]:
    """What each time is worth that some post of the class may have."""
    scores = dict(group[0].scores)
    for target in group:
        if target.current in target.scores:
            scores[target.current] = target.scores[target.current]
    return scores


def windows(
    times: Sequence[datetime], length: timedelta
) -> Iterator[Sequence[datetime]]:
    """The longest stretches of ascending times that lie closer together than the length."""
    last = 0
    for i, at in enumerate(times):
        end = bisect_left(times, at + length)
        if end > last and end - i > 1:
            yield times[i:end]
            last = end


class Programme:
    """The linear programme of a question's classes."""

    def __init__(self, question: Question, classes: Sequence[Group]) -> None:
        self.question, self.classes = question, classes
        self.model = pulp.LpProblem("times", pulp.LpMaximize)
        self.uses: list[dict[datetime, pulp.LpVariable]] = []
        self.totals: dict[str, dict[datetime, list[pulp.LpVariable]]] = defaultdict(
            lambda: defaultdict(list)
        )
        terms = []
        for c, group in enumerate(classes):
            current = {target.current for target in group}
            scores = scores_of(group)
            total = self.totals[group[0].account]
            uses = {}
            for k, at in enumerate(sorted(scores)):
                use = pulp.LpVariable(f"y{c}_{k}", 0, 1, pulp.LpBinary)
                uses[at] = use
                total[at].append(use)
                terms.append((use, scores[at] + (STAY if at in current else 0.0)))
            self.uses.append(uses)
        self.model += pulp.LpAffineExpression(terms)
        for group, uses in zip(classes, self.uses, strict=True):
            self.model += pulp.lpSum(uses.values()) == len(group)

    def at_most(
        self, most: int, places: Iterator[pulp.LpVariable] | Sequence[pulp.LpVariable]
    ) -> None:
        self.model += pulp.LpAffineExpression([(place, 1) for place in places]) <= most

    def keep_gaps(self) -> None:
        """Between posts of an account, and of a platform's accounts where that is asked for."""
        for name, uses in self.totals.items():
            self._keep_gap(uses, max(self.question.accounts[name].gap, INSTANT))
        for platform, gap in self.question.platform_gaps.items():
            joined: dict[datetime, list[pulp.LpVariable]] = defaultdict(list)
            for name, uses in self.totals.items():
                if gap and self.question.platform(name) == platform:
                    for at, places in uses.items():
                        joined[at] += places
            self._keep_gap(joined, gap)

    def _keep_gap(
        self, uses: Mapping[datetime, list[pulp.LpVariable]], gap: timedelta
    ) -> None:
        for stretch in windows(sorted(uses), gap):
            self.at_most(1, [use for at in stretch for use in uses[at]])
        for places in uses.values():
            if len(places) > 1:
                self.at_most(1, places)

    def keep_limits(self) -> None:
        """Posts a day and a week, less those that stay."""
        for name, uses in self.totals.items():
            account = self.question.accounts[name]
            most = {"day": account.per_day, "week": account.per_week}
            fixed = [post.at for post in self.question.fixed if post.account == name]
            staying = Counter(key for at in fixed for key in periods_of(account, at))
            filled: dict[Period, list[pulp.LpVariable]] = defaultdict(list)
            for at, places in uses.items():
                for key in periods_of(account, at):
                    filled[key] += places
            for key, places in filled.items():
                limit = most[key[0]]
                if limit is None:
                    continue
                left = limit - staying[key]
                if len(places) > left:
                    self.at_most(max(0, left), places)

    def keep_apart(self, contents: set[str]) -> None:
        """Two posts of one content on different platforms are never both within one
        stretch of the stagger.
        """
        alone: dict[str, list[int]] = defaultdict(list)
        for c, group in enumerate(self.classes):
            if group[0].content in contents:
                alone[group[0].content].append(c)
        for members in alone.values():
            for first, second in combinations(members, 2):
                if self._platform(first) != self._platform(second):
                    self._keep_pair(self.uses[first], self.uses[second])

    def _platform(self, number: int) -> str:
        """Of the class with that number."""
        return self.question.platform(self.classes[number][0].account)

    def _keep_pair(
        self,
        first: Mapping[datetime, pulp.LpVariable],
        second: Mapping[datetime, pulp.LpVariable],
    ) -> None:
        times = sorted({*first, *second})
        shared = [[at] for at in first.keys() & second.keys()]
        for stretch in (*windows(times, self.question.stagger), *shared):
            places = [
                uses[at] for at in stretch for uses in (first, second) if at in uses
            ]
            self.at_most(1, places)

    def solve(self, seconds: float) -> Choice:
        self.model.solve(
            pulp.HiGHS(msg=False, timeLimit=max(0.1, seconds), threads=1, gapRel=0)
        )
        if self.model.status == pulp.LpStatusInfeasible:
            return Choice(None, 0.0, True)
        # HiGHS minimises what PuLP turned round.
        bound = -self.model.solverModel.getInfo().mip_dual_bound
        if self.model.sol_status not in (
            pulp.LpSolutionOptimal,
            pulp.LpSolutionIntegerFeasible,
        ):
            return Choice(None, bound, False)
        chosen = [
            [at for at, use in uses.items() if (use.value() or 0) > 0.5]
            for uses in self.uses
        ]
        return Choice(chosen, bound, False)


def periods_of(account: Account, at: datetime) -> tuple[Period, Period]:
    """The local day and week the instant falls into."""
    return ("day", account.day(at)), ("week", account.week(at))


def choose(
    question: Question, classes: Sequence[Group], apart: set[str], seconds: float
) -> Choice:
    """How often each class goes out when."""
    if any(not target.scores for group in classes for target in group):
        return Choice(None, 0.0, True)
    programme = Programme(question, classes)
    programme.keep_gaps()
    programme.keep_limits()
    programme.keep_apart(apart)
    return programme.solve(seconds)


def collisions(question: Question) -> tuple[str, ...]:
    """The kinds of rules of which leaving one, or else two, out makes the question
    answerable; "times" where some post has no time left at all.
    """
    if any(not target.scores for target in question.targets):
        return ("times",)
    kinds = [name for name, without in RELAXED.items() if without(question) != question]
    singly = tuple(kind for kind in kinds if answerable(question, (kind,)))
    if singly:
        return singly
    for many in (2, len(kinds)):
        for some in combinations(kinds, min(many, len(kinds))):
            if answerable(question, some):
                return tuple(some)
    return ("times",)


def answerable(question: Question, kinds: Sequence[str]) -> bool:
    for kind in kinds:
        question = RELAXED[kind](question)
    contents = (
        {target.content for target in question.targets} if question.stagger else set()
    )
    return not choose(
        question, classes_of(question, contents), contents, SECONDS_TO_EXPLAIN
    ).impossible


def _accounts(question: Question, change: Callable[[Account], Account]) -> Question:
    return replace(
        question,
        accounts={name: change(account) for name, account in question.accounts.items()},
    )


RELAXED: dict[str, Callable[[Question], Question]] = {
    "min_interval": lambda question: _accounts(
        question, lambda account: replace(account, gap=timedelta(0))
    ),
    "per_day": lambda question: _accounts(
        question, lambda account: replace(account, per_day=None)
    ),
    "per_week": lambda question: _accounts(
        question, lambda account: replace(account, per_week=None)
    ),
    "platform_interval": lambda question: replace(question, platform_gaps={}),
    "stagger": lambda question: replace(question, stagger=timedelta(0)),
}
