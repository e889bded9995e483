"""The measuring itself, beside a worker and a platform that run."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from statistics import quantiles
from urllib.request import urlopen
from uuid import UUID

import django

django.setup()

from django.utils import timezone  # noqa: E402 - settings are read from here on

from benchmarks.figures import say  # noqa: E402
from benchmarks.publishing.worker import app, nothing  # noqa: E402
from scheduling.models import ChannelAccount, ContentItem, Post  # noqa: E402
from scheduling.publishing.tasks import find_due  # noqa: E402
from workspaces.models import Workspace  # noqa: E402

CHANNELS, WARM, A_SECOND = 20, 200, 20
PATIENCE_SECONDS = 600


def measure(platform: str, posts: int, steady_seconds: int) -> None:
    do_nothing(WARM)
    bare = posts / do_nothing(posts)
    channels = channels_at(platform)
    burst(channels, WARM)
    rate = posts / burst(channels, posts)
    say(
        "publishing",
        posts=posts,
        posts_per_second=rate,
        noop_per_second=bare,
        share_of_noop=rate / bare,
    )
    late = steady(channels, steady_seconds)
    cuts = quantiles(late, n=100)
    say(
        "publishing lateness",
        posts=len(late),
        per_second=A_SECOND,
        p50_seconds=cuts[49],
        p99_seconds=cuts[98],
    )
    taken, different = map(int, urlopen(f"{platform}/count").read().split())
    say(
        "publishing once",
        wanted=posts + WARM + len(late),
        live=taken,
        different=different,
    )


def do_nothing(count: int) -> float:
    """Seconds for so many tasks that do nothing, from the first bell to the last one answered."""
    begun = time.perf_counter()
    for number in range(count):
        nothing.apply_async((str(number),), retry=False)
    with app.connection_for_read() as line:
        client = line.default_channel.client
        wait_until(lambda: client.llen("default") + client.hlen("unacked") == 0)
    return time.perf_counter() - begun


def burst(channels: list[ChannelAccount], count: int) -> float:
    """Seconds until so many posts that come due together are live, from the moment they are due."""
    due = timezone.now() + timedelta(seconds=2)
    make_posts(
        channels,
        [due - timedelta(microseconds=number + 1) for number in range(count)],
        due,
    )
    wait_until(lambda: timezone.now() >= due)
    begun = time.perf_counter()
    wait_until(published, act=Beat().ring)
    return time.perf_counter() - begun


def steady(channels: list[ChannelAccount], seconds: int) -> list[float]:
    """Seconds that each post was late, at a steady pace."""
    begin = timezone.now() + timedelta(seconds=2)
    times = [
        begin + timedelta(seconds=number / A_SECOND)
        for number in range(seconds * A_SECOND)
    ]
    keys = make_posts(channels, times)
    wait_until(published, act=Beat().ring)
    rows = Post.objects.filter(pk__in=keys).values_list("published_at", "scheduled_at")
    return [(live - planned).total_seconds() for live, planned in rows]


def channels_at(platform: str) -> list[ChannelAccount]:
    workspace = Workspace.objects.create(slug="bench", name="Bench", zone="UTC")
    return [
        ChannelAccount.objects.create(
            workspace=workspace,
            platform="webhook",
            name=f"c{n}",
            publisher="webhook",
            endpoint=platform,
            credential="secret",
        )
        for n in range(CHANNELS)
    ]


def make_posts(
    channels: list[ChannelAccount], times: list[datetime], due: datetime | None = None
) -> list[UUID]:
    content = ContentItem.objects.create(
        workspace=channels[0].workspace, title="Five signs", caption="A drip."
    )
    rows = [
        Post(
            workspace=content.workspace,
            account=channels[number % CHANNELS],
            content=content,
            state="scheduled",
            scheduled_at=at,
            due_at=due or at,
        )
        for number, at in enumerate(times)
    ]
    return [row.pk for row in Post.objects.bulk_create(rows, batch_size=1000)]


def published() -> bool:
    return not Post.objects.filter(
        state__in=("scheduled", "publishing", "uncertain")
    ).exists()


class Beat:
    """Rings for due posts once a second."""

    rung_at = float("-inf")

    def ring(self) -> None:
        if time.monotonic() - self.rung_at >= 1:
            self.rung_at = time.monotonic()
            find_due.apply_async(retry=False, expires=2)


def wait_until(
    done: Callable[[], bool], act: Callable[[], None] = lambda: None
) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < deadline, "it took too long"
        act()
        time.sleep(0.05)


if __name__ == "__main__":
    measure(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
