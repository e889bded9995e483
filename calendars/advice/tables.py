"""The timing tables: replaced for everybody by staff, never overwritten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from calendars.models import TimingRow
from calendars.models.timing import DatedQuerySet
from common.errors import Forbidden, Unprocessable
from workspaces import audit
from workspaces.models import User

MOST_SPANS = 24


def replace(
    user: User,
    platform: str,
    format_: str,
    days: Sequence[int],
    spans: Sequence[tuple[int, int]],
    weight: float,
    source: str,
) -> list[TimingRow]:
    """From today on these local hours [first, last) hold on these weekdays, for
    platform and format; what held ends.

    A span that ends where it begins is that one hour. Raises Forbidden unless staff,
    Unprocessable for values that cannot be.
    """
    if not user.is_staff:
        raise Forbidden("Timing data hold for everybody: only staff may change them.")
    today = timezone.now().date()
    rows = [
        TimingRow(
            platform=platform,
            format=format_,
            weekday=day,
            first_hour=first,
            last_hour=last if last > first else first + 1,
            weight=weight,
            source=source or f"saved by {user.username}",
            valid_from=today,
        )
        for day in dict.fromkeys(days)
        for first, last in spans[:MOST_SPANS]
    ]
    _check(rows)
    changes = {
        "platform": platform,
        "format": format_,
        "days": list(days),
        "spans": list(spans),
        "weight": weight,
    }
    with transaction.atomic():
        _end(TimingRow.objects.filter(platform=platform, format=format_), days, today)
        created: list[Any] = TimingRow.objects.bulk_create(rows)
        audit.record(user, "replaced", "timing", after=changes)
    return created


def _check(rows: Iterable[TimingRow]) -> None:
    """Raises Unprocessable for values that cannot be."""
    try:
        for row in rows:
            row.full_clean()
    except ValidationError as error:
        raise Unprocessable("Not valid.", error.message_dict) from error


def _end(rows: DatedQuerySet, days: Sequence[int], today: date) -> None:
    """Let what holds on these weekdays end today; what began today has never held."""
    holding = rows.on(today).filter(weekday__in=days)
    holding.filter(valid_from=today).delete()
    holding.update(valid_to=today)
