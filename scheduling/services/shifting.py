"""Moving posts about a calendar: one to where it was dropped, or many at once with a report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from common.errors import InvalidInput, Missing, Problem
from scheduling.cadence import LocalSlot
from scheduling.models import Post
from scheduling.selectors import access_post, posts_of
from scheduling.services import posts
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import require_role

MOST_AT_ONCE = 200
FARTHEST_DAYS = 366


@dataclass(frozen=True)
class Place:
    """Where a post is to go on a zone's clock: an instant, or a local day with a time of day, its own without one."""

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
        return LocalSlot(self.day, self.clock or local_of(post, self.zone).time(), self.zone).instant

    def note_on(self, at: datetime) -> str:
        """A sentence when a clock change took the wanted time of day away; blank otherwise."""
        there = at.astimezone(ZoneInfo(self.zone)).time()
        if self.clock is None or (there.hour, there.minute) == (self.clock.hour, self.clock.minute):
            return ""
        return f"{self.clock:%H:%M} does not exist on that day in {self.zone}: the clocks go forward."


def local_of(post: Post, zone: str) -> datetime:
    """When the post is, on the zone's clock. Raises InvalidInput for a post without a time."""
    if post.scheduled_at is None:
        raise InvalidInput("This post has no time yet.")
    return post.scheduled_at.astimezone(ZoneInfo(zone))


@dataclass(frozen=True)
class Dropped:
    """A post that was moved, where it was before (aware), and what there is to say about where it went."""

    post: Post
    before: datetime | None
    note: str


def drop(user: User, post_id: UUID, place: Place, seen: datetime | None) -> Dropped:
    """Move a post to where somebody dropped it, if it still stands where they `seen` it.

    A local time that a clock change skips becomes the one after the gap, and the note says so. Raises what `move` does.
    """
    post = access_post(user, post_id, Role.EDITOR)
    if place.at is None and place.clock is None and post.scheduled_at is not None:
        place = replace(place, clock=local_of(post, place.zone).time())
    at = place.instant_for(post)
    moved = posts.move(user, post_id, at, seen=seen)
    return Dropped(moved, post.scheduled_at, place.note_on(at))


@dataclass
class Report:
    """How many posts something was done to, and why it was not to others."""

    done: int = 0
    problems: list[str] = field(default_factory=list)


def name_of(post: Post) -> str:
    title = "Empty slot" if post.is_empty else post.content.title
    return f"“{title}”, {post.account.name}"


def chosen_posts(user: User, workspace: Workspace, ids: Sequence[UUID]) -> list[Post]:
    """The workspace's posts with these ids in order of time. Editors; raises Missing for any other id."""
    require_role(user, workspace, Role.EDITOR)
    if not 1 <= len(set(ids)) <= MOST_AT_ONCE:
        raise InvalidInput(f"Choose 1 to {MOST_AT_ONCE} posts, not {len(set(ids))}.")
    found = list(posts_of(user, workspace).filter(pk__in=set(ids)).order_by("scheduled_at", "pk"))
    if len(found) < len(set(ids)):
        raise Missing("Post instance not found")
    return found


def shift_all(user: User, workspace: Workspace, ids: Sequence[UUID], days: int, minutes: int, zone: str) -> Report:
    """Move posts by days of the wall clock, which keeps their time of day, then by minutes that pass.

    Each is moved or reported. Raises InvalidInput for a shift that is none or absurd, and as `chosen_posts`.
    """
    if not (days or minutes) or abs(days) > FARTHEST_DAYS or abs(minutes) > FARTHEST_DAYS * 24 * 60:
        raise InvalidInput(f"Move posts by something, at most {FARTHEST_DAYS} days.")
    found = chosen_posts(user, workspace, ids)
    # The farthest first: a post must not meet the old time of another that is about to leave it.
    ordered = reversed(found) if days * 24 * 60 + minutes > 0 else found
    return _each(ordered, lambda post: posts.move(user, post.pk, shifted(post, days, minutes, zone)))


def _each(found: Iterable[Post], act: Callable[[Post], object]) -> Report:
    """Every one on its own: what one refuses does not keep the others."""
    report = Report()
    for post in found:
        try:
            act(post)
            report.done += 1
        except Problem as problem:
            report.problems.append(f"{name_of(post)}: {problem.message}")
    return report


def shifted(post: Post, days: int, minutes: int, zone: str) -> datetime:
    """The post's time after a shift; aware."""
    local = local_of(post, zone)
    kept = LocalSlot(local.date() + timedelta(days=days), local.time(), zone).instant if days else local.astimezone(UTC)
    return kept + timedelta(minutes=minutes)


def schedule_all(user: User, workspace: Workspace, ids: Sequence[UUID]) -> Report:
    """Schedule each of the posts for its own time, or report why not."""
    return _each(chosen_posts(user, workspace, ids), lambda post: posts.approve(user, post.pk))


def cancel_all(user: User, workspace: Workspace, ids: Sequence[UUID]) -> Report:
    """Cancel each of the posts, or report why not."""
    return _each(chosen_posts(user, workspace, ids), lambda post: posts.cancel(user, post.pk))
