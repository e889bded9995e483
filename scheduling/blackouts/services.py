"""Blackouts: a manager's work."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from common.edits import Expected
from common.errors import InvalidInput, Unprocessable
from common.mappings import Values
from scheduling import access, events
from scheduling.blackouts.offers import Offer, Waiting, offers_for
from scheduling.closures import posts_inside
from scheduling.models import Blackout
from scheduling.posts import bulk
from workspaces import audit
from workspaces.models import User, Workspace
from workspaces.roles import Role
from workspaces.selectors import require_role
from workspaces.services.rows import lock, set_fields, settled, values_of

FIELDS = (
    "kind",
    "reason",
    "platform",
    "account",
    "post",
    "begins_local",
    "ends_local",
    "zone",
    "rule",
)
MOST_BLACKOUTS = 500


def add_blackout(user: User, workspace: Workspace, values: Values) -> Blackout:
    """Add a blackout or override. Managers only; raises Unprocessable for fields that cannot be.

    Posts that wait inside stay where they are; `inside` lists them, `move_out` moves them.
    """
    require_role(user, workspace, Role.MANAGER)
    _check_room(workspace)
    blackout = Blackout(
        workspace=workspace, made_by=user, **({"zone": workspace.zone} | values)
    )
    return _save(user, blackout, "created", {})


def _check_room(workspace: Workspace) -> None:
    if Blackout.objects.filter(workspace=workspace).count() >= MOST_BLACKOUTS:
        raise InvalidInput(
            f"A workspace has at most {MOST_BLACKOUTS} blackouts; delete some that are over."
        )


def stored(blackout: Blackout) -> Values:
    """What of a blackout can be changed."""
    return values_of(blackout, FIELDS)


@transaction.atomic
def change_blackout(
    user: User, blackout_id: UUID, values: Values, expected: Expected | None = None
) -> Blackout:
    """Change some fields. Raises as `add_blackout`, and Overtaken where somebody else
    has changed what the caller expects.
    """
    blackout = access.access_blackout(user, blackout_id, Role.MANAGER)
    lock(blackout)
    thing = f"blackout:{blackout.pk}"
    changes = settled(expected, thing, stored(blackout), values)
    before = _recorded(blackout)
    set_fields(blackout, changes)
    return _save(user, blackout, "changed", before)


def _save(
    user: User, blackout: Blackout, action: str, before: dict[str, str]
) -> Blackout:
    _check(blackout)
    with transaction.atomic():
        blackout.save()
        target = f"blackout:{blackout.pk}"
        audit.record(
            user,
            action,
            target,
            workspace=blackout.workspace,
            before=before,
            after=_recorded(blackout),
        )
        events.blackouts_changed(blackout.workspace_id)
    return blackout


def _check(blackout: Blackout) -> None:
    _check_scope(blackout)
    try:
        blackout.full_clean(exclude=["workspace", "made_by", "account", "post"])
    except ValidationError as error:
        raise Unprocessable("Not valid.", error.message_dict) from error


def _check_scope(blackout: Blackout) -> None:
    for scope in (blackout.account, blackout.post):
        if scope is not None and scope.workspace_id != blackout.workspace_id:
            raise InvalidInput("Choose a channel or post of the same workspace.")


def _recorded(blackout: Blackout) -> dict[str, str]:
    """What the trail says of the blackout."""
    return {name: str(getattr(blackout, name) or "") for name in FIELDS}


def remove_blackout(user: User, blackout_id: UUID) -> None:
    """Delete a blackout; what it held back stays as it is. Managers."""
    blackout = access.access_blackout(user, blackout_id, Role.MANAGER)
    with transaction.atomic():
        target = f"blackout:{blackout.pk}"
        audit.record(
            user,
            "deleted",
            target,
            workspace=blackout.workspace,
            before=_recorded(blackout),
        )
        blackout.delete()
        events.blackouts_changed(blackout.workspace_id)


def inside(user: User, blackout_id: UUID) -> list[Offer]:
    """Posts that wait in the blackout, in order of time, each with the time offered."""
    blackout = access.access_blackout(user, blackout_id)
    offers = [offer for offer in _offers(user, blackout) if not offer.gives_way]
    return sorted(offers, key=lambda offer: offer.post.scheduled_at or timezone.now())


def _offers(user: User, blackout: Blackout) -> list[Offer]:
    if blackout.is_override:
        return []
    waiting = [
        Waiting(post, free) for post, _, free in posts_inside(blackout, timezone.now())
    ]
    queue_settings = access.queue_settings_of(user, blackout.workspace)
    return offers_for(waiting, queue_settings.spacing_hours)


def move_out(user: User, blackout_id: UUID) -> tuple[int, list[str]]:
    """Move every post inside to the time offered. How many were moved, and why others
    were not.
    """
    blackout = access.access_blackout(user, blackout_id, Role.EDITOR)
    offers = _offers(user, blackout)
    times = {offer.post.pk: offer.at for offer in offers if offer.at}
    # What gives way goes first: two posts of a channel cannot have one time.
    in_order = sorted(offers, key=lambda offer: not offer.gives_way)
    moving = [offer.post for offer in in_order if offer.at]
    report = bulk.move_all(user, moving, lambda post: times[post.pk], seen={})
    way = {offer.post.pk for offer in offers if offer.gives_way}
    moved = [change for change in report.changed if change.before.pk not in way]
    without = [
        f"{bulk.name_of(offer.post)}: the channel has no free time within a year."
        for offer in offers
        if offer.at is None
    ]
    return len(moved), [*report.problems, *without]
