"""Good times for the videos of a bulk job, part by part: the best that are left, each
video once on each platform.

A part is placed in one transaction with the record of it, so whoever goes on later
finds it done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from calendars.advice.access import Wishes, wishes_for
from calendars.advice.clocks import Clock
from calendars.advice.recommend import Recommendation, RecommendationQuery, recommend
from calendars.campaigns.compose import (
    CalendarRequest,
    Wish,
    add_items,
    channels_for,
    make,
)
from calendars.models import BulkJob, ContentCalendar, VideoPlacement
from calendars.timing.spreading import Lane, Offer, Pace, lane, spread
from calendars.video_batches.adapt import Source, adapt, format_for
from common.grouping import grouped
from common.mappings import JsonObject, Record
from scheduling.access import posts_of
from scheduling.domain import states as posting
from scheduling.models import ChannelAccount
from workspaces.models import User, Workspace

USUAL_DAYS = 30
LEAD = timedelta(hours=1)
USUAL_STAGGER = timedelta(hours=2)
# Posts in one of these are no posts of their time any more, or not yet.
UNCOUNTED = (posting.PLANNED, posting.CANCELED, posting.FAILED)
Pair = tuple[str, str]


@dataclass(frozen=True)
class Video:
    """A video that a job made, by the client's id; without a title it is the content
    item with that id.
    """

    id: str
    source: Source

    def as_json(self) -> JsonObject:
        """As JSON has it."""
        return {"id": self.id, "source": asdict(self.source)}

    @classmethod
    def read(cls, data: Record) -> Video:
        """From what `as_json` has kept."""
        source = data["source"] | {"hashtags": tuple(data["source"]["hashtags"])}
        return cls(data["id"], Source(**source))


@dataclass(frozen=True)
class BulkOrder:
    """What is to be placed: within `days` from now, one video's platforms at least
    `stagger` apart; `zone` is that of the content calendar, or blank: the workspace's.
    The hours are those of each channel's clock.
    """

    job: str
    videos: Sequence[Video]
    platforms: Sequence[str]
    zone: str = ""
    days: int = USUAL_DAYS
    stagger: timedelta = USUAL_STAGGER
    title: str = ""


@dataclass(frozen=True)
class Placement:
    """What became of a video on a platform: its time, and whether it had that before;
    or the reason why it has none.
    """

    video_id: str
    platform: str
    at: datetime | None = None
    is_known: bool = False
    problem: str = ""


def place(
    user: User, job: BulkJob, order: BulkOrder, calendar: ContentCalendar | None
) -> tuple[list[Placement], ContentCalendar | None]:
    """Give each video a time on each platform; what is placed already stays where it
    is. In the caller's transaction.

    New posts go to the calendar while it is open and has room, else to a new one; the
    calendar, as given where there are none. Raises IntegrityError when somebody places
    the same videos or takes the same times just now.
    """
    videos = {video.id: video for video in order.videos}
    pairs = [(video, name) for video in videos for name in order.platforms]
    rows = job.placements.filter(video_id__in=set(videos))
    placed = {(row.video_id, row.platform): row.at for row in rows}
    missing = [pair for pair in pairs if pair not in placed]
    chosen: dict[Pair, datetime] = {}
    if missing:
        lanes = lanes_for(user, job.workspace, order)
        formats = {
            (video, name): format_of(videos[video], name) for video, name in missing
        }
        times = times_by_video(placed)
        chosen = spread(missing, lanes, order.stagger, times, formats)
    if chosen:
        calendar = write(user, order, job, chosen, calendar)
    placements = [placement(pair, placed, chosen, order.days) for pair in pairs]
    return placements, calendar


def times_by_video(placed: Mapping[Pair, datetime]) -> dict[str, list[datetime]]:
    """When each video goes out, on whatever platform."""
    return grouped((video, at) for (video, _), at in placed.items())


def placement(
    pair: Pair,
    placed: Mapping[Pair, datetime],
    chosen: Mapping[Pair, datetime],
    days: int,
) -> Placement:
    """What became of a video on a platform: placed before, placed now, or why not.

    days: how far was looked, for the reason.
    """
    if pair in placed:
        return Placement(*pair, placed[pair], is_known=True)
    if pair in chosen:
        return Placement(*pair, chosen[pair])
    return Placement(
        *pair,
        problem=f"No time of the next {days} days is left that keeps to preferences and blackouts.",
    )


def lanes_for(user: User, workspace: Workspace, order: BulkOrder) -> dict[str, Lane]:
    """Each platform's recommended times on its channel's clock, by format, and the
    posts that are there already.
    """
    start = timezone.now() + LEAD
    end = start + timedelta(days=order.days) - LEAD
    channels = channels_for(workspace, order.platforms)
    wishes = wishes_for(user, workspace, [(name, "") for name in order.platforms])
    occupied = occupied_times(user, workspace, channels, start, end)
    lanes = {}
    for name in order.platforms:
        channel = channels[name]
        clocks = (Clock.of(channel),)
        offered = {}
        for format_ in {format_of(video, name) for video in order.videos}:
            query = RecommendationQuery(clocks, start, end, format_)
            recommended = recommend(user, workspace, query)
            offered[format_] = offers(recommended, occupied[name])
        pace = pace_of(wishes[name, ""], channel.zone)
        lanes[name] = lane(offered, pace, occupied[name][True])
    return lanes


def offers(
    recommended: Sequence[Recommendation], occupied: Mapping[bool, Sequence[datetime]]
) -> list[Offer]:
    """The windows' beginnings at which the channel has no post, nor an empty slot."""
    gone = {*occupied[True], *occupied[False]}
    return [
        Offer(recommendation.window.start, recommendation.window.week.score)
        for recommendation in recommended
        if recommendation.window.start not in gone
    ]


def pace_of(wishes: Wishes, zone: str) -> Pace:
    """How often and how densely the wishes let posts go out, on the clock of `zone`."""
    return Pace(
        zone,
        wishes.per_day_most,
        wishes.per_week_most,
        timedelta(hours=wishes.gap_hours or 0),
    )


def occupied_times(
    user: User,
    workspace: Workspace,
    channels: Mapping[str, ChannelAccount],
    start: datetime,
    end: datetime,
) -> dict[str, dict[bool, list[datetime]]]:
    """By platform the times of its channel's posts: those that count (True) and others
    (False). One query.
    """
    margin = timedelta(days=7)
    platforms = {channel.pk: name for name, channel in channels.items()}
    rows = (
        posts_of(user, workspace)
        .between(start - margin, end + margin)
        .filter(account__in=platforms)
        .order_by()
    )
    times: dict[str, dict[bool, list[datetime]]] = {
        name: {True: [], False: []} for name in channels
    }
    for account, at, state in rows.values_list("account", "scheduled_at", "state"):
        if at is not None:
            times[platforms[account]][state not in UNCOUNTED].append(at)
    return times


def write(
    user: User,
    order: BulkOrder,
    job: BulkJob,
    chosen: Mapping[Pair, datetime],
    calendar: ContentCalendar | None,
) -> ContentCalendar:
    """Put the chosen posts into the calendar, or where there is none, or it is full,
    into a new one. Returns the calendar.
    """
    videos = {video.id: video for video in order.videos}
    pairs = sorted(chosen, key=lambda pair: (chosen[pair], pair))
    wishes = [
        Wish(video, name, chosen[video, name], metadata_of(videos[video], name, job))
        for video, name in pairs
    ]
    if calendar is None or not add_items(calendar, wishes, user):
        title = order.title or f"Bulk Job {job.name[:8]} Schedule"
        calendar = make(
            user,
            job.workspace,
            CalendarRequest(title, wishes, order.zone or job.workspace.zone),
        )
    VideoPlacement.objects.bulk_create(
        VideoPlacement(
            job=job,
            video_id=video,
            platform=name,
            at=chosen[video, name],
            calendar=calendar,
        ).sign()
        for video, name in pairs
    )
    return calendar


def format_of(video: Video, platform: str) -> str:
    """The format that its post has there; blank for a content item that has words of
    its own: the usual one.
    """
    return format_for(video.source.kind, platform) if has_words(video) else ""


def has_words(video: Video) -> bool:
    """Whether there is anything to post of it."""
    return bool(video.source.title or video.source.text)


def metadata_of(video: Video, platform: str, job: BulkJob) -> JsonObject:
    """The words that the platform gets; none for a content item that has its own."""
    metadata: JsonObject = {"bulk_job_id": job.name}
    if not has_words(video):
        return metadata
    adapted = adapt(video.source, platform)
    tags = " ".join(f"#{tag}" for tag in adapted.hashtags)
    parts = (adapted.text, tags, video.source.link)
    return metadata | {
        "title": adapted.title,
        "caption": "\n\n".join(part for part in parts if part),
        "format": adapted.format,
        **adapted.extras,
    }
