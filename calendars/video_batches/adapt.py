"""One content in the words and the form that a platform wants. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from wcwidth import iter_graphemes

from common.mappings import Record
from scheduling.domain.platforms.catalogue import BY_NAME
from scheduling.domain.platforms.counting import (
    characters,
    linkedin,
    utf8_bytes,
    utf16,
    x_weighted,
)

DOTS = "..."
YOUTUBE_TITLE = 60
YOUTUBE_SHORT_TEXT = 100
YOUTUBE_TEXT = 5000
YOUTUBE_TAGS = 10
TIKTOK_TEXT = 2200
TIKTOK_HASHTAGS = 5
INSTAGRAM_TEXT = 2200
INSTAGRAM_HASHTAGS = 30
X_TEXT = 250
X_HASHTAGS = 2
LINKEDIN_TEXT = 3000
LINKEDIN_HASHTAGS = 5
FACEBOOK_TEXT = 63_206
FACEBOOK_HASHTAGS = 3
LONG_WORD = 4
CALL_TO_ACTION = "Like, comment and subscribe for more."
SOUNDS: Mapping[str, str] = {
    "energetic": "upbeat",
    "happy": "upbeat",
    "funny": "comedy",
    "calm": "ambient",
    "serious": "cinematic",
    "inspiring": "uplifting",
}
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

# What a kind of content becomes on a platform; elsewhere the platform's first format.
FORMS: Mapping[str, Mapping[str, str]] = {
    "video": {
        "youtube": "video",
        "tiktok": "video",
        "instagram": "reel",
        "facebook": "video",
    },
    "short": {
        "youtube": "short",
        "tiktok": "video",
        "instagram": "reel",
        "facebook": "reel",
    },
    "reel": {
        "youtube": "short",
        "tiktok": "video",
        "instagram": "reel",
        "facebook": "reel",
    },
    "story": {"instagram": "story"},
    "article": {"linkedin": "article"},
    "thread": {"x": "thread"},
}


@dataclass(frozen=True)
class Source:
    """What is to be said, before any platform: `kind` is video, short, reel, story,
    post, article or thread.
    """

    title: str
    text: str = ""
    hashtags: tuple[str, ...] = ()
    kind: str = "video"
    mood: str = ""
    link: str = ""


@dataclass(frozen=True)
class Adapted:
    """A source on a platform; `extras` are hints for who makes the post (tags, sound,
    stickers, tone).
    """

    platform: str
    format: str
    title: str
    text: str
    hashtags: tuple[str, ...]
    extras: Record = field(default_factory=dict)


def adapt(source: Source, platform: str) -> Adapted:
    """The source as the platform (its id) wants it. A platform without rules of its own
    gets it with clean hashtags.
    """
    return ADAPTERS.get(platform, _plainly)(source, platform)


def format_for(kind: str, platform: str) -> str:
    """Our format of a platform for a kind of content: one that the platform has."""
    formats = BY_NAME[platform].formats
    format_ = FORMS.get(kind, {}).get(platform, kind)
    return format_ if format_ in formats else formats[0]


def cut(text: str, most: int, measure: Callable[[str], int] = characters) -> str:
    """The text, or what of it has room with dots at its end; no emoji or accent is torn apart."""
    if measure(text) <= most:
        return text
    clusters = list(iter_graphemes(text))
    low = 0
    high = len(clusters)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (
            (middle, high)
            if measure(_ended(clusters, middle)) <= most
            else (low, middle - 1)
        )
    # Half an address can count for more than the whole, so that longer is not always more.
    while low and measure(_ended(clusters, low)) > most:
        low -= 1
    return _ended(clusters, low)


def _ended(clusters: Sequence[str], number: int) -> str:
    return "".join(clusters[:number]).rstrip() + DOTS


def hashtag(text: str) -> str:
    """One tag without its #: letters, marks, digits and underscores; several words are
    joined, each with a capital. Blank when nothing is left or only digits are, which no
    platform links.
    """
    joined = _joined(_tag_words(text))
    return "" if not joined.strip("_") or joined.replace("_", "").isdigit() else joined


def _tag_words(text: str) -> list[str]:
    """The words of a text, without what no tag may have."""
    words = [
        "".join(filter(_is_tagged, word))
        for word in unicodedata.normalize("NFC", text).split()
    ]
    return [word for word in words if word]


def _joined(words: Sequence[str]) -> str:
    """One word as it is, several with a capital each."""
    if len(words) == 1:
        return words[0]
    return "".join(word[:1].upper() + word[1:] for word in words)


def _is_tagged(sign: str) -> bool:
    return sign == "_" or unicodedata.category(sign)[0] in "LMN"


def hashtags(texts: Iterable[str], most: int) -> tuple[str, ...]:
    """Clean tags, each once whatever its case, the first `most`."""
    cleaned = {
        tag.casefold(): tag for tag in map(hashtag, reversed(list(texts))) if tag
    }
    return tuple(reversed(cleaned.values()))[:most]


def long_words(text: str) -> list[str]:
    """Words of more than three letters, in their order, each once."""
    return list(
        dict.fromkeys(word for word in WORD.findall(text) if len(word) >= LONG_WORD)
    )


def _youtube(source: Source, platform: str) -> Adapted:
    text = source.text.replace("<", "").replace(">", "")
    if len(text) < YOUTUBE_SHORT_TEXT:
        text = f"{text}\n\n{CALL_TO_ACTION}".strip()
    title = cut(source.title.replace("<", "").replace(">", ""), YOUTUBE_TITLE)
    tags = [*WORD.findall(f"{source.title} {source.text}")][:YOUTUBE_TAGS]
    return Adapted(
        platform,
        format_for(source.kind, platform),
        title,
        cut(text, YOUTUBE_TEXT, utf8_bytes),
        hashtags(source.hashtags, YOUTUBE_TAGS),
        {"tags": list(dict.fromkeys(tags))},
    )


def tags_and_words(source: Source) -> list[str]:
    """The hashtags that it has, then what else could be one: its long words."""
    return [*source.hashtags, *long_words(source.title), *long_words(source.text)]


def sound_for(mood: str) -> str:
    """What plays along with a video of that mood."""
    return SOUNDS.get(mood.strip().lower(), "trending")


def _tiktok(source: Source, platform: str) -> Adapted:
    return Adapted(
        platform,
        format_for(source.kind, platform),
        source.title,
        cut(source.text, TIKTOK_TEXT, utf16),
        hashtags(tags_and_words(source), TIKTOK_HASHTAGS),
        {"sound": sound_for(source.mood)},
    )


def stickers_for(source: Source) -> list[str]:
    """What a story of it invites to."""
    return ["question", "poll", *(["link"] if source.link else [])]


def _instagram(source: Source, platform: str) -> Adapted:
    tags = hashtags(tags_and_words(source), INSTAGRAM_HASHTAGS)
    format_ = format_for(source.kind, platform)
    extras = {"stickers": stickers_for(source)} if format_ == "story" else {}
    return Adapted(
        platform, format_, source.title, cut(source.text, INSTAGRAM_TEXT), tags, extras
    )


def _x(source: Source, platform: str) -> Adapted:
    text = cut(source.text or source.title, X_TEXT, x_weighted)
    tags: tuple[str, ...] = ()
    for tag in hashtags(source.hashtags, X_HASHTAGS):
        more_tags = (*tags, tag)
        if x_weighted(f"{text} #{' #'.join(more_tags)}") <= X_TEXT:
            tags = more_tags
    return Adapted(
        platform, format_for(source.kind, platform), source.title, text, tags
    )


def _linkedin(source: Source, platform: str) -> Adapted:
    return Adapted(
        platform,
        format_for(source.kind, platform),
        source.title,
        cut(source.text, LINKEDIN_TEXT, linkedin),
        hashtags(source.hashtags, LINKEDIN_HASHTAGS),
        {"tone": "professional", "audience": "professionals"},
    )


def _facebook(source: Source, platform: str) -> Adapted:
    return Adapted(
        platform,
        format_for(source.kind, platform),
        source.title,
        cut(source.text or source.title, FACEBOOK_TEXT),
        hashtags(source.hashtags, FACEBOOK_HASHTAGS),
    )


def _plainly(source: Source, platform: str) -> Adapted:
    tags = hashtags(source.hashtags, INSTAGRAM_HASHTAGS)
    return Adapted(
        platform, format_for(source.kind, platform), source.title, source.text, tags
    )


ADAPTERS: Mapping[str, Callable[[Source, str], Adapted]] = {
    "youtube": _youtube,
    "tiktok": _tiktok,
    "instagram": _instagram,
    "x": _x,
    "linkedin": _linkedin,
    "facebook": _facebook,
}
