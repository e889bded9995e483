"""The marketing dialect's words for ours: title-case states, tenant slugs, HH:MM lists,
aware instants.
"""

from __future__ import annotations

from datetime import datetime
from typing import overload

from django.conf import settings
from rest_framework.response import Response

from common.mappings import Values
from scheduling.api.marketing.bodies import (
    KEYS,
    STATUS,
    ChannelAccountBody,
    ChannelBody,
    ConnectionBody,
    ContentBody,
    ContentDetails,
    Deleted,
    MediaBody,
    PostAttempt,
    PostBody,
)
from scheduling.domain.platforms.catalogue import Platform, find_platform
from scheduling.models import Attempt, ChannelAccount, ContentItem, MediaFile, Post
from scheduling.models.media import media_of
from scheduling.networks.registry import PUBLISHERS, lacking

# What clients keep with content: kept for them as written, and not used by the product.
CLIENT_DETAILS = (
    "media_urls",
    "cta_type",
    "target_city",
    "template_id",
    "reviewer",
    "draft_due_date",
    "source_type",
    "source_ref",
    "content_category",
    "offer_id",
)


def states_called(status: str) -> list[str]:
    """Our states behind one of the dialect's words; none for an unknown word."""
    return [state for state, word in STATUS.items() if word == status]


def channel_key(platform: str) -> str:
    """The dialect's key for one of our platform ids."""
    return KEYS.get(platform, platform)


def platform_of_key(key: str) -> str:
    """Raises KeyError for a key that is no platform."""
    return find_platform(key).id


def our_fields(data: Values, names: dict[str, str]) -> Values:
    """What a body says, under our names where they are others, without the workspace
    that it names.
    """
    return {
        names.get(name, name): value
        for name, value in data.items()
        if name != "tenant_id"
    }


def blank_nulls(values: Values) -> Values:
    """The same, with blank for null."""
    return {name: "" if value is None else value for name, value in values.items()}


def naive(moment: datetime) -> str:
    """An instant as this dialect's windows write it: UTC without offset, to the second."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


@overload
def iso(moment: datetime) -> str: ...
@overload
def iso(moment: datetime | None) -> str | None: ...
def iso(moment: datetime | None) -> str | None:
    """ISO 8601 with offset; None for None."""
    return moment.isoformat() if moment else None


def deleted() -> Response:
    """What a door answers that has deleted something."""
    body: Deleted = {"deleted": True}
    return Response(body)


def platform_body(platform: Platform) -> ChannelBody:
    """A platform as clients get the channels that accounts can be on."""
    key = channel_key(platform.id)
    return {
        "id": key,
        "key": key,
        "display_name": platform.name,
        "supports_autopost": platform.id in PUBLISHERS,
        "created_at": None,
        "updated_at": None,
    }


def account_body(account: ChannelAccount) -> ChannelAccountBody:
    """A channel as clients get it. Fields of the dialect that we have no use for are
    null or false.
    """
    return {
        "id": str(account.pk),
        "tenant_id": account.workspace.slug,
        "channel_id": channel_key(account.platform),
        "name": account.name,
        "external_id": account.external_id or None,
        "profile_url": account.profile_url or None,
        "login_email": account.login_email or None,
        "credential_vault_ref": None,
        "oauth_connected": False,
        "oauth_provider": None,
        "oauth_token_ref": None,
        "status": account.status,
        "notes": account.notes or None,
        "posts_per_week": account.posts_per_week,
        "schedule_timezone": account.zone,
        "schedule_times": account.local_times,
        "created_at": iso(account.created_at),
        "updated_at": iso(account.updated_at),
    }


def media_address(media: MediaFile) -> str:
    """Where members who are signed in find the file."""
    return f"{settings.PUBLIC_URL}/media/{media.pk}"


def media_body(media: MediaFile) -> MediaBody:
    """An image or a video as clients get it: sizes in bytes and pixels, the duration in
    seconds.
    """
    return {
        "id": str(media.pk),
        "filename": media.original_name,
        "url": media_address(media),
        "kind": media.kind,
        "mime_type": media.mime,
        "size_bytes": media.size,
        "width": media.width,
        "height": media.height,
        "duration_seconds": media.seconds,
        "sha256": media.sha256,
        "alt_text": media.alt or None,
        "created_at": iso(media.created_at),
    }


def client_details(item: ContentItem) -> ContentDetails:
    """The details that clients keep with a content item, as they sent them."""
    details = dict.fromkeys(CLIENT_DETAILS) | item.details
    return {
        "cta_type": details["cta_type"],
        "target_city": details["target_city"],
        "template_id": details["template_id"],
        "reviewer": details["reviewer"],
        "draft_due_date": details["draft_due_date"],
        "source_type": details["source_type"],
        "source_ref": details["source_ref"],
        "content_category": details["content_category"],
        "offer_id": details["offer_id"],
    }


def content_body(item: ContentItem, tenant: str) -> ContentBody:
    """A content item as clients get it."""
    files = media_of(item)
    own_addresses = [media_address(media) for media in files]
    kept_addresses = item.details.get("media_urls") or []
    # A client that writes back what it read sends our own addresses too.
    addresses = dict.fromkeys([*own_addresses, *kept_addresses])
    return {
        **client_details(item),
        "id": str(item.pk),
        "tenant_id": tenant,
        "title": item.title,
        "owner": item.owner,
        "base_caption": item.caption or None,
        "media_assets": [media_body(media) for media in files],
        "media_urls": list(addresses),
        "cta_url": item.link or None,
        "tags": item.hashtags,
        "status": item.stage,
        "notes": item.notes or None,
        "created_at": iso(item.created_at),
        "updated_at": iso(item.updated_at),
    }


def post_body(post: Post, tenant: str) -> PostBody:
    """A post as clients get it; `tenant` is the workspace's short name."""
    return {
        "id": str(post.pk),
        "tenant_id": tenant,
        "content_item_id": str(post.content_id),
        "channel_account_id": str(post.account_id),
        "caption_override": post.caption_override or None,
        "format": post.chosen_format,
        "scheduled_for": iso(post.scheduled_at),
        "status": STATUS[post.state],
        "posted_at": iso(post.published_at),
        "post_url": post.url or None,
        "posted_manually": post.published_by_hand,
        "screenshot_url": None,
        "autopost_enabled": bool(post.account.publisher),
        "publish_job_id": None,
        "last_error": post.last_error or None,
        "created_at": iso(post.created_at),
        "updated_at": iso(post.updated_at),
    }


def attempt_body(attempt: Attempt) -> PostAttempt:
    """A try to publish as clients get it; `duration_seconds` is null while it lasts."""
    duration = attempt.duration
    return {
        "number": attempt.number,
        "state": attempt.state,
        "worker": attempt.worker,
        "dedupe_key": attempt.dedupe_key,
        "claimed_at": iso(attempt.claimed_at),
        "sent_at": iso(attempt.sent_at),
        "ended_at": iso(attempt.ended_at),
        "duration_seconds": duration.total_seconds() if duration else None,
        "error": attempt.error or None,
        "external_id": attempt.external_id or None,
        "url": attempt.url or None,
        "questions": attempt.questions,
        "next_question_at": iso(attempt.next_question_at),
    }


def is_connected(account: ChannelAccount) -> bool:
    """Whether posts of the channel can go out."""
    is_complete = bool(account.publisher) and not lacking(account)
    return is_complete and not account.sign_in_error


def connection_body(account: ChannelAccount) -> ConnectionBody:
    """Everything but the secret."""
    return {
        "publisher": account.publisher or None,
        "endpoint": account.endpoint or None,
        "login_name": account.login_name or None,
        "has_secret": bool(account.credential),
        "status": account.status,
        "missing": lacking(account),
        "sign_in_error": account.sign_in_error or None,
        "server_limits": account.server_limits,
        "server_limits_at": iso(account.server_limits_at),
        "connected": is_connected(account),
    }
