"""Celery tasks: an id in, one call, nothing else."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from calendars.campaigns import callbacks, housekeeping
from calendars.campaigns import follow as following
from common import sweep
from common.doorbell import ring_now


@shared_task(name="calendars.find_lagging")
def find_lagging() -> None:
    """Ring for each calendar whose posts have gone on without it."""
    for calendar_id in following.lagging():
        ring_now(follow, str(calendar_id))


@shared_task(name="calendars.follow")
def follow(calendar_id: str) -> None:
    """Take a calendar to where its posts are, and send what there is to tell."""
    following.follow(UUID(calendar_id))
    ring_for_callbacks()


@shared_task(name="calendars.call_back")
def call_back(callback_id: int) -> None:
    """Try once to deliver a callback."""
    callbacks.call_back(callback_id)


@shared_task(name="calendars.forget_old")
def forget_old() -> None:
    """Delete what has been kept long enough."""
    housekeeping.forget_old()


def ring_for_callbacks() -> None:
    """Ring for each callback whose time has come."""
    for callback_id in callbacks.due():
        ring_now(call_back, callback_id)


sweep.register("calendars.call_back", callbacks.due)
