"""A content calendar from a bulk job: every video on every platform at a good time, each once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from calendars.adapting import Source, adapt
from calendars.models import BulkJob, ContentCalendar, VideoPlacement
from calendars.recommendations import LONGEST_RANGE, Recommendation, recommend
from calendars.recommendations import Wanted as Asked
from calendars.selectors import Wishes, wishes_on
from calendars.services import calendars
from calendars.services.calendars import MOST_ITEMS
from calendars.services.composing import Wish, channels_for
from calendars.timing.spreading import Lane, Offer, Pace, lane, spread
from common.errors import Conflict, InvalidInput
from common.zones import validate_zone
from scheduling import states as posting
from scheduling.closures import closures
from scheduling.models import ChannelAccount
from scheduling.selectors import posts_of
from workspaces import audit
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import require_role

USUAL_DAYS, LEAD = 30, timedelta(hours=1)
USUAL_STAGGER, LONGEST_STAGGER = timedelta(hours=2), timedelta(days=7)
RACES = 3
# Posts in one of these are no posts of their time any more, or not yet.
UNCOUNTED = (posting.PLANNED, posting.CANCELED, posting.FAILED)
Pair = tuple[str, str]


@dataclass(frozen=True)
class Video:
    """A video that a job made, by the client's id; without a title it is the content item with that id."""

    id: str
    source: Source


@dataclass(frozen=True)
class BulkOrder:
    """What is to be placed: within `days` from now, one video's platforms at least `stagger` apart; the hours are those
    of `zone`, or blank: of each platform's preferences."""

    job: str
    videos: Sequence[Video]
    platforms: Sequence[str]
    zone: str = ""
    days: int = USUAL_DAYS
    stagger: timedelta = USUAL_STAGGER
    title: str = ""


@dataclass(frozen=True)
class Placement:
    """What became of a video on a platform: its time, and whether it had that before; or the reason why it has none."""

    video_id: str
    platform: str
    at: datetime | None = None
    is_known: bool = False
    problem: str = ""


@dataclass(frozen=True)
class Generated:
    """The calendar with what is new, None when nothing is; and a row for each video and platform."""

    job: BulkJob
    calendar: ContentCalendar | None
    rows: tuple[Placement, ...]

    @property
    def planned(self) -> int:
        return sum(1 for row in self.rows if row.at and not row.is_known)

    @property
    def known(self) -> int:
        return sum(row.is_known for row in self.rows)

    @property
    def left_out(self) -> int:
        return sum(1 for row in self.rows if row.problem)


def generate(user: User, workspace: Workspace, order: BulkOrder) -> Generated:
    """Give each video a time on each platform; what an earlier run placed stays where it is. Editors.

    Raises InvalidInput for an order that makes no sense or has more than 1000 videos times platforms.
    """
    require_role(user, workspace, Role.EDITOR)
    _check(order)
    for race in range(RACES):
        try:
            with transaction.atomic():
                return _generate(user, workspace, order)
        except IntegrityError as error:
            # Somebody placed the same videos in between: they are known the next time.
            if race == RACES - 1:
                raise Conflict("Others place the same videos right now; please try again.") from error
    raise AssertionError("the last race returns or raises")


def _check(order: BulkOrder) -> None:
    if not order.job.strip():
        raise InvalidInput("Give the job an id.")
    if not order.platforms or not order.videos:
        raise InvalidInput("A bulk job needs at least one video and one platform.")
    if len(order.videos) * len(order.platforms) > MOST_ITEMS:
        raise InvalidInput(f"At most {MOST_ITEMS} videos times platforms at once; send the job in parts.")
    if len({video.id for video in order.videos}) < len(order.videos):
        raise InvalidInput("Two videos have the same id.")
    if not 1 <= order.days <= LONGEST_RANGE.days:
        raise InvalidInput(f"Plan 1 to {LONGEST_RANGE.days} days, not {order.days}.")
    if not timedelta(0) <= order.stagger <= LONGEST_STAGGER:
        raise InvalidInput(f"Keep platforms 0 to {LONGEST_STAGGER.days} days apart.")
    if order.zone:
        validate_zone(order.zone)


def _generate(user: User, workspace: Workspace, order: BulkOrder) -> Generated:
    job, _ = BulkJob.objects.get_or_create(workspace=workspace, name=order.job.strip(), defaults={"made_by": user})
    known = {(one.video_id, one.platform): one.at for one in job.placements.all()}
    wanted = [(video.id, name) for video in order.videos for name in order.platforms]
    missing = [pair for pair in wanted if pair not in known]
    chosen: dict[Pair, datetime] = {}
    if missing:
        lanes = lanes_for(user, workspace, order)
        chosen = spread(missing, lanes, order.stagger, times_by_video(known))
    calendar = _write(user, workspace, order, job, chosen) if chosen else None
    return Generated(job, calendar, tuple(_row(pair, known, chosen, order.days) for pair in wanted))


def times_by_video(known: Mapping[Pair, datetime]) -> dict[str, list[datetime]]:
    found: dict[str, list[datetime]] = defaultdict(list)
    for (video, _), at in known.items():
        found[video].append(at)
    return found


def _row(pair: Pair, known: Mapping[Pair, datetime], chosen: Mapping[Pair, datetime], days: int) -> Placement:
    if pair in known:
        return Placement(*pair, known[pair], is_known=True)
    if pair in chosen:
        return Placement(*pair, chosen[pair])
    return Placement(*pair, problem=f"No time of the next {days} days is left that keeps to preferences and blackouts.")


def lanes_for(user: User, workspace: Workspace, order: BulkOrder) -> dict[str, Lane]:
    """Each platform's recommended times and the posts that are there already."""
    start = timezone.now() + LEAD
    end = start + timedelta(days=order.days) - LEAD
    channels = channels_for(workspace, order.platforms)
    wishes = wishes_on(user, workspace, order.platforms)
    closed = closures(workspace.pk, start, end)
    taken = taken_times(user, workspace, channels, start, end)
    made = {}
    for name in order.platforms:
        zone, channel = order.zone or wishes[name].zone, channels[name]
        found = recommend(user, workspace, Asked((name,), start, end, zone))
        free = (one for one in found if closed.at(channel, one.window.start) is None)
        made[name] = lane(offers(free, taken[name]), pace_of(wishes[name], zone), taken[name][True])
    return made


def offers(found: Any, taken: Mapping[bool, Sequence[datetime]]) -> list[Offer]:
    """The windows' beginnings at which the channel has no post, nor an empty slot."""
    gone = {*taken[True], *taken[False]}
    recommended: Sequence[Recommendation] = list(found)
    return [Offer(one.window.start, one.window.week.score) for one in recommended if one.window.start not in gone]


def pace_of(wishes: Wishes, zone: str) -> Pace:
    return Pace(zone, wishes.per_day_most, wishes.per_week_most, timedelta(hours=wishes.gap_hours or 0))


def taken_times(
    user: User, workspace: Workspace, channels: Mapping[str, ChannelAccount], start: datetime, end: datetime
) -> dict[str, dict[bool, list[datetime]]]:
    """By platform the times of its channel's posts: those that count (True) and others (False). One query."""
    margin = timedelta(days=7)
    platforms = {channel.pk: name for name, channel in channels.items()}
    rows = posts_of(user, workspace).between(start - margin, end + margin).filter(account__in=platforms).order_by()
    found: dict[str, dict[bool, list[datetime]]] = {name: {True: [], False: []} for name in channels}
    for account, at, state in rows.values_list("account", "scheduled_at", "state"):
        if at is not None:
            found[platforms[account]][state not in UNCOUNTED].append(at)
    return found


def _write(
    user: User, workspace: Workspace, order: BulkOrder, job: BulkJob, chosen: Mapping[Pair, datetime]
) -> ContentCalendar:
    videos = {video.id: video for video in order.videos}
    pairs = sorted(chosen, key=lambda pair: (chosen[pair], pair))
    wishes = [Wish(video, name, chosen[video, name], metadata_of(videos[video], name, job)) for video, name in pairs]
    title = order.title or f"Bulk Job {job.name[:8]} Schedule"
    calendar = calendars.create(user, workspace, calendars.Wanted(title, wishes, order.zone or workspace.zone))
    VideoPlacement.objects.bulk_create(
        VideoPlacement(job=job, video_id=video, platform=name, at=chosen[video, name], calendar=calendar).sign()
        for video, name in pairs
    )
    return calendar


def create_empty(user: User, workspace: Workspace, title: str, zone: str) -> ContentCalendar:
    """A calendar that has no items yet. Editors; raises ValidationError for a zone that does not exist."""
    require_role(user, workspace, Role.EDITOR)
    validate_zone(zone)
    with transaction.atomic():
        calendar = ContentCalendar.objects.create(workspace=workspace, title=title, zone=zone, made_by=user)
        audit.record(
            user, "created", f"calendar:{calendar.pk}", workspace=workspace, after={"title": title, "items": 0}
        )
    return calendar


def metadata_of(video: Video, platform: str, job: BulkJob) -> dict[str, Any]:
    """The words that the platform gets; none for a content item that has its own."""
    said: dict[str, Any] = {"bulk_job_id": job.name}
    if not video.source.title and not video.source.text:
        return said
    made = adapt(video.source, platform)
    caption = "\n\n".join(filter(None, (made.text, " ".join(f"#{tag}" for tag in made.hashtags), video.source.link)))
    return said | {"title": made.title, "caption": caption, "format": made.format, **made.extras}
