"""What is known about posting times: tables, results, wishes. Each selector takes the user."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from django.db.models import Q, QuerySet, Sum

from calendars.models import (
    PostingRhythm,
    Preferences,
    TimingRow,
    WeekResult,
)
from calendars.timing.learning import CELLS, Array, History, cell_of
from calendars.timing.tables import week_of
from workspaces.models import Workspace
from workspaces.roles import Role
from workspaces.selectors import require_role


@dataclass(frozen=True)
class Wishes:
    """What holds for a person, platform and format once the chain of preferences is followed to its end."""

    zone: str
    per_day_most: int | None = None
    per_week_least: int | None = None
    per_week_most: int | None = None
    gap_hours: int | None = None
    weekdays_off: tuple[int, ...] = ()
    hours_off: tuple[tuple[int, int], ...] = ()
    quality_threshold: float | None = None

    def allows(self, weekday: int, hour: int) -> bool:
        """Whether posts may go out in that local hour."""
        spans = (hour in range(a, b) if a < b else hour >= a or hour < b for a, b in self.hours_off)
        return weekday not in self.weekdays_off and not any(spans)


def weights_of(platform: str, format_: str = "") -> Array:
    """The timing table's week for a platform; a format's own rows go before those for every format."""
    return weights_on([platform], format_)[platform]


def weights_on(platforms: Collection[str], format_: str = "") -> dict[str, Array]:
    """As `weights_of`, for several platforms: one query."""
    rows: dict[str, list[TimingRow]] = {platform: [] for platform in platforms}
    for row in TimingRow.objects.on().filter(platform__in=platforms, format__in={"", format_}):
        rows[row.platform].append(row)
    own = {platform: [row for row in found if row.format == format_] or found for platform, found in rows.items()}
    return {platform: week_of(row.hours for row in found) for platform, found in own.items()}


def history_of(user: Any, workspace: Workspace, platform: str, format_: str = "") -> History:
    """The results of the workspace's channels on a platform, by local hour of the week: one query."""
    return histories_on(user, workspace, [platform], format_)[platform]


def histories_on(user: Any, workspace: Workspace, platforms: Collection[str], format_: str = "") -> dict[str, History]:
    """As `history_of`, for several platforms: one query."""
    require_role(user, workspace, Role.VIEWER)
    rows = WeekResult.objects.filter(account__workspace=workspace, platform__in=platforms)
    if format_:
        rows = rows.filter(format=format_)
    sums = rows.order_by().values("platform", "weekday", "hour")
    found = {platform: np.zeros((3, CELLS)) for platform in platforms}
    for row in sums.annotate(n=Sum("rated"), s=Sum("log_sum"), q=Sum("log_squares")):
        found[row["platform"]][:, cell_of(row["weekday"], row["hour"])] = row["n"], row["s"], row["q"]
    return {platform: History(*results) for platform, results in found.items()}


def wishes_of(user: Any, workspace: Workspace, platform: str = "", format_: str = "", *, usual: bool = True) -> Wishes:
    """What the person wants there: their own rows from the narrowest to the widest, then the workspace's, then how
    often accounts do well on the platform, where `usual`. Two queries."""
    return wishes_on(user, workspace, [platform], format_, usual=usual)[platform]


def wishes_on(
    user: Any, workspace: Workspace, platforms: Collection[str], format_: str = "", *, usual: bool = True
) -> dict[str, Wishes]:
    """As `wishes_of`, for several platforms: two queries."""
    rows = _rows_on(user, workspace, platforms, format_)
    rhythms = rhythms_on(platforms, format_) if usual else {}
    zone = user.zone or workspace.zone
    return {name: _completed(_first_said(_chain(rows, name)), rhythms.get(name), zone) for name in platforms}


def chain_of(user: Any, workspace: Workspace, platform: str = "", format_: str = "") -> list[Preferences]:
    """The rows that hold there, those that go first first: one query."""
    return _chain(_rows_on(user, workspace, [platform], format_), platform)


def _rows_on(user: Any, workspace: Workspace, platforms: Collection[str], format_: str) -> list[Preferences]:
    require_role(user, workspace, Role.VIEWER)
    scope = Q(platform="") | Q(platform__in=platforms, format__in={"", format_})
    return list(Preferences.objects.filter(scope, Q(user=user) | Q(user=None), workspace=workspace))


def _chain(rows: Iterable[Preferences], platform: str) -> list[Preferences]:
    here = (row for row in rows if row.platform in ("", platform))
    return sorted(here, key=lambda row: (row.user_id is None, not row.platform, not row.format))


def _first_said(rows: Sequence[Preferences]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in fields(Wishes):
        values = (getattr(row, field.name) for row in rows)
        said = next((value for value in values if value not in (None, "")), None)
        if said is not None:
            found[field.name] = said
    return found


def _completed(found: dict[str, Any], rhythm: PostingRhythm | None, zone: str) -> Wishes:
    if rhythm is not None:
        usual = {"per_week_least": rhythm.per_week_least, "per_week_most": rhythm.per_week_most,
                 "gap_hours": rhythm.gap_hours}  # fmt: skip
        found = usual | found
    spans = tuple((span["start"], span["end"]) for span in found.pop("hours_off", None) or ())
    days = tuple(found.pop("weekdays_off", None) or ())
    return Wishes(**{"zone": zone} | found, weekdays_off=days, hours_off=spans)


def rhythm_of(platform: str, format_: str = "") -> PostingRhythm | None:
    """How often accounts do well there; a format's own row goes first."""
    return rhythms_on([platform], format_).get(platform)


def rhythms_on(platforms: Collection[str], format_: str = "") -> dict[str, PostingRhythm]:
    """As `rhythm_of`, for those platforms that have one: one query."""
    rows = PostingRhythm.objects.on().filter(platform__in=platforms, format__in={"", format_})
    # A format's own row comes last and replaces the platform's.
    return {row.platform: row for row in rows.order_by("format")}


def preferences_of(user: Any, workspace: Workspace) -> QuerySet[Preferences]:
    """The workspace's rows and the person's own."""
    require_role(user, workspace, Role.VIEWER)
    return Preferences.objects.filter(Q(user=user) | Q(user=None), workspace=workspace)
