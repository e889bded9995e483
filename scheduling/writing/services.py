"""What people have written for them: variants to choose from, a slot, or the empty
slots of a whole range.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from common.doorbell import ring
from common.errors import Conflict, InvalidInput, Problem
from common.transitions import advance
from scheduling import events
from scheduling.access import access_post, access_writing_run, posts_of
from scheduling.domain import states
from scheduling.models import ContentItem, Post, WritingRun, WritingSlot
from scheduling.posts import services as posts
from scheduling.writing.brief import Brief, Place, place_of, place_on
from scheduling.writing.text import SlotTaken, content_from, fill, write
from templates_ai.answers import Draft, hashtags_of
from templates_ai.generation import Result
from templates_ai.models import Generation
from templates_ai.selectors import access_template
from workspaces import audit
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import allow, reached, require_role

WRITE_TEXTS = "scheduling.write_texts"

MOST_VARIANTS = 4
MOST_SLOTS = 500


def suggest(
    user: User, workspace: Workspace, brief: Brief, place: Place, count: int = 1
) -> list[Result]:
    """One to four different texts for a place; nothing is kept but the record of the
    engine's work.

    Raises Missing for a foreign template, TooMany when the day's budget is spent,
    InvalidInput for another count.
    """
    require_role(user, workspace, Role.EDITOR)
    _check_brief(user, brief)
    if not 1 <= count <= MOST_VARIANTS:
        raise InvalidInput(f"Ask for 1 to {MOST_VARIANTS} texts, not {count}.")
    results: list[Result] = []
    for _ in range(count):
        titles = tuple(result.draft.title for result in results)
        # Somebody waits: an engine that hangs is waited for once, not for every variant.
        failed = any(result.fell_back for result in results)
        results.append(write(workspace, brief, place, titles, spare_engine=failed))
    return results


def suggest_for_post(
    user: User, post_id: UUID, brief: Brief, count: int = 1
) -> list[Result]:
    """Texts for a post's own channel and day. Raises as `suggest`."""
    post = access_post(user, post_id, Role.EDITOR)
    return suggest(user, post.workspace, brief, place_of(post), count)


def suggest_on(
    user: User, workspace: Workspace, brief: Brief, platforms: list[str], count: int = 1
) -> list[Result]:
    """Texts for each of these platforms; blank is for no platform in particular. Raises
    as `suggest`.
    """
    results: list[Result] = []
    for platform in platforms or [""]:
        results += suggest(user, workspace, brief, place_on(platform), count)
    return results


def write_slot(user: User, post_id: UUID, brief: Brief) -> Post:
    """Fill one empty slot with a generated text: a draft, or scheduled where texts need
    no approval.

    Raises Conflict for a slot that is not empty, and as `suggest`.
    """
    post = access_post(user, post_id, Role.EDITOR)
    if not post.is_empty:
        message = f"This post is {post.state}; only empty slots are filled."
        raise Conflict(message, {"state": post.state})
    [result] = suggest(user, post.workspace, brief, place_of(post))
    item = content_from(
        post.workspace, result.draft, result.generation, brief.link, user
    )
    return _fill(user, post, item)


def _fill(user: User, post: Post, item: ContentItem) -> Post:
    try:
        with transaction.atomic():
            fill(post, item, user)
    except SlotTaken:
        raise Conflict("Somebody filled this slot meanwhile.") from None
    return post


@dataclass(frozen=True)
class Chosen:
    """A variant that a person took, as they may have changed it, and the record of who wrote it."""

    title: str
    caption: str
    hashtags: str
    link: str = ""
    generation_id: int | None = None


def keep_text(user: User, workspace: Workspace, chosen: Chosen) -> ContentItem:
    """Make content of a variant. Raises InvalidInput for a blank or too long title."""
    require_role(user, workspace, Role.EDITOR)
    item = _content(user, workspace, chosen)
    with transaction.atomic():
        item.save()
        after = {"title": item.title, "generation": item.generation_id}
        audit.record(
            user, "created", f"content:{item.pk}", workspace=workspace, after=after
        )
    return item


def use_text(user: User, post: Post, chosen: Chosen) -> Post:
    """Make content of a variant and give it to the post, which stays or becomes a
    draft: approving is another act.

    Raises Conflict for a post that is neither empty nor a draft.
    """
    allow(user, post, Role.EDITOR)
    if post.state not in (states.PLANNED, states.DRAFT):
        message = f"This post is {post.state}; make it a draft first."
        raise Conflict(message, {"state": post.state})
    with transaction.atomic():
        item = keep_text(user, post.workspace, chosen)
        return posts.change(user, post, posts.Changes(item, caption=""))


def _content(user: User, workspace: Workspace, chosen: Chosen) -> ContentItem:
    if not chosen.title.strip() or len(chosen.title) > 200:
        raise InvalidInput("Give the text a title of at most 200 characters.")
    hashtags = hashtags_of(chosen.hashtags)
    draft = Draft(chosen.title.strip(), chosen.caption.strip(), hashtags)
    own_records = Generation.objects.filter(workspace=workspace)
    record = own_records.filter(pk=chosen.generation_id or 0).first()
    return content_from(workspace, draft, record, chosen.link, user)


def start_run(
    user: User,
    workspace: Workspace,
    brief: Brief,
    start: datetime,
    end: datetime,
    channels: list[UUID] | None = None,
) -> WritingRun:
    """Have the empty slots of [start, end) written by a worker, of these channels or of
    all.

    Slots that another open run is to write are left to it. Raises InvalidInput when
    there is nothing to write, or more than 500 slots.
    """
    require_role(user, workspace, Role.EDITOR)
    _check_brief(user, brief)
    with transaction.atomic():
        # Two runs asked for at once come one after the other, so that they share no
        # slot. Rows that point to the workspace may be added meanwhile: whoever holds
        # the audit trail adds one.
        Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
        slots = _empty_slots(user, workspace, start, end, channels)
        run = WritingRun.objects.create(
            workspace=workspace,
            started_by=user,
            start=start,
            end=end,
            brief=brief.as_json(),
        )
        WritingSlot.objects.bulk_create(
            [WritingSlot(run=run, post=post) for post in slots]
        )
        after = {"slots": len(slots), "start": start, "end": end, "brief": run.brief}
        audit.record(user, "started", run.topic, workspace=workspace, after=after)
        ring(WRITE_TEXTS, str(run.pk))
        events.writing_changed(run)
    return run


def _empty_slots(
    user: User,
    workspace: Workspace,
    start: datetime,
    end: datetime,
    channels: list[UUID] | None,
) -> list[Post]:
    ahead = posts_of(user, workspace).between(max(start, timezone.now()), end)
    rows = ahead.filter(state=states.PLANNED)
    if channels:
        rows = rows.filter(account__in=channels)
    rows = rows.exclude(
        writing_slots__state=states.WAITING,
        writing_slots__run__state__in=states.WRITING_OPEN,
    )
    slots = list(rows.order_by("scheduled_at", "pk")[: MOST_SLOTS + 1])
    if not slots:
        raise InvalidInput(
            "There are no empty slots in this range that are still to come."
        )
    if len(slots) > MOST_SLOTS:
        raise InvalidInput(
            f"That is more than {MOST_SLOTS} slots; choose a shorter range."
        )
    return slots


def cancel_run(user: User, run_id: UUID) -> WritingRun:
    """Stop a run; what is written stays. Raises Conflict for a finished one."""
    run = access_writing_run(user, run_id, Role.EDITOR)
    with transaction.atomic():
        rows = WritingRun.objects.filter(pk=run.pk)
        advance(
            rows,
            states.WRITING,
            states.CANCELED,
            ended_at=timezone.now(),
            lease_until=None,
        )
        audit.record(user, "canceled", run.topic, workspace=run.workspace)
        events.writing_changed(run)
    return access_writing_run(user, run_id)


def approve_run(user: User, run_id: UUID) -> tuple[int, list[str]]:
    """Schedule the drafts that a run wrote: how many, and why not the others, each reason once."""
    run = access_writing_run(user, run_id, Role.EDITOR)
    written = run.slots.filter(state=states.WRITTEN, post__state=states.DRAFT)
    rows = Post.objects.for_display().filter(pk__in=written.values("post"))
    done = 0
    reasons = dict[str, None]()
    for post in reached(rows, user, run.workspace, Role.EDITOR):
        try:
            posts.approve(user, post)
            done += 1
        except Problem as problem:
            reasons.setdefault(problem.message)
    events.writing_changed(run)
    return done, list(reasons)


def _check_brief(user: User, brief: Brief) -> None:
    if brief.template_id is not None:
        access_template(user, brief.template_id)
    if not (brief.about.strip() or brief.filename.strip()):
        raise InvalidInput("Say in a few words what the text is about.")
