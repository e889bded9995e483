"""What workers do for calendars."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from calendars.models import KpiEvent


def forget_old_measurements() -> int:
    """Delete raw measurements of more than `KPI_DAYS` days ago; their sums stay. How many went."""
    old = KpiEvent.objects.filter(event_time__lt=timezone.now() - timedelta(days=settings.KPI_DAYS))
    return old._raw_delete(old.db) or 0
