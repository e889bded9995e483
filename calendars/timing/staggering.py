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

from calendars.timing.assignment import Question, Target

ROUNDS_A_POST = 40


class Division:
    """Who has which time, and which pairs of one content are too close."""

    def __init__(
        self,
        question: Question,
        classes: Sequence[Sequence[Target]],
        chosen: Sequence[Sequence[datetime]],
    ):
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
        return sum(
            1
            for mate in self.content[target.content]
            if mate is not target
            and mate is not other
            and self.question.platform(mate.account) != platform
            and abs(self.times[mate.id] - at) < self.question.stagger
        )

    def troubled(self) -> list[Target]:
        return [
            target
            for target in self.question.targets
            if self.conflicts(target, self.times[target.id])
        ]

    def may_swap(self, target: Target, other: Target) -> bool:
        return (
            self.times[other.id] in target.scores
            and self.times[target.id] in other.scores
        )

    def swap(self, target: Target, other: Target) -> None:
        self.times[target.id], self.times[other.id] = (
            self.times[other.id],
            self.times[target.id],
        )

    def gain(self, target: Target, other: Target) -> int:
        here = self.times[target.id]
        there = self.times[other.id]
        before = self.conflicts(target, here) + self.conflicts(other, there)
        return (
            before
            - self.conflicts(target, there, other)
            - self.conflicts(other, here, target)
        )


def share_out(
    group: Sequence[Target], times: Sequence[datetime]
) -> dict[str, datetime]:
    """Whoever is at one of the times now stays; the others share the rest, in order."""
    free = sorted(times)
    rest = []
    times_by_id = {}
    for target in group:
        if target.current in free and target.current in target.scores:
            free.remove(target.current)
            times_by_id[target.id] = target.current
        else:
            rest.append(target)
    rest.sort(key=lambda target: target.current)
    for target, at in zip(rest, free, strict=True):
        times_by_id[target.id] = at
    return times_by_id


def divide(
    question: Question,
    classes: Sequence[Sequence[Target]],
    chosen: Sequence[Sequence[datetime]],
) -> tuple[dict[str, datetime], set[str]]:
    """Times by target id, and the contents whose posts are still too close."""
    division = Division(question, classes, chosen)
    chance = random.Random(0)
    for _ in range(ROUNDS_A_POST * len(question.targets)):
        troubled = division.troubled()
        if not troubled:
            break
        target = chance.choice(troubled)
        others = [
            mate
            for mate in division.mates[target.id]
            if mate is not target and division.may_swap(target, mate)
        ]
        if not others:
            continue
        # Now and then a swap that gains nothing, to get out of corners.
        best = max(
            others, key=lambda mate: (division.gain(target, mate), chance.random())
        )
        division.swap(target, best)
    return division.times, {target.content for target in division.troubled()}
