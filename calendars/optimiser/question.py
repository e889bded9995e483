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
from scheduling.access import posts_of
from scheduling.closures import Closures, closures
from scheduling.domain import states as posting
from scheduling.models import ChannelAccount, Post
from scheduling.posts.free_times import STANDING
from workspaces.models import Workspace

QUARTER = timedelta(minutes=15)
# Posts around the range count for the limits of its first and last weeks.
AROUND = timedelta(days=8)


def local(account: ChannelAccount, at: datetime) -> datetime:
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
        reasons = reasons_for(
            self.hour(post, at), self.weeks[kind_of(post)].belief.is_learned
        )
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
        there = local(post.account, at)
        return self.wishes[kind_of(post)].allows(there.weekday(), there.hour)

    def allows(self, post: Post, at: datetime) -> bool:
        """Whether neither closures nor wishes keep the post from that time."""
        return self.is_wished(post, at) and not self.is_closed(post, at)


def posts_for(
    user: Any, workspace: Workspace, ids: Iterable[UUID], start: datetime, end: datetime
) -> tuple[dict[str, Post], list[Post]]:
    """These posts by id, and those in the range and around it: two queries."""
    mine = {
        str(post.pk): post
        for post in posts_of(user, workspace).filter(pk__in=list(ids))
    }
    around = posts_of(user, workspace).between(start - AROUND, end + AROUND)
    return mine, [
        post
        for post in around.order_by("scheduled_at", "pk")
        if str(post.pk) not in mine
    ]


def fingerprint(posts: Mapping[str, Post], others: Iterable[Post]) -> str:
    """Equal as long as none of these posts was moved, changed its channel or content,
    came or went.
    """
    mine = [(key, facts(post), post.state) for key, post in sorted(posts.items())]
    rest = [
        (str(post.pk), facts(post), stands(post))
        for post in sorted(others, key=lambda post: post.pk)
    ]
    return hashlib.sha256(json.dumps([mine, rest]).encode()).hexdigest()


def facts(post: Post) -> tuple[str, ...]:
    return str(post.account_id), str(post.content_id), str(post.scheduled_at)


def stands(post: Post) -> bool:
    """Whether others keep a distance from it; an empty or a canceled one only takes its
    own instant.
    """
    return post.state in STANDING


def ground(
    user: Any,
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
    mine, others = posts_for(user, workspace, ids, start, end)
    kinds = {kind_of(post) for post in mine.values()}
    platforms = {(platform, "") for platform, _ in kinds}
    moments = times(mine.values())
    closed = closures(workspace.pk, min([start, *moments]), max([end, *moments]))
    wishes = wishes_for(user, workspace, kinds | platforms, usual=False)
    rhythms = rhythms_for(platforms) if usual else {}
    weeks = weeks_for(user, workspace, kinds)
    return Ground(mine, others, closed, wishes, rhythms, weeks, limits, start, end)


def times(posts: Iterable[Post]) -> list[datetime]:
    return [post.scheduled_at for post in posts if post.scheduled_at]


@dataclass(frozen=True)
class Asked:
    """A question, the same with only the rules that also bind posts which stay, and the
    posts that have no other place: they stay.
    """

    question: Question
    standing: Question
    stuck: frozenset[str]


def asked(
    known: Ground, worth: Mapping[str, Mapping[datetime, float]] | None = None
) -> Asked:
    """The question about these rows. `worth` says, for some posts, which times they may
    have and what those are worth; the others may have any time of the grid.
    """
    posts = {
        str(post.account_id): post for post in (*known.posts.values(), *known.others)
    }
    accounts = {
        key: account_of(known, post, known.rhythms) for key, post in posts.items()
    }
    fixed = tuple(fixed_at(known.others))
    gaps = {
        account.platform: minutes(
            known.limits.of(account.platform).platform_interval_minutes
        )
        for account in accounts.values()
    }
    stagger = minutes(known.limits.stagger_minutes)
    targets = tuple(targets_of(known, worth or {}))
    question = Question(
        accounts,
        targets,
        fixed,
        {name: gap for name, gap in gaps.items() if gap},
        stagger,
    )
    movable = {target.id for target in targets}
    placed, stuck = settled(known, question, frozenset(known.posts) - movable)
    standing = replace(
        placed,
        accounts={key: account_of(known, post, {}) for key, post in posts.items()},
        targets=tuple(target for target in targets if target.id not in stuck),
    )
    return Asked(placed, standing, stuck)


def settled(
    known: Ground, question: Question, stuck: frozenset[str]
) -> tuple[Question, frozenset[str]]:
    """Posts that are left without any time stay where they are, which may leave others
    without one: the question without them, and all that stay.
    """
    stuck_posts = (known.posts[key] for key in sorted(stuck))
    question = replace(question, fixed=(*question.fixed, *fixed_at(stuck_posts)))
    while True:
        question = freed(question)
        left = [target for target in question.targets if not target.scores]
        if not left:
            return question, stuck
        stuck |= {target.id for target in left}
        question = replace(
            question,
            targets=tuple(target for target in question.targets if target.scores),
            fixed=(
                *question.fixed,
                *(Fixed(one.account, one.content, one.current) for one in left),
            ),
        )


def fixed_at(posts: Iterable[Post]) -> Iterator[Fixed]:
    """Those of the posts that others keep a distance from."""
    for post in posts:
        if stands(post) and post.scheduled_at:
            yield Fixed(str(post.account_id), str(post.content_id), post.scheduled_at)


def account_of(
    known: Ground, post: Post, rhythms: Mapping[Kind, PostingRhythm]
) -> Account:
    """The rules of a post's channel: the tighter of what is asked and what is wished,
    or else usual.
    """
    account, rules = post.account, known.limits.of(post.account.platform)
    kind = (account.platform, "")
    wishes = with_rhythm(
        known.wishes.get(kind, Wishes(account.zone)), rhythms.get(kind)
    )
    gap = max(
        timedelta(hours=wishes.gap_hours or 0), minutes(rules.min_interval_minutes)
    )
    return Account(
        str(account.pk),
        account.platform,
        account.zone,
        gap,
        least(wishes.per_day_most, rules.max_per_day),
        least(wishes.per_week_most, rules.max_per_week),
    )


def least(*numbers: int | None) -> int | None:
    return min((number for number in numbers if number is not None), default=None)


def targets_of(
    known: Ground, worth: Mapping[str, Mapping[datetime, float]]
) -> Iterator[Target]:
    """The posts that may move. Those alike in channel and format share their times, so
    that they count as one class.
    """
    taken = taken_by_channel(known)
    shared: dict[Any, Mapping[datetime, float]] = {}
    scoped = {
        closure.blackout.post_id
        for closure in (*known.closed.closed, *known.closed.opened)
    }
    now = timezone.now()
    for key, post in known.posts.items():
        if (
            post.scheduled_at is None
            or post.state not in posting.OPEN
            or post.scheduled_at <= now
        ):
            continue
        alike = (post.account_id, kind_of(post), post.pk if post.pk in scoped else None)
        if alike not in shared:
            shared[alike] = {
                at: known.worth(post, at)
                for at in grid(post.account, known)
                if known.allows(post, at)
            }
        scores = dict(worth.get(key, shared[alike]))
        # Staying is no move, so bounds of moves do not forbid it.
        if key not in worth and known.allows(post, post.scheduled_at):
            scores[post.scheduled_at] = known.worth(post, post.scheduled_at)
        scores = {
            at: score
            for at, score in scores.items()
            if at not in taken[post.account_id]
        }
        yield Target(
            key, str(post.account_id), str(post.content_id), post.scheduled_at, scores
        )


def taken_by_channel(known: Ground) -> Mapping[UUID, set[datetime]]:
    """Instants that empty, failed and canceled posts have: no other post of the channel
    may have them too.
    """
    taken: dict[UUID, set[datetime]] = defaultdict(set)
    for post in known.others:
        if not stands(post) and post.scheduled_at:
            taken[post.account_id].add(post.scheduled_at)
    return taken


def grid(account: ChannelAccount, known: Ground) -> Iterator[datetime]:
    """The full (or half) hours of the channel's clock to which posts may be moved,
    ascending, in UTC.
    """
    zone, at = ZoneInfo(account.zone), upward(max(known.start, timezone.now()))
    while at < known.end:
        if at.astimezone(
            zone
        ).minute % known.limits.grid == 0 and known.limits.lets_move_to(at):
            yield at
        at += QUARTER


def upward(at: datetime) -> datetime:
    """The next full quarter of an hour in UTC."""
    past = timedelta(
        minutes=at.minute % 15, seconds=at.second, microseconds=at.microsecond
    )
    whole = at.astimezone(UTC) - past
    return whole if not past else whole + QUARTER
