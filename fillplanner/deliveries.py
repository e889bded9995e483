"""Telling: claim a delivery, send it outside of any transaction, record what came of it; find those that are due."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import uniform
from smtplib import SMTPException
from typing import Any

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from common.outgoing import Refused, Unreachable, send
from common.secrets import Unreadable
from common.signing import signed_headers
from common.states import try_advance
from fillplanner import events, states
from fillplanner.models import Comparison, Delivery, Plan
from fillplanner.models.notices import EMAIL
from fillplanner.wording import mail_text

log = structlog.get_logger(__name__)

# Waits after the first try, the second ...; with the last of them over, there were six.
WAITS = [timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800, 7200)]
MOST_TRIES = len(WAITS) + 1
# Longer than a try can take: a worker that dies in it leaves the delivery due again after this.
CLAIMED_FOR = timedelta(seconds=60)
RING_AGAIN_AFTER = timedelta(seconds=30)
RING_AT_ONCE = 200
KEPT = timedelta(days=30)
GONE = 410


@dataclass(frozen=True)
class Outcome:
    """What came of a try. `hopeless` says that trying again cannot help."""

    sent: bool = False
    status: int | None = None
    error: str = ""
    hopeless: bool = False


def deliver(delivery_id: int) -> Delivery | None:
    """Claim a delivery that is due and try it once. None where there is nothing to do."""
    delivery = claim(delivery_id)
    if delivery is None:
        return None
    outcome = mail(delivery) if delivery.target.kind == EMAIL else post(delivery)
    return record(delivery, outcome)


def claim(delivery_id: int) -> Delivery | None:
    """Count a try of this worker's; until it is recorded or long over, nobody else begins one."""
    now = timezone.now()
    with transaction.atomic():
        rows = Delivery.objects.due(now).filter(pk=delivery_id, tries__lt=MOST_TRIES)
        if not rows.update(tries=F("tries") + 1, next_try_at=now + CLAIMED_FOR, rung_at=None):
            return None
        claimed: Delivery = Delivery.objects.select_related("target__owner").get(pk=delivery_id)
    return claimed


def post(delivery: Delivery) -> Outcome:
    """Send the event to the webhook, signed."""
    body = json.dumps(delivery.body, ensure_ascii=False, separators=(",", ":")).encode()
    try:
        headers = signed_headers(delivery.target.signing_secret(), body, str(delivery.key))
        answer = send("POST", delivery.target.url, headers=headers | {"Content-Type": "application/json"}, content=body)
    except (Refused, Unreadable) as error:
        return Outcome(error=str(error), hopeless=True)
    except Unreachable as error:
        return Outcome(error=str(error))
    said = "" if answer.is_success else f"The receiver answered {answer.status}."
    return Outcome(answer.is_success, answer.status, said, hopeless=answer.status == GONE)


def mail(delivery: Delivery) -> Outcome:
    """Write to the person, in plain words with a link."""
    subject, text = mail_text(delivery.body, name_of(delivery.body["data"]), settings.PUBLIC_URL)
    if not delivery.target.owner.is_active:
        return Outcome(error="The account is closed.", hopeless=True)
    try:
        send_mail(subject, text, None, [delivery.target.owner.email])
    except (SMTPException, OSError) as error:
        return Outcome(error=f"The mail could not be handed over: {type(error).__name__}.")
    return Outcome(sent=True)


def name_of(data: dict[str, Any]) -> str:
    """What the plan or comparison that is told of is called; blank for one that is gone."""
    for key, rows in (("schedule_id", Plan.objects), ("comparison_id", Comparison.objects)):
        if key in data:
            return str(rows.filter(pk=data[key]).values_list("name", flat=True).first() or "")
    return ""


def record(delivery: Delivery, outcome: Outcome) -> Delivery | None:
    """Sent, failed, or due again later. None when another worker has begun a later try, or the target is gone."""
    rows = Delivery.objects.filter(pk=delivery.pk, tries=delivery.tries)
    written: dict[str, Any] = {"response_status": outcome.status, "last_error": outcome.error[:300]}
    if outcome.sent:
        kept = try_advance(rows, states.DELIVERY, states.SENT, sent_at=timezone.now(), **written)
    elif outcome.hopeless or delivery.tries >= MOST_TRIES:
        kept = try_advance(rows, states.DELIVERY, states.FAILED, **written)
    else:
        later = timezone.now() + WAITS[delivery.tries - 1] * uniform(1.0, 1.1)
        kept = bool(rows.filter(state=states.PENDING).update(next_try_at=later, **written))
    log.info("notice_tried", delivery=delivery.pk, number=delivery.tries, sent=outcome.sent, error=outcome.error)
    if kept:
        events.notices_changed(delivery.target.owner_id)
    return rows.first() if kept else None


def due(now: datetime | None = None) -> list[int]:
    """Ids of deliveries to be tried now, noted as rung for; those whose last try was lost are failed."""
    now = now or timezone.now()
    lost = Delivery.objects.due(now).filter(tries__gte=MOST_TRIES)
    for delivery in lost.only("pk"):
        try_advance(
            lost.filter(pk=delivery.pk), states.DELIVERY, states.FAILED, last_error="The last try was interrupted."
        )
    unheard = Q(rung_at=None) | Q(rung_at__lt=now - RING_AGAIN_AFTER)
    rows = Delivery.objects.due(now).filter(unheard).order_by("next_try_at")
    found = list(rows.values_list("pk", flat=True)[:RING_AT_ONCE])
    Delivery.objects.filter(pk__in=found).update(rung_at=now)
    return found


def forget_old(now: datetime | None = None) -> int:
    """Delete what was told, or given up, a month ago, and say how many."""
    before = (now or timezone.now()) - KEPT
    over = Delivery.objects.filter(state__in=states.DELIVERY.terminal, created_at__lt=before)
    return int(over.delete()[0])
