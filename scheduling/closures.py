"""When which channels are closed: the blackouts of a workspace laid out over a range of time."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from django.db.models import Q

from common.zones import zone_name
from scheduling.domain import states
from scheduling.domain.cadence import LocalSlot
from scheduling.domain.recurrence import RuleError
from scheduling.models import Blackout, ChannelAccount, Post
from scheduling.models.posts import PostQuerySet

log = structlog.get_logger(__name__)

SHORTEST = timedelta(microseconds=1)
NEXT_WITHIN = timedelta(days=30)


@dataclass(frozen=True)
class Closure:
    """One occurrence of a blackout, [start, end) in aware UTC."""

    start: datetime
    end: datetime
    blackout: Blackout

    @property
    def text(self) -> str:
        """Why nothing goes out then."""
        zone = self.blackout.zone
        local_end = self.end.astimezone(ZoneInfo(zone))
        return (
            f"{self.blackout} is on for {self.blackout.scope} until "
            f"{local_end:%Y-%m-%d %H:%M} ({zone_name(zone)} time)."
        )

    def covers(self, moment: datetime) -> bool:
        """Whether the aware moment lies in it."""
        return self.start <= moment < self.end


def occurrences_of(blackout: Blackout, start: datetime, end: datetime) -> list[Closure]:
    """Those that touch [start, end); none, and a warning in the log, for a rule that
    cannot be followed.
    """
    try:
        return [
            Closure(*stretch, blackout) for stretch in blackout.stretches(start, end)
        ]
    except RuleError as error:
        log.warning(
            "blackout_cannot_be_followed",
            blackout=str(blackout.pk),
            error=str(error),
        )
        return []


class Closures:
    """The occurrences of a workspace's blackouts and overrides that touch a range."""

    def __init__(
        self, blackouts: Iterable[Blackout], start: datetime, end: datetime
    ) -> None:
        self.closed: list[Closure] = []
        self.opened: list[Closure] = []
        for blackout in blackouts:
            occurrences = self.opened if blackout.is_override else self.closed
            occurrences += occurrences_of(blackout, start, end)

    def at(
        self, account: ChannelAccount, moment: datetime, post_id: UUID | None = None
    ) -> Closure | None:
        """What keeps the channel's posts, or this one, from going out then; None when
        nothing does.
        """
        for closure in self._covering(self.closed, account, moment, post_id):
            if not any(self._covering(self.opened, account, moment, post_id)):
                return closure
        return None

    def left_open(
        self, account: ChannelAccount, slots: Iterable[LocalSlot]
    ) -> list[LocalSlot]:
        """Those of the slots at which the channel's posts may go out."""
        return [slot for slot in slots if self.at(account, slot.instant) is None]

    def _covering(
        self,
        occurrences: list[Closure],
        account: ChannelAccount,
        moment: datetime,
        post_id: UUID | None,
    ) -> Iterable[Closure]:
        return (
            closure
            for closure in occurrences
            if closure.covers(moment) and closure.blackout.concerns(account, post_id)
        )

    def free_from(
        self, account: ChannelAccount, moment: datetime, post_id: UUID | None = None
    ) -> datetime:
        """The first moment from then on that is not closed."""
        while closure := self.at(account, moment, post_id):
            opens = [
                opening.start
                for opening in self.opened
                if moment < opening.start < closure.end
            ]
            free = [at for at in opens if self.at(account, at, post_id) is None]
            moment = min([closure.end, *free])
        return moment


def closures(workspace_id: int, start: datetime, end: datetime) -> Closures:
    """The workspace's closures in [start, end)."""
    return closures_of({workspace_id}, start, end)[workspace_id]


def closures_of(
    workspaces: Collection[int], start: datetime, end: datetime
) -> dict[int, Closures]:
    """The closures of each workspace in [start, end): one query, and none of blackouts
    that ended long before.
    """
    before = f"{start - timedelta(days=2):%Y-%m-%dT%H:%M}"
    after = f"{end + timedelta(days=2):%Y-%m-%dT%H:%M}"
    may_touch = (Q(ends_local__gte=before) | ~Q(rule="")) & Q(begins_local__lte=after)
    by_workspace: dict[int, list[Blackout]] = {
        workspace: [] for workspace in workspaces
    }
    for blackout in Blackout.objects.filter(
        may_touch, workspace__in=workspaces
    ).select_related("account"):
        by_workspace[blackout.workspace_id].append(blackout)
    return {
        workspace: Closures(rows, start, end)
        for workspace, rows in by_workspace.items()
    }


def closure_of(post: Post, at: datetime) -> Closure | None:
    """What keeps this post from going out then."""
    return closures(post.workspace_id, at, at + SHORTEST).at(post.account, at, post.pk)


def posts_inside(
    blackout: Blackout, start: datetime
) -> list[tuple[Post, Closure, datetime]]:
    """Posts from then on that wait inside the blackout, each with the closure and the
    first free moment after it.
    """
    ahead = closures(blackout.workspace_id, start, start + NEXT_WITHIN * 13)
    rows: PostQuerySet = Post.objects.filter(
        workspace=blackout.workspace_id, state__in=states.OPEN
    ).for_display()
    inside = []
    for post in rows.filter(scheduled_at__gte=start).order_by("scheduled_at"):
        at = post.scheduled_at
        account = post.account
        if at is None or not blackout.concerns(account, post.pk):
            continue
        closure = ahead.at(account, at, post.pk)
        if closure is not None and closure.blackout == blackout:
            free = ahead.free_from(account, at, post.pk)
            inside.append((post, closure, free))
    return inside
