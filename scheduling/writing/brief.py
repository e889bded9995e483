"""What an engine is told about a text: the person's words, the place it is for, and
what the platform takes.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from zoneinfo import ZoneInfo

from common.mappings import JsonObject
from scheduling.domain.platforms.catalogue import BY_NAME
from scheduling.domain.platforms.counting import UNITS
from scheduling.domain.platforms.rules import Limit, limits_of
from scheduling.models import ChannelAccount, Post
from templates_ai.limits import Bound, Limits

TITLE = 100
CAPTION = 2200
# Fewest and most hashtags where the usual ten to fifteen would look out of place.
HASHTAGS = {
    "x": (1, 2),
    "linkedin": (3, 5),
    "facebook": (1, 3),
    "mastodon": (1, 4),
    "bluesky": (1, 3),
    "instagram": (3, 15),
    "telegram": (0, 3),
    "discord": (0, 3),
    "wordpress": (0, 5),
    "google_business": (0, 3),
    "nextdoor": (0, 3),
}
USUAL_HASHTAGS = (10, 15)
RULES = ("title_length", "caption_length", "hashtags", "caption_without")


@dataclass(frozen=True)
class Brief:
    """What a person says about the text they want. A template of None stands for the active one."""

    about: str = ""
    filename: str = ""
    audience: str = ""
    tone: str = ""
    language: str = ""
    link: str = ""
    template_id: int | None = None

    @classmethod
    def of(cls, stored: JsonObject) -> Brief:
        """One that was kept as JSON; what it does not know any more is left out."""
        names = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in names})

    def as_json(self) -> JsonObject:
        """Plain values, which `of` reads."""
        return asdict(self)


@dataclass(frozen=True)
class Place:
    """Where the text will appear: a platform's id and format, the channel's name, the day there."""

    platform: str = ""
    format: str = ""
    channel: str = ""
    date: str = ""


def place_of(post: Post) -> Place:
    """Where this post appears, on the channel's own day."""
    account = post.account
    at = post.scheduled_at
    day = f"{at.astimezone(ZoneInfo(account.zone)):%A, %d %B %Y}" if at else ""
    return Place(account.platform, post.chosen_format, account.name, day)


def place_on(platform: str, channel: ChannelAccount | None = None) -> Place:
    """Some post on a platform, blank for none in particular. Raises KeyError for an unknown one."""
    if not platform:
        return Place()
    facts = BY_NAME[platform]
    return Place(facts.id, facts.formats[0], channel.name if channel else "")


def values_of(brief: Brief, place: Place) -> dict[str, str]:
    """The variables of a prompt, besides file name and context."""
    return {
        "audience": brief.audience,
        "tone": brief.tone,
        "language": brief.language,
        "link": brief.link,
        "platform": place.platform,
        "format": place.format,
        "channel": place.channel,
        "date": place.date,
    }


def limits_for(platform: str, format_: str, link: str = "") -> Limits:
    """What a platform takes; title 100, caption 2,200 and 10 to 15 hashtags where it
    says nothing.
    """
    rows = [
        row
        for row in limits_of(platform)
        if row.rule in RULES and (not row.formats or format_ in row.formats)
    ]
    values = {rule: [row.value for row in rows if row.rule == rule] for rule in RULES}
    fewest, most = HASHTAGS.get(platform, USUAL_HASHTAGS)
    most = min([most, *values["hashtags"]])
    return Limits(
        title=min([TITLE, *values["title_length"]]),
        caption=min(values["caption_length"], default=CAPTION),
        fewest_hashtags=min(fewest, most),
        most_hashtags=most,
        whole=tuple(_bound(row) for row in rows if row.rule == "caption_length"),
        forbidden="".join(values["caption_without"]),
        link=link,
    )


def _bound(row: Limit) -> Bound:
    count, unit = UNITS[row.unit]
    return Bound(row.value, unit, count)
