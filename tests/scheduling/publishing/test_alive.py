"""An attempt's lease lives as long as bytes of it move."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from common import outgoing
from scheduling.domain import states
from scheduling.models import Attempt, Post
from scheduling.publishing import alive
from scheduling.publishing import publish as publishing

pytestmark = [pytest.mark.django_db, pytest.mark.services]


def attempt_at(due: Post) -> Attempt:
    attempt = publishing.claim(due.pk, "worker")
    assert attempt is not None
    return attempt


def test_moving_bytes_prolong_it(due: Post, settings: Any) -> None:
    attempt = attempt_at(due)
    nearly_over = timezone.now() + timedelta(milliseconds=1)
    Attempt.objects.filter(pk=attempt.pk).update(lease_until=nearly_over)
    with alive.kept_alive(attempt):
        pulse = outgoing.moved.get()
        pulse()
        assert Attempt.objects.get(pk=attempt.pk).lease_until == nearly_over
        pulse.noted_at -= settings.PUBLISH_LEASE_SECONDS
        pulse()
    left = Attempt.objects.get(pk=attempt.pk).lease_until - timezone.now()
    assert left > timedelta(seconds=settings.PUBLISH_LEASE_SECONDS - 30)
    outgoing.moved.get()()


def test_a_closed_attempt_stays_closed_and_a_longer_lease_longer(
    due: Post, settings: Any
) -> None:
    attempt = attempt_at(due)
    far = timezone.now() + timedelta(hours=1)
    Attempt.objects.filter(pk=attempt.pk).update(lease_until=far)
    pulse = alive.Pulse(attempt.pk)
    pulse.noted_at -= settings.PUBLISH_LEASE_SECONDS
    pulse()
    assert Attempt.objects.get(pk=attempt.pk).lease_until == far
    publishing.record(attempt, publishing.Refused("No."))
    past = timezone.now() - timedelta(hours=1)
    Attempt.objects.filter(pk=attempt.pk).update(lease_until=past)
    pulse.noted_at -= settings.PUBLISH_LEASE_SECONDS
    pulse()
    closed = Attempt.objects.get(pk=attempt.pk)
    assert (closed.lease_until, closed.state) == (past, states.ATTEMPT_REFUSED)
