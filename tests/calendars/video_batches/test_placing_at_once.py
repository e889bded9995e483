"""Several programs at once, with one channel's measurements or one job: nothing is
lost, nothing placed twice.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from together import at_once

from calendars.models import (
    BulkRun,
    CalendarItem,
    HourResult,
    VideoPlacement,
    WeekResult,
)
from calendars.results.services import Measurement, ingest
from calendars.video_batches.adapt import Source
from calendars.video_batches.services import BulkOrder, Video, generate, start
from scheduling.models import ChannelAccount, Post
from workspaces.models import User, Workspace

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services]


def test_senders_of_one_channel_do_not_lose_each_others_measurements(
    editor: User, workspace: Workspace, channel: ChannelAccount
) -> None:
    out = (timezone.now() - timedelta(days=3)).replace(
        minute=0, second=0, microsecond=0
    )

    def send(number: int) -> Callable[[], Any]:
        numbers, names = (
            {"views": 1.0, "engagement_rate": 0.1},
            [f"{number} {n}" for n in range(5)],
        )
        rows = [
            Measurement(name, out, None, channel.pk, name, out, numbers)
            for name in names
        ]
        return lambda: ingest(editor, workspace, rows).stored

    assert at_once(*(send(number) for number in range(6))) == [5] * 6
    assert HourResult.objects.get().posts == 30
    assert WeekResult.objects.get().rated == 30


def test_a_job_that_is_sent_twice_at_once_is_placed_once(
    editor: User, workspace: Workspace, settings: Any
) -> None:
    videos = [Video(f"v{n}", Source(f"Tip {n}")) for n in range(4)]
    order = BulkOrder("spring", videos, ("youtube", "tiktok"), "UTC", 60)
    made = at_once(*[lambda: generate(editor, workspace, order)] * 3)
    assert sorted(one.planned for one in made) == [0, 0, 8]
    assert VideoPlacement.objects.count() == CalendarItem.objects.count() == 8
    assert Post.objects.filter(calendar_item__isnull=False).count() == 8
    settings.BULK_AT_ONCE = 0
    assert start(editor, workspace, order).state == "completed"
    assert BulkRun.objects.filter(state="completed").count() == 4
