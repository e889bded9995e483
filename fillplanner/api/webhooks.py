"""Notices of the filling dialect: webhooks and their deliveries, and mails on or off."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from common import json_fields as serializers
from fillplanner.api.requests import PAGES, WEBHOOK_ID, deleted, id_of, page_of
from fillplanner.bodies.notices import (
    DeliveriesBody,
    DeliveryBody,
    MailsBody,
    WebhookBody,
    WebhooksBody,
    WebhookWithSecretBody,
)
from fillplanner.bodies.plans import DoneBody
from fillplanner.models import Delivery, NoticeTarget
from fillplanner.notices.outbox import EVENTS
from fillplanner.selectors import deliveries_to, own_webhook, wants_mail, webhooks_of
from fillplanner.services import notices
from fillplanner.states import DELIVERY
from fillplanner.wire import naive, naive_or_null
from workspaces.doors import ApiRequest, read
from workspaces.models import User

FULL = "There are as many webhooks as one person may have, or this one already."


class NewWebhook(serializers.Serializer[Any]):
    """An address to be told; of `events` none means all. Without `secret` one is made."""

    url = serializers.CharField(
        max_length=2000, help_text="Where events are sent: https://..."
    )
    events = serializers.ListField(
        child=serializers.ChoiceField(EVENTS),
        required=False,
        help_text="Which ones; none means all",
    )
    secret = serializers.CharField(
        required=False,
        allow_null=True,
        max_length=200,
        trim_whitespace=False,
        help_text="Signs what is sent; one is made where none is given",
    )


class Mails(serializers.Serializer[Any]):
    """Whether the caller's mailbox is told when a plan is ready or failed."""

    email = serializers.BooleanField(help_text="When a plan is ready or failed")


def webhook_row(target: NoticeTarget) -> WebhookBody:
    """A webhook as clients get it, without its secret."""
    return {
        "id": target.pk,
        "url": target.url,
        "events": target.events,
        "created_at": naive(target.created_at),
    }


def delivery_row(delivery: Delivery) -> DeliveryBody:
    """A delivery with its tries; the next one only while there is one."""
    waiting = delivery.state not in DELIVERY.terminal
    return {
        "id": str(delivery.key),
        "event": delivery.event,
        "status": delivery.state,
        "tries": delivery.tries,
        "next_try_at": naive_or_null(delivery.next_try_at) if waiting else None,
        "response_status": delivery.response_status,
        "error": delivery.last_error or None,
        "created_at": naive(delivery.created_at),
        "sent_at": naive_or_null(delivery.sent_at),
    }


def webhook_id_of(text: str) -> int:
    """The number in an address. Raises Missing for what is none."""
    return id_of(text, "webhook_id", "Webhook not found")


class Webhooks(APIView):
    scope = "plans"

    @extend_schema(
        operation_id="list_webhooks",
        parameters=PAGES,
        responses=WebhooksBody,
    )
    def get(self, request: ApiRequest) -> Response:
        """The caller's webhooks, newest first; secrets are never shown again."""
        rows, counts = page_of(request, webhooks_of(request.user))
        answer: WebhooksBody = {
            "webhooks": [webhook_row(row) for row in rows],
            **counts,
        }
        return Response(answer)

    @extend_schema(
        operation_id="add_webhook",
        request=NewWebhook,
        responses={
            201: WebhookWithSecretBody,
            400: "The address cannot be used; `detail` says why.",
            409: FULL,
        },
    )
    def post(self, request: ApiRequest) -> Response:
        """Have events sent to an address, each signed with the secret that this answer shows."""
        data = read(NewWebhook, request)
        target, secret = notices.subscribe(
            request.user, data["url"], data.get("events", ()), data.get("secret")
        )
        answer: WebhookWithSecretBody = {**webhook_row(target), "secret": secret}
        return Response(answer, status=201)


class OneWebhook(APIView):
    scope = "plans"

    @extend_schema(
        operation_id="read_webhook", parameters=[WEBHOOK_ID], responses=WebhookBody
    )
    def get(self, request: ApiRequest, webhook_id: str) -> Response:
        """One of the caller's webhooks."""
        return Response(
            webhook_row(own_webhook(request.user, webhook_id_of(webhook_id)))
        )

    @extend_schema(
        operation_id="delete_webhook", parameters=[WEBHOOK_ID], responses=DoneBody
    )
    def delete(self, request: ApiRequest, webhook_id: str) -> Response:
        """Delete a webhook with its deliveries; nothing more is sent to it."""
        number = webhook_id_of(webhook_id)
        notices.unsubscribe(request.user, number)
        return deleted("Webhook", number)


class Deliveries(APIView):
    scope = "plans"

    @extend_schema(
        operation_id="list_deliveries",
        parameters=[WEBHOOK_ID, *PAGES],
        responses=DeliveriesBody,
    )
    def get(self, request: ApiRequest, webhook_id: str) -> Response:
        """What was sent to a webhook in the last thirty days or is on its way, newest first."""
        target = own_webhook(request.user, webhook_id_of(webhook_id))
        rows, counts = page_of(request, deliveries_to(target))
        answer: DeliveriesBody = {
            "deliveries": [delivery_row(row) for row in rows],
            **counts,
        }
        return Response(answer)


class TryWebhook(APIView):
    scope = "plans"

    @extend_schema(
        operation_id="try_webhook",
        parameters=[WEBHOOK_ID],
        request=None,
        responses={202: DeliveryBody},
    )
    def post(self, request: ApiRequest, webhook_id: str) -> Response:
        """Send a test event; its delivery tells how that went."""
        delivery = notices.try_out(request.user, webhook_id_of(webhook_id))
        return Response(delivery_row(delivery), status=202)


def mails_body(user: User) -> MailsBody:
    """Whether somebody's mailbox is told."""
    return {"email": wants_mail(user)}


class Notifications(APIView):
    scope = "plans"

    @extend_schema(operation_id="read_notifications", responses=MailsBody)
    def get(self, request: ApiRequest) -> Response:
        """Whether the caller gets mails."""
        return Response(mails_body(request.user))

    @extend_schema(
        operation_id="change_notifications", request=Mails, responses=MailsBody
    )
    def put(self, request: ApiRequest) -> Response:
        """Turn the caller's mails on or off."""
        notices.want_mail(request.user, read(Mails, request)["email"])
        return Response(mails_body(request.user))
