"""What people and programs do with content calendars: make one, once however often they
ask, and cancel it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from calendars import states
from calendars.campaigns import events, follow
from calendars.campaigns.access import access_calendar
from calendars.campaigns.compose import MOST_ITEMS, CalendarRequest, make
from calendars.models import ContentCalendar
from common.errors import Conflict, InvalidInput
from common.idempotency import checked_key
from common.transitions import advance
from scheduling.events import posts_changed
from scheduling.models import Post
from scheduling.posts import transitions
from scheduling.posts.free_times import FARTHEST
from workspaces import audit
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import require_role
from workspaces.services.replies import Reply, once

# How often somebody else may take one of the times in between.
RACES = 3


def create(
    user: User, workspace: Workspace, request: CalendarRequest
) -> ContentCalendar:
    """A calendar with a post for each wish. Editors.

    An item that something blocks stays pending with its conflict; none is left out.
    Raises InvalidInput for no items, too many, or times more than two years away.
    """
    require_role(user, workspace, Role.EDITOR)
    _check(request, timezone.now())
    for race in range(RACES):
        try:
            with transaction.atomic():
                return make(user, workspace, request)
        except IntegrityError as error:
            if race == RACES - 1:
                raise Conflict(
                    "Others take the same times right now; please try again."
                ) from error
    raise AssertionError("the last race returns or raises")


def _check(request: CalendarRequest, now: datetime) -> None:
    """Raises InvalidInput for no items, too many, or times that are too far away."""
    if not 1 <= len(request.wishes) <= MOST_ITEMS:
        raise InvalidInput(
            f"A calendar has 1 to {MOST_ITEMS} items, not {len(request.wishes)}."
        )
    if max(wish.at for wish in request.wishes) > now + FARTHEST:
        raise InvalidInput(
            "A time is more than two years away.", code="invalid_parameter"
        )


def create_once(
    user: User,
    workspace: Workspace,
    key: str | None,
    payload: Any,
    request_for: Callable[[str], CalendarRequest],
    body: Callable[[ContentCalendar], Mapping[str, object]],
) -> Reply:
    """As `create`, with the answer that `body` makes of it; a key that the workspace
    has used gets the first answer for 24 hours. See `once` for what is raised.
    """
    require_role(user, workspace, Role.EDITOR)
    name = checked_key(key) or ""

    def act() -> Reply:
        calendar = create(user, workspace, request_for(name))
        return Reply(201, body(calendar))

    return once(workspace, "calendars", name, payload, act)


def cancel(user: User, calendar_id: UUID) -> ContentCalendar:
    """Cancel what has not gone out. Posts that are being published right now are waited
    for. Editors.

    Raises Conflict for a calendar that is over or being canceled.
    """
    calendar = access_calendar(user, calendar_id, Role.EDITOR)
    with transaction.atomic():
        rows = ContentCalendar.objects.filter(pk=calendar.pk)
        before = rows.select_for_update().values_list("state", flat=True).get()
        advance(
            rows,
            states.CALENDAR,
            states.CANCELING,
            source=states.CANCELABLE,
            updated_at=timezone.now(),
        )
        canceled = _cancel_posts(user, calendar)
        audit.record(
            user,
            "canceled",
            f"calendar:{calendar.pk}",
            workspace=calendar.workspace,
            after={"state": states.CANCELING, "posts": canceled},
        )
        reason = f"canceled by {user.username}"
        frame = follow.state_changed(calendar, before, states.CANCELING, reason)
        events.tell(calendar, [frame])
        posts_changed(calendar.workspace_id)
        follow.follow(calendar.pk)
    return access_calendar(user, calendar_id)


def _cancel_posts(user: User, calendar: ContentCalendar) -> int:
    """Cancel the calendar's posts that can still be; how many they are."""
    rows = Post.objects.filter(calendar_item__calendar=calendar)
    posts = transitions.locked(rows.select_related("workspace"), transitions.CANCEL)
    transitions.apply(posts, transitions.CANCEL, user)
    return len(posts)
