"""Texts without a network: the same facts always give the same title, caption and hashtags."""

from __future__ import annotations

import re
from itertools import chain
from pathlib import PurePosixPath

from templates_ai.answers import Draft, hashtags_of
from templates_ai.engines.base import Ask, Reply
from templates_ai.limits import cut
from templates_ai.rendering import plain

# The seventh and later words of a platform's own vocabulary fill up where the facts give too few.
USUAL = (
    "video",
    "clip",
    "highlights",
    "behindthescenes",
    "community",
    "newpost",
    "watch",
    "moments",
    "share",
    "daily",
)
OF_PLATFORM = {
    "instagram": ("reels", "instagood"),
    "tiktok": ("tiktok", "foryou"),
    "youtube": ("youtube", "shorts"),
    "linkedin": ("business", "work"),
    "facebook": ("facebook", "local"),
}
# Where many hashtags look out of place.
FEW = {"x": 2, "linkedin": 5, "facebook": 3, "mastodon": 4, "bluesky": 3}
MOST = 12
SMALL = {
    "a",
    "an",
    "and",
    "at",
    "by",
    "for",
    "from",
    "in",
    "of",
    "on",
    "or",
    "the",
    "to",
    "with",
}
NOISE = re.compile(r"^(img|dsc|vid|mov|final|copy|edit|v?\d+)$", re.IGNORECASE)
DEFAULT_SUBJECT = "New video"
# The first variant, the second and so on: the title's form, and what the caption ends with.
ANGLES = ("{}", "Have you seen this? {}", "A closer look: {}", "{}")
ASKED = (
    "",
    "\nWhat do you think?",
    "\nTell us what you would like to see next.",
    "\nSave it for later.",
)


class Offline:
    """Builds texts from file name, context, tags and platform."""

    name = "offline"

    def write(self, ask: Ask) -> Reply:
        subject, about = facts_of(ask.values)
        told = about and about.lower() not in subject.lower()
        number = len(ask.others) % len(ANGLES)
        first, second = (
            (subject, about)
            if number < len(ANGLES) - 1 or not told
            else (_capital(about), subject)
        )
        title = f"{first}: {second}" if told else subject
        title = ANGLES[number].format(title)
        caption = caption_of(subject, about, ask) + ASKED[number]
        return Reply(
            Draft(cut(title, ask.limits.title), caption, tags_of(subject, about, ask))
        )


def facts_of(values: dict[str, str]) -> tuple[str, str]:
    """What it is and what it shows; without a file the latter stands for the former."""
    filename, about = (
        values.get("filename", ""),
        plain(values.get("game_context", "")).rstrip("."),
    )
    return (
        (subject_of(filename), about)
        if plain(filename) or not about
        else (_capital(about), "")
    )


def subject_of(filename: str) -> str:
    """The file's name as a phrase: no folders, no suffix, no camera's numbers."""
    stem = PurePosixPath(plain(filename).replace("\\", "/")).name
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", stem)
    words = [
        word for word in re.split(r"[\s_.\-]+", stem) if word and not NOISE.match(word)
    ]
    phrase = " ".join(
        word if word.lower() in SMALL else word[:1].upper() + word[1:] for word in words
    )
    return _capital(phrase) if phrase else DEFAULT_SUBJECT


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def caption_of(subject: str, about: str, ask: Ask) -> str:
    first = f"{subject}. {_capital(about)}." if about else f"{subject}."
    audience, link = (
        plain(ask.values.get("audience", "")),
        plain(ask.values.get("link", "")),
    )
    shown = link.startswith(("https://", "http://")) and not ask.limits.link
    parts = [first, f"For {audience}." if audience else "", link if shown else ""]
    return "\n".join(part for part in parts if part)


def tags_of(subject: str, about: str, ask: Ask) -> tuple[str, ...]:
    platform = ask.values.get("platform", "").lower()
    said = [
        word
        for word in f"{subject} {about}".split()
        if word.lower() not in SMALL and len(word) > 2
    ]
    words = chain(
        ask.tags, (word.lower() for word in said), OF_PLATFORM.get(platform, ()), USUAL
    )
    return hashtags_of([word[:40] for word in words])[
        : min(FEW.get(platform, MOST), ask.limits.most_hashtags)
    ]
