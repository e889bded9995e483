"""How a text will look on a platform, and how much of the platform's room it takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from scheduling.domain.platforms.catalogue import BY_NAME
from scheduling.domain.platforms.rules import Draft, Finding, Room, check, room_of
from scheduling.models import ChannelAccount, ContentItem, MediaFile


@dataclass(frozen=True)
class Preview:
    """A post as its channel would get it. `media` is None while nobody knows what comes along."""

    account: ChannelAccount
    title: str
    text: str
    room: Room | None
    findings: tuple[Finding, ...]


def previews(
    item: ContentItem,
    accounts: Iterable[ChannelAccount],
    texts: Mapping[UUID, str],
    media: list[MediaFile] | None,
) -> list[Preview]:
    """One for each channel; `texts` are their own by channel id."""
    return [
        _preview(item, account, texts.get(account.pk) or item.text, media)
        for account in accounts
    ]


def _preview(
    item: ContentItem, account: ChannelAccount, text: str, media: list[MediaFile] | None
) -> Preview:
    platform = BY_NAME[account.platform]
    facts = None if media is None else tuple(file.facts for file in media)
    draft = Draft(
        platform.id,
        platform.formats[0],
        item.title,
        text,
        facts,
        account.server_limits,
    )
    return Preview(account, item.title, text, room_of(draft), tuple(check(draft)))
