"""One benchmark of the checkout in the current folder, a round at a time: for each line
that it reads it measures once and answers with a line of JSON, seconds by name.

Run by path, so that an older checkout, which lacks this file, is measured by the same
program with its own benchmarks. Seconds are of the processor, not of the clock.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
os.environ["LOG_LEVEL"] = "WARNING"
time.perf_counter = time.process_time

import django  # noqa: E402 - the line above must hold for whatever it imports

django.setup()

from django.test.utils import override_settings  # noqa: E402 - as above
from django.utils import timezone  # noqa: E402
from rest_framework.test import APIClient  # noqa: E402

from benchmarks import calendar, topoff  # noqa: E402
from benchmarks.figures import empty_database  # noqa: E402
from benchmarks.fill import table  # noqa: E402
from fillplanner.planning.solve import solve  # noqa: E402
from scheduling.models import ChannelAccount  # noqa: E402
from workspaces.models import Membership, User, Workspace  # noqa: E402
from workspaces.roles import Role  # noqa: E402

CHANNELS = 200
POSTS = 10_000
EACH = 8
HEURISTICS = "heuristics"
EXACT = "small"
Seconds = dict[str, float]
Round = Callable[[], Seconds]


@contextmanager
def topping_off() -> Iterator[Round]:
    """A first run for many channels, and one that finds everything there."""
    with empty_database():
        workspace = Workspace.objects.create(slug="bench", name="Bench", zone="UTC")
        for number in range(CHANNELS):
            ChannelAccount.objects.create(
                workspace=workspace,
                platform="x",
                name=f"c{number}",
                zone="Europe/Berlin",
                posts_per_week=5,
            )

        def measured() -> Seconds:
            first, again, _ = topoff._round(workspace)
            return {"first": first, "again": again}

        yield measured


@contextmanager
def calendar_of_many() -> Iterator[Round]:
    """Four weeks with 2,000 posts, of a workspace that has more."""
    with empty_database(), override_settings(ALLOWED_HOSTS=["testserver"]):
        workspace = Workspace.objects.create(slug="bench", name="Bench", zone="UTC")
        user = User.objects.create_user("bench", "bench@example.org", "bench")
        Membership.objects.create(user=user, workspace=workspace, role=Role.VIEWER)
        start = timezone.now().replace(microsecond=0)
        calendar._fill(workspace, start, POSTS)
        client = APIClient()
        client.force_authenticate(user)
        end = start + calendar.WINDOW - timedelta(seconds=1)
        query = {
            "tenant_id": "bench",
            "start_date": start.isoformat(),
            "end_date": end.isoformat(),
        }

        def measured() -> Seconds:
            begun = time.process_time()
            client.get("/api/v1/marketing/calendar", query).json()
            return {"28 days": time.process_time() - begun}

        yield measured


@contextmanager
def filling(group: str) -> Iterator[Round]:
    """Every eighth problem of a group, by each of its strategies."""
    chosen = [
        (strategy, case.problem)
        for strategy, cases in table.groups()[group]
        for case in list(cases)[::EACH]
    ]

    def measured() -> Seconds:
        begun = time.process_time()
        for strategy, problem in chosen:
            solve(problem, strategy)
        return {group: time.process_time() - begun}

    yield measured


MEASURES = {
    "topoff": topping_off,
    "calendar": calendar_of_many,
    "fill": lambda: filling(HEURISTICS),
    "exact": lambda: filling(EXACT),
}

if __name__ == "__main__":
    with MEASURES[sys.argv[-1]]() as measure:
        # What is loaded or compiled at the first time is nobody's speed.
        measure()
        gc.collect()
        gc.freeze()
        gc.enable()
        for _ in sys.stdin:
            print(json.dumps(measure()), flush=True)
