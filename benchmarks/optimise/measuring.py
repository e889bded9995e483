"""Better times for 200 posts of five channels in 28 days under every kind of
constraint, from rows to the answer.
"""

from __future__ import annotations

import random
import time
from datetime import datetime, timedelta

from django.utils import timezone

from benchmarks.figures import empty_database, say
from calendars.models import Preferences
from calendars.optimiser.limits import Limits, PlatformLimits
from calendars.optimiser.question import pose, read_ground
from calendars.timing.assignment import judge
from calendars.timing.optimise import optimise
from scheduling.domain import states
from scheduling.models import Blackout, ChannelAccount, ContentItem, Post
from workspaces.models import Membership, User, Workspace
from workspaces.roles import Role

CHANNELS = (
    ("x", "one"),
    ("x", "two"),
    ("instagram", "three"),
    ("linkedin", "four"),
    ("youtube", "five"),
)
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "UTC",
    "Asia/Kolkata",
    "America/Los_Angeles",
)
POSTS, STAYING, DAYS, SECONDS = 200, 25, 28, 10.0


def measure() -> None:
    with empty_database():
        for grid in (60, 30):
            for exact in (True, False):
                _measure(grid, exact)


def _measure(grid: int, exact: bool) -> None:
    """`exact` posts begin on a full hour, the others at any minute, so that no two of
    them are alike.
    """
    name = f"bench-{grid}-{'hours' if exact else 'minutes'}"
    user = User.objects.create_user(
        name, f"{name}@example.org", "correct horse battery"
    )
    workspace = Workspace.objects.create(slug=name, name="Bench", zone="UTC")
    Membership.objects.create(user=user, workspace=workspace, role=Role.EDITOR)
    begin = (timezone.now() + timedelta(days=1)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    posts = _rows(workspace, begin, exact)
    _rules(workspace, begin)
    begun = time.perf_counter()
    known = read_ground(
        user,
        workspace,
        [post.pk for post in posts],
        _limits(begin, grid),
        begin,
        begin + timedelta(DAYS),
    )
    wanted = pose(known)
    ready = time.perf_counter()
    found = optimise(wanted.question, SECONDS)
    done = time.perf_counter()
    say(
        "optimise",
        posts=len(wanted.question.targets),
        stuck=len(wanted.stuck),
        accounts=len(CHANNELS),
        days=DAYS,
        grid_minutes=grid,
        posts_begin_on="full hours" if exact else "any minute",
        status=found.status,
        value=found.value,
        bound=found.bound,
        gap_percent=found.gap_percent,
        greedy_value=found.greedy_value,
        faults=len(judge(wanted.question, found.times)) if found.times else None,
        question_seconds=ready - begun,
        solve_seconds=done - ready,
    )


def _rows(workspace: Workspace, begin: datetime, exact: bool) -> list[Post]:
    chance = random.Random(1)
    accounts = [
        ChannelAccount.objects.create(
            workspace=workspace,
            platform=platform,
            name=name,
            zone=zone,
            publisher="outbox",
        )
        for (platform, name), zone in zip(CHANNELS, ZONES, strict=True)
    ]
    contents = ContentItem.objects.bulk_create(
        ContentItem(workspace=workspace, title=f"t{n}")
        for n in range(POSTS // len(CHANNELS) + STAYING)
    )
    posts = []
    for account in accounts:
        minutes = chance.sample(
            range(DAYS * 24), POSTS // len(CHANNELS) + STAYING // len(CHANNELS)
        )
        for content, hour in zip(contents, minutes, strict=False):
            at = begin + timedelta(
                hours=hour, minutes=0 if exact else chance.choice(range(1, 59))
            )
            posts.append(
                Post(
                    workspace=workspace,
                    account=account,
                    content=content,
                    scheduled_at=at,
                    state=states.DRAFT,
                )
            )
    Post.objects.bulk_create(posts)
    each = POSTS // len(CHANNELS)
    return [
        post
        for n, post in enumerate(posts)
        if n % (each + STAYING // len(CHANNELS)) < each
    ]


def _rules(workspace: Workspace, begin: datetime) -> None:
    off = [{"start": 23, "end": 6}]
    Preferences.objects.create(
        workspace=workspace,
        per_day_most=3,
        per_week_most=16,
        gap_hours=4,
        weekdays_off=[6],
        hours_off=off,
    )
    for day, platform in ((4, ""), (11, "instagram")):
        Blackout.objects.create(
            workspace=workspace,
            platform=platform,
            zone="UTC",
            begins_local=f"{begin + timedelta(day):%Y-%m-%dT00:00}",
            ends_local=f"{begin + timedelta(day + 1):%Y-%m-%dT00:00}",
        )


def _limits(begin: datetime, grid: int) -> Limits:
    closed = ((begin + timedelta(days=8), begin + timedelta(days=8, hours=12)),)
    rules = {
        "x": PlatformLimits(300, 60, 3, 15),
        "linkedin": PlatformLimits(max_per_day=2, max_per_week=12),
    }
    return Limits(begin, begin + timedelta(days=DAYS), closed, rules, 90, grid)
