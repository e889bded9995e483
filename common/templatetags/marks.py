"""What states and platforms are called and which mark they carry; colours live in the
style sheets.
"""

from __future__ import annotations

from typing import NamedTuple


class StateMark(NamedTuple):
    """Words and icon of a state; `turning` icons show work going on, `css` borrows
    another's colours.
    """

    text: str
    icon: str
    turning: bool = False
    css: str = ""


STATES: dict[str, StateMark] = {
    "planned": StateMark("Planned", "circle-dashed"),
    "draft": StateMark("Draft", "pencil-line"),
    "scheduled": StateMark("Scheduled", "clock"),
    "held": StateMark("Held", "circle-pause", css="uncertain"),
    "publishing": StateMark("Publishing", "loader-circle", turning=True),
    "published": StateMark("Published", "circle-check"),
    "uncertain": StateMark("Uncertain", "circle-question-mark"),
    "failed": StateMark("Failed", "circle-x"),
    "canceled": StateMark("Canceled", "ban"),
    "pending": StateMark("Pending", "hourglass"),
    "running": StateMark("Running", "loader-circle", turning=True),
    "completed": StateMark("Completed", "circle-check"),
    "optimizing": StateMark("Optimizing", "loader-circle", turning=True, css="running"),
    "completing": StateMark("Completing", "loader-circle", turning=True, css="running"),
    "canceling": StateMark("Canceling", "loader-circle", turning=True, css="draft"),
    "waiting": StateMark("Waiting", "hourglass", css="pending"),
    "placed": StateMark("Placed", "circle-check", css="completed"),
    "refused": StateMark("Refused", "circle-x", css="failed"),
    "written": StateMark("Written", "pen-line", css="completed"),
    "skipped": StateMark("Skipped", "skip-forward", css="canceled"),
}


class PlatformMark(NamedTuple):
    """The name of a platform and at most two letters that stand for it where space is short."""

    name: str
    letters: str


PLATFORMS: dict[str, PlatformMark] = {
    "youtube": PlatformMark("YouTube", "YT"),
    "tiktok": PlatformMark("TikTok", "TT"),
    "instagram": PlatformMark("Instagram", "IG"),
    "linkedin": PlatformMark("LinkedIn", "LI"),
    "x": PlatformMark("X", "X"),
    "facebook": PlatformMark("Facebook", "FB"),
    "mastodon": PlatformMark("Mastodon", "MA"),
    "bluesky": PlatformMark("Bluesky", "BS"),
    "telegram": PlatformMark("Telegram", "TG"),
    "discord": PlatformMark("Discord", "DC"),
    "wordpress": PlatformMark("WordPress", "WP"),
    "webhook": PlatformMark("Webhook", "WH"),
    "outbox": PlatformMark("Outbox", "OB"),
}


def state_mark(state: str) -> StateMark:
    """The mark of `state`; a state without one of its own gets its own name and a plain ring."""
    mark = STATES.get(state)
    return mark or StateMark(state.replace("_", " ").capitalize(), "circle")


def state_class(state: str) -> str:
    """The last part of `badge-…` and `slot-…`; states without colours of their own
    share `other`.
    """
    mark = STATES.get(state)
    return (mark.css or state) if mark else "other"


def platform_mark(platform: str) -> PlatformMark:
    """The mark of `platform`; one that is not listed is shown by its own name and first letters."""
    mark = PLATFORMS.get(platform)
    return mark or PlatformMark(platform.capitalize(), platform[:2].upper())
