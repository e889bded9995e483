"""Webhooks, their deliveries, and mails."""

from __future__ import annotations

from typing import Annotated

from typing_extensions import TypedDict

from common.bodies import Identifier, one_of
from common.pagination import PageCounts
from fillplanner import states

DeliveryState = Annotated[str, one_of(states.DELIVERY.states)]


class WebhookBody(TypedDict):
    """An address that is told of events."""

    id: int
    """Its number."""
    url: str
    """Where events are sent."""
    events: list[str]
    """Which ones; none means all."""
    created_at: str
    """UTC without offset."""


class WebhookWithSecretBody(WebhookBody):
    """A new webhook with its secret."""

    secret: str
    """Signs what is sent; shown this once."""


class WebhooksBody(PageCounts):
    """A page of webhooks."""

    webhooks: list[WebhookBody]
    """The webhooks of this page."""


class DeliveryBody(TypedDict):
    """An event on its way to a webhook."""

    id: Identifier
    """`X-Slotline-Delivery`, the same over all tries."""
    event: str
    """Which event it is."""
    status: DeliveryState
    """How far it is."""
    tries: int
    """How often it was sent."""
    next_try_at: str | None
    """When it is sent again: UTC without offset; null where it is not."""
    response_status: int | None
    """The HTTP status of the last answer."""
    error: str | None
    """What went wrong last."""
    created_at: str
    """UTC without offset."""
    sent_at: str | None
    """When it arrived: UTC without offset."""


class DeliveriesBody(PageCounts):
    """A page of deliveries."""

    deliveries: list[DeliveryBody]
    """The deliveries of this page."""


class MailsBody(TypedDict):
    """Whether the caller's mailbox is told."""

    email: bool
    """When a plan is ready or failed."""
