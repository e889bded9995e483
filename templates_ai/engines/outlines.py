"""Outlines: what a person could write for a place, where no engine writes it. Pure.

An outline names an angle and what to mention; it is never the text itself. Its first
line marks it as one for as long as it stands there.
"""

from __future__ import annotations

from dataclasses import dataclass

from templates_ai.answers import Draft
from templates_ai.engines.base import Ask
from templates_ai.rendering import plain
from templates_ai.words import telling_words

HEADING = "Outline, not a text yet"
MOST_WORDS = 5


@dataclass(frozen=True)
class Angle:
    """One way to tell a thing: its name, how to begin, how to end."""

    name: str
    opening: str
    closing: str


ANGLES = (
    Angle("A question", "a question people can answer", "ask for their answers"),
    Angle("Behind the scenes", "how it is made, and by whom", "invite to visit"),
    Angle("One tip", "one thing to use today", "ask what else would help"),
    Angle("A story", "one customer, or one day", "ask who knows this"),
    Angle("What is new", "what has changed, since when", "say where to find it"),
    Angle("A number", "one figure, and what it means", "ask for a guess"),
    Angle("A mistake to avoid", "what often goes wrong", "offer help"),
    Angle("A look ahead", "what comes next, and when", "ask who will be there"),
)


def outline(ask: Ask, hashtags: tuple[str, ...]) -> Draft:
    """An outline for what is asked; each one more of them from another angle."""
    number = len(ask.others)
    angle = ANGLES[number % len(ANGLES)]
    words = telling_words(ask.values.get("game_context", ""))[:MOST_WORDS]
    title = f"Outline: {angle.name.lower()}"
    if words:
        title += f" ({words[number % len(words)]})"
    lines = [
        HEADING,
        f"- Begin: {angle.opening}",
        f"- Mention: {', '.join(words)}" if words else "",
        *_wishes(ask),
        f"- End: {angle.closing}",
    ]
    return Draft(title, "\n".join(line for line in lines if line), hashtags)


def _wishes(ask: Ask) -> list[str]:
    """For whom it is to be, how it should sound, and in which language."""
    wished = {"For": "audience", "Tone": "tone", "Language": "language"}
    values = {label: plain(ask.values.get(name, "")) for label, name in wished.items()}
    return [f"- {label}: {value}" for label, value in values.items() if value]


def is_outline(text: str) -> bool:
    """Whether a text is still an outline."""
    return text.lstrip().startswith(HEADING)
