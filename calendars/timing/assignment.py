"""Choosing times for many posts together: what is asked, what may be answered, and an
independent judge.

Times are aware UTC instants; a slot of an account is one instant with the local day and
ISO week it falls in there.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import combinations
from operator import attrgetter
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Account:
    """Where posts go.

    zone: an IANA name, of the clock by which days and weeks are counted.
    gap: the least time between two posts.
    per_day, per_week: most posts a local day and a local ISO week; None for any number.
    """

    id: str
    platform: str
    zone: str = "UTC"
    gap: timedelta = timedelta(0)
    per_day: int | None = None
    per_week: int | None = None

    def day(self, at: datetime) -> date:
        """The local day of an aware instant."""
        return at.astimezone(ZoneInfo(self.zone)).date()

    def week(self, at: datetime) -> tuple[int, int]:
        """The year and number of its local ISO week."""
        return self.day(at).isocalendar()[:2]


@dataclass(frozen=True)
class Target:
    """A post to be placed.

    account, content: their ids.
    current: when it is now (aware UTC).
    scores: what each time that it may have is worth.
    """

    id: str
    account: str
    content: str
    current: datetime
    scores: Mapping[datetime, float]


@dataclass(frozen=True)
class Fixed:
    """A post that stays where it is, and counts for gaps, limits and stagger."""

    account: str
    content: str
    at: datetime


@dataclass(frozen=True)
class Question:
    """Which times are asked for, and by what rules.

    accounts: by id.
    targets: posts to place.
    fixed: posts that stay.
    platform_gaps: least time between posts of one platform's accounts, by platform.
    stagger: least time between the posts of one content on different platforms.
    """

    accounts: Mapping[str, Account]
    targets: tuple[Target, ...]
    fixed: tuple[Fixed, ...] = ()
    platform_gaps: Mapping[str, timedelta] = field(default_factory=dict)
    stagger: timedelta = timedelta(0)

    def platform(self, account: str) -> str:
        """The platform of an account."""
        return self.accounts[account].platform


@dataclass(frozen=True)
class Placed:
    """One post at one time; `free` where that was ours to choose."""

    account: str
    content: str
    at: datetime
    free: bool = True


def value_of(question: Question, times: Mapping[str, datetime]) -> float:
    """The sum of the scores of these times by target id."""
    return sum(target.scores[times[target.id]] for target in question.targets)


def judge(question: Question, times: Mapping[str, datetime]) -> list[str]:
    """Every rule that these times break, in words; shares no code with what chooses them.

    times: by target id; targets without one are faults.
    """
    placed = _placed(question, times)
    return [
        *_time_faults(question, times),
        *_gap_faults(question, placed),
        *_limit_faults(question, placed),
        *_stagger_faults(question, placed),
    ]


def _placed(question: Question, times: Mapping[str, datetime]) -> list[Placed]:
    """All posts, those that stay among them; without targets that have no time."""
    chosen = [
        Placed(target.account, target.content, times[target.id])
        for target in question.targets
        if target.id in times
    ]
    standing = [
        Placed(post.account, post.content, post.at, free=False)
        for post in question.fixed
    ]
    return chosen + standing


def _time_faults(question: Question, times: Mapping[str, datetime]) -> list[str]:
    """Targets without a time, then those at a time that they may not have."""
    missing = [
        f"{target.id} has no time"
        for target in question.targets
        if target.id not in times
    ]
    forbidden = [
        f"{target.id} may not be at {times[target.id].isoformat()}"
        for target in question.targets
        if target.id in times and times[target.id] not in target.scores
    ]
    return missing + forbidden


def _gap_faults(question: Question, placed: Sequence[Placed]) -> list[str]:
    """Posts too close on one account, and on one platform."""
    by_account = defaultdict(list)
    by_platform = defaultdict(list)
    for post in sorted(placed, key=lambda post: post.at):
        by_account[post.account].append(post)
        by_platform[question.platform(post.account)].append(post)
    faults = []
    for account, posts in by_account.items():
        # No two posts of an account are at one instant.
        gap = max(question.accounts[account].gap, timedelta(microseconds=1))
        faults += _too_close(account, posts, gap)
    for platform, posts in by_platform.items():
        gap = question.platform_gaps.get(platform, timedelta(0))
        faults += _too_close(platform, posts, gap)
    return faults


def _too_close(where: str, posts: Sequence[Placed], least: timedelta) -> list[str]:
    """Of posts in the order of time every pair that is closer than that, but for those
    that both stay.
    """
    faults = []
    for i, post in enumerate(posts):
        end = bisect_left(posts, post.at + least, key=attrgetter("at"))
        faults += [
            f"{where}: {post.at} and {other.at} are too close"
            for other in posts[i + 1 : end]
            if post.free or other.free
        ]
    return faults


def _limit_faults(question: Question, placed: Sequence[Placed]) -> list[str]:
    """Days and weeks with too many posts, of those that were not full already."""
    faults = []
    for name, account in question.accounts.items():
        posts = [post for post in placed if post.account == name]
        if account.per_day is not None:
            days = _too_full(posts, account.day, account.per_day)
            faults += [
                f"{name}: more than {account.per_day} in day {day}" for day in days
            ]
        if account.per_week is not None:
            weeks = _too_full(posts, account.week, account.per_week)
            faults += [
                f"{name}: more than {account.per_week} in week {week}" for week in weeks
            ]
    return faults


def _too_full(
    posts: Sequence[Placed], period_of: Callable[[datetime], Hashable], most: int
) -> list[Hashable]:
    """The periods to which a post was moved and that have more than the most."""
    counts = Counter(period_of(post.at) for post in posts)
    chosen = {period_of(post.at) for post in posts if post.free}
    return [period for period in chosen if counts[period] > most]


def _stagger_faults(question: Question, placed: Sequence[Placed]) -> list[str]:
    """Posts of one content that are too close on different platforms."""
    by_content = defaultdict(list)
    for post in placed:
        by_content[post.content].append(post)

    def clash(post: Placed, other: Placed) -> bool:
        are_near = abs(post.at - other.at) < question.stagger
        same_platform = question.platform(post.account) == question.platform(
            other.account
        )
        return are_near and not same_platform and (post.free or other.free)

    return [
        f"{content}: {post.account} and {other.account} are too close"
        for content, posts in by_content.items()
        for post, other in combinations(posts, 2)
        if clash(post, other)
    ]
