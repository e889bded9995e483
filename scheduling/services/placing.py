"""One content item to many channels, and many to free instants: each a transaction with a report per channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from common.errors import Conflict, InvalidInput, Missing, Problem
from scheduling import events, selectors, states
from scheduling.fitting import findings
from scheduling.models import ChannelAccount, ContentItem, Post, PostGroup
from scheduling.selectors import access_content, channels_of
from scheduling.services import posts
from scheduling.services.allowing import (
    busy_text,
    check_active,
    check_connected,
    check_fits,
    check_open,
    check_time,
    taken_text,
    unconnected_text,
)
from scheduling.spacing import free_instants
from workspaces import audit
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import require_role

MOST_CHANNELS, MOST_POSTS = 200, 100
LONGEST_SPACING_HOURS = 24 * 28
# How often somebody else may be faster at the same free slot.
RACES = 5


@dataclass(frozen=True)
class Order:
    """What goes where and when. `partial` keeps what could be placed when some channels refuse; `unconnected`
    accepts channels that nothing is connected to: their posts wait and fail in their time. `captions` are the texts
    of channels that have one of their own."""

    content_id: UUID
    account_ids: tuple[UUID, ...]
    at: datetime | None = None
    caption: str = ""
    approved: bool = False
    partial: bool = False
    unconnected: bool = False
    video_path: str = ""
    captions: Mapping[UUID, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Placed:
    """What became of one channel: a post with its warnings, or the reason why there is none."""

    account: ChannelAccount
    post: Post | None = None
    problem: str = ""
    taken: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def said(self) -> dict[str, Any]:
        """For programs."""
        return {
            "channel_account_id": str(self.account.pk), "name": self.account.name, "problem": self.problem or None,
            "post_id": str(self.post.pk) if self.post else None, "warnings": list(self.warnings),
        }  # fmt: skip


@dataclass(frozen=True)
class Placement:
    """A group and the report about each of its channels."""

    group: PostGroup
    placed: tuple[Placed, ...]

    @property
    def posts(self) -> list[Post]:
        return [one.post for one in self.placed if one.post]

    @property
    def warnings(self) -> list[str]:
        return [text for one in self.placed for text in one.warnings]


def place(user: User, workspace: Workspace, order: Order) -> Placement:
    """The content to every channel at one time, as a group. Editors.

    Raises Missing for a foreign channel or content. When a channel refuses, nothing is placed and Conflict
    (taken) or InvalidInput tells of each channel; with `partial` only when all refuse.
    """
    require_role(user, workspace, Role.EDITOR)
    accounts = accounts_called(user, workspace, order.account_ids)
    return put(user, workspace, accounts, _content(user, workspace, order.content_id), order)


def place_next_free(user: User, workspace: Workspace, order: Order, base: datetime, hours: int) -> Placement:
    """As `place`, at the first full hour from `base` on that is free on every channel and `hours` from their posts."""
    require_role(user, workspace, Role.EDITOR)
    accounts = accounts_called(user, workspace, order.account_ids)
    content = _content(user, workspace, order.content_id)
    return put_next_free(user, workspace, accounts, content, order, base, hours)


@transaction.atomic
def put(
    actor: User | None, workspace: Workspace, accounts: Sequence[ChannelAccount], content: ContentItem, order: Order
) -> Placement:
    """`place` for those who may: `actor` None stands for the product itself."""
    if order.at is not None:
        check_time(order.at)
    group = PostGroup.objects.create(workspace=workspace, content=content, video_path=order.video_path)
    placed = place_all(group, accounts, order)
    check_placed(placed, order)
    said = {"content": str(content.pk), "at": order.at, "posts": [str(one.post.pk) for one in placed if one.post]}
    audit.record(actor, "placed", f"group:{group.pk}", workspace=workspace, after=said)
    events.posts_changed(workspace.pk)
    return Placement(group, placed)


def put_next_free(
    actor: User | None, workspace: Workspace, accounts: Sequence[ChannelAccount], content: ContentItem, order: Order,
    base: datetime, hours: int,
) -> Placement:  # fmt: skip
    """`place_next_free` for those who may."""
    for race in range(RACES):
        [at] = free_instants(accounts, base, hours, workspace.zone)
        try:
            return put(actor, workspace, accounts, content, replace(order, at=at))
        except Conflict:
            # Somebody took the slot in between; any other refusal is the same the next time.
            [again] = free_instants(accounts, base, hours, workspace.zone)
            if again == at or race == RACES - 1:
                raise
    raise AssertionError("the last race returns or raises")


@transaction.atomic
def space_out(
    user: User, workspace: Workspace, orders: Sequence[Order], hours: int, start: datetime
) -> list[Placement]:
    """Every order at its own instant, at least `hours` from the one before and from what its channels have.

    All of them or, when one is refused, none. Raises InvalidInput for absurd numbers.
    """
    if not 1 <= hours <= LONGEST_SPACING_HOURS:
        raise InvalidInput(f"Space posts by 1 to {LONGEST_SPACING_HOURS} hours, not {hours}.")
    if not 1 <= len(orders) <= MOST_POSTS:
        raise InvalidInput(f"Space 1 to {MOST_POSTS} posts, not {len(orders)}.")
    placements = []
    base = start
    for order in orders:
        placement = place_next_free(user, workspace, order, base, hours)
        placements.append(placement)
        base = (placement.posts[0].scheduled_at or base) + timedelta(hours=hours)
    return placements


def duplicate(user: User, post_id: UUID, account_id: UUID | None = None, at: datetime | None = None) -> Post:
    """A new draft with the same content and words, for the same channel or another, at a time or at none.

    Raises InvalidInput for an empty slot, which has nothing to duplicate.
    """
    post = selectors.access_post(user, post_id, Role.EDITOR)
    if post.content.is_placeholder:
        raise InvalidInput("An empty slot has nothing to duplicate.")
    return posts.create_post(user, post.content_id, account_id or post.account_id, at=at, caption=post.caption_override)


@transaction.atomic
def remove(user: User, post_id: UUID) -> None:
    """Delete a post with its tries. Raises Conflict while it is being published or nobody knows whether it was."""
    post = selectors.access_post(user, post_id, Role.EDITOR)
    # Writing to the row keeps every worker from it until the end of the transaction.
    rows = Post.objects.filter(pk=post.pk).exclude(state__in=states.BUSY)
    if not rows.update(updated_at=timezone.now()):
        raise Conflict(busy_text(selectors.access_post(user, post_id)))
    rows.delete()
    said = {"content": str(post.content_id), "state": post.state, "at": post.scheduled_at}
    audit.record(user, "deleted", f"post:{post.pk}", workspace=post.workspace, before=said)
    events.post_changed(post)


def retry(user: User, post_id: UUID) -> Post:
    """Send a failed post again: at its own time when that is ahead, else now. Raises Conflict in other states."""
    post = selectors.access_post(user, post_id, Role.EDITOR)
    if post.state != states.FAILED:
        raise Conflict(f"This post is {post.state}; only failed posts can be tried again.", {"state": post.state})
    if post.scheduled_at and post.scheduled_at > timezone.now():
        return posts.approve(user, post_id)
    return posts.post_now(user, post_id)


def accounts_called(user: User, workspace: Workspace, ids: Sequence[UUID]) -> list[ChannelAccount]:
    """The workspace's channels with these ids, each once, in that order. Raises Missing for any other id."""
    wanted = list(dict.fromkeys(ids))
    if not 1 <= len(wanted) <= MOST_CHANNELS:
        raise InvalidInput(f"Choose 1 to {MOST_CHANNELS} channels, not {len(wanted)}.")
    found = {account.pk: account for account in channels_of(user, workspace).filter(pk__in=wanted)}
    if len(found) < len(wanted):
        raise Missing("Channel account not found")
    return [found[pk] for pk in wanted]


def _content(user: User, workspace: Workspace, content_id: UUID) -> ContentItem:
    content = access_content(user, content_id)
    if content.workspace_id != workspace.pk:
        raise Missing("Content item not found")
    if content.is_placeholder:
        raise InvalidInput("The placeholder marks empty slots; choose real content.")
    return content


def place_all(group: PostGroup, accounts: Sequence[ChannelAccount], order: Order) -> tuple[Placed, ...]:
    """In the order of ids: two placements at once would else wait for each other's rows for ever."""
    placed = {account.pk: _place_one(group, account, order) for account in sorted(accounts, key=lambda one: one.pk)}
    return tuple(placed[account.pk] for account in accounts)


def _place_one(group: PostGroup, account: ChannelAccount, order: Order) -> Placed:
    state = states.SCHEDULED if order.approved else states.DRAFT
    post = Post(
        workspace_id=group.workspace_id, account=account, content=group.content, group=group, state=state,
        scheduled_at=order.at, due_at=order.at if order.approved else None,
        caption_override=order.captions.get(account.pk, order.caption),
    )  # fmt: skip
    try:
        _check_ready(post, order)
        with transaction.atomic():
            post.save()
    except IntegrityError:
        return Placed(account, problem=taken_text(account), taken=True)
    except Problem as problem:
        return Placed(account, problem=problem.message)
    warnings = [finding.message for finding in findings(post) if not finding.blocks]
    return Placed(account, post, warnings=tuple(filter(None, (unconnected_text(account), *warnings))))


def _check_ready(post: Post, order: Order) -> None:
    if order.at is not None:
        check_open(post, order.at)
    if not order.approved:
        return
    if order.at is None:
        raise InvalidInput("Choose a time for the post.")
    if order.unconnected and unconnected_text(post.account):
        check_active(post.account)
    else:
        check_connected(post.account)
    check_fits(post)


def check_placed(placed: Sequence[Placed], order: Order) -> None:
    """Raises Conflict for taken times, else InvalidInput, with the whole report, when a channel refused and the order
    is not partial."""
    refused = [one for one in placed if one.problem]
    if not refused or (order.partial and len(refused) < len(placed)):
        return
    said = " ".join(dict.fromkeys(one.problem for one in refused))
    why = Conflict if any(one.taken for one in refused) else InvalidInput
    raise why(f"Nothing was planned. {said}", {"message": said, "channels": [one.said for one in placed]})
