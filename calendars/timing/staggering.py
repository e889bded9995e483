"""Dividing chosen times among posts that may have any of them, so that one content's
posts keep apart.

Posts of one class (same account, same worth at every time) may swap their times without
changing the total. Swaps that lessen the number of pairs too close are made until none
is left (min-conflicts; Minton et al., "Minimizing conflicts", Artificial Intelligence
58 (1992)).
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import attrgetter

from calendars.timing.assignment import Question, Target

ROUNDS_A_POST = 40


class Division:
    """Who has which time, and which pairs of one content are too close.

    question: whose stagger is to be kept.
    classes: targets that may swap their times.
    chosen: the times of each class, as many as it has targets (aware UTC).
    """

    def __init__(
        self,
        question: Question,
        classes: Sequence[Sequence[Target]],
        chosen: Sequence[Sequence[datetime]],
    ) -> None:
        self.question = question
        self.mates = {target.id: group for group in classes for target in group}
        self.times: dict[str, datetime] = {}
        for group, times in zip(classes, chosen, strict=True):
            self.times |= share_out(group, times)
        self.content: Mapping[str, list[Target]] = defaultdict(list)
        for target in question.targets:
            self.content[target.content].append(target)

    def conflicts(
        self, target: Target, at: datetime, other: Target | None = None
    ) -> int:
        """Pairs too close with the target at that time; `other`, with which it would
        swap, does not count.
        """
        platform = self.question.platform(target.account)
        near = [
            mate
            for mate in self.content[target.content]
            if abs(self.times[mate.id] - at) < self.question.stagger
            and self.question.platform(mate.account) != platform
        ]
        return sum(mate is not target and mate is not other for mate in near)

    def troubled(self) -> list[Target]:
        """The targets that are in some such pair."""
        return [
            target
            for target in self.question.targets
            if self.conflicts(target, self.times[target.id])
        ]

    def may_swap(self, target: Target, other: Target) -> bool:
        """Whether each may have the other's time."""
        return (
            self.times[other.id] in target.scores
            and self.times[target.id] in other.scores
        )

    def swap(self, target: Target, other: Target) -> None:
        """Give each the other's time."""
        times = self.times
        times[target.id], times[other.id] = times[other.id], times[target.id]

    def gain(self, target: Target, other: Target) -> int:
        """How many pairs too close a swap would separate, less those it would make."""
        here = self.times[target.id]
        there = self.times[other.id]
        before = self.conflicts(target, here) + self.conflicts(other, there)
        target_after = self.conflicts(target, there, other)
        other_after = self.conflicts(other, here, target)
        return before - target_after - other_after

    def partners(self, target: Target) -> list[Target]:
        """Those of its class with which it may swap."""
        return [
            mate
            for mate in self.mates[target.id]
            if mate is not target and self.may_swap(target, mate)
        ]


def share_out(
    group: Sequence[Target], times: Sequence[datetime]
) -> dict[str, datetime]:
    """Times by target id: whoever is at one of the times now stays; the others share the
    rest, in order.

    group: targets that may have any of the times, as many as those.
    """
    free = sorted(times)
    rest = []
    times_by_id = {}
    for target in group:
        if target.current in free and target.current in target.scores:
            free.remove(target.current)
            times_by_id[target.id] = target.current
        else:
            rest.append(target)
    in_order = sorted(rest, key=attrgetter("current"))
    for target, at in zip(in_order, free, strict=True):
        times_by_id[target.id] = at
    return times_by_id


def divide(
    question: Question,
    classes: Sequence[Sequence[Target]],
    chosen: Sequence[Sequence[datetime]],
) -> tuple[dict[str, datetime], set[str]]:
    """Times by target id, and the contents whose posts are still too close.

    question: whose stagger is to be kept.
    classes: targets that may swap their times.
    chosen: the times of each class, as many as it has targets (aware UTC).
    """
    division = Division(question, classes, chosen)
    chance = random.Random(0)
    for _ in range(ROUNDS_A_POST * len(question.targets)):
        troubled = division.troubled()
        if not troubled:
            break
        target = chance.choice(troubled)
        partners = division.partners(target)
        if not partners:
            continue
        # Now and then a swap that gains nothing, to get out of corners.
        ranks = [(division.gain(target, mate), chance.random()) for mate in partners]
        best = ranks.index(max(ranks))
        division.swap(target, partners[best])
    return division.times, {target.content for target in division.troubled()}
