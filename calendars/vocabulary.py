"""The scheduling dialect's words for ours. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, overload
from uuid import UUID

from scheduling.domain.platforms.catalogue import BY_NAME, find_platform

CALENDAR = "sched"
ITEM = "item"
OPTIMIZATION = "opt"
BULK_RUN = "bulk"

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

# The dialect's words for our formats.
FORMATS: Mapping[str, str] = {
    "long_form": "video",
    "videos": "video",
    "shorts": "short",
    "posts": "post",
    "reels": "reel",
    "stories": "story",
    "articles": "article",
    "tweets": "post",
    "threads": "thread",
}


def wire_id(kind: str, key: UUID) -> str:
    """`sched_` and the like before the hex digits of a UUID."""
    return f"{kind}_{key.hex}"


def key_of(kind: str, text: str) -> UUID | None:
    """The UUID in an id of that kind, None for what is none."""
    begin, _, digits = text.partition("_")
    if begin != kind or len(digits) != 32:
        return None
    return uuid_of(digits)


def uuid_of(text: str) -> UUID | None:
    """The text as a UUID; None where it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def platform_id(name: str) -> str:
    """Our id of a platform that a client names. Raises KeyError with the known ones."""
    return find_platform(name).id


def wire_platform(platform: str) -> str:
    """The dialect's id of one of our platforms."""
    return WIRE.get(platform, platform)


def platform_name(platform: str) -> str:
    """The platform's name for people."""
    return NAMES.get(platform, BY_NAME[platform].name)


def format_on(platform: str, word: Any) -> str:
    """Our format of that platform which a client's word stands for; blank for a word
    that means none of them.
    """
    name = FORMATS.get(word, word) if isinstance(word, str) else ""
    return name if name in BY_NAME[platform].formats else ""


@overload
def stamp(moment: datetime) -> str: ...
@overload
def stamp(moment: None) -> None: ...
@overload
def stamp(moment: datetime | None) -> str | None: ...
def stamp(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC, microseconds kept so that it can be sent back as it is."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None
