"""One content item to many channels, and many to free instants: each a transaction with
a report per channel.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from common.errors import InvalidInput, Missing
from scheduling.access import access_content, channels_of
from scheduling.models import ChannelAccount, ContentItem
from scheduling.posts.place import Order, Placement, put, put_next_free
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import require_role

MOST_CHANNELS = 200
MOST_POSTS = 100
LONGEST_SPACING_HOURS = 24 * 28


def place(user: User, workspace: Workspace, order: Order) -> Placement:
    """The content to every channel at one time, as a group. Editors.

    Raises Missing for a foreign channel or content. When a channel refuses, nothing is
    placed and Conflict (taken) or InvalidInput tells of each channel; with `partial`
    only when all refuse.
    """
    require_role(user, workspace, Role.EDITOR)
    accounts = accounts_called(user, workspace, order.account_ids)
    return put(
        user, workspace, accounts, _content(user, workspace, order.content_id), order
    )


def place_next_free(
    user: User, workspace: Workspace, order: Order, base: datetime, hours: int
) -> Placement:
    """As `place`, at the first full hour from `base` on that is free on every channel
    and `hours` from their posts.
    """
    require_role(user, workspace, Role.EDITOR)
    accounts = accounts_called(user, workspace, order.account_ids)
    content = _content(user, workspace, order.content_id)
    return put_next_free(user, workspace, accounts, content, order, base, hours)


@transaction.atomic
def space_out(
    user: User,
    workspace: Workspace,
    orders: Sequence[Order],
    hours: int,
    start: datetime,
) -> list[Placement]:
    """Every order at its own instant, at least `hours` from the one before and from
    what its channels have.

    All of them or, when one is refused, none. Raises InvalidInput for absurd numbers.
    """
    if not 1 <= hours <= LONGEST_SPACING_HOURS:
        raise InvalidInput(
            f"Space posts by 1 to {LONGEST_SPACING_HOURS} hours, not {hours}."
        )
    if not 1 <= len(orders) <= MOST_POSTS:
        raise InvalidInput(f"Space 1 to {MOST_POSTS} posts, not {len(orders)}.")
    placements = []
    base = start
    for order in orders:
        placement = place_next_free(user, workspace, order, base, hours)
        placements.append(placement)
        base = (placement.posts[0].scheduled_at or base) + timedelta(hours=hours)
    return placements


def accounts_called(
    user: User, workspace: Workspace, ids: Sequence[UUID]
) -> list[ChannelAccount]:
    """The workspace's channels with these ids, each once, in that order. Raises Missing
    for any other id.
    """
    unique_ids = list(dict.fromkeys(ids))
    if not 1 <= len(unique_ids) <= MOST_CHANNELS:
        raise InvalidInput(
            f"Choose 1 to {MOST_CHANNELS} channels, not {len(unique_ids)}."
        )
    accounts = {
        account.pk: account
        for account in channels_of(user, workspace).filter(pk__in=unique_ids)
    }
    if len(accounts) < len(unique_ids):
        raise Missing("Channel account not found")
    return [accounts[pk] for pk in unique_ids]


def _content(user: User, workspace: Workspace, content_id: UUID) -> ContentItem:
    content = access_content(user, content_id)
    if content.workspace_id != workspace.pk:
        raise Missing("Content item not found")
    if content.is_placeholder:
        raise InvalidInput("The placeholder marks empty slots; choose real content.")
    return content
