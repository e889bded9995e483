"""Telling: claim a delivery, send it outside of any transaction, record what came of
it; find those that are due.
"""

from __future__ import annotations

from datetime import datetime
from smtplib import SMTPException
from typing import Any

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction

from common import telling
from common.mappings import JsonObject
from common.secrets import Unreadable
from common.telling import MOST_TRIES, Outcome
from fillplanner import states
from fillplanner.live import events
from fillplanner.models import Comparison, Delivery, Plan
from fillplanner.models.notices import EMAIL
from fillplanner.notices.mails import mail_text

__all__ = ["MOST_TRIES", "Outcome", "claim", "deliver", "due", "forget_old", "record"]

log = structlog.get_logger(__name__)


def deliver(delivery_id: int) -> Delivery | None:
    """Claim a delivery that is due and try it once. None where there is nothing to do."""
    delivery = claim(delivery_id)
    if delivery is None:
        return None
    outcome = mail(delivery) if delivery.target.kind == EMAIL else post(delivery)
    return record(delivery, outcome)


def claim(delivery_id: int) -> Delivery | None:
    """Count a try of this worker's; until it is recorded or long over, nobody else begins one."""
    with transaction.atomic():
        if not telling.claim(Delivery, delivery_id):
            return None
        rows: Any = Delivery.objects.select_related("target__owner")
        claimed: Delivery = rows.get(pk=delivery_id)
    return claimed


def post(delivery: Delivery) -> Outcome:
    """Send the event to the webhook, signed."""
    try:
        secret = delivery.target.signing_secret()
    except Unreadable as error:
        return Outcome(error=str(error), hopeless=True)
    return telling.post(delivery.target.url, secret, delivery.body, str(delivery.key))


def mail(delivery: Delivery) -> Outcome:
    """Write to the person, in plain words with a link."""
    subject, text = mail_text(
        delivery.body, name_of(delivery.body["data"]), settings.PUBLIC_URL
    )
    if not delivery.target.owner.is_active:
        return Outcome(error="The account is closed.", hopeless=True)
    try:
        send_mail(subject, text, None, [delivery.target.owner.email])
    except (SMTPException, OSError) as error:
        return Outcome(
            error=f"The mail could not be handed over: {type(error).__name__}."
        )
    return Outcome(sent=True)


def name_of(data: JsonObject) -> str:
    """What the plan or comparison that is told of is called; blank for one that is gone."""
    for key, rows in (
        ("schedule_id", Plan.objects),
        ("comparison_id", Comparison.objects),
    ):
        if key in data:
            return str(
                rows.filter(pk=data[key]).values_list("name", flat=True).first() or ""
            )
    return ""


def record(delivery: Delivery, outcome: Outcome) -> Delivery | None:
    """Sent, failed, or due again later. None when another worker has begun a later try,
    or the target is gone.
    """
    recorded = telling.record(delivery, states.DELIVERY, outcome)
    log.info(
        "notice_tried",
        delivery=delivery.pk,
        number=delivery.tries,
        sent=outcome.sent,
        error=outcome.error,
    )
    if not recorded:
        return None
    events.notices_changed(delivery.target.owner_id)
    rows: Any = Delivery.objects.filter(pk=delivery.pk)
    fresh: Delivery | None = rows.first()
    return fresh


def due(now: datetime | None = None) -> list[int]:
    """Ids of deliveries to be tried now, noted as rung for; those whose last try was
    lost are failed.
    """
    return telling.due(Delivery, states.DELIVERY, now)


def forget_old(now: datetime | None = None) -> int:
    """Delete what was told, or given up, a month ago, and say how many."""
    return telling.forget_old(Delivery, states.DELIVERY, now)
