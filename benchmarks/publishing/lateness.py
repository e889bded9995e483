"""The measuring itself, beside a product that runs: PLATFORM SECONDS-OF-A-PLAN POSTS NAME."""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from statistics import median, quantiles

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.embedded")

import django

django.setup()

from django.utils import timezone  # noqa: E402 - settings are read from here on

from benchmarks.figures import say  # noqa: E402
from fillplanner.models import Plan  # noqa: E402
from fillplanner.services import plans  # noqa: E402
from scheduling.models import ChannelAccount, ContentItem, Post  # noqa: E402
from workspaces.models import User, Workspace  # noqa: E402

PLANS, LOTS = 4, 400
PATIENCE_SECONDS = 600


def measure(platform: str, plan_seconds: int, posts: int, name: str) -> None:
    late_alone = lateness(platform, posts, spread=timedelta(seconds=10))
    start_plans(plan_seconds)
    wait_until(lambda: Plan.objects.filter(state="running").exists())
    late_beside = lateness(
        platform, posts, spread=timedelta(seconds=plan_seconds * 0.6)
    )
    running = Plan.objects.filter(state__in=("pending", "running")).count()
    load = os.getloadavg()[0]
    for what, late in (("alone", late_alone), ("while planning", late_beside)):
        cuts = quantiles(late, n=100, method="inclusive")
        say(
            f"publishing {what}",
            database=name,
            posts=len(late),
            p50_seconds=median(late),
            p99_seconds=cuts[98],
            worst_seconds=max(late),
        )
    say(
        "plans unfinished when the last post was live",
        database=name,
        plans=running,
        of=PLANS,
        load=load,
    )


def start_plans(seconds: int) -> None:
    """Plans of many lots of many types, which the exact optimiser cannot prove before
    its time is over.
    """
    owner, _ = User.objects.get_or_create(
        username="planner", email="planner@example.org"
    )
    dice = random.Random(1)
    for number in range(PLANS):
        rows = [
            {
                "lot_id": f"L{lot}",
                "lot_type": f"T{lot % 23}",
                "vials": 1000,
                "fill_hours": round(dice.uniform(2, 70), 4),
                "target_start": round(dice.uniform(0, 9000), 1),
            }
            for lot in range(LOTS)
        ]
        config = {"milp_time_limit": seconds}
        plans.create(
            owner,
            plans.Request(
                rows=rows, name=f"Plan {number}", strategy="milp-opt", config=config
            ),
        )


def lateness(platform: str, posts: int, spread: timedelta) -> list[float]:
    """Seconds that each of so many posts was late; they come due one after the other
    within `spread`.
    """
    begin = timezone.now() + timedelta(seconds=3)
    times = [begin + spread * number / posts for number in range(posts)]
    keys = make_posts(platform, times)
    wait_until(
        lambda: not Post.objects.filter(pk__in=keys).exclude(state="published").exists()
    )
    rows = Post.objects.filter(pk__in=keys).values_list("published_at", "scheduled_at")
    return [(live - planned).total_seconds() for live, planned in rows]


def make_posts(platform: str, times: list[datetime]) -> list[object]:
    workspace, _ = Workspace.objects.get_or_create(
        slug="bench", defaults={"name": "Bench", "zone": "UTC"}
    )
    channel, _ = ChannelAccount.objects.get_or_create(
        workspace=workspace,
        platform="webhook",
        name="Feed",
        defaults={"publisher": "webhook", "endpoint": platform, "credential": "secret"},
    )
    content = ContentItem.objects.create(
        workspace=workspace, title="Five signs", caption="A drip."
    )
    rows = [
        Post(
            workspace=workspace,
            account=channel,
            content=content,
            state="scheduled",
            scheduled_at=at,
            due_at=at,
        )
        for at in times
    ]
    return [row.pk for row in Post.objects.bulk_create(rows)]


def wait_until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.2)


if __name__ == "__main__":
    measure(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
