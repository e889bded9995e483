"""Notices of the filling dialect: webhooks and their deliveries, and mails on or off."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from common import json_fields as serializers
from common.mappings import JsonObject
from fillplanner.api.requests import deleted, id_of, page_of
from fillplanner.models import Delivery, NoticeTarget
from fillplanner.notices.outbox import EVENTS
from fillplanner.selectors import deliveries_to, own_webhook, wants_mail, webhooks_of
from fillplanner.services import notices
from fillplanner.states import DELIVERY
from fillplanner.wire import naive
from workspaces.doors import ApiRequest, read

PAGES = [
    OpenApiParameter("page", int, description="From 1"),
    OpenApiParameter("page_size", int, description="1 to 100, default 20"),
]


class NewWebhook(serializers.Serializer[Any]):
    """An address to be told; of `events` none means all. Without `secret` one is made."""

    url = serializers.CharField(max_length=2000)
    events = serializers.ListField(
        child=serializers.ChoiceField(EVENTS), required=False
    )
    secret = serializers.CharField(
        required=False, allow_null=True, max_length=200, trim_whitespace=False
    )


class Webhook(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    url = serializers.CharField()
    events = serializers.ListField(
        child=serializers.ChoiceField(EVENTS), help_text="None means all"
    )
    created_at = serializers.CharField(help_text="UTC without offset")


class WebhookWithSecret(Webhook):
    secret = serializers.CharField(help_text="Shown this once; it signs what is sent")


class OneDelivery(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="X-Slotline-Delivery, the same over all tries")
    event = serializers.CharField()
    status = serializers.ChoiceField(DELIVERY.states)
    tries = serializers.IntegerField()
    next_try_at = serializers.CharField(allow_null=True)
    response_status = serializers.IntegerField(allow_null=True)
    error = serializers.CharField(allow_null=True)
    created_at = serializers.CharField()
    sent_at = serializers.CharField(allow_null=True)


class Mails(serializers.Serializer[Any]):
    """Whether the caller's mailbox is told when a plan is ready or failed."""

    email = serializers.BooleanField()


def webhook_row(target: NoticeTarget) -> JsonObject:
    """A webhook as clients get it, without its secret."""
    return {
        "id": target.pk,
        "url": target.url,
        "events": target.events,
        "created_at": naive(target.created_at),
    }


def delivery_row(delivery: Delivery) -> JsonObject:
    """A delivery with its tries; the next one only while there is one."""
    waiting = delivery.state not in DELIVERY.terminal
    return {
        "id": str(delivery.key),
        "event": delivery.event,
        "status": delivery.state,
        "tries": delivery.tries,
        "next_try_at": naive(delivery.next_try_at) if waiting else None,
        "response_status": delivery.response_status,
        "error": delivery.last_error or None,
        "created_at": naive(delivery.created_at),
        "sent_at": naive(delivery.sent_at),
    }


def webhook_id_of(text: str) -> int:
    """The number in an address. Raises Missing for what is none."""
    return id_of(text, "webhook_id", "Webhook not found")


class Webhooks(APIView):
    scope = "plans"

    @extend_schema(
        operation_id="api_v1_webhooks_list",
        parameters=PAGES,
    )
    def get(self, request: ApiRequest) -> Response:
        """The caller's webhooks, newest first; secrets are never shown again."""
        rows, counts = page_of(request, webhooks_of(request.user))
        return Response({"webhooks": [webhook_row(row) for row in rows], **counts})

    @extend_schema(
        request=NewWebhook,
        responses={
            201: WebhookWithSecret,
            400: OpenApiResponse(),
            409: OpenApiResponse(),
            422: OpenApiResponse(),
        },
    )
    def post(self, request: ApiRequest) -> Response:
        """Have events sent to an address, each signed with the secret that this answer shows."""
        data = read(NewWebhook, request)
        target, secret = notices.subscribe(
            request.user, data["url"], data.get("events", ()), data.get("secret")
        )
        return Response(webhook_row(target) | {"secret": secret}, status=201)


class OneWebhook(APIView):
    scope = "plans"

    @extend_schema(responses=Webhook)
    def get(self, request: ApiRequest, webhook_id: str) -> Response:
        """One of the caller's webhooks."""
        return Response(
            webhook_row(own_webhook(request.user, webhook_id_of(webhook_id)))
        )

    def delete(self, request: ApiRequest, webhook_id: str) -> Response:
        """Delete a webhook with its deliveries; nothing more is sent to it."""
        number = webhook_id_of(webhook_id)
        notices.unsubscribe(request.user, number)
        return deleted("Webhook", number)


class Deliveries(APIView):
    scope = "plans"

    @extend_schema(
        parameters=PAGES,
    )
    def get(self, request: ApiRequest, webhook_id: str) -> Response:
        """What was sent to a webhook in the last thirty days or is on its way, newest first."""
        target = own_webhook(request.user, webhook_id_of(webhook_id))
        rows, counts = page_of(request, deliveries_to(target))
        return Response({"deliveries": [delivery_row(row) for row in rows], **counts})


class TryWebhook(APIView):
    scope = "plans"

    @extend_schema(request=None, responses={202: OneDelivery})
    def post(self, request: ApiRequest, webhook_id: str) -> Response:
        """Send a test event; its delivery tells how that went."""
        delivery = notices.try_out(request.user, webhook_id_of(webhook_id))
        return Response(delivery_row(delivery), status=202)


class Notifications(APIView):
    scope = "plans"

    @extend_schema(responses=Mails)
    def get(self, request: ApiRequest) -> Response:
        """Whether the caller gets mails."""
        return Response({"email": wants_mail(request.user)})

    @extend_schema(request=Mails, responses=Mails)
    def put(self, request: ApiRequest) -> Response:
        """Turn the caller's mails on or off."""
        notices.want_mail(request.user, read(Mails, request)["email"])
        return Response({"email": wants_mail(request.user)})
