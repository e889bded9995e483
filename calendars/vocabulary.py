"""The scheduling dialect's words for ours. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from scheduling import states as posting
from scheduling.platforms.catalogue import BY_NAME, find_platform

CALENDAR, ITEM, OPTIMIZATION, RECOMMENDATION = "sched", "item", "opt", "rec"

# What the dialect calls formats, platform by platform, in its order.
SUPPORTS: Mapping[str, tuple[str, ...]] = {
    "youtube": ("long_form", "shorts"),
    "tiktok": ("videos",),
    "instagram": ("posts", "reels", "stories"),
    "linkedin": ("posts", "articles"),
    "x": ("tweets", "threads"),
    "facebook": ("posts", "videos"),
}
NAMES = {"x": "X (Twitter)"}
WIRE = {"x": "twitter"}

# The state that an item has come to when its post is in this one.
FOLLOWS: Mapping[str, str] = {
    posting.PLANNED: "pending", posting.DRAFT: "pending", posting.SCHEDULED: "scheduled",
    posting.PUBLISHING: "scheduled", posting.UNCERTAIN: "scheduled", posting.PUBLISHED: "published",
    posting.FAILED: "failed", posting.CANCELED: "canceled",
}  # fmt: skip


def wire_id(kind: str, key: UUID) -> str:
    """`sched_` and the like before the hex digits of a UUID."""
    return f"{kind}_{key.hex}"


def key_of(kind: str, text: str) -> UUID | None:
    """The UUID in an id of that kind, None for what is none."""
    begin, _, digits = text.partition("_")
    if begin != kind or len(digits) != 32:
        return None
    try:
        return UUID(hex=digits)
    except ValueError:
        return None


def platform_id(name: str) -> str:
    """Our id of a platform that a client names. Raises KeyError with the known ones."""
    return find_platform(name).id


def wire_platform(platform: str) -> str:
    """The dialect's id of one of our platforms."""
    return WIRE.get(platform, platform)


def platform_name(platform: str) -> str:
    return NAMES.get(platform, BY_NAME[platform].name)
