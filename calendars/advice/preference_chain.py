"""Where each wish comes from: the chain of preferences told step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from calendars.advice import reasons
from calendars.advice.access import chain_of, rhythm_of, spans_of, wishes_of
from calendars.models import Preferences
from common.templatetags.marks import platform_mark
from workspaces.models import User, Workspace

LABELS = {
    "zone": "Time zone",
    "per_day_most": "Most posts a day",
    "per_week_least": "Fewest posts a week",
    "per_week_most": "Most posts a week",
    "gap_hours": "Hours between posts",
    "weekdays_off": "Days off",
    "hours_off": "Hours off",
    "quality_threshold": "Lowest score",
}


@dataclass(frozen=True)
class Link:
    """One wish: what it is called, its value as text (blank: none), and whose it is."""

    label: str
    text: str
    origin: str


def links_of(
    user: User, workspace: Workspace, platform: str = "", format_: str = ""
) -> list[Link]:
    """What holds for the person there, wish by wish, with its origin."""
    wishes = wishes_of(user, workspace, platform, format_)
    rows = chain_of(user, workspace, platform, format_)
    rhythm = rhythm_of(platform, format_)
    return [
        Link(
            label,
            text_of(name, getattr(wishes, name)),
            origin(name, rows, rhythm, user),
        )
        for name, label in LABELS.items()
    ]


def origin(name: str, rows: Sequence[Preferences], rhythm: Any, user: User) -> str:
    """In words, whose wish decides about a field: the first row that says anything of
    it, the platform's usual rhythm, or for the zone the person; blank where nobody
    does.

    rows: from the nearest to the furthest.
    """
    for row in rows:
        if getattr(row, name) not in (None, ""):
            return scope_of(row)
    if rhythm is not None and hasattr(rhythm, name):
        return "How often accounts do well there"
    if name == "zone":
        return "Your account" if user.zone else "The workspace’s time zone"
    return ""


def scope_of(row: Preferences) -> str:
    """`Yours for Instagram, reel`."""
    whose = "Yours" if row.user_id else "The workspace’s"
    return f"{whose} for {_where(row)}"


def _where(row: Preferences) -> str:
    """`Instagram, reel`."""
    if not row.platform:
        return "every platform"
    name = platform_mark(row.platform).name
    return f"{name}, {row.format}" if row.format else name


def text_of(name: str, value: Any) -> str:
    """A wish as text; blank for none."""
    if value in (None, ()):
        return ""
    if name == "weekdays_off":
        return reasons.days(value)
    if name == "hours_off":
        return ", ".join(reasons.span(hours) for hours in value)
    return f"{value:.0%}" if name == "quality_threshold" else str(value)


def texts_by(row: Preferences) -> list[tuple[str, str]]:
    """What one row says: labels and texts."""
    values = {name: getattr(row, name) for name in LABELS}
    values["hours_off"] = spans_of(row.hours_off or ())
    texts = {name: text_of(name, value or None) for name, value in values.items()}
    return [(LABELS[name], text) for name, text in texts.items() if text]
