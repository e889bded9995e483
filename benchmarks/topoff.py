"""Topping off many channels: a first run, one that finds everything there, and the bare insert of the same rows."""

from __future__ import annotations

import time
import uuid

from django.db import connection
from django.test.utils import CaptureQueriesContext, setup_databases, teardown_databases

from benchmarks.figures import say
from scheduling.models import ChannelAccount, Post
from scheduling.topoff import BATCH, top_off
from workspaces.models import Workspace

CHANNELS = 1000


def measure() -> None:
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        _measure()
    finally:
        teardown_databases(databases, verbosity=0)


def _measure() -> None:
    workspace = Workspace.objects.create(slug="bench", name="Bench", zone="UTC")
    ChannelAccount.objects.bulk_create(
        ChannelAccount(workspace=workspace, platform="x", name=f"c{n}", zone="Europe/Berlin", posts_per_week=5)
        for n in range(CHANNELS)
    )
    begun = time.perf_counter()
    first = top_off(workspace)
    first_seconds = time.perf_counter() - begun
    with CaptureQueriesContext(connection) as queries:
        begun = time.perf_counter()
        again = top_off(workspace)
        again_seconds = time.perf_counter() - begun
    bare_seconds = bare_insert()
    say("topoff", database=connection.vendor, channels=CHANNELS, created=first.created, created_again=again.created,
        first_seconds=first_seconds, again_seconds=again_seconds, again_queries=len(queries),
        bare_insert_seconds=bare_seconds, first_over_bare=first_seconds / bare_seconds)  # fmt: skip


def bare_insert() -> float:
    """Seconds to insert the same rows with nothing around it."""
    rows = list(Post.objects.all())
    Post.objects.all().delete()
    for row in rows:
        row.pk = uuid.uuid4()
    begun = time.perf_counter()
    Post.objects.bulk_create(rows, batch_size=BATCH)
    return time.perf_counter() - begun
