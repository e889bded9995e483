"""Topping off many channels: a first run, one that finds everything there, and the bare
insert of the same rows.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from statistics import median
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks.figures import empty_database, say
from scheduling.channels.topoff import BATCH, top_off
from scheduling.models import ChannelAccount, Post
from workspaces.models import Workspace

CHANNELS, ROUNDS = 1000, 5


def measure() -> None:
    with empty_database():
        _measure()


def _measure() -> None:
    workspace = Workspace.objects.create(slug="bench", name="Bench", zone="UTC")
    ChannelAccount.objects.bulk_create(
        ChannelAccount(
            workspace=workspace,
            platform="x",
            name=f"c{n}",
            zone="Europe/Berlin",
            posts_per_week=5,
        )
        for n in range(CHANNELS)
    )
    rounds = [_round(workspace) for _ in range(ROUNDS)]
    with CaptureQueriesContext(connection) as queries:
        again = top_off(workspace)
    first, second, bare = (median(one[n] for one in rounds) for n in range(3))
    say(
        "topoff",
        database=connection.vendor,
        channels=CHANNELS,
        created=again.skipped,
        created_again=again.created,
        first_seconds=first,
        again_seconds=second,
        again_queries=len(queries),
        bare_insert_seconds=bare,
        first_over_bare=first / bare,
        again_over_first=second / first,
    )


def _round(workspace: Workspace) -> tuple[float, float, float]:
    """Seconds of a first run, of a second one, and of inserting the same rows with
    nothing around it.
    """
    Post.objects.all().delete()
    first = _seconds(lambda: top_off(workspace))
    second = _seconds(lambda: top_off(workspace))
    rows = list(Post.objects.all())
    Post.objects.all().delete()
    for row in rows:
        row.pk = uuid.uuid4()
    bare = _seconds(lambda: Post.objects.bulk_create(rows, batch_size=BATCH))
    return first, second, bare


def _seconds(act: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun
