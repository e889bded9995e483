"""The linear programme that says how many posts of each class go out at each time.

Posts of one account that are worth the same at every time are one class. Gaps and
limits then concern stretches of consecutive times, and a linear programme whose rows
are intervals has whole-numbered corners (Fulkerson & Gross, "Incidence matrices and
interval graphs", Pacific Journal of Mathematics 15 (1965)), so that HiGHS needs next to
no branching.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from typing import NamedTuple

import pulp

from calendars.timing.assignment import Account, Question, Target
from calendars.timing.greedy import INSTANT

# What staying is worth: enough to decide between equals, too little to decide anything else.
STAY = 1e-5
Group = tuple[Target, ...]
# A class's variables by time: whether one of its posts goes out then.
Uses = dict[datetime, pulp.LpVariable]
# The same of several classes.
Places = dict[datetime, list[pulp.LpVariable]]


class Period(NamedTuple):
    """A local day or ISO week of an account, and the most posts that it may have."""

    key: Hashable
    most: int


@dataclass(frozen=True)
class Choice:
    """What the programme says.

    chosen: times of each class, as many as it has posts; None where none were found.
    bound: no choice is worth more.
    impossible: there is none, proven.
    """

    chosen: list[list[datetime]] | None
    bound: float
    impossible: bool


IMPOSSIBLE = Choice(chosen=None, bound=0.0, impossible=True)


def choose(
    question: Question, classes: Sequence[Group], apart: set[str], seconds: float
) -> Choice:
    """How often each class goes out when.

    classes: all targets of the question, as `classes_of` has them.
    apart: contents that keep the stagger; each of their targets is a class by itself.
    seconds: the longest that HiGHS may take.
    """
    if any(not target.scores for target in question.targets):
        return IMPOSSIBLE
    programme = Programme(question, classes)
    programme.keep_gaps()
    programme.keep_limits()
    programme.keep_apart(apart)
    return programme.solve(seconds)


def classes_of(question: Question, apart: set[str]) -> list[Group]:
    """Targets that may swap their times.

    question: all of whose targets are in some class.
    apart: contents whose targets are each a class by itself.
    """
    counts = Counter(
        (target.account, at) for target in question.targets for at in target.scores
    )
    groups: dict[Hashable, list[Target]] = defaultdict(list)
    for target in question.targets:
        has_own_time = counts[target.account, target.current] == 1
        scores = shared_scores(target, has_own_time)
        alone = target.id if target.content in apart else ""
        groups[target.account, scores, alone].append(target)
    return [tuple(group) for group in groups.values()]


def shared_scores(
    target: Target, has_own_time: bool
) -> frozenset[tuple[datetime, float]]:
    """What the post's times are worth, less the one that only it may have because it
    is there now.

    Such a time sets it apart from no other: either it stays, or it takes one of the
    times that all of them may have.

    has_own_time: whether no other post of the account may be where it is now.
    """
    return frozenset(
        (at, score)
        for at, score in target.scores.items()
        if not (has_own_time and at == target.current)
    )


def scores_of(group: Group) -> dict[datetime, float]:
    """What each time is worth that some post of the class may have."""
    scores = dict(group[0].scores)
    for target in group:
        if target.current in target.scores:
            scores[target.current] = target.scores[target.current]
    return scores


def worths_of(group: Group) -> dict[datetime, float]:
    """The same with what staying is worth, in ascending order of time."""
    current = {target.current for target in group}
    return {
        at: score + (STAY if at in current else 0.0)
        for at, score in sorted(scores_of(group).items())
    }


def windows(
    times: Sequence[datetime], length: timedelta
) -> Iterator[Sequence[datetime]]:
    """The longest stretches of times that lie closer together than a length.

    times: ascending.
    length: first and last of a stretch are less than that apart.
    """
    last = 0
    for i, at in enumerate(times):
        end = bisect_left(times, at + length)
        if end > last and end - i > 1:
            yield times[i:end]
            last = end


def limited_periods(account: Account, at: datetime) -> Iterator[Period]:
    """The local day and week of an instant, where the account limits its posts in them."""
    if account.per_day is not None:
        yield Period(account.day(at), account.per_day)
    if account.per_week is not None:
        yield Period(account.week(at), account.per_week)


class Programme:
    """The linear programme of a question's classes: all posts go out, for the greatest
    worth. Rules are added by the methods `keep_…`.

    question: its rules.
    classes: its targets, as `classes_of` has them.
    """

    def __init__(self, question: Question, classes: Sequence[Group]) -> None:
        self.question = question
        self.classes = classes
        self.model = pulp.LpProblem("times", pulp.LpMaximize)
        self.uses: list[Uses] = []
        # By account.
        self.totals: dict[str, Places] = defaultdict(lambda: defaultdict(list))
        terms: list[tuple[pulp.LpVariable, float]] = []
        for number, group in enumerate(classes):
            worths = worths_of(group)
            uses = variables(number, worths)
            self.uses.append(uses)
            self._count(group[0].account, uses)
            terms += zip(uses.values(), worths.values(), strict=True)
        self.model += pulp.LpAffineExpression(terms)
        for group, uses in zip(classes, self.uses, strict=True):
            self.model += pulp.lpSum(uses.values()) == len(group)

    def _count(self, account: str, uses: Uses) -> None:
        """Add a class's variables to its account's."""
        for at, use in uses.items():
            self.totals[account][at].append(use)

    def at_most(self, most: int, places: Sequence[pulp.LpVariable]) -> None:
        """Add a row: of these variables no more than so many are 1."""
        self.model += pulp.LpAffineExpression([(place, 1) for place in places]) <= most

    def keep_gaps(self) -> None:
        """Between posts of an account, and of a platform's accounts where that is asked for."""
        for name, places in self.totals.items():
            self._keep_gap(places, max(self.question.accounts[name].gap, INSTANT))
        for platform, gap in self.question.platform_gaps.items():
            if gap:
                self._keep_gap(self._places_on(platform), gap)

    def _places_on(self, platform: str) -> Places:
        """Of all the platform's accounts."""
        joined: Places = defaultdict(list)
        for name, places in self.totals.items():
            if self.question.platform(name) == platform:
                for at, uses in places.items():
                    joined[at] += uses
        return joined

    def _keep_gap(self, places: Places, gap: timedelta) -> None:
        """No more than one post within any stretch shorter than the gap."""
        for stretch in windows(sorted(places), gap):
            self.at_most(1, [use for at in stretch for use in places[at]])
        for uses in places.values():
            if len(uses) > 1:
                self.at_most(1, uses)

    def keep_limits(self) -> None:
        """Posts a day and a week, less those that stay."""
        for name, places in self.totals.items():
            account = self.question.accounts[name]
            standing = self._standing(name)
            filled: dict[Period, list[pulp.LpVariable]] = defaultdict(list)
            for at, uses in places.items():
                for period in limited_periods(account, at):
                    filled[period] += uses
            for period, uses in filled.items():
                left = period.most - standing[period]
                if len(uses) > left:
                    self.at_most(max(0, left), uses)

    def _standing(self, name: str) -> Counter[Period]:
        """How many of the account's posts stay in each of its limited periods."""
        account = self.question.accounts[name]
        return Counter(
            period
            for post in self.question.fixed
            if post.account == name
            for period in limited_periods(account, post.at)
        )

    def keep_apart(self, contents: set[str]) -> None:
        """Two posts of one content on different platforms are never both within one
        stretch of the stagger.

        contents: whose targets are each a class by itself.
        """
        alone: dict[str, list[tuple[str, Uses]]] = defaultdict(list)
        for (target, *_), uses in zip(self.classes, self.uses, strict=True):
            if target.content in contents:
                platform = self.question.platform(target.account)
                alone[target.content].append((platform, uses))
        for members in alone.values():
            for (platform, first), (other, second) in combinations(members, 2):
                if platform != other:
                    self._keep_pair(first, second)

    def _keep_pair(self, first: Uses, second: Uses) -> None:
        """Of two posts no more than one is within any stretch of the stagger."""
        places: Places = defaultdict(list)
        for uses in (first, second):
            for at, use in uses.items():
                places[at].append(use)
        shared = [[at] for at in first.keys() & second.keys()]
        for stretch in (*windows(sorted(places), self.question.stagger), *shared):
            self.at_most(1, [use for at in stretch for use in places[at]])

    def solve(self, seconds: float) -> Choice:
        """The choice that is worth most.

        seconds: the longest that HiGHS may take; what it has found by then, if anything,
        is the choice.
        """
        self.model.solve(
            pulp.HiGHS(msg=False, timeLimit=max(0.1, seconds), threads=1, gapRel=0)
        )
        if self.model.status == pulp.LpStatusInfeasible:
            return IMPOSSIBLE
        # HiGHS minimises what PuLP turned round.
        bound = -self.model.solverModel.getInfo().mip_dual_bound
        has_values = self.model.sol_status in (
            pulp.LpSolutionOptimal,
            pulp.LpSolutionIntegerFeasible,
        )
        chosen = [used_times(uses) for uses in self.uses] if has_values else None
        return Choice(chosen, bound, impossible=False)


def variables(number: int, times: Mapping[datetime, float]) -> Uses:
    """A class's variables, one a time, each 0 or 1.

    number: the class's.
    times: those that its posts may have, in the order of the variables.
    """
    return {
        at: pulp.LpVariable(f"y{number}_{k}", 0, 1, pulp.LpBinary)
        for k, at in enumerate(times)
    }


def used_times(uses: Uses) -> list[datetime]:
    """The times whose variables are 1 in the solution."""
    return [at for at, use in uses.items() if (use.value() or 0) > 0.5]
