"""From rows to the question that the optimiser answers: which times each post may have,
and what they are worth.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from calendars.advice.access import (
    Kind,
    Wishes,
    kind_on,
    rhythms_for,
    wishes_for,
    with_rhythm,
)
from calendars.advice.recommend import Week, weeks_for
from calendars.models import PostingRhythm
from calendars.optimiser.limits import Limits, minutes
from calendars.timing.assignment import Account, Fixed, Question, Target
from calendars.timing.optimise import freed
from calendars.timing.recommending import Hour, reasons_for
from calendars.timing.staying import fixed_now
from scheduling.access import posts_of
from scheduling.closures import Closures, closures
from scheduling.domain import states as posting
from scheduling.models import ChannelAccount, Post
from scheduling.posts.free_times import STANDING
from workspaces.models import User, Workspace

QUARTER = timedelta(minutes=15)
# Posts around the range count for the limits of its first and last weeks.
AROUND = timedelta(days=8)


def local(account: ChannelAccount, at: datetime) -> datetime:
    """An instant on the channel's clock."""
    return at.astimezone(ZoneInfo(account.zone))


def kind_of(post: Post) -> Kind:
    """What shares one belief and one set of wishes: platform and format."""
    return kind_on(post.account.platform, post.format)


@dataclass(frozen=True)
class Ground:
    """All rows that an answer rests on: posts to place and others by id, closures,
    wishes and weeks by kind, wishes of whole platforms, and the platforms' usual
    rhythms, which bind only posts that move.
    """

    posts: Mapping[str, Post]
    others: Sequence[Post]
    closed: Closures
    wishes: Mapping[Kind, Wishes]
    rhythms: Mapping[Kind, PostingRhythm]
    weeks: Mapping[Kind, Week]
    limits: Limits
    start: datetime
    end: datetime

    @property
    def fingerprint(self) -> str:
        """Changes with the posts and with those around them."""
        return fingerprint(self.posts, self.others)

    def hour(self, post: Post, at: datetime) -> Hour:
        """What is believed of a post at a time: of that hour on its channel's clock."""
        return self.weeks[kind_of(post)].hour_at(at, post.account.zone)

    def worth(self, post: Post, at: datetime) -> float:
        """What is expected of a post at a time, for adding up."""
        return self.hour(post, at).worth

    def score(self, post: Post, at: datetime) -> float:
        """The same as people and programs are told it: 0..1."""
        return self.hour(post, at).score

    def confidence(self, post: Post, at: datetime) -> float:
        """The probability that the time's hour beats the average hour."""
        return self.hour(post, at).better

    def reason(self, post: Post, at: datetime) -> str:
        """The code of what speaks most for the time."""
        is_learned = self.weeks[kind_of(post)].belief.is_learned
        reasons = reasons_for(self.hour(post, at), is_learned)
        return next(reasons, "optimal_algorithm_timing")

    def is_closed(self, post: Post, at: datetime) -> bool:
        """Whether a blackout, of the workspace or of the request, keeps the post from that time."""
        return (
            self.limits.is_closed(at)
            or self.closed.at(post.account, at, post.pk) is not None
        )

    def is_wished(self, post: Post, at: datetime) -> bool:
        """Whether neither a day nor an hour off, on the channel's clock, keeps the post
        from that time.
        """
        local_time = local(post.account, at)
        return self.wishes[kind_of(post)].allows(local_time.weekday(), local_time.hour)

    def allows(self, post: Post, at: datetime) -> bool:
        """Whether neither closures nor wishes keep the post from that time."""
        return self.is_wished(post, at) and not self.is_closed(post, at)


def posts_for(
    user: User,
    workspace: Workspace,
    ids: Iterable[UUID],
    start: datetime,
    end: datetime,
) -> tuple[dict[str, Post], list[Post]]:
    """These posts by id, and those in the range and around it: two queries."""
    rows = posts_of(user, workspace)
    posts = {str(post.pk): post for post in rows.filter(pk__in=list(ids))}
    around = rows.between(start - AROUND, end + AROUND)
    others = [
        post
        for post in around.order_by("scheduled_at", "pk")
        if str(post.pk) not in posts
    ]
    return posts, others


def fingerprint(posts: Mapping[str, Post], others: Iterable[Post]) -> str:
    """Equal as long as none of these posts was moved, changed its channel or content,
    came or went.
    """
    placed = [(key, facts(post), post.state) for key, post in sorted(posts.items())]
    by_key = sorted(others, key=attrgetter("pk"))
    standing = [(str(post.pk), facts(post), stands(post)) for post in by_key]
    text = json.dumps([placed, standing])
    return hashlib.sha256(text.encode()).hexdigest()


def facts(post: Post) -> tuple[str, ...]:
    """What of a post its best time depends on."""
    return str(post.account_id), str(post.content_id), str(post.scheduled_at)


def stands(post: Post) -> bool:
    """Whether others keep a distance from it; an empty or a canceled one only takes its
    own instant.
    """
    return post.state in STANDING


def read_ground(
    user: User,
    workspace: Workspace,
    ids: Iterable[UUID],
    limits: Limits,
    start: datetime,
    end: datetime,
    *,
    usual: bool = True,
) -> Ground:
    """Everything known about these posts and what is around them: a fixed number of
    queries. `usual` tells whether platforms' usual rhythms count where nothing was
    wished.
    """
    posts, others = posts_for(user, workspace, ids, start, end)
    kinds = {kind_of(post) for post in posts.values()}
    platforms = {(platform, "") for platform, _ in kinds}
    moments = times(posts.values())
    return Ground(
        posts=posts,
        others=others,
        closed=closures(workspace.pk, min([start, *moments]), max([end, *moments])),
        wishes=wishes_for(user, workspace, kinds | platforms, usual=False),
        rhythms=rhythms_for(platforms) if usual else {},
        weeks=weeks_for(user, workspace, kinds),
        limits=limits,
        start=start,
        end=end,
    )


def times(posts: Iterable[Post]) -> list[datetime]:
    """The times of those that have one."""
    return [post.scheduled_at for post in posts if post.scheduled_at]


@dataclass(frozen=True)
class PosedQuestion:
    """A question, the same with only the rules that also bind posts which stay, and the
    posts that have no other place: they stay.
    """

    question: Question
    standing: Question
    stuck: frozenset[str]


def pose(
    ground: Ground, worth: Mapping[str, Mapping[datetime, float]] | None = None
) -> PosedQuestion:
    """The question about these rows. `worth` says, for some posts, which times they may
    have and what those are worth; the others may have any time of the grid.
    """
    posts = {
        str(post.account_id): post for post in (*ground.posts.values(), *ground.others)
    }
    accounts = {
        key: account_of(ground, post, ground.rhythms) for key, post in posts.items()
    }
    targets = tuple(targets_of(ground, worth or {}))
    question = Question(
        accounts=accounts,
        targets=targets,
        fixed=tuple(fixed_at(ground.others)),
        platform_gaps=platform_gaps(ground, accounts.values()),
        stagger=minutes(ground.limits.stagger_minutes),
    )
    movable = {target.id for target in targets}
    placed, stuck = settled(ground, question, frozenset(ground.posts) - movable)
    standing = replace(
        placed,
        accounts={key: account_of(ground, post, {}) for key, post in posts.items()},
        targets=tuple(target for target in targets if target.id not in stuck),
    )
    return PosedQuestion(placed, standing, stuck)


def platform_gaps(ground: Ground, accounts: Iterable[Account]) -> dict[str, timedelta]:
    """The least time between posts of a platform, for those that have one."""
    gaps = {}
    for account in accounts:
        rules = ground.limits.of(account.platform)
        if rules.platform_interval_minutes:
            gaps[account.platform] = minutes(rules.platform_interval_minutes)
    return gaps


def settled(
    ground: Ground, question: Question, stuck: frozenset[str]
) -> tuple[Question, frozenset[str]]:
    """Posts that are left without any time stay where they are, which may leave others
    without one: the question without them, and all that stay.
    """
    stuck_posts = (ground.posts[key] for key in sorted(stuck))
    question = replace(question, fixed=(*question.fixed, *fixed_at(stuck_posts)))
    question = freed(question)
    while left := [target for target in question.targets if not target.scores]:
        stuck |= {target.id for target in left}
        staying = map(fixed_now, left)
        placed = tuple(target for target in question.targets if target.scores)
        fixed = (*question.fixed, *staying)
        question = freed(replace(question, targets=placed, fixed=fixed))
    return question, stuck


def fixed_at(posts: Iterable[Post]) -> Iterator[Fixed]:
    """Those of the posts that others keep a distance from."""
    for post in posts:
        if stands(post) and post.scheduled_at:
            yield Fixed(str(post.account_id), str(post.content_id), post.scheduled_at)


def account_of(
    ground: Ground, post: Post, rhythms: Mapping[Kind, PostingRhythm]
) -> Account:
    """The rules of a post's channel: the tighter of what is asked and what is wished,
    or else usual.
    """
    account = post.account
    rules = ground.limits.of(account.platform)
    kind = (account.platform, "")
    own = ground.wishes.get(kind, Wishes(account.zone))
    wishes = with_rhythm(own, rhythms.get(kind))
    gap = timedelta(hours=wishes.gap_hours or 0)
    return Account(
        id=str(account.pk),
        platform=account.platform,
        zone=account.zone,
        gap=max(gap, minutes(rules.min_interval_minutes)),
        per_day=least(wishes.per_day_most, rules.max_per_day),
        per_week=least(wishes.per_week_most, rules.max_per_week),
    )


def least(*numbers: int | None) -> int | None:
    """The least that is one; None where none is."""
    return min((number for number in numbers if number is not None), default=None)


def targets_of(
    ground: Ground, worth: Mapping[str, Mapping[datetime, float]]
) -> Iterator[Target]:
    """The posts that may move. Those alike in channel and format share their times, so
    that they count as one class.
    """
    occupied = occupied_by_channel(ground)
    shared: dict[Any, Mapping[datetime, float]] = {}
    with_own_closure = posts_with_closures(ground.closed)
    now = timezone.now()
    for key, post in ground.posts.items():
        current = post.scheduled_at
        if current is None or not may_move(post, now):
            continue
        own_closure = post.pk if post.pk in with_own_closure else None
        alike = (post.account_id, kind_of(post), own_closure)
        if alike not in shared:
            shared[alike] = scores_on_grid(ground, post)
        scores = dict(worth.get(key, shared[alike]))
        # Staying is no move, so bounds of moves do not forbid it.
        if key not in worth and ground.allows(post, current):
            scores[current] = ground.worth(post, current)
        for at in occupied[post.account_id]:
            scores.pop(at, None)
        yield Target(key, str(post.account_id), str(post.content_id), current, scores)


def may_move(post: Post, now: datetime) -> bool:
    """Whether it is open and its time is to come."""
    is_open = post.state in posting.OPEN
    return is_open and post.scheduled_at is not None and post.scheduled_at > now


def posts_with_closures(closed: Closures) -> set[UUID | None]:
    """The posts that some closure is about alone."""
    return {closure.blackout.post_id for closure in (*closed.closed, *closed.opened)}


def scores_on_grid(ground: Ground, post: Post) -> dict[datetime, float]:
    """The times that the post may be given, with what each is worth."""
    return {
        at: ground.worth(post, at)
        for at in grid(post.account, ground)
        if ground.allows(post, at)
    }


def occupied_by_channel(ground: Ground) -> Mapping[UUID, set[datetime]]:
    """Instants that empty, failed and canceled posts have: no other post of the channel
    may have them too.
    """
    occupied: dict[UUID, set[datetime]] = defaultdict(set)
    for post in ground.others:
        if not stands(post) and post.scheduled_at:
            occupied[post.account_id].add(post.scheduled_at)
    return occupied


def grid(account: ChannelAccount, ground: Ground) -> Iterator[datetime]:
    """The full (or half) hours of the channel's clock to which posts may be moved,
    ascending, in UTC.
    """
    limits = ground.limits
    zone = ZoneInfo(account.zone)
    at = upward(max(ground.start, timezone.now()))
    while at < ground.end:
        on_grid = at.astimezone(zone).minute % limits.grid == 0
        if on_grid and limits.lets_move_to(at):
            yield at
        at += QUARTER


def upward(at: datetime) -> datetime:
    """The next full quarter of an hour in UTC."""
    past = timedelta(
        minutes=at.minute % 15, seconds=at.second, microseconds=at.microsecond
    )
    whole = at.astimezone(UTC) - past
    return whole if not past else whole + QUARTER
