"""What is known about posting times: tables, results, wishes. Each selector takes the user."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

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
from common.grouping import grouped
from common.mappings import Values
from scheduling.domain.platforms.catalogue import BY_NAME
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import require_role

# A platform and a format on it: what shares one belief and one set of wishes.
Kind = tuple[str, str]
Known = TypeVar("Known")


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

    @property
    def least_score(self) -> float:
        """What a time has to come to, from 0 to 1; 0 where any is good enough."""
        return self.quality_threshold or 0.0

    def allows(self, weekday: int, hour: int) -> bool:
        """Whether posts may go out in that local hour."""
        is_off = any(in_span(hour, span) for span in self.hours_off)
        return weekday not in self.weekdays_off and not is_off


def in_span(hour: int, span: tuple[int, int]) -> bool:
    """Whether the hour is in [begin, end), which may reach past midnight."""
    begin, end = span
    if begin < end:
        return begin <= hour < end
    return hour >= begin or hour < end


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
    hours = _hours_by_kind(kinds)
    return {kind: week_of(_narrowest(hours, kind) or ()) for kind in kinds}


def _hours_by_kind(kinds: Collection[Kind]) -> dict[Kind, list[Hours]]:
    """What holds today for those of the kinds that have rows: one query."""
    rows = TimingRow.objects.on().filter(on_any(kinds))
    return grouped((row.kind, row.hours) for row in rows)


def _narrowest(by_kind: Mapping[Kind, Known], kind: Kind) -> Known | None:
    """What is known of the kind itself, else of every format on its platform."""
    platform, _ = kind
    return by_kind.get(kind) or by_kind.get((platform, ""))


def on_any(kinds: Collection[Kind]) -> Q:
    """Rows of these platforms, for one of these formats or for every format."""
    platforms = {platform for platform, _ in kinds}
    formats = {format_ for _, format_ in kinds}
    return Q(platform__in=platforms, format__in={"", *formats})


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
    platforms = {platform for platform, _ in kinds}
    # Posts, sums of logarithms and of their squares, by hour of the week.
    own: dict[Kind, Array] = defaultdict(_no_sums)
    pooled: dict[str, Array] = defaultdict(_no_sums)
    for platform, format_, weekday, hour, *sums in _hourly_sums(workspace, platforms):
        cell = cell_of(weekday, hour)
        own[platform, format_][:, cell] += sums
        pooled[platform][:, cell] += sums
    return {
        (platform, format_): _counted(own[platform, format_], pooled[platform])
        for platform, format_ in kinds
    }


def _no_sums() -> Array:
    """Nothing counted in any hour of the week."""
    return np.zeros((3, CELLS))


def _hourly_sums(
    workspace: Workspace, platforms: set[str]
) -> QuerySet[WeekResult, tuple[Any, ...]]:
    """Platform, format, weekday, hour, and the three sums of a history there."""
    rows = WeekResult.objects.filter(
        account__workspace=workspace, platform__in=platforms
    )
    hours = rows.order_by().values_list("platform", "format", "weekday", "hour")
    return hours.annotate(
        posts=Sum("rated"), logs=Sum("log_sum"), squares=Sum("log_squares")
    )


def _counted(own: Array, pooled: Array) -> History:
    """A format's own history where there is enough of it, else that of all formats."""
    history = History(*own)
    return history if history.posts >= ENOUGH else History(*pooled)


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
    zone = user.zone or workspace.zone
    wishes = {
        kind: _completed(_first_values(_chain(rows, kind), zone)) for kind in kinds
    }
    return _with_rhythms(wishes) if usual else wishes


def _with_rhythms(wishes: Mapping[Kind, Wishes]) -> dict[Kind, Wishes]:
    """The same, each with the usual rhythm where it says nothing: one query."""
    rhythms = rhythms_for(wishes)
    return {kind: with_rhythm(own, rhythms.get(kind)) for kind, own in wishes.items()}


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
    everywhere = _rows(user, workspace).filter(platform="", format="")
    return _first_zone(everywhere) or user.zone or workspace.zone


def _first_zone(rows: QuerySet[Preferences]) -> str:
    """The zone of the row that goes first, of those that name one; blank for none."""
    first = min(rows.exclude(zone=""), key=_width, default=None)
    return first.zone if first else ""


def chain_of(
    user: User, workspace: Workspace, platform: str = "", format_: str = ""
) -> list[Preferences]:
    """The rows that hold there, those that go first first: one query."""
    kind = (platform, format_)
    return _chain(_rows_for(user, workspace, [kind]), kind)


def _rows_for(
    user: User, workspace: Workspace, kinds: Collection[Kind]
) -> list[Preferences]:
    """Every row that holds for one of the kinds: one query."""
    everywhere = Q(platform="")
    rows = preferences_of(user, workspace).filter(everywhere | on_any(kinds))
    return list(rows)


def _chain(rows: Iterable[Preferences], kind: Kind) -> list[Preferences]:
    """The rows that hold for the kind, those that go first first."""
    matching = [row for row in rows if row.holds_for(*kind)]
    return sorted(matching, key=_width)


def _width(row: Preferences) -> tuple[bool, bool, bool]:
    """Greater for rows that hold more widely."""
    return row.user_id is None, not row.platform, not row.format


def _first_values(rows: Sequence[Preferences], zone: str) -> Values:
    """Each wish as the first of the rows that has it says it; the zone that is usual
    where none does.
    """
    wishes: Values = {"zone": zone}
    for row in reversed(rows):
        wishes |= _values_of(row)
    return wishes


def _values_of(row: Preferences) -> Values:
    """The wishes that a row has, as its columns hold them."""
    columns = {field.name: getattr(row, field.name) for field in fields(Wishes)}
    return {name: value for name, value in columns.items() if value not in (None, "")}


def _completed(wishes: Values) -> Wishes:
    """Wishes from the columns of rows."""
    hours_off = wishes.pop("hours_off", ())
    weekdays_off = wishes.pop("weekdays_off", ())
    return Wishes(
        **wishes, weekdays_off=tuple(weekdays_off), hours_off=spans_of(hours_off)
    )


def spans_of(rows: Iterable[Mapping[str, int]]) -> tuple[tuple[int, int], ...]:
    """Hours [start, end) as pairs, from objects that name the two."""
    return tuple((row["start"], row["end"]) for row in rows)


def rhythm_of(platform: str, format_: str = "") -> PostingRhythm | None:
    """How often accounts do well there; a format's own row goes first."""
    kind = (platform, format_)
    return rhythms_for([kind]).get(kind)


def rhythms_for(kinds: Collection[Kind]) -> dict[Kind, PostingRhythm]:
    """As `rhythm_of`, for those that have one: one query."""
    by_kind = _rhythms_by_kind(kinds)
    return {kind: rhythm for kind in kinds if (rhythm := _narrowest(by_kind, kind))}


def _rhythms_by_kind(kinds: Collection[Kind]) -> dict[Kind, PostingRhythm]:
    """What holds today for those of the kinds that have a row: one query."""
    rows = PostingRhythm.objects.on().filter(on_any(kinds))
    return {row.kind: row for row in rows}


def preferences_of(user: User, workspace: Workspace) -> QuerySet[Preferences]:
    """The workspace's rows and the person's own."""
    require_role(user, workspace, Role.VIEWER)
    return _rows(user, workspace)


def _rows(user: User, workspace: Workspace) -> QuerySet[Preferences]:
    """As `preferences_of`, for callers that have looked at the role."""
    owners = Q(user=user) | Q(user=None)
    return Preferences.objects.filter(owners, workspace=workspace)
