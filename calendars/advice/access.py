"""What is known about posting times: tables, results, wishes. Each selector takes the user."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from django.db.models import Q, QuerySet, Sum

from calendars.models import (
    PostingRhythm,
    Preferences,
    TimingRow,
    WeekResult,
)
from calendars.timing.learning import CELLS, ENOUGH, Array, History, cell_of
from calendars.timing.tables import Hours, week_of
from scheduling.domain.platforms.catalogue import BY_NAME
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import require_role

# A platform and a format on it: what shares one belief and one set of wishes.
Kind = tuple[str, str]


@dataclass(frozen=True)
class Wishes:
    """What holds for a person, platform and format once the chain of preferences is
    followed to its end. Days and hours off are those of each channel's clock; `zone` is
    only in which times are shown.
    """

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
        spans = (
            hour in range(a, b) if a < b else hour >= a or hour < b
            for a, b in self.hours_off
        )
        return weekday not in self.weekdays_off and not any(spans)


def kind_on(platform: str, format_: str = "") -> Kind:
    """The platform with the format; a blank one is what its posts have unless another
    is chosen. A blank platform has none.
    """
    usual = BY_NAME[platform].formats[0] if platform in BY_NAME else ""
    return platform, format_ or usual


def weights_of(platform: str, format_: str = "") -> Array:
    """The timing table's week for a platform; a format's own rows go before those for
    every format.
    """
    kind = kind_on(platform, format_)
    return weights_for([kind])[kind]


def weights_for(kinds: Collection[Kind]) -> dict[Kind, Array]:
    """As `weights_of`, for several platforms with their formats: one query."""
    platforms = {platform for platform, _ in kinds}
    formats = {format_ for _, format_ in kinds}
    hours: dict[Kind, list[Hours]] = defaultdict(list)
    for row in TimingRow.objects.on().filter(
        platform__in=platforms, format__in={"", *formats}
    ):
        hours[row.platform, row.format].append(row.hours)
    return {
        (platform, own): week_of(hours[platform, own] or hours[platform, ""])
        for platform, own in kinds
    }


def history_of(
    user: User, workspace: Workspace, platform: str, format_: str = ""
) -> History:
    """The results that count for a format on a platform, by local hour of the week on
    each channel's own clock: the format's own where there are enough to learn from,
    else those of all formats together. One query.
    """
    kind = kind_on(platform, format_)
    return histories_for(user, workspace, [kind])[kind]


def histories_for(
    user: User, workspace: Workspace, kinds: Collection[Kind]
) -> dict[Kind, History]:
    """As `history_of`, for several platforms with their formats: one query."""
    require_role(user, workspace, Role.VIEWER)
    rows = WeekResult.objects.filter(
        account__workspace=workspace, platform__in={platform for platform, _ in kinds}
    )
    hours = rows.order_by().values_list("platform", "format", "weekday", "hour")
    own: dict[Kind, Array] = defaultdict(lambda: np.zeros((3, CELLS)))
    pooled: dict[str, Array] = defaultdict(lambda: np.zeros((3, CELLS)))
    for platform, format_, weekday, hour, *sums in hours.annotate(
        posts=Sum("rated"), logs=Sum("log_sum"), squares=Sum("log_squares")
    ):
        cell = cell_of(weekday, hour)
        own[platform, format_][:, cell] += sums
        pooled[platform][:, cell] += sums
    return {
        kind: _counted(History(*own[kind]), History(*pooled[kind[0]])) for kind in kinds
    }


def _counted(own: History, pooled: History) -> History:
    return own if own.posts >= ENOUGH else pooled


def wishes_of(
    user: User,
    workspace: Workspace,
    platform: str = "",
    format_: str = "",
    *,
    usual: bool = True,
) -> Wishes:
    """What the person wants there: their own rows from the narrowest to the widest,
    then the workspace's, then how often accounts do well on the platform, where
    `usual`. Two queries.
    """
    kind = (platform, format_)
    return wishes_for(user, workspace, [kind], usual=usual)[kind]


def wishes_for(
    user: User, workspace: Workspace, kinds: Collection[Kind], *, usual: bool = True
) -> dict[Kind, Wishes]:
    """As `wishes_of`, for several platforms with their formats: two queries, one where
    not `usual`.
    """
    rows = _rows_for(user, workspace, kinds)
    rhythms = rhythms_for(kinds) if usual else {}
    zone = user.zone or workspace.zone
    wishes = {}
    for kind in kinds:
        values = _first_values(_chain(rows, kind))
        wishes[kind] = with_rhythm(_completed(values, zone), rhythms.get(kind))
    return wishes


def with_rhythm(wishes: Wishes, rhythm: PostingRhythm | None) -> Wishes:
    """The wishes with a platform's usual rhythm where they say nothing."""
    if rhythm is None:
        return wishes
    names = ("per_week_least", "per_week_most", "gap_hours")
    usual = {
        name: getattr(rhythm, name) for name in names if getattr(wishes, name) is None
    }
    return replace(wishes, **usual)


def shown_zone(user: User, workspace: Workspace) -> str:
    """The zone in which a member is shown best times: as they prefer, else as the
    workspace does, else their own or the workspace's. One query.
    """
    owners = Q(user=user) | Q(user=None)
    everywhere = Preferences.objects.filter(
        owners, workspace=workspace, platform="", format=""
    )
    rows = everywhere.exclude(zone="")
    own_first = sorted(rows, key=lambda row: row.user_id is None)
    if own_first:
        return own_first[0].zone
    return user.zone or workspace.zone


def chain_of(
    user: User, workspace: Workspace, platform: str = "", format_: str = ""
) -> list[Preferences]:
    """The rows that hold there, those that go first first: one query."""
    kind = (platform, format_)
    return _chain(_rows_for(user, workspace, [kind]), kind)


def _rows_for(
    user: User, workspace: Workspace, kinds: Collection[Kind]
) -> list[Preferences]:
    require_role(user, workspace, Role.VIEWER)
    platforms = {platform for platform, _ in kinds}
    formats = {format_ for _, format_ in kinds}
    scope = Q(platform="") | Q(platform__in=platforms, format__in={"", *formats})
    owners = Q(user=user) | Q(user=None)
    return list(Preferences.objects.filter(scope, owners, workspace=workspace))


def _chain(rows: Iterable[Preferences], kind: Kind) -> list[Preferences]:
    platform, format_ = kind
    matching = (
        row
        for row in rows
        if row.platform in ("", platform) and row.format in ("", format_)
    )
    return sorted(
        matching,
        key=lambda row: (row.user_id is None, not row.platform, not row.format),
    )


def _first_values(rows: Sequence[Preferences]) -> dict[str, Any]:
    """Each wish as the first of the rows that has it says it."""
    wishes: dict[str, Any] = {}
    for field in fields(Wishes):
        for row in rows:
            value = getattr(row, field.name)
            if value not in (None, ""):
                wishes[field.name] = value
                break
    return wishes


def _completed(wishes: dict[str, Any], zone: str) -> Wishes:
    hours_off = wishes.pop("hours_off", None) or ()
    weekdays_off = wishes.pop("weekdays_off", None) or ()
    return Wishes(
        **{"zone": zone} | wishes,
        weekdays_off=tuple(weekdays_off),
        hours_off=tuple((span["start"], span["end"]) for span in hours_off),
    )


def rhythm_of(platform: str, format_: str = "") -> PostingRhythm | None:
    """How often accounts do well there; a format's own row goes first."""
    kind = (platform, format_)
    return rhythms_for([kind]).get(kind)


def rhythms_for(kinds: Collection[Kind]) -> dict[Kind, PostingRhythm]:
    """As `rhythm_of`, for those that have one: one query."""
    platforms = {platform for platform, _ in kinds}
    formats = {format_ for _, format_ in kinds}
    rows = PostingRhythm.objects.on().filter(
        platform__in=platforms, format__in={"", *formats}
    )
    by_kind = {(row.platform, row.format): row for row in rows}
    rhythms = {}
    for platform, format_ in kinds:
        rhythm = by_kind.get((platform, format_)) or by_kind.get((platform, ""))
        if rhythm is not None:
            rhythms[platform, format_] = rhythm
    return rhythms


def preferences_of(user: User, workspace: Workspace) -> QuerySet[Preferences]:
    """The workspace's rows and the person's own."""
    require_role(user, workspace, Role.VIEWER)
    return Preferences.objects.filter(Q(user=user) | Q(user=None), workspace=workspace)
