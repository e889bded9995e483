"""Does a piece of content fit its platform? Checked against the dated table `limits.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from scheduling.domain.platforms.addresses import Span
from scheduling.domain.platforms.catalogue import BY_NAME
from scheduling.domain.platforms.counting import UNITS
from scheduling.domain.platforms.tags import hashtags_in, mentions_in

TABLE = Path(__file__).with_name("limits.toml")
ERROR = "error"
WARNING = "warning"
# What a post must have: without it, it is not whole yet.
MINIMUMS = ("media_minimum", "video_minimum")
IMAGE = "image"
VIDEO = "video"
# An animated one: an image as well, which some platforms have other limits for.
GIF = "GIF"
GIF_TYPE = "image/gif"


@dataclass(frozen=True)
class Limit:
    """One line of the table."""

    platform: str
    rule: str
    value: Any
    source: str
    checked: date
    unit: str = "characters"
    level: str = ERROR
    formats: tuple[str, ...] = ()
    media: bool | None = None
    note: str = ""

    def holds_for(self, draft: Draft) -> bool:
        """Whether the line is about the draft's format, and about posts with or without
        media.
        """
        fits = not self.formats or draft.format in self.formats
        return fits and self.media in (None, bool(draft.media))


@dataclass(frozen=True)
class Media:
    """One image or video. Of what is not known of it, `check` warns where a limit needs
    it.
    """

    kind: str
    type: str = ""
    size: int | None = None
    seconds: float | None = None
    width: int | None = None
    height: int | None = None
    alt: str = ""
    codec: str = ""

    @property
    def is_animated(self) -> bool:
        """Whether it is a GIF that moves; others have no seconds."""
        return self.type == GIF_TYPE and self.seconds is not None

    @property
    def ratio(self) -> float | None:
        """Width by height; None where either is unknown."""
        return self.width / self.height if self.width and self.height else None


@dataclass(frozen=True)
class Draft:
    """What is to go out. `media` is None while nobody knows what comes along; then
    nothing is said of it. `own` are limits of the account's own server, by their rules:
    they hold instead of the table's.
    """

    platform: str
    format: str
    title: str = ""
    text: str = ""
    media: tuple[Media, ...] | None = None
    own: Mapping[str, int] = field(default_factory=dict)

    @property
    def platform_name(self) -> str:
        """What people call the platform."""
        return BY_NAME[self.platform].name

    def of_kind(self, kind: str) -> list[Media]:
        """The draft's images, its videos or its animated GIFs, which are images as well;
        none while nobody knows what comes along.
        """
        files = self.media or ()
        if kind == GIF:
            return [file for file in files if file.is_animated]
        return [file for file in files if file.kind == kind]


@dataclass(frozen=True)
class Finding:
    """Something that does not fit, in one sentence. Errors block, warnings do not."""

    level: str
    rule: str
    message: str

    @property
    def blocks(self) -> bool:
        """Whether the post may not go out like this."""
        return self.level == ERROR


@cache
def limits_of(platform: str) -> tuple[Limit, ...]:
    """The lines for one platform; none for a platform that takes anything."""
    section = _table().get(platform, {})
    dated = {"source": section.get("source"), "checked": section.get("checked")}
    return tuple(
        Limit(
            platform=platform,
            **dated | row | {"formats": tuple(row.get("formats", ()))},
        )
        for row in section.get("limits", ())
    )


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


def check(draft: Draft) -> list[Finding]:
    """Everything about the content that does not fit, and what could not be checked,
    errors first; nothing twice.
    """
    findings: list[Finding] = []
    for limit in limits_for(draft):
        findings += _apply(limit, draft)
        findings += _unread(limit, draft)
    return _sorted(findings)


def limits_for(draft: Draft) -> list[Limit]:
    """The lines that are about the draft, with the values of its account's own server."""
    return [
        replace(limit, value=draft.own.get(limit.rule, limit.value))
        for limit in limits_of(draft.platform)
        if limit.holds_for(draft)
    ]


@dataclass(frozen=True)
class Room:
    """How much of a platform's longest text is used, in the platform's own unit."""

    used: int
    most: int
    unit: str

    @property
    def left(self) -> int:
        """In the platform's unit; negative when the text is too long."""
        return self.most - self.used


def room_of(draft: Draft) -> Room | None:
    """Of the tightest limit on the text; None where the platform names none."""
    rooms = [_room(limit, draft) for limit in limits_on(draft, "caption_length")]
    return min(rooms, key=lambda room: room.left, default=None)


def _room(limit: Limit, draft: Draft) -> Room:
    count, unit = UNITS[limit.unit]
    return Room(count(draft.text), limit.value, unit)


def limits_on(draft: Draft, rule: str) -> list[Limit]:
    """The platform's lines of this rule that are about the draft."""
    return [limit for limit in limits_for(draft) if limit.rule == rule]


def day_limits(platform: str, format_: str) -> list[Limit]:
    """What the platform says of posts a day."""
    return limits_on(Draft(platform, format_), "per_day")


def check_pace(platform: str, format_: str, within_a_day: int) -> list[Finding]:
    """Whether the account takes one more post, after so many in the 24 hours before it."""
    name = BY_NAME[platform].name
    findings = []
    for limit in day_limits(platform, format_):
        if within_a_day >= limit.value:
            message = (
                f"{name} takes {limit.value} posts in 24 hours; this would be "
                f"number {within_a_day + 1}."
            )
            findings.append(_finding(limit, message))
    return _sorted(findings)


def _sorted(findings: list[Finding]) -> list[Finding]:
    """Errors first, and no warning about what is an error anyway."""
    errors = [finding for finding in findings if finding.blocks]
    refused = {finding.rule for finding in errors}
    warnings = [finding for finding in findings if not finding.blocks]
    return errors + [finding for finding in warnings if finding.rule not in refused]


def _finding(limit: Limit, message: str) -> Finding:
    return Finding(limit.level, limit.rule, f"{message} {limit.note}".rstrip())


def _apply(limit: Limit, draft: Draft) -> Iterator[Finding]:
    # The pace is no fact about the content.
    if limit.rule in CHECKS:
        yield from (
            _finding(limit, message) for message in CHECKS[limit.rule](limit, draft)
        )


@dataclass(frozen=True)
class Needed:
    """A fact of a file that a rule needs: what people call it, and what the rule says of
    it.
    """

    fact: str
    word: str
    says: str

    def text_for(self, value: Any) -> str:
        """What the rule says, with its value."""
        shown = " or ".join(value) if isinstance(value, list) else value
        return self.says.format(value=shown)


# Other facts are known of every file that is taken.
NEEDED = {
    "video_shortest": Needed("seconds", "length", "videos from {value} seconds"),
    "video_longest": Needed("seconds", "length", "videos up to {value} seconds"),
    "video_codecs": Needed("codec", "codec", "videos coded as {value}"),
}


def _unread(limit: Limit, draft: Draft) -> Iterator[Finding]:
    """A limit that cannot be checked, because a file does not say what it needs."""
    needed = NEEDED.get(limit.rule)
    if needed is None:
        return
    facts = [getattr(file, needed.fact) for file in draft.of_kind(VIDEO)]
    if any(fact in (None, "") for fact in facts):
        message = (
            f"The {needed.word} of a video could not be read. {draft.platform_name} takes "
            f"{needed.text_for(limit.value)}; check it yourself."
        )
        yield Finding(WARNING, limit.rule, message)


Check = Callable[[Limit, Draft], Iterator[str]]


def _length(field: str, word: str) -> Check:
    def check_length(limit: Limit, draft: Draft) -> Iterator[str]:
        count, unit = UNITS[limit.unit]
        length = count(getattr(draft, field))
        if length > limit.value:
            beside = " with media" if limit.media else ""
            most = f"{limit.value} {unit} of {word}{beside}"
            yield f"{draft.platform_name} takes {most}; this has {length}."

    return check_length


def _title_minimum(limit: Limit, draft: Draft) -> Iterator[str]:
    if len(draft.title.strip()) < limit.value:
        yield f"{draft.platform_name} wants a title of at least {limit.value} characters."


def _without(limit: Limit, draft: Draft) -> Iterator[str]:
    if any(sign in draft.text for sign in limit.value):
        yield f"{draft.platform_name} does not take {' or '.join(limit.value)} in the text."


def _number(found_in: Callable[[str], Iterator[Span]], word: str) -> Check:
    def check_number(limit: Limit, draft: Draft) -> Iterator[str]:
        count = sum(1 for _ in found_in(draft.text))
        if count > limit.value:
            yield f"{draft.platform_name} takes {limit.value} {word}; this has {count}."

    return check_number


def _alt_length(limit: Limit, draft: Draft) -> Iterator[str]:
    count, unit = UNITS[limit.unit]
    longest = max((count(file.alt) for file in draft.media or ()), default=0)
    if longest > limit.value:
        most = f"alternative texts of at most {limit.value} {unit}"
        yield f"{draft.platform_name} takes {most}; one has {longest}."


def _media_minimum(limit: Limit, draft: Draft) -> Iterator[str]:
    if draft.media is not None and len(draft.media) < limit.value:
        yield f"{draft.platform_name} takes no post without an image or a video. Add one."


def _video_minimum(limit: Limit, draft: Draft) -> Iterator[str]:
    if draft.media is not None and len(draft.of_kind(VIDEO)) < limit.value:
        word = "post" if draft.format == VIDEO else draft.format
        yield f"{draft.platform_name} takes no {word} without a video. Add one."


def _media_count(limit: Limit, draft: Draft) -> Iterator[str]:
    count = len(draft.media or ())
    if count > limit.value:
        yield f"{draft.platform_name} takes {limit.value} files; this has {count}."


def _kind_count(kind: str) -> Check:
    def check_kind(limit: Limit, draft: Draft) -> Iterator[str]:
        count = len(draft.of_kind(kind))
        if count > limit.value:
            yield f"{draft.platform_name} takes {limit.value or 'no'} {kind}s; this has {count}."

    return check_kind


def _mixing(limit: Limit, draft: Draft) -> Iterator[str]:
    if draft.of_kind(IMAGE) and draft.of_kind(VIDEO) and not limit.value:
        yield f"{draft.platform_name} takes images or a video, not both."


def _types(kind: str) -> Check:
    def check_types(limit: Limit, draft: Draft) -> Iterator[str]:
        types = {file.type for file in draft.of_kind(kind) if file.type}
        strange = types - set(limit.value)
        if strange:
            yield (
                f"{draft.platform_name} takes {kind}s of type {', '.join(limit.value)}, "
                f"not {', '.join(sorted(strange))}."
            )

    return check_types


def _codecs(limit: Limit, draft: Draft) -> Iterator[str]:
    codecs = {file.codec for file in draft.of_kind(VIDEO) if file.codec}
    strange = codecs - set(limit.value)
    if strange:
        yield (
            f"{draft.platform_name} takes videos coded as {' or '.join(limit.value)}, "
            f"not {', '.join(sorted(strange))}. Convert the video first."
        )


def _gif_alone(limit: Limit, draft: Draft) -> Iterator[str]:
    if limit.value and draft.of_kind(GIF) and len(draft.media or ()) > 1:
        yield f"{draft.platform_name} takes an animated GIF alone, without other files."


def _gif_stands_still(limit: Limit, draft: Draft) -> Iterator[str]:
    if limit.value and draft.of_kind(GIF):
        yield (
            f"On {draft.platform_name} an animated GIF will stand still. Send it as a "
            "video to have it move."
        )


def _image_bytes(limit: Limit, draft: Draft) -> Iterator[str]:
    """Of animated GIFs only where the platform has no other limit for them."""
    files = draft.of_kind(IMAGE)
    if limits_on(draft, "gif_bytes"):
        files = [file for file in files if not file.is_animated]
    largest = max((file.size or 0 for file in files), default=0)
    if largest > limit.value:
        most = f"images of at most {limit.value} bytes"
        yield f"{draft.platform_name} takes {most}; one has {largest}."


def _fact(kind: str, fact: str, least: bool, say: str) -> Check:
    """A bound on a number that each file has; `say` has {name}, {value} and {has}."""

    def check_fact(limit: Limit, draft: Draft) -> Iterator[str]:
        files = draft.of_kind(kind) if kind else draft.media or ()
        for file in files:
            number = getattr(file, fact)
            # What is not known is told by `_unread`.
            if not number:
                continue
            is_beyond = number < limit.value if least else number > limit.value
            if is_beyond:
                has = round(number, 2)
                yield say.format(name=draft.platform_name, value=limit.value, has=has)
                return

    return check_fact


CHECKS: dict[str, Check] = {
    "caption_length": _length("text", "text"),
    "title_length": _length("title", "title"),
    "title_minimum": _title_minimum,
    "caption_without": _without,
    "hashtags": _number(hashtags_in, "hashtags"),
    "mentions": _number(mentions_in, "mentions"),
    "alt_length": _alt_length,
    "media_minimum": _media_minimum,
    "video_minimum": _video_minimum,
    "media": _media_count,
    "images": _kind_count(IMAGE),
    "videos": _kind_count(VIDEO),
    "mixing": _mixing,
    "image_types": _types(IMAGE),
    "video_types": _types(VIDEO),
    "video_codecs": _codecs,
    "image_bytes": _image_bytes,
    "gif_alone": _gif_alone,
    "gif_stands_still": _gif_stands_still,
    "gif_bytes": _fact(
        GIF,
        "size",
        False,
        "{name} takes animated GIFs of at most {value} bytes; one has {has}.",
    ),
    "gif_widest": _fact(
        GIF,
        "width",
        False,
        "{name} takes animated GIFs up to {value} pixels wide; one has {has}.",
    ),
    "gif_highest": _fact(
        GIF,
        "height",
        False,
        "{name} takes animated GIFs up to {value} pixels high; one has {has}.",
    ),
    "video_bytes": _fact(
        VIDEO,
        "size",
        False,
        "{name} takes videos of at most {value} bytes; one has {has}.",
    ),
    "video_shortest": _fact(
        VIDEO,
        "seconds",
        True,
        "{name} takes videos from {value} seconds; one has {has}.",
    ),
    "video_longest": _fact(
        VIDEO,
        "seconds",
        False,
        "{name} takes videos up to {value} seconds; one has {has}.",
    ),
    "ratio_narrowest": _fact(
        "", "ratio", True, "{name} takes width:height from {value}; one file has {has}."
    ),
    "ratio_widest": _fact(
        "",
        "ratio",
        False,
        "{name} takes width:height up to {value}; one file has {has}.",
    ),
}
