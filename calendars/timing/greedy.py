"""A first answer: post by post, the one with most to lose first, each at the best time
that is still free.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta

from calendars.timing.assignment import Placed, Question, Target

INSTANT = timedelta(microseconds=1)


class Board:
    """Posts placed so far, and whether another may join them."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.by_account: dict[str, list[datetime]] = defaultdict(list)
        self.by_platform: dict[str, list[datetime]] = defaultdict(list)
        self.by_content: dict[str, list[Placed]] = defaultdict(list)
        self.counts: Counter[object] = Counter()
        for post in question.fixed:
            self.put(post.account, post.content, post.at)

    def put(self, account: str, content: str, at: datetime) -> None:
        rules = self.question.accounts[account]
        self.by_account[account].append(at)
        self.by_platform[rules.platform].append(at)
        self.by_content[content].append(Placed(account, content, at))
        for period in (rules.day(at), rules.week(at)):
            self.counts[account, period] += 1

    def takes(self, account: str, content: str, at: datetime) -> bool:
        """Whether a post there would break no rule."""
        rules = self.question.accounts[account]
        question = self.question
        between = question.platform_gaps.get(rules.platform, timedelta(0))
        if any(
            abs(at - other) < max(rules.gap, INSTANT)
            for other in self.by_account[account]
        ):
            return False
        if any(abs(at - other) < between for other in self.by_platform[rules.platform]):
            return False
        for most, key in (
            (rules.per_day, rules.day(at)),
            (rules.per_week, rules.week(at)),
        ):
            if most is not None and self.counts[account, key] >= most:
                return False
        return not any(
            abs(at - post.at) < question.stagger
            and question.platform(post.account) != rules.platform
            for post in self.by_content[content]
        )


def greedy(question: Question) -> dict[str, datetime]:
    """Times by target id; a target for which nothing was left has none."""
    board = Board(question)
    times = {}
    for target in sorted(question.targets, key=urgency):
        for at in sorted(
            target.scores, key=lambda at: (-target.scores[at], at != target.current, at)
        ):
            if board.takes(target.account, target.content, at):
                board.put(target.account, target.content, at)
                times[target.id] = at
                break
    return times


def urgency(target: Target) -> tuple[int, float, str]:
    """Fewest times first, then the best score."""
    return len(target.scores), -max(target.scores.values(), default=0.0), target.id
