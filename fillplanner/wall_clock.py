"""Moments as people type them: on the wall clock of a zone, without an offset. Pure."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo


def to_wall(text: str, zone: str, between: str = " ") -> str:
    """An ISO moment with an offset as it stands on the clock of the IANA `zone`; where
    the clock does not tell it apart from another (an hour that comes twice), and for a
    text that is none, the text as it is.

    text: what is shown.
    zone: an IANA zone.
    between: what stands between day and time.
    """
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            return text
        local = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
    except (ValueError, OverflowError):
        return text
    exact = "auto" if local.second or local.microsecond else "minutes"
    shown = local.isoformat(between, exact)
    return shown if datetime.fromisoformat(from_wall(shown, zone)) == moment else text


def is_wall(text: str) -> bool:
    """Whether the text is blank or a moment without an offset."""
    try:
        return not text or datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        return False


def from_wall(text: str, zone: str) -> str:
    """What was typed on the clock of the IANA `zone` as ISO with its offset; what has
    one, or is none, as it is.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return text
    return (
        moment.replace(tzinfo=ZoneInfo(zone)).isoformat()
        if moment.tzinfo is None
        else text
    )
