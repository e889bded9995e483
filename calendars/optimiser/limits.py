"""What the times that an optimisation chooses must keep to, beside closures and wishes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from common.mappings import JsonObject, Record

HOUR = 60
HALF = 30


@dataclass(frozen=True)
class PlatformLimits:
    """Least minutes between two posts of one channel, and of all channels of the
    platform; most posts of a channel in a local day and ISO week. None leaves it to the
    wishes.
    """

    min_interval_minutes: int | None = None
    platform_interval_minutes: int | None = None
    max_per_day: int | None = None
    max_per_week: int | None = None


@dataclass(frozen=True)
class Limits:
    """Bounds of new times (aware), stretches without posts [start, end), rules of
    platforms by id, minutes between the posts of one content on different platforms,
    and the grid in minutes: 60 or 30.
    """

    not_before: datetime | None = None
    not_after: datetime | None = None
    closed: tuple[tuple[datetime, datetime], ...] = ()
    platforms: Mapping[str, PlatformLimits] = field(default_factory=dict)
    stagger_minutes: int = 0
    grid: int = HOUR

    def of(self, platform: str) -> PlatformLimits:
        """The platform's own limits; none for most."""
        return self.platforms.get(platform, PlatformLimits())

    def lets_move_to(self, at: datetime) -> bool:
        """Whether a post may be given that time."""
        return not (
            (self.not_before and at < self.not_before)
            or (self.not_after and at > self.not_after)
        )

    def is_closed(self, at: datetime) -> bool:
        """Whether the instant lies in a span in which nothing may go out."""
        return any(start <= at < end for start, end in self.closed)

    def as_json(self) -> JsonObject:
        """As JSON."""
        return {
            "not_before": _text(self.not_before),
            "not_after": _text(self.not_after),
            "closed": [[_text(start), _text(end)] for start, end in self.closed],
            "platforms": {
                name: asdict(rules) for name, rules in self.platforms.items()
            },
            "stagger_minutes": self.stagger_minutes,
            "grid": self.grid,
        }

    @classmethod
    def read(cls, data: Record) -> Limits:
        """What `as_json` wrote."""
        closed = tuple(
            (datetime.fromisoformat(start), datetime.fromisoformat(end))
            for start, end in data["closed"]
        )
        rules = {
            name: PlatformLimits(**values) for name, values in data["platforms"].items()
        }
        bounds = _moment(data["not_before"]), _moment(data["not_after"])
        return cls(*bounds, closed, rules, data["stagger_minutes"], data["grid"])


def _text(moment: datetime | None) -> str | None:
    """ISO 8601; None for none."""
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    """What `_text` wrote."""
    return datetime.fromisoformat(text) if text else None


def minutes(number: int | None) -> timedelta:
    """As a length of time; none for None."""
    return timedelta(minutes=number or 0)
