"""What a text has to keep to: told to the engine, checked in its answer, enforced where
it does not listen. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from templates_ai.answers import Draft
from templates_ai.languages import is_in

JSON_SHOWS = "The text has JSON in it."
ELLIPSIS = "…"
LINK = re.compile(r"(?:\b[a-z][a-z0-9+.-]*://|\bwww\.)[^\s<>\"']+", re.IGNORECASE)
AFTER_LINKS = ".,;:!?)]}…"


@dataclass(frozen=True)
class Bound:
    """How long caption, hashtags and link may be together, in a platform's own way of counting."""

    most: int
    unit: str = "characters"
    count: Callable[[str], int] = len


@dataclass(frozen=True)
class Limits:
    """How long things may be and how many hashtags there should be; `forbidden` are
    signs that may not occur.

    `language` is by name or code, blank for any; `link` is sent after the text; `links`
    are the others that may stand in it.
    """

    title: int = 100
    caption: int = 2200
    fewest_hashtags: int = 10
    most_hashtags: int = 15
    whole: tuple[Bound, ...] = ()
    forbidden: str = ""
    language: str = ""
    link: str = ""
    links: frozenset[str] = frozenset()

    def sentences(self) -> tuple[str, ...]:
        """The limits as an engine is told them."""
        sentences = (
            f"The title has at most {self.title} characters, the caption at most {self.caption}.",
            f"Give {self.fewest_hashtags} to {self.most_hashtags} hashtags."
            if self.most_hashtags
            else "No hashtags.",
            *(
                f"Caption, hashtags and link together have at most {bound.most} {bound.unit}."
                for bound in self.whole
            ),
            f"Never use the signs {' '.join(self.forbidden)}."
            if self.forbidden
            else "",
            f"The text has no links but {' '.join(sorted(self.links))}."
            if self.links
            else "The text has no links.",
        )
        return tuple(sentence for sentence in sentences if sentence)


def violations(draft: Draft, limits: Limits) -> tuple[str, ...]:
    """What is wrong with the draft, as sentences an engine can act on."""
    count = len(draft.hashtags)
    both = f"{draft.title}\n{draft.caption}"
    checks = (
        (not draft.title, "The title is empty."),
        (not draft.caption, "The caption is empty."),
        (draft.shows_form, JSON_SHOWS),
        (
            len(draft.title) > limits.title,
            f"The title is longer than {limits.title} characters.",
        ),
        (
            len(draft.caption) > limits.caption,
            f"The caption is longer than {limits.caption} characters.",
        ),
        (
            count < limits.fewest_hashtags,
            f"Give at least {limits.fewest_hashtags} hashtags.",
        ),
        (
            count > limits.most_hashtags,
            f"Give at most {limits.most_hashtags} hashtags.",
        ),
        (
            any(sign in both for sign in limits.forbidden),
            f"The text has a sign of {' '.join(limits.forbidden)}.",
        ),
        (bool(stray_links(both, limits)), "The text has a link that was not given."),
        (not is_in(both, limits.language), f"The text is not in {limits.language}."),
    )
    return tuple(sentence for wrong, sentence in checks if wrong) + _too_long(
        draft, limits
    )


def _too_long(draft: Draft, limits: Limits) -> tuple[str, ...]:
    """In words, which of the platform's bounds the whole text is over."""
    text = draft.text(limits.link)
    return tuple(
        f"Caption, hashtags and link together are longer than {bound.most} {bound.unit}."
        for bound in limits.whole
        if bound.count(text) > bound.most
    )


def links_in(text: str) -> frozenset[str]:
    """The addresses in a text, without the punctuation after them."""
    return frozenset(link.rstrip(AFTER_LINKS) for link in LINK.findall(text))


def stray_links(text: str, limits: Limits) -> frozenset[str]:
    """Links that nobody gave: an engine can be talked into adding some."""
    return links_in(text) - limits.links - {limits.link}


def trimmed(draft: Draft, limits: Limits) -> Draft:
    """The draft cut to the limits; an ellipsis shows where."""
    title, caption = (_cleaned(text, limits) for text in (draft.title, draft.caption))
    tags = draft.hashtags[: limits.most_hashtags]
    return _shortened(
        Draft(cut(title, limits.title), cut(caption, limits.caption), tags), limits
    )


def _cleaned(text: str, limits: Limits) -> str:
    """The text without signs and links that may not be there."""
    for link in sorted(stray_links(text, limits), key=len, reverse=True):
        text = text.replace(link, "")
    return text.translate(dict.fromkeys(map(ord, limits.forbidden))).strip()


def _shortened(draft: Draft, limits: Limits) -> Draft:
    """Fewer hashtags first, then less caption, then no hashtags."""
    while _too_long(draft, limits) and len(draft.hashtags) > max(
        1, limits.fewest_hashtags
    ):
        draft = replace(draft, hashtags=draft.hashtags[:-1])
    if not _too_long(draft, limits):
        return draft
    fitting = 0
    over = len(draft.caption)
    while over - fitting > 1:
        middle = (fitting + over) // 2
        fits = not _too_long(replace(draft, caption=cut(draft.caption, middle)), limits)
        fitting, over = (middle, over) if fits else (fitting, middle)
    if fitting:
        return replace(draft, caption=cut(draft.caption, fitting))
    return (
        _shortened(replace(draft, hashtags=()), limits)
        if draft.hashtags
        else replace(draft, caption="")
    )


def cut(text: str, most: int) -> str:
    """At most so many characters, ending at a word where there is one near the end."""
    if len(text) <= most:
        return text
    head = text[: most - 1]
    word = (head.rsplit(None, 1) or [head])[0]
    return (word if len(word) > len(head) * 0.8 else head).rstrip() + ELLIPSIS
