"""What people do with notices: have them sent to a webhook or their mailbox, try one, end them."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction

from common.doorbell import ring
from common.errors import Conflict, InvalidInput
from common.outgoing import Refused, check_url
from fillplanner.live import events
from fillplanner.models import Delivery, NoticeTarget
from fillplanner.models.notices import EMAIL, WEBHOOK
from fillplanner.notices.outbox import EVENTS, TEST, keep
from fillplanner.selectors import own_webhook, webhooks_of
from fillplanner.tasks import deliver
from workspaces import audit
from workspaces.models import User

MOST_WEBHOOKS = 20
SHORTEST_SECRET = 16
LONGEST_SECRET = 200


def subscribe(
    user: User, url: str, event_names: Sequence[str] = (), secret: str | None = None
) -> tuple[NoticeTarget, str]:
    """A webhook and its secret, which is shown this once. No `wanted` events means all.

    Raises InvalidInput for an address, events or a secret that cannot be used, Conflict
    for one webhook too many.

    user: whose webhook it is to be.
    url: where events are sent; it must be reachable from outside.
    secret: 16 to 200 characters; one is made where none is given.
    """
    address = url.strip()
    chosen = checked_events(event_names)
    text = checked_secret(secret)
    try:
        check_url(address)
    except Refused as refusal:
        raise InvalidInput(f"This address cannot be told: {refusal}") from refusal
    with transaction.atomic():
        if webhooks_of(user).count() >= MOST_WEBHOOKS:
            raise Conflict(
                f"There are {MOST_WEBHOOKS} webhooks already; delete one first."
            )
        target = NoticeTarget.objects.create(
            owner=user, kind=WEBHOOK, url=address, secret=text, events=chosen
        )
        audit.record(
            user,
            "created webhook",
            _thing(target),
            after={"host": host_of(address), "events": chosen},
        )
        events.notices_changed(user.pk)
    return target, text


def checked_events(event_names: Sequence[str]) -> list[str]:
    """The events in our order. Raises InvalidInput for an unknown one."""
    unknown = [event for event in event_names if event not in EVENTS]
    if unknown:
        raise InvalidInput(
            f"Unknown event '{str(unknown[0])[:40]}'. Use some of: {', '.join(EVENTS)}."
        )
    return [event for event in EVENTS if event in event_names]


def checked_secret(secret: str | None) -> str:
    """The person's secret, or a new one."""
    if not secret:
        return f"whs_{secrets.token_urlsafe(32)}"
    if not SHORTEST_SECRET <= len(secret) <= LONGEST_SECRET or not secret.isprintable():
        raise InvalidInput(
            f"A secret has {SHORTEST_SECRET} to {LONGEST_SECRET} printable characters."
        )
    return secret


def unsubscribe(user: User, webhook_id: int) -> None:
    """Delete one of the user's webhooks; what is on its way to it is dropped. Raises Missing."""
    remove(own_webhook(user, webhook_id), user)


def remove(target: NoticeTarget, actor: User) -> None:
    """Delete a target on behalf of somebody who may."""
    with transaction.atomic():
        audit.record(
            actor,
            "deleted webhook",
            _thing(target),
            before={"host": host_of(target.url)},
        )
        events.notices_changed(target.owner_id)
        target.delete()


def try_out(user: User, webhook_id: int) -> Delivery:
    """Send a test event to one of the user's webhooks. Raises Missing."""
    target = own_webhook(user, webhook_id)
    with transaction.atomic():
        delivery = keep(
            target, TEST, f"test:{uuid.uuid4()}", {"message": "A test from Slotline."}
        )
        ring(deliver, delivery.pk)
    return delivery


def want_mail(user: User, on: bool) -> None:
    """Turn mails about the user's plans on or off."""
    boxes = NoticeTarget.objects.filter(owner=user, kind=EMAIL)
    with transaction.atomic():
        if boxes.exists() == on:
            return
        if on:
            try:
                with transaction.atomic():
                    NoticeTarget.objects.create(owner=user, kind=EMAIL, secret="")
            except IntegrityError:
                # Somebody with two windows.
                return
        else:
            boxes.delete()
        audit.record(
            user, "turned mails on" if on else "turned mails off", f"user:{user.pk}"
        )
        events.notices_changed(user.pk)


def host_of(url: str) -> str:
    """What the trail may know of an address: paths of webhooks are often secrets themselves."""
    return urlsplit(url).hostname or ""


def _thing(target: NoticeTarget) -> str:
    return f"webhook:{target.pk}"
