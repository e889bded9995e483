"""Texts without a network: the same facts always give the same title, caption and hashtags.

Of a file its name and what it shows are put together; of anything else an outline is
made. What was asked for and needs an engine is said.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from templates_ai.answers import Draft, hashtags_of
from templates_ai.engines.base import Ask, Reply
from templates_ai.engines.outlines import outline
from templates_ai.limits import cut
from templates_ai.rendering import plain
from templates_ai.words import SMALL, hashtags_asked, hashtags_named, telling_words

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
NOISE = re.compile(r"^(img|dsc|vid|mov|final|copy|edit|v?\d+)$", re.IGNORECASE)
DEFAULT_SUBJECT = "New video"
OUTLINED = "An outline, as no engine writes it: write the text before it goes out."
NOT_FOLLOWED = (
    "Only the file name, the context and hashtags are used; the rest of the prompt is "
    "not followed."
)


class Offline:
    """Builds texts from file name, context, tags and platform."""

    name = "offline"

    def write(self, ask: Ask) -> Reply:
        """A text from the given facts alone."""
        if ask.outline or not plain(ask.values.get("filename", "")):
            return outlined(ask)
        subject, about = facts_of(ask.values)
        says_more = about and about.lower() not in subject.lower()
        title = f"{subject}: {about}" if says_more else subject
        draft = Draft(
            cut(title, ask.limits.title),
            caption_of(subject, about, ask),
            tags_of(subject, about, ask),
        )
        return Reply(draft, notes=_left_aside(ask))


def outlined(ask: Ask) -> Reply:
    """What a person could write instead of an engine."""
    subject, about = facts_of(ask.values)
    draft = outline(ask, tags_of(subject, about, ask))
    return Reply(draft, notes=(OUTLINED,))


def _left_aside(ask: Ask) -> tuple[str, ...]:
    """What was asked for and is not done."""
    needs_engine = [
        name for name in ("tone", "language") if plain(ask.values.get(name, ""))
    ]
    notes = [NOT_FOLLOWED] if ask.own_prompt else []
    if needs_engine:
        notes.append(f"Not heeded without an engine: {' and '.join(needs_engine)}.")
    return tuple(notes)


def facts_of(values: dict[str, str]) -> tuple[str, str]:
    """What the file is called, blank without one, and what it shows."""
    filename = values.get("filename", "")
    about = plain(values.get("game_context", "")).rstrip(".")
    return (subject_of(filename) if plain(filename) else ""), about


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
    asked = hashtags_asked(ask.prompt) if ask.own_prompt else None
    most = min(FEW.get(platform, MOST), ask.limits.most_hashtags)
    if asked is not None:
        most = min(asked, ask.limits.most_hashtags)
    of_text = [word.lower() for word in telling_words(f"{subject} {about}")]
    named = hashtags_named(ask.prompt) if ask.own_prompt else []
    words = [*ask.tags, *named, *of_text, *OF_PLATFORM.get(platform, ()), *USUAL]
    return hashtags_of([word[:40] for word in words])[:most]
