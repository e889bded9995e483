"""One content item to many channels at one time, all or none, each channel with its
report. For those who may: people come through `services.placing`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from common.errors import Conflict, InvalidInput, Problem
from common.mappings import JsonObject
from scheduling import events
from scheduling.domain import states
from scheduling.models import ChannelAccount, ContentItem, Post, PostGroup
from scheduling.posts import transitions
from scheduling.posts.fitting import findings
from scheduling.posts.free_times import free_instants
from scheduling.posts.may_go_out import (
    check_fits,
    check_may_send,
    check_open,
    check_time,
    unconnected_text,
)
from scheduling.posts.transitions import taken_text
from workspaces import audit
from workspaces.models import User, Workspace

# How often somebody else may be faster at the same free slot.
RACES = 5


@dataclass(frozen=True)
class Order:
    """What goes where and when. `partial` keeps what could be placed when some channels
    refuse; `unconnected` accepts channels that nothing is connected to: their posts
    wait and fail in their time. `captions` are the texts of channels that have one of
    their own.
    """

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
    time_is_taken: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def report(self) -> JsonObject:
        """For programs, where some channel refused and nothing was kept: so it names no
        post, and no channel that may be new.
        """
        may_be_new = self.account.status == ChannelAccount.Status.UNCONNECTED
        return {
            "channel_account_id": None if may_be_new else str(self.account.pk),
            "platform": self.account.platform,
            "name": self.account.name,
            "problem": self.problem or None,
            "warnings": list(self.warnings),
        }


@dataclass(frozen=True)
class Placement:
    """A group and the report about each of its channels."""

    group: PostGroup
    placed: tuple[Placed, ...]

    @property
    def posts(self) -> list[Post]:
        """Those that were made; fewer than the channels where some refused."""
        return [placed.post for placed in self.placed if placed.post]

    @property
    def warnings(self) -> list[str]:
        """What does not keep the posts from going out, of all channels."""
        return [text for placed in self.placed for text in placed.warnings]


@transaction.atomic
def put(
    actor: User | None,
    workspace: Workspace,
    accounts: Sequence[ChannelAccount],
    content: ContentItem,
    order: Order,
) -> Placement:
    """`place` for those who may: `actor` None stands for the product itself."""
    if order.at is not None:
        check_time(order.at)
    group = PostGroup.objects.create(
        workspace=workspace, content=content, video_path=order.video_path
    )
    placed = place_all(group, accounts, order)
    check_placed(placed, order)
    facts = {
        "content": str(content.pk),
        "at": order.at,
        "posts": [str(placed.post.pk) for placed in placed if placed.post],
    }
    audit.record(actor, "placed", f"group:{group.pk}", workspace=workspace, after=facts)
    events.posts_changed(workspace.pk)
    return Placement(group, placed)


def put_next_free(
    actor: User | None,
    workspace: Workspace,
    accounts: Sequence[ChannelAccount],
    content: ContentItem,
    order: Order,
    base: datetime,
    hours: int,
) -> Placement:
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


def place_all(
    group: PostGroup, accounts: Sequence[ChannelAccount], order: Order
) -> tuple[Placed, ...]:
    """In the order of ids: two placements at once would else wait for each other's rows
    for ever.
    """
    placed = {
        account.pk: _place_one(group, account, order)
        for account in sorted(accounts, key=lambda account: account.pk)
    }
    return tuple(placed[account.pk] for account in accounts)


def _place_one(group: PostGroup, account: ChannelAccount, order: Order) -> Placed:
    post = Post(
        workspace_id=group.workspace_id,
        account=account,
        content=group.content,
        group=group,
        caption_override=order.captions.get(account.pk, order.caption),
    )
    state = states.SCHEDULED if order.approved else states.DRAFT
    transitions.begin(post, state, order.at)
    try:
        _check_ready(post, order)
        with transaction.atomic():
            post.save()
    except IntegrityError:
        return Placed(account, problem=taken_text(account), time_is_taken=True)
    except Problem as problem:
        return Placed(account, problem=problem.message)
    warnings = [finding.message for finding in findings(post) if not finding.blocks]
    return Placed(
        account,
        post,
        warnings=tuple(filter(None, (unconnected_text(account), *warnings))),
    )


def _check_ready(post: Post, order: Order) -> None:
    if order.at is not None:
        check_open(post, order.at)
    if not order.approved:
        return
    if order.at is None:
        raise InvalidInput("Choose a time for the post.")
    check_may_send(post.account, unconnected=order.unconnected)
    check_fits(post)


def check_placed(placed: Sequence[Placed], order: Order) -> None:
    """Raises Conflict for taken times, else InvalidInput, with the whole report, when a
    channel refused and the order is not partial.
    """
    refused = [answer for answer in placed if answer.problem]
    if not refused or (order.partial and len(refused) < len(placed)):
        return
    problems = " ".join(dict.fromkeys(answer.problem for answer in refused))
    why = Conflict if any(answer.time_is_taken for answer in refused) else InvalidInput
    raise why(
        f"Nothing was planned. {problems}",
        {"message": problems, "channels": [answer.report for answer in placed]},
    )
