"""An attempt lives as long as bytes of it move: its lease is prolonged meanwhile, so that
no other worker takes a slow upload for a dead one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from common import outgoing
from scheduling.domain import states
from scheduling.models import Attempt


def lease() -> timedelta:
    """How long a worker may be silent about one post before it counts as dead."""
    return timedelta(seconds=settings.PUBLISH_LEASE_SECONDS)


@contextmanager
def kept_alive(attempt: Attempt) -> Iterator[None]:
    """For as long as the block lasts, whatever is sent within it prolongs the lease."""
    token = outgoing.moved.set(Pulse(attempt.pk))
    try:
        yield
    finally:
        outgoing.moved.reset(token)


class Pulse:
    """Called for each piece that went out; prolongs the lease four times within one."""

    def __init__(self, attempt_id: int) -> None:
        self.attempt_id = attempt_id
        self.noted_at = time.monotonic()

    def __call__(self) -> None:
        now = time.monotonic()
        if now - self.noted_at < lease().total_seconds() / 4:
            return
        self.noted_at = now
        until = timezone.now() + lease()
        mine = Attempt.objects.filter(
            pk=self.attempt_id,
            state__in=(states.CLAIMED, states.SENDING),
            lease_until__lt=until,
        )
        mine.update(lease_until=until)
