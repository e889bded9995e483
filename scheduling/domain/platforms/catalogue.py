"""The platforms a channel can be on, their aliases and the formats they carry."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Platform:
    """One platform: canonical id, name as people write it, formats (the first is the
    default), aliases.
    """

    id: str
    name: str
    formats: tuple[str, ...]
    aliases: tuple[str, ...] = ()


PLATFORMS = (
    Platform("youtube", "YouTube", ("video", "short")),
    Platform("tiktok", "TikTok", ("video",)),
    Platform(
        "instagram", "Instagram", ("post", "reel", "story"), ("instagram_business",)
    ),
    Platform("linkedin", "LinkedIn", ("post", "article")),
    Platform("x", "X", ("post", "thread"), ("twitter",)),
    Platform("facebook", "Facebook", ("post", "video", "reel"), ("facebook_page",)),
    Platform("mastodon", "Mastodon", ("post",)),
    Platform("bluesky", "Bluesky", ("post", "thread")),
    Platform("telegram", "Telegram", ("post",)),
    Platform("discord", "Discord", ("post",)),
    Platform("wordpress", "WordPress", ("article",)),
    Platform(
        "google_business",
        "Google Business Profile",
        ("post",),
        ("google_business_profile",),
    ),
    Platform("nextdoor", "Nextdoor", ("post",)),
    Platform("webhook", "Webhook", ("post",)),
    Platform("outbox", "Outbox", ("post",)),
)

BY_NAME = {
    name: platform
    for platform in PLATFORMS
    for name in (platform.id, *platform.aliases)
}


def find_platform(name: str) -> Platform:
    """The platform called by id or alias, whatever the case. Raises KeyError with the known ids."""
    try:
        return BY_NAME[name.strip().lower()]
    except KeyError:
        raise KeyError(
            f"unknown platform {name!r}; known: {', '.join(p.id for p in PLATFORMS)}"
        ) from None
