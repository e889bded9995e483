"""Choosing times for many posts together: what is asked, what may be answered, and an
independent judge.

Times are aware UTC instants; a slot of an account is one instant with the local day and
ISO week it falls in there.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import combinations
from operator import attrgetter
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Account:
    """Where posts go: hours (as time) between two posts, most posts a local day and a
    local ISO week; None for any number. Accounts on one platform that share
    `platform_gap` keep it between posts of any of them.
    """

    id: str
    platform: str
    zone: str = "UTC"
    gap: timedelta = timedelta(0)
    per_day: int | None = None
    per_week: int | None = None

    def day(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.zone)).date()

    def week(self, at: datetime) -> tuple[int, int]:
        calendar = self.day(at).isocalendar()
        return calendar.year, calendar.week


@dataclass(frozen=True)
class Target:
    """A post to be placed: its account and content, when it is now, and what each time
    it may have is worth.
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
    """Accounts, posts to place, posts that stay, least time between posts of one
    platform's accounts, and between the posts of one content on different platforms.
    """

    accounts: Mapping[str, Account]
    targets: tuple[Target, ...]
    fixed: tuple[Fixed, ...] = ()
    platform_gaps: Mapping[str, timedelta] = field(default_factory=dict)
    stagger: timedelta = timedelta(0)

    def platform(self, account: str) -> str:
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
    """Every rule that these times break; shares no code with what chooses them."""
    faults = [f"{t.id} has no time" for t in question.targets if t.id not in times]
    faults += [
        f"{t.id} may not be at {times[t.id].isoformat()}"
        for t in question.targets
        if t.id in times and times[t.id] not in t.scores
    ]
    placed = [
        Placed(t.account, t.content, times[t.id])
        for t in question.targets
        if t.id in times
    ]
    placed += [
        Placed(post.account, post.content, post.at, free=False)
        for post in question.fixed
    ]
    return (
        faults
        + _gap_faults(question, placed)
        + _limit_faults(question, placed)
        + _stagger_faults(question, placed)
    )


def _gap_faults(question: Question, placed: Sequence[Placed]) -> list[str]:
    by_account = defaultdict(list)
    by_platform = defaultdict(list)
    for post in sorted(placed, key=lambda post: post.at):
        by_account[post.account].append(post)
        by_platform[question.platform(post.account)].append(post)
    faults = []
    for account, posts in by_account.items():
        faults += _too_close(
            account,
            posts,
            max(question.accounts[account].gap, timedelta(microseconds=1)),
        )
    for platform, posts in by_platform.items():
        faults += _too_close(
            platform, posts, question.platform_gaps.get(platform, timedelta(0))
        )
    return faults


def _too_close(where: str, posts: Sequence[Placed], least: timedelta) -> list[str]:
    """Neighbours suffice, but for those that both stay: beyond them the next that moves
    is looked at too.
    """
    return [
        f"{where}: {post.at} and {other.at} are too close"
        for i, post in enumerate(posts)
        for other in posts[
            i + 1 : bisect_left(posts, post.at + least, key=attrgetter("at"))
        ]
        if post.free or other.free
    ]


def _limit_faults(question: Question, placed: Sequence[Placed]) -> list[str]:
    faults = []
    for name, account in question.accounts.items():
        posts = [post for post in placed if post.account == name]
        limits = (
            (account.per_day, account.day, "day"),
            (account.per_week, account.week, "week"),
        )
        for most, period, word in limits:
            counts = Counter(period(post.at) for post in posts)
            chosen_periods = {period(post.at) for post in posts if post.free}
            faults += [
                f"{name}: more than {most} in {word} {key}"
                for key in chosen_periods
                if most is not None and counts[key] > most
            ]
    return faults


def _stagger_faults(question: Question, placed: Sequence[Placed]) -> list[str]:
    by_content = defaultdict(list)
    for post in placed:
        by_content[post.content].append(post)
    return [
        f"{content}: {post.account} and {other.account} are too close"
        for content, posts in by_content.items()
        for post, other in combinations(posts, 2)
        if question.platform(post.account) != question.platform(other.account)
        and abs(post.at - other.at) < question.stagger
        and (post.free or other.free)
    ]
