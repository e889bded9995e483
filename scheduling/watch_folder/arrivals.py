"""A file that arrived in a watch folder, on its way to content and posts. Nobody asked
for it: the trail names none.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import PurePath
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from common.errors import InvalidInput, Problem, TooMany
from common.hashtags import hashtags_of
from common.mappings import JsonObject
from common.texts import clean
from scheduling.domain import states
from scheduling.events import announce_watcher_event, event_body
from scheduling.models import (
    ChannelAccount,
    ContentItem,
    ContentMedia,
    MediaFile,
    QueueSettings,
    WatchedFile,
    WatcherEvent,
)
from scheduling.networks.registry import lacking
from scheduling.posts.may_go_out import unconnected_text
from scheduling.posts.place import Order, Placement, put_next_free
from templates_ai.generation import approval_needed, generate_metadata, writes_by_engine
from workspaces import audit
from workspaces.models import Workspace

MOST_EVENTS = 1000
OWNER = "watch folder"


def write(row: WatchedFile, media: MediaFile) -> ContentItem:
    """The file's content, not saved: words by the active prompt template, or its name
    where there is no budget.
    """
    name = clean(row.path)
    stem = PurePath(name).stem[:200] or name[:200]
    content = ContentItem(workspace=row.workspace, title=stem, owner=OWNER)
    try:
        result = generate_metadata(row.workspace, row.path, media.kind)
    except TooMany as problem:
        tell(row, "metadata_failed", "error", problem.message, stage="writing")
        return content
    draft = result.draft
    content.title = draft.title[:200] or stem
    content.caption = draft.caption
    content.generation = result.generation
    content.hashtags = hashtags_of(draft.hashtags)
    metadata = {"title": content.title, "engine": result.engine}
    tell(
        row,
        "metadata_generated",
        "success",
        f"Words for {row.path}",
        stage="writing",
        metadata=metadata,
    )
    return content


@transaction.atomic
def plan(
    row: WatchedFile, content: ContentItem, media: MediaFile, seconds: float
) -> Placement | None:
    """Keep the content with its file and, where the workspace wants that, plan it for
    its next free slot.

    Raises InvalidInput when the same bytes became content in the meantime.
    """
    workspace = row.workspace
    # The same bytes under two names: the second waits here and sees the first's.
    MediaFile.objects.select_for_update().get(pk=media.pk)
    if media.places.exists():
        raise InvalidInput("The same file is content already.")
    content.save()
    ContentMedia.objects.create(content=content, media=media, position=0, alt=media.alt)
    placement = _planned(row, content, seconds)
    facts = {"title": content.title, "file": row.path}
    audit.record(
        None,
        "took from watch folder",
        f"content:{content.pk}",
        workspace=workspace,
        after=facts,
    )
    return placement


def _planned(
    row: WatchedFile, content: ContentItem, seconds: float
) -> Placement | None:
    workspace = row.workspace
    saved = QueueSettings.objects.filter(workspace=workspace).first()
    queue_settings = saved or QueueSettings(workspace=workspace)
    accounts = open_channels(workspace, queue_settings)
    why_not = ""
    if not queue_settings.auto_plan:
        why_not = "planning by itself is off"
    elif not accounts:
        why_not = "no channel is connected"
    if why_not:
        text = f"{row.path} is content now; {why_not}."
        tell(row, "content_created", "success", text, stage="planning")
        return None
    try:
        with transaction.atomic():
            placement = _put(row, content, accounts, queue_settings)
    except Problem as problem:
        tell(row, "video_schedule_failed", "error", problem.message, stage="planning")
        return None
    _tell_planned(row, placement, seconds)
    return placement


def _put(
    row: WatchedFile,
    content: ContentItem,
    accounts: list[ChannelAccount],
    queue_settings: QueueSettings,
) -> Placement:
    """The content to the channels' next free slot, as the workspace paces its queue."""
    workspace = row.workspace
    spacing_hours = queue_settings.spacing_hours
    hours = max(spacing_hours, queue_settings.offset_hours)
    base = timezone.now() + timedelta(hours=hours)
    # Words that an engine wrote wait as drafts for a person where the workspace wants
    # that; without an engine they are the file's own name.
    approved = not writes_by_engine(workspace) or not approval_needed(workspace)
    order = Order(content.pk, (), approved=approved, partial=True, video_path=row.path)
    return put_next_free(None, workspace, accounts, content, order, base, spacing_hours)


def _tell_planned(row: WatchedFile, placement: Placement, seconds: float) -> None:
    at = placement.posts[0].scheduled_at
    local = None
    if at:
        on_the_clock = at.astimezone(ZoneInfo(row.workspace.zone))
        local = on_the_clock.strftime("%Y-%m-%dT%H:%M:%S")
    names = sorted({post.account.platform for post in placement.posts})
    metadata: JsonObject = {"scheduled_time": local, "platforms": names}
    left_out = [channel.problem for channel in placement.placed if channel.problem]
    if left_out:
        metadata["left_out"] = left_out
    waits = placement.posts[0].state == states.DRAFT
    metadata["needs_approval"] = waits
    goes = "waits for approval to go out" if waits else "goes out"
    text = f"{row.path} {goes} on {', '.join(names)}"
    tell(
        row,
        "video_scheduled",
        "success",
        text,
        stage="planning",
        metadata=metadata,
        duration=round(seconds, 3),
    )


def open_channels(
    workspace: Workspace, queue_settings: QueueSettings
) -> list[ChannelAccount]:
    """The active channels that can send, on the platforms that the workspace wants."""
    rows = ChannelAccount.objects.filter(workspace=workspace).active()
    if queue_settings.platforms:
        rows = rows.filter(platform__in=queue_settings.platforms)
    return [
        account
        for account in rows.order_by("name")
        if not unconnected_text(account) and not lacking(account)
    ]


def tell(row: WatchedFile, kind: str, status: str, message: str, **more: Any) -> None:
    """Add to the history, and to the stream once that is committed."""
    with transaction.atomic():
        event = WatcherEvent.objects.create(
            workspace=row.workspace,
            event_type=kind,
            filename=row.path,
            file_size=row.size,
            status=status,
            message=message,
            **more,
        )
        events = WatcherEvent.objects.filter(workspace=row.workspace)
        newest_first = events.order_by("-id").values_list("pk", flat=True)
        old_ids = list(newest_first[MOST_EVENTS:])
        WatcherEvent.objects.filter(pk__in=old_ids).delete()
        announce_watcher_event(row.workspace_id, event_body(event, row.workspace.zone))
