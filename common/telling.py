"""Telling an address of an event until it has heard: claiming a try, sending it signed,
saying when the next one is.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import uniform
from typing import Any, ClassVar, TypeVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from common.mappings import JsonObject, Values
from common.outgoing import Refused, Unreachable, send
from common.signing import signed_headers
from common.states import StateTable, table
from common.transitions import try_advance

# Waits after the first try, the second ...; with the last of them over, there were six.
WAITS = [timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800, 7200)]
MOST_TRIES = len(WAITS) + 1
# Longer than a try can take: a worker that dies in it leaves the row due again after this.
CLAIMED_FOR = timedelta(seconds=60)
RING_AGAIN_AFTER = timedelta(seconds=30)
RING_AT_ONCE = 200
REMEMBERED_FOR = timedelta(days=30)
PENDING = "pending"
SENT = "sent"
FAILED = "failed"
GONE = 410


def telling_table(name: str) -> StateTable:
    """The states of a telling; it stays pending between tries."""
    return table(name, PENDING, pending="sent failed", sent="", failed="")


Telling_co = TypeVar("Telling_co", bound="Telling", covariant=True)


class TellingQuerySet(models.QuerySet[Telling_co]):
    def due(self, now: datetime) -> TellingQuerySet[Telling_co]:
        """Those whose next try may begin."""
        return self.filter(state=PENDING, next_try_at__lte=now)


class Telling(models.Model):
    """One event on its way to one address.

    `key` names it to the receiver, over all its tries; `about` names what it tells of.
    `rung_at` is when a worker was last rung for it.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    event = models.CharField(max_length=40)
    about = models.CharField(max_length=80)
    body = models.JSONField()
    state = models.CharField(max_length=12, default=PENDING, editable=False)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    rung_at = models.DateTimeField(null=True, blank=True, editable=False)
    response_status = models.PositiveSmallIntegerField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = TellingQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.event} {self.about}"


@dataclass(frozen=True)
class Outcome:
    """What came of a try. `hopeless` says that trying again cannot help."""

    sent: bool = False
    status: int | None = None
    error: str = ""
    hopeless: bool = False


def claim(kind: type[Telling], key: int) -> bool:
    """Count a try of this worker's; until it is recorded or long over, nobody else begins one."""
    now = timezone.now()
    waiting = kind.objects.due(now).filter(pk=key, tries__lt=MOST_TRIES)
    claimed = waiting.update(
        tries=F("tries") + 1, next_try_at=now + CLAIMED_FOR, rung_at=None
    )
    return bool(claimed)


def post(url: str, secret: str, body: JsonObject, key: str) -> Outcome:
    """Send the body to the address, signed; `key` stays the same when it is sent again."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    headers = signed_headers(secret, text, key) | {"Content-Type": "application/json"}
    try:
        answer = send("POST", url, headers=headers, content=text)
    except Refused as error:
        return Outcome(error=str(error), hopeless=True)
    except Unreachable as error:
        return Outcome(error=str(error))
    if answer.is_success:
        return Outcome(sent=True, status=answer.status)
    error_text = f"The receiver answered {answer.status}."
    hopeless = answer.status == GONE
    return Outcome(status=answer.status, error=error_text, hopeless=hopeless)


def record(row: Telling, states: StateTable, outcome: Outcome) -> bool:
    """Sent, failed, or due again later. False when another worker has begun a later
    try, or the row is gone.
    """
    same = type(row).objects.filter(pk=row.pk, tries=row.tries)
    written: Values = {
        "response_status": outcome.status,
        "last_error": outcome.error[:300],
    }
    if outcome.sent:
        return try_advance(same, states, SENT, sent_at=timezone.now(), **written)
    if outcome.hopeless or row.tries >= MOST_TRIES:
        return try_advance(same, states, FAILED, **written)
    later = timezone.now() + WAITS[row.tries - 1] * uniform(1.0, 1.1)
    return bool(same.filter(state=PENDING).update(next_try_at=later, **written))


def due(
    kind: type[Telling], states: StateTable, now: datetime | None = None
) -> list[int]:
    """Ids of rows to be tried now, noted as rung for; those whose last try was lost are failed."""
    now = now or timezone.now()
    waiting = kind.objects.due(now)
    lost = waiting.filter(tries__gte=MOST_TRIES)
    interrupted = "The last try was interrupted."
    for row in lost.only("pk"):
        try_advance(lost.filter(pk=row.pk), states, FAILED, last_error=interrupted)
    may_ring = Q(rung_at=None) | Q(rung_at__lt=now - RING_AGAIN_AFTER)
    unheard = waiting.filter(may_ring).order_by("next_try_at")
    keys = list(unheard.values_list("pk", flat=True)[:RING_AT_ONCE])
    kind.objects.filter(pk__in=keys).update(rung_at=now)
    return keys


def forget_old(
    kind: type[Telling], states: StateTable, now: datetime | None = None
) -> int:
    """Delete what was told, or given up, a month ago, and say how many."""
    before = (now or timezone.now()) - REMEMBERED_FOR
    old = kind.objects.filter(state__in=states.terminal, created_at__lt=before)
    count, _ = old.delete()
    return int(count)
