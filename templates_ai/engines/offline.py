"""Texts without a network: the same facts always give the same title, caption and hashtags."""

from __future__ import annotations

import re
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
CLOSINGS = (
    "",
    "\nWhat do you think?",
    "\nTell us what you would like to see next.",
    "\nSave it for later.",
)


class Offline:
    """Builds texts from file name, context, tags and platform."""

    name = "offline"

    def write(self, ask: Ask) -> Reply:
        """A text from the given facts alone; each one more of them from another angle."""
        subject, about = facts_of(ask.values)
        number = len(ask.others) % len(ANGLES)
        if not about or about.lower() in subject.lower():
            title = subject
        elif number < len(ANGLES) - 1:
            title = f"{subject}: {about}"
        else:
            title = f"{_capital(about)}: {subject}"
        title = cut(ANGLES[number].format(title), ask.limits.title)
        caption = caption_of(subject, about, ask) + CLOSINGS[number]
        return Reply(Draft(title, caption, tags_of(subject, about, ask)))


def facts_of(values: dict[str, str]) -> tuple[str, str]:
    """What it is and what it shows; without a file the latter stands for the former."""
    filename = values.get("filename", "")
    about = plain(values.get("game_context", "")).rstrip(".")
    if plain(filename) or not about:
        return subject_of(filename), about
    return _capital(about), ""


def subject_of(filename: str) -> str:
    """The file's name as a phrase: no folders, no suffix, no camera's numbers."""
    phrase = " ".join(map(_titled, _words_in(filename)))
    return _capital(phrase) if phrase else DEFAULT_SUBJECT


def _words_in(filename: str) -> list[str]:
    """What somebody may have meant by the name: its words without noise."""
    path = PurePosixPath(plain(filename).replace("\\", "/"))
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", path.name)
    words = re.split(r"[\s_.\-]+", stem)
    return [word for word in words if word and not NOISE.match(word)]


def _titled(word: str) -> str:
    """The word as titles have it."""
    return word if word.lower() in SMALL else _capital(word)


def _capital(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def caption_of(subject: str, about: str, ask: Ask) -> str:
    """What it is about, for whom, and the link where there is no field for it."""
    first = f"{subject}. {_capital(about)}." if about else f"{subject}."
    audience = plain(ask.values.get("audience", ""))
    link = plain(ask.values.get("link", ""))
    shows_link = link.startswith(("https://", "http://")) and not ask.limits.link
    parts = [first, f"For {audience}." if audience else "", link if shows_link else ""]
    return "\n".join(part for part in parts if part)


def tags_of(subject: str, about: str, ask: Ask) -> tuple[str, ...]:
    """Hashtags of the text and the platform, as many as are usual there."""
    platform = ask.values.get("platform", "").lower()
    of_text = [
        word.lower()
        for word in f"{subject} {about}".split()
        if word.lower() not in SMALL and len(word) > 2
    ]
    words = [*ask.tags, *of_text, *OF_PLATFORM.get(platform, ()), *USUAL]
    most = min(FEW.get(platform, MOST), ask.limits.most_hashtags)
    return hashtags_of([word[:40] for word in words])[:most]
