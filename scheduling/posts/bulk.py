"""Moving posts about a calendar: to where they were dropped, or many at once with a report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from common.errors import Conflict, InvalidInput, Missing, Problem
from scheduling.access import queue_settings_of
from scheduling.domain import states
from scheduling.domain.cadence import LocalSlot
from scheduling.models import ChannelAccount, Post
from scheduling.models.media import MEDIA
from scheduling.posts import held, transitions
from scheduling.posts import services as posts
from scheduling.posts.free_times import free_instants
from scheduling.posts.may_go_out import check_moving_together, moved_text
from scheduling.posts.transitions import apply
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import allow, reached

MOST_AT_ONCE = 200
FARTHEST_DAYS = 366
FARTHEST_MINUTES = FARTHEST_DAYS * 24 * 60


@dataclass(frozen=True)
class DropTarget:
    """Where a post is to go on a zone's clock: an instant, or a local day with a time
    of day, its own without one.
    """

    zone: str
    at: datetime | None = None
    day: date | None = None
    clock: time | None = None

    def instant_for(self, post: Post) -> datetime:
        """Aware UTC. Raises InvalidInput for a place that is none."""
        if self.at is not None:
            return self.at
        if self.day is None:
            raise InvalidInput("Choose a day and a time.")
        clock = self.clock or local_of(post, self.zone).time()
        return LocalSlot(self.day, clock, self.zone).instant

    def note_on(self, at: datetime) -> str:
        """A sentence when a clock change took the wanted time of day away; blank otherwise."""
        if self.clock is None:
            return ""
        wanted = f"{self.clock:%H:%M}"
        if f"{at.astimezone(ZoneInfo(self.zone)):%H:%M}" == wanted:
            return ""
        return (
            f"{wanted} does not exist on that day in {self.zone}: the "
            "clocks go forward."
        )


def local_of(post: Post, zone: str) -> datetime:
    """When the post is, on the zone's clock. Raises InvalidInput for a post without a time."""
    if post.scheduled_at is None:
        raise InvalidInput("This post has no time yet.")
    return post.scheduled_at.astimezone(ZoneInfo(zone))


@dataclass(frozen=True)
class Changed:
    """A post before and after something was done to it; `after.updated_at` is its version then."""

    before: Post
    after: Post


@dataclass
class Report:
    """What was done to posts, in the order of doing, and why it was not to others."""

    changed: list[Changed] = field(default_factory=list)
    refused: list[tuple[Post, str]] = field(default_factory=list)

    @property
    def done(self) -> int:
        """How many posts were changed."""
        return len(self.changed)

    @property
    def problems(self) -> list[str]:
        """A sentence for each post that was left as it was."""
        return [f"{name_of(post)}: {why}" for post, why in self.refused]


def drop(
    user: User, post: Post, place: DropTarget, seen: datetime | None
) -> tuple[Changed, str]:
    """Move a post to where somebody dropped it, if it still stands where they `seen` it.

    A local time that a clock change skips becomes the one after the gap, and the text
    says so. Raises what `move` does.
    """
    place = _with_clock(place, post)
    at = place.instant_for(post)
    changed = _done(post, lambda moving: posts.move(user, moving, at, seen=seen))
    return changed, place.note_on(at)


def _with_clock(place: DropTarget, post: Post) -> DropTarget:
    """The place with the post's own time of day where it names none."""
    if place.at is None and place.clock is None and post.scheduled_at is not None:
        return replace(place, clock=local_of(post, place.zone).time())
    return place


def drop_all(
    user: User,
    workspace: Workspace,
    post_id: UUID,
    place: DropTarget,
    seen: Mapping[UUID, datetime | None],
) -> tuple[Report, str]:
    """Move one post to where it was dropped, and the other keys of `seen` as far on the
    wall clock of the place.

    Each is moved, if it still stands where it was seen, or reported; the text is as
    `drop` has it. Raises InvalidInput for a place that is none, and as `chosen_posts`.
    """
    chosen = chosen_posts(user, workspace, [post_id, *seen])
    lead = next(post for post in chosen if post.pk == post_id)
    place = _with_clock(place, lead)
    at = place.instant_for(lead)
    distance = _wall(at, place.zone) - _wall(local_of(lead, place.zone), place.zone)
    going = chosen if distance else [lead]

    def target(post: Post) -> datetime:
        if post.pk == post_id:
            return at
        wall = _wall(local_of(post, place.zone), place.zone) + distance
        return _on(wall, place.zone)

    ordered = _farthest_first(going, distance)
    return move_all(user, ordered, target, seen), place.note_on(at)


def _wall(at: datetime, zone: str) -> datetime:
    """What the zone's clock shows, without the zone."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _on(wall: datetime, zone: str) -> datetime:
    return LocalSlot(wall.date(), wall.time(), zone).instant


def _farthest_first(in_order: Sequence[Post], distance: timedelta) -> Iterable[Post]:
    """Of posts in the order of time: none must meet the old time of another that is
    about to leave it.
    """
    return reversed(in_order) if distance > timedelta(0) else in_order


def name_of(post: Post) -> str:
    """What messages call the post: its title and its channel."""
    title = "Empty slot" if post.is_empty else post.content.title
    return f"“{title}”, {post.account.name}"


def chosen_posts(user: User, workspace: Workspace, ids: Sequence[UUID]) -> list[Post]:
    """The workspace's posts with these ids in order of time. Editors; raises Missing
    for any other id.
    """
    keys = set(ids)
    if not 1 <= len(keys) <= MOST_AT_ONCE:
        raise InvalidInput(f"Choose 1 to {MOST_AT_ONCE} posts, not {len(keys)}.")
    rows = Post.objects.for_display().prefetch_related(MEDIA)
    chosen = rows.filter(workspace=workspace, pk__in=keys)
    ordered = chosen.order_by("scheduled_at", "pk")
    reachable = reached(ordered, user, workspace, Role.EDITOR)
    if len(reachable) < len(keys):
        raise Missing("Post instance not found")
    return reachable


def shift_all(
    user: User,
    workspace: Workspace,
    ids: Sequence[UUID],
    days: int,
    minutes: int,
    zone: str,
) -> Report:
    """Move posts by days of the wall clock, which keeps their time of day, then by
    minutes that pass.

    Each is moved or reported. Raises InvalidInput for a shift that is none or absurd,
    and as `chosen_posts`.
    """
    _check_shift(days, minutes)
    chosen = chosen_posts(user, workspace, ids)
    ordered = _farthest_first(chosen, timedelta(days=days, minutes=minutes))
    seen = {post.pk: post.scheduled_at for post in chosen}
    return move_all(
        user, ordered, lambda post: shifted(post, days, minutes, zone), seen
    )


def _check_shift(days: int, minutes: int) -> None:
    """Raises InvalidInput for a shift that is none or absurd."""
    is_far = abs(days) > FARTHEST_DAYS or abs(minutes) > FARTHEST_MINUTES
    if is_far or not (days or minutes):
        raise InvalidInput(f"Move posts by something, at most {FARTHEST_DAYS} days.")


def move_all(
    user: User,
    ordered: Iterable[Post],
    target: Callable[[Post], datetime],
    seen: Mapping[UUID, datetime | None],
) -> Report:
    """Each to its own time, if it still stands where it was seen, or reported.

    All together where nothing is in the way of any of them; else one after the other, so
    that what one refuses does not keep the others.
    """
    moving = list(ordered)
    try:
        return Report(_move_together(user, moving, target, seen))
    except Problem:
        return each(
            moving,
            lambda post: posts.move(user, post, target(post), seen=seen.get(post.pk)),
        )


@transaction.atomic
def _move_together(
    user: User,
    moving: Sequence[Post],
    target: Callable[[Post], datetime],
    seen: Mapping[UUID, datetime | None],
) -> list[Changed]:
    """Raises Problem when one of them may not have its time, or somebody moved it."""
    for post in moving:
        if seen.get(post.pk) not in (None, post.scheduled_at):
            raise Conflict(moved_text(post))
    times = {post.pk: target(post) for post in moving}
    check_moving_together(moving, times)
    return _applied(moving, transitions.MOVE, user, at=times)


def _applied(
    before: Sequence[Post],
    transition: transitions.Transition,
    user: User,
    at: Mapping[UUID, datetime] | None = None,
) -> list[Changed]:
    """All posts after a transition, those that came in as they were."""
    after = [copy(post) for post in before]
    apply(after, transition, user, at=at)
    return [Changed(*pair) for pair in zip(before, after, strict=True)]


def each(chosen: Iterable[Post], act: Callable[[Post], Post]) -> Report:
    """Every one on its own: what one refuses does not keep the others."""
    report = Report()
    for post in chosen:
        try:
            report.changed.append(_done(post, act))
        except Problem as problem:
            report.refused.append((post, problem.message))
    return report


@transaction.atomic
def _done(post: Post, act: Callable[[Post], Post]) -> Changed:
    """In one transaction, so that the version is the one that this very act has left."""
    return Changed(post, act(copy(post)))


def shifted(post: Post, days: int, minutes: int, zone: str) -> datetime:
    """The post's time after a shift; aware."""
    local = local_of(post, zone)
    at = local.astimezone(UTC)
    if days:
        day = local.date() + timedelta(days=days)
        at = LocalSlot(day, local.time(), zone).instant
    return at + timedelta(minutes=minutes)


def schedule_all(user: User, workspace: Workspace, ids: Sequence[UUID]) -> Report:
    """Schedule each of the posts for its own time, or report why not."""
    chosen = chosen_posts(user, workspace, ids)
    return each(chosen, lambda post: posts.approve(user, post))


def cancel_all(user: User, workspace: Workspace, ids: Sequence[UUID]) -> Report:
    """Cancel each of the posts, or report why not."""
    chosen = chosen_posts(user, workspace, ids)
    try:
        with transaction.atomic():
            return Report(_applied(chosen, transitions.CANCEL, user))
    except Problem:
        return each(chosen, lambda post: posts.cancel(user, post))


def move_stuck(user: User, channel: ChannelAccount) -> Report:
    """Give every stuck post of the channel a free time from now on, in the order of
    their own: those that are held, and those that failed because they were held for too
    long. Each is moved, or reported. Editors.
    """
    allow(user, channel, Role.EDITOR)
    now = timezone.now()
    stuck_posts = _stuck_posts(user, channel, now)
    if not stuck_posts:
        return Report()
    hours = queue_settings_of(user, channel.workspace).spacing_hours
    zone = channel.workspace.zone
    times = free_instants([channel], now, hours, zone, count=len(stuck_posts))
    at = {post.pk: when for post, when in zip(stuck_posts, times, strict=True)}

    def freed(post: Post) -> Post:
        if post.state == states.FAILED:
            return posts.approve(user, post, at[post.pk])
        return posts.move(user, post, at[post.pk])

    return each(stuck_posts, freed)


def _stuck_posts(user: User, channel: ChannelAccount, now: datetime) -> list[Post]:
    """As many of the channel's stuck posts as are moved at once, in order of time."""
    rows = Post.objects.for_display().prefetch_related(MEDIA)
    stuck = rows.filter(held.stuck(now), account=channel)
    ordered = stuck.order_by("scheduled_at", "pk")[:MOST_AT_ONCE]
    return reached(ordered, user, channel.workspace, Role.EDITOR)
