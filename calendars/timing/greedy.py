"""A first answer: post by post, the one with most to lose first, each at the best time
that is still free.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from datetime import datetime, timedelta

from calendars.timing.assignment import Account, Placed, Question, Target

INSTANT = timedelta(microseconds=1)


class Board:
    """Posts placed so far, and whether another may join them.

    question: whose rules hold; its fixed posts are placed from the start.
    """

    def __init__(self, question: Question) -> None:
        self.question = question
        self.by_account: dict[str, list[datetime]] = defaultdict(list)
        self.by_platform: dict[str, list[datetime]] = defaultdict(list)
        self.by_content: dict[str, list[Placed]] = defaultdict(list)
        # Posts by account and local day or week.
        self.counts: Counter[tuple[str, Hashable]] = Counter()
        for post in question.fixed:
            self.put(post.account, post.content, post.at)

    def put(self, account: str, content: str, at: datetime) -> None:
        """Place a post, whether or not the rules let it.

        account, content: their ids.
        at: when it goes out (aware UTC).
        """
        rules = self.question.accounts[account]
        self.by_account[account].append(at)
        self.by_platform[rules.platform].append(at)
        self.by_content[content].append(Placed(account, content, at))
        self.counts[account, rules.day(at)] += 1
        self.counts[account, rules.week(at)] += 1

    def takes(self, account: str, content: str, at: datetime) -> bool:
        """Whether a post there would break no rule of the question.

        account, content: their ids.
        at: when it would go out (aware UTC).
        """
        rules = self.question.accounts[account]
        return (
            self._keeps_gaps(account, rules, at)
            and self._keeps_limits(account, rules, at)
            and self._keeps_stagger(content, rules.platform, at)
        )

    def _keeps_gaps(self, account: str, rules: Account, at: datetime) -> bool:
        """Whether it is far enough from the posts of its account and of its platform."""
        platform = rules.platform
        platform_gap = self.question.platform_gaps.get(platform, timedelta(0))
        return is_apart(
            at, self.by_account[account], max(rules.gap, INSTANT)
        ) and is_apart(at, self.by_platform[platform], platform_gap)

    def _keeps_limits(self, account: str, rules: Account, at: datetime) -> bool:
        """Whether the account's local day and week still have room."""
        return self._has_room(account, rules.day(at), rules.per_day) and (
            self._has_room(account, rules.week(at), rules.per_week)
        )

    def _has_room(self, account: str, period: Hashable, most: int | None) -> bool:
        return most is None or self.counts[account, period] < most

    def _keeps_stagger(self, content: str, platform: str, at: datetime) -> bool:
        """Whether it is far enough from the content's posts on other platforms."""
        elsewhere = [
            post.at
            for post in self.by_content[content]
            if self.question.platform(post.account) != platform
        ]
        return is_apart(at, elsewhere, self.question.stagger)


def is_apart(at: datetime, others: Iterable[datetime], gap: timedelta) -> bool:
    """Whether none of the others is nearer than the gap."""
    return all(abs(at - other) >= gap for other in others)


def greedy(question: Question) -> dict[str, datetime]:
    """Times by target id; a target for which nothing was left has none.

    question: whose targets are placed one by one, the most urgent first.
    """
    board = Board(question)
    times = {}
    for target in sorted(question.targets, key=urgency):
        at = best_free_time(target, board)
        if at is not None:
            board.put(target.account, target.content, at)
            times[target.id] = at
    return times


def best_free_time(target: Target, board: Board) -> datetime | None:
    """Of the times with the greatest score the one at which the post is now, else the
    earliest; None when the board takes it at none.
    """

    def rank(at: datetime) -> tuple[float, bool, datetime]:
        return -target.scores[at], at != target.current, at

    for at in sorted(target.scores, key=rank):
        if board.takes(target.account, target.content, at):
            return at
    return None


def urgency(target: Target) -> tuple[int, float, str]:
    """Fewest times first, then the best score."""
    return len(target.scores), -max(target.scores.values(), default=0.0), target.id
