"""Deleting what has served its time."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from calendars.campaigns import callbacks
from calendars.models import CalendarEvent


def replayable_since(now: datetime | None = None) -> datetime:
    """From when on everything that was told can be told again."""
    return (now or timezone.now()) - timedelta(days=settings.SCHEDULING_EVENTS_DAYS)


def forget_old() -> None:
    """Frames that no socket will ask for any more, and callbacks that are over."""
    CalendarEvent.objects.filter(at__lt=replayable_since()).delete()
    callbacks.forget_old()
