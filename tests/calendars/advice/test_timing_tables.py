"""The timing tables as they are loaded."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from calendars.models import PostingRhythm, Preferences, TimingRow
from calendars.timing.learning import cell_of
from calendars.timing.tables import tables, week_of
from workspaces.models import Workspace


def test_the_table_gives_each_hour_its_greatest_weight() -> None:
    week = week_of(
        row for row in tables().hours if (row.platform, row.format) == ("youtube", "")
    )
    assert week[cell_of(2, 16)] == 1.0
    assert week[cell_of(2, 15)] == 0.95
    assert week[cell_of(0, 18)] == 0.9
    assert week[cell_of(0, 17)] == 0.1
    assert week[cell_of(5, 14)] == 0.75


@pytest.mark.django_db
def test_a_fresh_installation_has_the_table_in_its_rows() -> None:
    assert TimingRow.objects.count() == len(tables().hours) > 80
    assert PostingRhythm.objects.get(platform="linkedin").gap_hours == 24
    assert set(TimingRow.objects.values_list("platform", flat=True)) == {
        "youtube",
        "tiktok",
        "instagram",
        "x",
        "linkedin",
        "facebook",
    }


@pytest.mark.django_db
def test_rows_hold_from_their_first_day_until_before_their_last() -> None:
    row = TimingRow.objects.first()
    assert row in TimingRow.objects.on()
    row.valid_to = timezone.now().date()
    row.save()
    assert row not in TimingRow.objects.on()
    assert row in TimingRow.objects.on(timezone.now().date() - timedelta(days=1))
    assert row not in TimingRow.objects.on(date(2024, 12, 31))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("weekdays_off", [7]),
        ("weekdays_off", list(range(7))),
        ("hours_off", [{"start": 3}]),
        ("zone", "Mars/Base"),
        ("quality_threshold", 2.0),
    ],
)
def test_preferences_that_cannot_be_are_refused(
    workspace: Workspace, field: str, value: object
) -> None:
    with pytest.raises(ValidationError) as refused:
        Preferences(workspace=workspace, **{field: value}).full_clean()
    assert field in refused.value.message_dict
